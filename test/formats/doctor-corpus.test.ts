// What other programs really did with real files, against what is predicted.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, test } from "vitest";
import { READERS, examineFor, findReader } from "#formats/nir/doctor/index";
import { reportStrictFaults } from "#formats/nir/doctor/strict";
import { nirExporter } from "#formats/nir/export";
import { asRead } from "#formats/nir/doctor/interpret";
import { readNirFile } from "#formats/nir/read-file";
import { analyseNir, lowerNir } from "#formats/nir/lower";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { simulateReference } from "#simulator/reference-float";
import { referenceFaults } from "#test/nir-oracle";
import { createRng } from "#util/rng";
import { checkFile, fixFile } from "../../src/inspect.ts";
import type { NirFile } from "#formats/nir/graph";
import { sharedPath } from "#test/shared";
import { DiagnosticSink, type Diagnostic } from "#util/diagnostic";

const corpus = sharedPath("corpus");
const folders = ["models", "peer_nir", "writer_variants"];
const cases: string[] = folders.flatMap((folder) =>
  corpus === undefined || !existsSync(join(corpus, folder))
    ? []
    : readdirSync(join(corpus, folder)).map((id) => `${folder}/${id}`),
);
const at = (...parts: string[]): string => join(corpus ?? "", ...parts);
const json = <T>(path: string): T => JSON.parse(readFileSync(path, "utf8")) as T;

async function open(id: string): Promise<NirFile> {
  const sink = new DiagnosticSink();
  return (await readNirFile(readFileSync(at(id, "model.nir")), sink)) ?? assert.fail(id);
}

/** Column of the peers' table, and the reader that predicts it. */
const COLUMNS: Readonly<Record<string, string>> = {
  "nir.read": "nir",
  "nirtorch.nir_to_torch(defaults)": "nirtorch",
  "norse.from_nir": "norse",
  "snntorch.import_from_nir": "snntorch",
  "sinabs.from_nir": "sinabs",
  "spikingjelly.import_from_nir": "spikingjelly",
  "rockpool.from_nir": "rockpool",
};

const acceptance = at("peer_acceptance.json");
const hasAcceptance = corpus !== undefined && existsSync(acceptance);

describe("corpus: what peers accept", () => {
  const matrix = hasAcceptance
    ? json<{ matrix: Record<string, Record<string, string>> }>(acceptance).matrix
    : {};

  test.skipIf(!hasAcceptance)(
    "corpus has a column for every reader that is said to be compared with runs",
    () => {
      const columns = Object.values(matrix).flatMap((row) => Object.keys(row));
      for (const reader of READERS.filter(({ basis }) => basis === "runs"))
        assert.ok(
          columns.some((column) => COLUMNS[column] === reader.name),
          reader.name,
        );
    },
  );

  for (const [name, row] of Object.entries(matrix)) {
    const id = cases.find((path) => path.endsWith(`/${name}`));
    for (const [column, outcome] of Object.entries(row)) {
      const reader = findReader(COLUMNS[column] ?? "");
      if (reader === undefined) continue;
      test.skipIf(id === undefined)(
        `corpus ${name}: ${column} is predicted (${outcome.slice(0, 60)})`,
        async () => {
          const { verdict, findings } = examineFor(reader, await open(id ?? ""));
          if (outcome === "ok") {
            assert.notEqual(verdict, "refuses", findings.map(({ message }) => message).join("\n"));
            return;
          }
          assert.equal(verdict, "refuses");
          const said = findings
            .filter(({ severity }) => severity === "error")
            .map(({ data }) => String(data?.["says"]));
          assert.ok(
            said.some((text) => text !== "" && outcome.includes(text)),
            `${outcome}\n is none of\n${said.join("\n")}`,
          );
        },
      );
    }
  }
});

describe("corpus: what the reference reader accepts", () => {
  test.skipIf(corpus === undefined)("corpus has files", () => {
    assert.ok(cases.length > 0);
  });

  for (const id of cases) {
    const readable = existsSync(at(id, "case.json")) && existsSync(at(id, "model.nir"));
    test.skipIf(!readable || id.endsWith("not_hdf5_torch_zip"))(
      `corpus ${id}: nir.read, with and without type check`,
      async () => {
        const { nir_read: real = "accepts" } = json<{ nir_read?: string }>(at(id, "case.json"));
        const { root } = await open(id);
        const faults = (typeCheck: boolean): Diagnostic[] => {
          const sink = new DiagnosticSink();
          reportStrictFaults(root, "nir.read", typeCheck, (d) => sink.report(d));
          return [...sink.diagnostics];
        };
        const accepts = { checked: faults(true).length === 0, unchecked: faults(false).length === 0 };
        assert.deepEqual(
          accepts,
          { checked: real === "accepts", unchecked: real !== "refuses" },
          JSON.stringify(faults(true).map(({ message }) => message)),
        );
      },
    );
  }
});

/** Files with faults that no repair can guess. */
const UNFIXABLE = [
  "peer_nir/braille_first",
  "peer_nir/braille_zero_subgraph_dangling",
  "peer_nir/not_hdf5_torch_zip",
];

/** Spikes and values of every node with a membrane, for the same random events at the inputs. */
function behaviour(network: Network, steps: number): Readonly<Record<string, SpikeData>> {
  const rng = createRng(7);
  const inputs = Object.fromEntries(
    network.inputs.map(({ name, population }) => {
      const { shape, size } = network.populations[population];
      const cells = Array.from({ length: steps * size }, (_, cell) => cell).filter(() => rng() < 0.3);
      const step = Uint32Array.from(cells, (cell) => Math.floor(cell / size));
      return [
        name,
        { steps, shape, samples: [{ step, index: Uint32Array.from(cells, (cell) => cell % size) }] },
      ];
    }),
  );
  const neurons = network.populations.filter(({ model }) => model !== "relay" && model !== "input");
  const { recorded } = simulateReference(network, inputs, { steps, record: neurons.map(({ name }) => name) });
  return recorded;
}

describe("corpus: check --fix", () => {
  test.skipIf(corpus === undefined)("corpus has files", () => {
    assert.ok(cases.length > 0);
  });

  for (const id of cases) {
    const model = at(id, "model.nir");
    test.skipIf(!existsSync(model))(`corpus ${id} is repaired once and for all, or refused`, async () => {
      const bytes = readFileSync(model);
      const sink = new DiagnosticSink();
      const fixed = await fixFile(bytes, sink);
      if (UNFIXABLE.includes(id)) {
        assert.equal(fixed, undefined);
        assert.ok(sink.hasErrors);
        return;
      }
      assert.ok(fixed);
      const read = async (content: Uint8Array): Promise<NirFile> =>
        (await readNirFile(content, new DiagnosticSink())) ?? assert.fail();
      assert.deepEqual(referenceFaults(await read(fixed)), []);
      const { findings } = await checkFile(fixed, {});
      assert.deepEqual(
        findings.filter(({ data }) => data?.["fixable"] === true).map(({ code }) => code),
        [],
      );
      const again = await fixFile(fixed, new DiagnosticSink());
      assert.ok(again !== undefined && Buffer.from(again).equals(fixed), "the second repair changes nothing");

      const network = (file: NirFile): Network => lowerNir(file, {}, new DiagnosticSink()) ?? assert.fail();
      const [before, after] = [network(await read(bytes)), network(await read(fixed))];
      const neurons = before.populations.reduce((sum, { size }) => sum + size, 0);
      const steps = neurons > 5000 ? 3 : 40;
      const plain = (recorded: Readonly<Record<string, SpikeData>>): Record<string, SpikeData> =>
        Object.fromEntries(Object.entries(recorded).map(([name, data]) => [name.replaceAll("/", "."), data]));
      assert.deepEqual(plain(behaviour(after, steps)), plain(behaviour(before, steps)));
    });
  }
});

// What the exporter writes for a reader, that reader must compute as it is meant.
describe("corpus: dialects of the exporter", () => {
  const DIALECTS: readonly (readonly [reader: string, options: Readonly<Record<string, string>>])[] = [
    ["snntorch", { dialect: "snntorch" }],
    ["norse", { dialect: "norse" }],
    ["spyx", { dialect: "steps", decay: "euler" }],
  ];
  for (const id of ["models/snntorch_mlp_p98", "models/norse_residual_conv"])
    for (const [name, options] of DIALECTS)
      test.skipIf(!existsSync(at(id, "model.nir")))(
        `corpus ${id}: ${name} decays and weighs the file that is written for it as meant`,
        async () => {
          const network = lowerNir(await open(id), {}, new DiagnosticSink()) ?? assert.fail();
          const files = await nirExporter.write(
            { network, generator: "test" },
            options,
            new DiagnosticSink(),
          );
          const file = await readNirFile(files?.[0].bytes ?? assert.fail(), new DiagnosticSink());
          const { findings } = examineFor(findReader(name) ?? assert.fail(), file ?? assert.fail());
          const codes = findings.map(({ code }) => code);
          for (const kind of ["decay", "gain", "leak", "reset-value"])
            assert.ok(!codes.includes(`reader/${kind}-differs`), codes.join());
        },
      );
});

// One neuron, 1000 steps: spikes and membranes that the frameworks themselves published.
const single = at("sim/lif_single");
describe("corpus: what readers compute", () => {
  const run = async (name: string, dtSeconds: number): Promise<{ spikes: number[]; v: Float64Array }> => {
    const reader = findReader(name) ?? assert.fail(name);
    const file = await open("peer_nir/lif_norse");
    const view = { file, analysis: analyseNir(file, {}, new DiagnosticSink()) };
    const interpretation = reader.interpret?.(view) ?? assert.fail();
    const options = { ...interpretation.options, dtSeconds };
    const network = lowerNir(asRead(file, interpretation), options, new DiagnosticSink()) ?? assert.fail();
    const { samples } = JSON.parse(gunzipSync(readFileSync(join(single, "input.json.gz"))).toString()) as {
      samples: { t: number[]; i: number[] }[];
    };
    const input = {
      steps: 1000,
      shape: [1],
      samples: [{ step: Uint32Array.from(samples[0].t), index: Uint32Array.from(samples[0].i) }],
    };
    const result = simulateReference(network, { input }, { record: ["1"], recordMembranes: ["1"] });
    return { spikes: Array.from(result.recorded["1"].samples[0].step), v: result.membranes["1"][0] };
  };
  // The published runs had a step of 1e-4 s: the default of snnTorch and Lava, an argument of Norse.
  const READINGS = [
    ["norse", "norse", 0],
    ["snntorch", "snntorch", 0],
    ["lava", "lava_cpu_float", 1],
  ] as const;
  for (const [name, trace, late] of READINGS)
    test.skipIf(corpus === undefined || !existsSync(join(single, "published_traces.json.gz")))(
      `corpus lif_single: the spikes and membranes of ${name} are those it published`,
      async () => {
        const { traces } = JSON.parse(
          gunzipSync(readFileSync(join(single, "published_traces.json.gz"))).toString(),
        ) as { traces: Record<string, { spike_steps: number[]; v: number[] }> };
        const published = traces[trace];
        const { spikes, v } = await run(name, 1e-4);
        assert.deepEqual(
          spikes.map((step) => step + late),
          published.spike_steps,
        );
        for (let t = 0; t + late < 1000; t++)
          assert.ok(
            Math.abs(v[t] - published.v[t + late]) < 1e-4,
            `step ${t}: ${v[t]} for ${published.v[t + late]}`,
          );
      },
    );
});
