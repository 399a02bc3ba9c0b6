// Every real file, written for every reader, and read back.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, test } from "vitest";
import { nirExporter, nirFileOf } from "#formats/nir/export";
import { NIR_DIALECTS, type NirDialect } from "#formats/nir/dialects";
import { READERS, examineFor, networkAsReadBy } from "#formats/nir/doctor/index";
import type { NirFile } from "#formats/nir/graph";
import { lowerNir } from "#formats/nir/lower";
import { readNirFile } from "#formats/nir/read-file";
import { writeNirFile } from "#formats/nir/write-file";
import { readNetwork } from "#formats/index";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { simulateReference } from "#simulator/reference-float";
import { simulateIntegerReference } from "#simulator/reference-integer";
import { loihi1 } from "#targets/loihi1/index";
import { referenceFaults, riskyWriting } from "#test/nir-oracle";
import { sharedPath } from "#test/shared";
import { DiagnosticSink } from "#util/diagnostic";
import { prepareModel } from "../../src/deploy.ts";
import { corpusInputs } from "../simulator/corpus-case.ts";
import { asReaderDoes, behaviour, canonical, withoutMetadata } from "./nir-export-cases.ts";

/** These tests know the files of the usual corpus by name. */
const corpus = process.env["SPINEC_CORPUS"] === undefined ? sharedPath("corpus") : undefined;
const files = ["peer_nir", "writer_variants", "models"].flatMap((folder) => {
  const path = join(corpus ?? "", folder);
  if (corpus === undefined || !existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => existsSync(join(path, name, "model.nir")))
    .sort()
    .map((name) => ({ id: `${folder}/${name}`, path: join(path, name, "model.nir") }));
});

/** Refused by our reader, too: nothing to export. */
const UNREADABLE = [
  "peer_nir/braille_first",
  "peer_nir/braille_zero_subgraph_dangling",
  "peer_nir/not_hdf5_torch_zip",
];

/** What the neurons do on strong input, or on spikes where there are enough of them. */
function fires(net: Network): string[] {
  const lines = net.inputs.reduce((sum, { population }) => sum + net.populations[population].size, 0);
  return lines < 100 ? behaviour(net, 40, 0.7, 400) : behaviour(net, 4);
}

async function load(path: string, id: string): Promise<Network | undefined> {
  return readNetwork(readFileSync(path), { name: id }, new DiagnosticSink());
}

function exported(net: Network, dialect: string): NirFile {
  const sink = new DiagnosticSink();
  const file = nirFileOf(net, { dialect }, sink);
  assert.ok(file, sink.diagnostics.map(({ message }) => message).join("\n"));
  assert.ok(sink.diagnostics.some(({ code }) => code === "nir/dialect"));
  assert.ok(!sink.diagnostics.some(({ code }) => code === "nir/strict-reader-refuses"));
  return file;
}

function read(file: NirFile, options: Parameters<typeof lowerNir>[1]): Network {
  const sink = new DiagnosticSink();
  const net = lowerNir(file, options, sink);
  assert.ok(net, sink.diagnostics.map(({ message }) => message).join("\n"));
  assert.deepEqual(
    sink.diagnostics.filter(({ severity, code }) => severity !== "note" && code !== "nir/dt-assumed"),
    [],
  );
  return net;
}

describe.skipIf(files.length === 0)("corpus files, exported", () => {
  test("corpus: exactly the files that our reader refuses cannot be exported", async () => {
    const refused: string[] = [];
    for (const { id, path } of files) if ((await load(path, id)) === undefined) refused.push(id);
    assert.deepEqual(refused, UNREADABLE);
  });

  for (const { id, path } of files.filter((file) => !UNREADABLE.includes(file.id)))
    describe(id, () => {
      let net: Network;
      let expected: readonly string[];
      beforeAll(async () => {
        net = (await load(path, id)) as Network;
        expected = fires(net);
        assert.ok(
          expected.some((text) => text.includes(":")),
          "something fires",
        );
      });

      for (const dialect of NIR_DIALECTS) {
        test(`corpus ${id} is read by the reference reader in the dialect ${dialect.name}, with the same spikes`, () => {
          const file = exported(net, dialect.name);
          assert.deepEqual(referenceFaults(file), []);
          assert.deepEqual(riskyWriting(file), []);
          assert.deepEqual(fires(read(file, {})), expected);
          checkReader(net, file, dialect);
          for (const name of dialect.readerNames) checkPrediction(name, file, expected);
        });
      }

      test(`corpus ${id} comes back as it was, up to names and sums`, async () => {
        const file = await readNirFile(
          await writeNirFile(exported(net, "spec"), { compression: "none" }),
          new DiagnosticSink(),
        );
        assert.ok(file);
        const once = read(file, { name: net.name });
        assert.deepEqual(canonical(once), canonical(net));
        const twice = read(exported(once, "spec"), { name: net.name });
        assert.deepEqual(twice, once);
      });
    });
});

/** Where a reader is predicted to compute what is meant, the network that it is predicted to make does. */
function checkPrediction(name: string, file: NirFile, expected: readonly string[]): void {
  const reader = READERS.find((candidate) => candidate.name === name) ?? assert.fail(name);
  if (examineFor(reader, file).verdict !== "reads") return;
  const theirs = networkAsReadBy(reader, file);
  if (theirs !== undefined) assert.deepEqual(fires(theirs), expected, `as ${reader.title} reads it`);
}

/** What the dialect's reader makes of the file, which sees no metadata, against the network by that reader's rules. */
function checkReader(net: Network, file: NirFile, dialect: NirDialect): void {
  const { network: meant, options } = asReaderDoes(net, dialect);
  assert.deepEqual(fires(read(withoutMetadata(file), options)), fires(meant));
}

/** Files whose readers are expected to compute exactly what is meant. */
const UNDERSTOOD: readonly (readonly [id: string, dialect: string, reader: string])[] = [
  ...[
    "snntorch_mlp_dense",
    "snntorch_mlp_p90",
    "snntorch_mlp_p98",
    "snntorch_conv_avgpool",
    "norse_residual_conv",
  ].flatMap((name) => [
    [`models/${name}`, "snntorch", "snntorch"] as const,
    [`models/${name}`, "norse", "norse"] as const,
  ]),
  ["peer_nir/cnn_nmnist_sinabs", "steps", "sinabs"],
  ["peer_nir/braille_zero", "norse", "norse"],
  ["peer_nir/lif_norse", "spikingjelly", "spikingjelly"],
];

describe.skipIf(files.length === 0)("corpus files and their readers", () => {
  test("corpus: the oracle refuses what the reference reader has refused, and nothing else", async () => {
    const wrong: string[] = [];
    for (const { id, path } of files) {
      const facts = JSON.parse(readFileSync(path.replace("model.nir", "case.json"), "utf8")) as {
        nir_read?: string;
      };
      const file = await readNirFile(readFileSync(path), new DiagnosticSink());
      if (file === undefined) continue;
      const faults = referenceFaults(file);
      const accepted = (facts.nir_read ?? "accepts") === "accepts";
      if (accepted !== (faults.length === 0))
        wrong.push(`${id}: ${facts.nir_read ?? ""} / ${faults[0] ?? "no fault"}`);
    }
    assert.deepEqual(wrong, []);
  });

  test.each(UNDERSTOOD)(
    "corpus %s in the dialect %s is read by %s as it is meant",
    async (id, dialect, name) => {
      const net = await load(join(corpus ?? "", id, "model.nir"), id);
      assert.ok(net);
      const reader = READERS.find((candidate) => candidate.name === name);
      assert.ok(reader);
      const { verdict, findings } = examineFor(reader, exported(net, dialect));
      assert.equal(verdict, "reads", findings.map(({ message }) => message).join("\n"));
    },
  );
});

/** Outputs of a run as "step:neuron" texts, all samples. */
const eventsOf = ({ samples }: SpikeData, earlier = 0): string[] =>
  samples.map(({ step, index }) => [...step].map((t, k) => `${t - earlier}:${index[k]}`).join(" "));

describe("corpus models, quantized and exported", () => {
  for (const id of ["models/snntorch_mlp_p90", "models/norse_residual_conv"]) {
    const path = join(corpus ?? "", id);
    test.skipIf(!existsSync(path))(
      `corpus ${id} in real numbers fires as the chip's integers do`,
      async () => {
        const sink = new DiagnosticSink();
        const net = (await load(join(path, "model.nir"), id)) as Network;
        const { quantized } = prepareModel(net, loihi1, {}, sink);
        const inputs = corpusInputs(path, net);
        const subject = { network: net, quantized, target: loihi1, generator: "test" };
        const written = await nirExporter.write(subject, { quantized: "on", gzip: "on" }, sink);
        assert.ok(written);
        const file = await readNirFile(written[0].bytes, sink);
        assert.ok(file);
        assert.deepEqual(referenceFaults(file), []);
        const chip = simulateIntegerReference(quantized, inputs, { rules: "lava" }).recorded;
        const real = simulateReference(read(file, {}), inputs).recorded;
        const [name] = Object.keys(chip);
        const startStep = quantized.populations.find((p) => p.name === name)?.startStep ?? 0;
        assert.ok(eventsOf(chip[name]).join("").length > 0);
        assert.deepEqual(eventsOf(Object.values(real)[0]), eventsOf(chip[name], startStep));
      },
    );
  }
});
