// Models of the corpus on other chips than Loihi: how far the integers are from the model, by family of neurons. Compared
// is the model in real numbers with the plain integer reference of the quantized network. The tolerances are what was
// found, rounded; they say what a family costs a network that was not trained for it.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { runPasses } from "#compiler/pass";
import { PIPELINES, quantize } from "#compiler/passes/index";
import type { ImportOptions } from "#formats/format";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import {
  inModelSteps,
  pipelineDepth,
  predictions,
  simulateIntegerReference,
  simulateReference,
} from "#simulator/reference";
import { IF_CHIP, LINEAR_CHIP, SHIFT_CHIP, SOFTWARE_CHIP, TRUENORTH_CHIP } from "#test/digital-targets";
import { sharedPath } from "#test/shared";
import type { Target } from "#targets/target";
import { DiagnosticSink } from "#util/diagnostic";
import {
  type CorpusCase,
  corpusCases,
  corpusInputs,
  importOptionsOf,
  readModel,
  testImages,
} from "./corpus-case.ts";

interface Row {
  readonly target: Target;
  readonly id: string;
  readonly reset?: ImportOptions["reset"];
  /** Spikes of each population that keep their place, as a share, at least. */
  readonly same: number;
  /** Its number of spikes is off by this share at most. */
  readonly off: number;
  /** Samples whose largest output is another, at most. */
  readonly changed: number;
  /** At most; absent: 12. */
  readonly samples?: number;
}

const ROWS: readonly Row[] = [
  // Fixed point in software.
  { target: SOFTWARE_CHIP, id: "models/snntorch_mlp_dense", same: 0.999, off: 0.001, changed: 0 },
  { target: SOFTWARE_CHIP, id: "models/snntorch_mlp_p90", same: 0.999, off: 0.001, changed: 0 },
  { target: SOFTWARE_CHIP, id: "models/snntorch_mlp_p98", same: 0.999, off: 0.001, changed: 0 },
  { target: SOFTWARE_CHIP, id: "sim/braille_zero", same: 0.99, off: 0.01, changed: 0 },
  { target: SOFTWARE_CHIP, id: "sim/braille_subtract", reset: "subtract", same: 0.99, off: 0.01, changed: 0 },
  {
    target: SOFTWARE_CHIP,
    id: "sim/cnn_nmnist_sinabs",
    reset: "subtract",
    same: 0.95,
    off: 0.01,
    changed: 0,
    samples: 1,
  },
  // Weights of 8 and 9 bits, no leak in the model.
  {
    target: IF_CHIP,
    id: "sim/cnn_nmnist_sinabs",
    reset: "subtract",
    same: 0.7,
    off: 0.07,
    changed: 0,
    samples: 1,
  },
  {
    target: TRUENORTH_CHIP,
    id: "sim/cnn_nmnist_sinabs",
    reset: "subtract",
    same: 0.78,
    off: 0.03,
    changed: 0,
    samples: 1,
  },
  // Weights of 4 bits.
  {
    target: LINEAR_CHIP,
    id: "sim/cnn_nmnist_sinabs",
    reset: "value",
    same: 0.12,
    off: 0.45,
    changed: 1,
    samples: 1,
  },
  // Decays by bit shifts, and a current that lasts longer than the model's.
  { target: SHIFT_CHIP, id: "models/snntorch_mlp_p90", reset: "subtract", same: 0.55, off: 0.2, changed: 2 },
  { target: SHIFT_CHIP, id: "models/snntorch_mlp_p98", reset: "subtract", same: 0.6, off: 0.1, changed: 2 },
];

const MAX_STEPS = 60;
const root = sharedPath("corpus");
const cases = root === undefined ? [] : corpusCases(root, ["models", "sim"]);

async function read(
  { id, path, model: file, variants, testSet }: CorpusCase,
  { reset, samples = 12 }: Row,
): Promise<{ model: Network; inputs: Record<string, SpikeData>; steps: number }> {
  const given = importOptionsOf(variants[0].reference_options);
  assert.ok("options" in given && file !== undefined, id);
  const model = await readModel(file, { ...given.options, ...(reset === undefined ? {} : { reset }) });
  const all = testSet === undefined ? corpusInputs(path, model) : imagesOf(model, testSet);
  const inputs = Object.fromEntries(
    Object.entries(all).map(([name, data]) => [name, { ...data, samples: data.samples.slice(0, samples) }]),
  );
  return { model, inputs, steps: Math.min(MAX_STEPS, ...Object.values(all).map(({ steps }) => steps)) };
}

function imagesOf(
  model: Network,
  { data, steps }: NonNullable<CorpusCase["testSet"]>,
): Record<string, SpikeData> {
  const [{ name, population }] = model.inputs;
  return { [name]: testImages(root!, data, steps, model.populations[population].shape).spikes };
}

/** Spikes of `wanted`, those of `got`, and those that both have at the same neuron in the same step. */
function compare(got: SpikeData, wanted: SpikeData): { wanted: number; got: number; same: number } {
  const counts = { wanted: 0, got: 0, same: 0 };
  wanted.samples.forEach(({ step, index, value }, s) => {
    const places = new Map(Array.from(step, (t, e) => [`${t}:${index[e]}`, value?.[e] ?? 1]));
    for (const count of places.values()) counts.wanted += count;
    const found = got.samples[s];
    found.step.forEach((t, e) => {
      const count = found.value?.[e] ?? 1;
      counts.got += count;
      counts.same += Math.min(count, places.get(`${t}:${found.index[e]}`) ?? 0);
    });
  });
  return counts;
}

async function run(row: Row): Promise<void> {
  const { target, id, same: least, off: most, changed: mostChanged } = row;
  const found = cases.find((one) => one.id === id);
  assert.ok(found !== undefined, id);
  const { model, inputs, steps } = await read(found, row);
  const context = { target, sink: new DiagnosticSink() };
  const folded = runPasses(model, PIPELINES.default, context);
  const { network } = quantize(folded, target, { horizonSteps: steps }, context.sink);
  const chip = runPasses(network, PIPELINES["after-quantize"], context);

  const real = simulateReference(folded, inputs, { record: "all", steps }).recorded;
  const integer = simulateIntegerReference(chip, inputs, {
    rules: "lava",
    record: "all",
    steps: steps + pipelineDepth(chip),
  }).recorded;
  const inSteps = ({ name, startStep = 0 }: Network["populations"][number]): SpikeData =>
    inModelSteps(integer[name], startStep, steps);
  for (const population of chip.populations) {
    if (population.model === "input") continue;
    const { wanted, got, same } = compare(inSteps(population), real[population.name]);
    const what = `${population.name}: ${got} spikes, the model gives ${wanted}, ${same} are the same`;
    assert.ok(wanted > 20);
    assert.ok(same >= least * wanted && Math.abs(got - wanted) <= most * wanted, what);
  }
  const output = chip.populations[chip.outputs[0].population];
  const expected = predictions(real[output.name]);
  const changed = predictions(inSteps(output)).filter((p, s) => p !== expected[s]).length;
  assert.ok(changed <= mostChanged, `${changed} of ${expected.length} predictions changed`);
}

describe("corpus models on other chips stay within the tolerance of the family", () => {
  if (root === undefined) test.skip("no corpus", () => undefined);
  else for (const row of ROWS) test(`${row.id} on ${row.target.name}`, () => run(row));
});
