// Real files down to the cores: every network of the corpus that fits the chip gives, there, the spikes of the integer
// reference; every other is refused by name.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { readNetwork } from "#formats/index";
import type { ImportOptions } from "#formats/format";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { simulateReference } from "#simulator/reference";
import { simulate } from "#simulator/simulate";
import { mapModel } from "#spinec";
import { between, randomSpikes } from "#test/networks";
import { sharedPath } from "#test/shared";
import { loihi1 } from "#targets/loihi1/index";
import { DiagnosticSink, ToolchainError, type Diagnostic } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { corpusCases, corpusInputs } from "../simulator/corpus-case.ts";
import { assertSameSpikes } from "./same-spikes.ts";

/** Enough for every population to fire; the references of the longest recordings would take minutes. */
const MAX_STEPS = 100;
const MAX_SAMPLES = 2;

/** Writers whose reset the chip does not have: these run with another, as the hint of the refusal says. */
const RESET_VALUE: readonly string[] = [
  "peer_nir/braille_flattened_scalar",
  "peer_nir/cnn_nmnist_batches",
  "peer_nir/cnn_nmnist_no_flatten_type",
  "peer_nir/cnn_nmnist_sinabs",
  "peer_nir/lif_rockpool",
];

/** Networks that one chip is too small for. */
const CHIPS: Readonly<Record<string, number>> = { "models/snntorch_conv_avgpool": 2 };

/** What never reaches a core, and the codes that say why. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  "peer_nir/braille_first": ["nir/shape-mismatch"],
  "peer_nir/braille_zero_subgraph_dangling": ["nir/unknown-edge-node"],
  "peer_nir/not_hdf5_torch_zip": ["formats/unrecognised-file"],
  "writer_variants/conv_head_gzip": ["quantize/relay-left"],
  "writer_variants/nested_head": ["quantize/relay-left"],
};
/** The random graphs of the writers chain readouts and have negative thresholds. */
const RANDOM_GRAPHS = ["quantize/graded-output", "quantize/threshold-not-positive"];

const root = sharedPath("corpus");
const ids = ["models", "peer_nir", "writer_variants"].flatMap((folder) =>
  root === undefined || !existsSync(join(root, folder))
    ? []
    : readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
);
const cases = root === undefined ? [] : corpusCases(root, ["models", "sim"]);

describe("corpus on cores", () => {
  test.skipIf(root === undefined)("corpus has networks", () => {
    assert.ok(ids.length > 0);
  });

  for (const id of ids) {
    const model = join(root!, id, "model.nir");
    const missing = !existsSync(model);
    const refused = REFUSED[id] ?? (id.startsWith("writer_variants/") ? RANDOM_GRAPHS : undefined);
    if (refused !== undefined) {
      test.skipIf(missing)(`corpus ${id} is refused: ${refused.join(", ")}`, async () => {
        const found = await errorsOf(model, {}, 1);
        const codes = [...new Set(found.map(({ code }) => code))].sort();
        // Another corpus has other random graphs: refused too, with codes, but not with these.
        if (process.env["SPINEC_CORPUS"] === undefined) assert.deepEqual(codes, refused);
        else assert.ok(codes.length > 0);
        for (const { code, subject } of found)
          assert.ok(subject !== undefined || code.startsWith("formats/"), `${code} names what is at fault`);
      });
      continue;
    }

    const chips = CHIPS[id] ?? 1;
    const options: ImportOptions = RESET_VALUE.includes(id) ? { reset: "value" } : {};
    const how = [
      ...(chips > 1 ? [`--chips ${chips}`] : []),
      ...("reset" in options ? ["--reset value"] : []),
    ];
    const title = [`corpus ${id}`, ...how].join(" ");
    test.skipIf(missing)(`${title}: the machine's spikes are the integer reference's`, async () => {
      const network = await read(model, options);
      const { inputs, samples } = inputsOf(id, model, network);
      const steps = Math.min(MAX_STEPS, ...Object.values(inputs).map((data) => data.steps));
      const sink = new DiagnosticSink();
      const { compiled, quantized, verified } = mapModel(network, loihi1, { chips, steps }, sink);
      assert.ok(verified.synapses > 0);
      const { deployment } = compiled;
      const record = { record: "all", steps, samples } as const;
      const run = simulate(deployment, loihi1, loihi1.profiles[0], inputs, record);
      const { spikes } = assertSameSpikes(quantized, deployment, run, inputs, steps, samples);
      const silent = (): boolean => isSilent(network, inputs, steps);
      assert.ok(spikes > 0 || silent(), "nothing fires on the chip, but in the model something does");
    });
    if (how.length === 0) continue;
    test.skipIf(missing)(
      `corpus ${id} is refused without ${how.join(" ")}, which the refusal proposes`,
      async () => {
        for (const option of how) {
          const found = await errorsOf(model, option.startsWith("--chips") ? options : {}, 1);
          assert.ok(found.length > 0);
          for (const { code, message, hint } of found) {
            assert.match(
              code,
              option.startsWith("--chips") ? /^place\/no-room$/ : /^quantize\/reset-unsupported$/,
            );
            assert.match(message, option.startsWith("--chips") ? /\d+ cores/ : /"value" only/);
            assert.match(hint ?? "", new RegExp(option));
          }
        }
      },
    );
  }
});

async function read(path: string, options: ImportOptions): Promise<Network> {
  const sink = new DiagnosticSink();
  const network = await readNetwork(readFileSync(path), options, sink);
  sink.throwIfErrors();
  assert.ok(network);
  return network;
}

/** The errors that keep a file from its chips. */
async function errorsOf(path: string, options: ImportOptions, chips: number): Promise<readonly Diagnostic[]> {
  try {
    mapModel(await read(path, options), loihi1, { chips }, new DiagnosticSink());
    return [];
  } catch (error) {
    if (!(error instanceof ToolchainError)) throw error;
    return error.diagnostics.filter(({ severity }) => severity === "error");
  }
}

function areSpikes({ shape, samples }: SpikeData, size: number): boolean {
  return (
    shape.reduce((product, extent) => product * extent, 1) === size &&
    samples.every(({ value }) => value === undefined || value.every((v) => Number.isInteger(v) && v >= 0))
  );
}

function isSilent(network: Network, inputs: Readonly<Record<string, SpikeData>>, steps: number): boolean {
  const { recorded } = simulateReference(network, inputs, { record: "all", samples: [0, 1], steps });
  return network.populations.every(
    ({ name, model }) =>
      model === "input" || model === "relay" || recorded[name].samples[0].step.length === 0,
  );
}

/** Stored inputs of the network, or of one of its family, where they fit and are spikes; else random ones. */
function inputsOf(
  id: string,
  model: string,
  network: Network,
): { inputs: Record<string, SpikeData>; samples: [number, number] } {
  const family = (name: string): string => name.slice(name.indexOf("/") + 1).split("_")[0];
  const stored =
    cases.find((corpusCase) => corpusCase.id === id || corpusCase.model === model) ??
    cases.find((corpusCase) => corpusCase.id.startsWith("sim/") && family(corpusCase.id) === family(id));
  if (stored !== undefined) {
    const inputs = corpusInputs(stored.path, network);
    if (
      network.inputs.every(({ name, population }) =>
        areSpikes(inputs[name], network.populations[population].size),
      )
    )
      return { inputs, samples: [0, Math.min(MAX_SAMPLES, Object.values(inputs)[0].samples.length)] };
  }
  const rng = createRng(1);
  const inputs = network.inputs.map(({ name, population }) => {
    const data = randomSpikes(rng, network.populations[population].shape, { steps: 40, density: 0.3 });
    const samples = data.samples.map((events) => ({
      ...events,
      value: Float64Array.from(events.step, () => between(rng, 1, 2)),
    }));
    return [name, { ...data, samples }] as const;
  });
  return { inputs: Object.fromEntries(inputs), samples: [0, 1] };
}
