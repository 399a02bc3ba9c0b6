import assert from "node:assert/strict";
import { test } from "vitest";
import { createReferenceBackend } from "#train/engine/reference";
import { type LayerGraph, planGraph } from "#train/graph";
import { createParameters, type Parameters } from "#train/parameters";
import { createRandom } from "#train/random";
import { loadTrainedModel, trainedModelOf } from "#train/trained-model";
import { ToolchainError } from "#util/diagnostic";

const GRAPH: LayerGraph = {
  name: "small",
  inputShape: [3],
  layers: [
    { name: "first", inputs: ["input"], op: "linear", features: 2, bias: true },
    { name: "norm", inputs: ["first"], op: "batch-norm", epsilon: 1e-5, momentum: 0.1, gammaInit: 1 },
  ],
  output: "norm",
};
const plan = planGraph(GRAPH, true);
const parametersOf = (seed: number): Parameters =>
  createParameters(plan, createReferenceBackend(), createRandom(seed));

test("a trained model puts every number back, and is a copy", () => {
  const trained = parametersOf(1);
  trained.statistics[0].mean.set([3, 4]);
  const model = trainedModelOf(plan, trained);
  const kept = structuredClone(model);
  const loaded = parametersOf(2);
  loadTrainedModel(model, loaded);
  assert.deepEqual(loaded, trained);
  for (const { value } of trained.list) value.fill(9);
  trained.statistics[0].variance.fill(9);
  assert.deepEqual(model, kept);
  assert.equal(model.staticInput, true);
});

test("a model that does not fit is refused with every fault, and nothing is written", () => {
  const model = trainedModelOf(plan, parametersOf(1));
  const values = Object.fromEntries(Object.entries(model.values).filter(([name]) => name !== "norm.beta"));
  const broken = { ...model, values: { ...values, "first.bias": new Float32Array(3) }, statistics: {} };
  const target = parametersOf(2);
  assert.throws(
    () => loadTrainedModel(broken, target),
    (error: unknown) => {
      assert.ok(error instanceof ToolchainError);
      assert.deepEqual(
        error.diagnostics.map(({ code, subject }) => `${code} ${subject}`),
        [
          'train/trained-value-shape model.values["first.bias"]',
          'train/trained-value-missing model.values["norm.beta"]',
          'train/trained-value-missing model.values["norm.mean"]',
          'train/trained-value-missing model.values["norm.variance"]',
        ],
      );
      return true;
    },
  );
  assert.deepEqual(target, parametersOf(2));
});
