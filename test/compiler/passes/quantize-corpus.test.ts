// Trained models of the corpus in the chip's integers: what rounding may cost, at most.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { runPasses } from "#compiler/pass";
import { PIPELINES, quantize } from "#compiler/passes/index";
import type { SpikeData } from "#ir/spikes";
import {
  inModelSteps,
  pipelineDepth,
  predictions,
  simulateIntegerReference,
  simulateReference,
} from "#simulator/reference";
import { sharedPath } from "#test/shared";
import { loihi1 } from "#targets/loihi1/index";
import { DiagnosticSink } from "#util/diagnostic";
import {
  type CorpusCase,
  corpusCases,
  importOptionsOf,
  readModel,
  testImages,
} from "../../simulator/corpus-case.ts";

const SAMPLES = 40;
/** Decay pairs that a core holds. */
const DECAY_LEVELS = 32;
const root = sharedPath("corpus");
const cases =
  root === undefined ? [] : corpusCases(root, ["models"]).filter(({ id }) => /mlp_p\d+$/.test(id));

/** Spikes of `got` that `wanted` has at the same neuron in the same step, and all of `wanted`. */
function agreement(got: SpikeData, wanted: SpikeData): { same: number; all: number } {
  let same = 0;
  let all = 0;
  wanted.samples.forEach((expected, s) => {
    const places = new Set(Array.from(expected.step, (t, e) => `${t}:${expected.index[e]}`));
    all += places.size;
    const { step, index } = got.samples[s];
    step.forEach((t, e) => {
      if (places.has(`${t}:${index[e]}`)) same++;
    });
  });
  return { same, all };
}

async function run({ model: path, variants, testSet }: CorpusCase): Promise<void> {
  const options = importOptionsOf(variants[0].reference_options);
  assert.ok("options" in options && testSet !== undefined && path !== undefined);
  const model = await readModel(path, options.options);
  const [port] = model.inputs;
  const shape = model.populations[port.population].shape;
  const { spikes } = testImages(root!, testSet.data, testSet.steps, shape);
  const inputs = { [port.name]: { ...spikes, samples: spikes.samples.slice(0, SAMPLES) } };

  const context = { target: loihi1, sink: new DiagnosticSink() };
  const folded = runPasses(model, PIPELINES.default, context);
  const { network } = quantize(
    folded,
    loihi1,
    { decayLevels: DECAY_LEVELS, horizonSteps: testSet.steps },
    context.sink,
  );
  const chip = runPasses(network, PIPELINES["after-quantize"], context);
  assert.deepEqual(context.sink.diagnostics, []);

  const real = simulateReference(folded, inputs, { record: "all" }).recorded;
  const steps = testSet.steps + pipelineDepth(chip);
  const integer = simulateIntegerReference(chip, inputs, { rules: "lava", record: "all", steps }).recorded;
  const inSteps = ({ name, startStep = 0 }: (typeof chip.populations)[number]): SpikeData =>
    inModelSteps(integer[name], startStep, testSet.steps);
  for (const population of chip.populations.slice(1)) {
    const { same, all } = agreement(inSteps(population), real[population.name]);
    assert.ok(all > 200 && same >= 0.94 * all, `${population.name}: ${same} of ${all} spikes are the same`);
  }
  const output = chip.populations[chip.outputs[0].population];
  const changed = predictions(inSteps(output)).filter((p, s) => p !== predictions(real[output.name])[s]);
  assert.ok(changed.length <= 1, `${changed.length} of ${SAMPLES} predictions changed`);
}

describe("corpus models in integers keep 94 % of their spikes in place and their predictions", () => {
  if (cases.length === 0) test.skip("no corpus", () => undefined);
  for (const one of cases) test(one.id, () => run(one));
});
