// The engines against each other, against finite differences, and against the neuron's golden traces.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { createArrayEngine } from "#train/engine-arrays";
import { createTfjsEngine } from "#train/engine-tfjs";
import { crossEntropy, predictedClass, type Batch, type LearningRule } from "#train/engine";
import { createMlp, maskLayer, type SpikingMlp } from "#train/model";
import { arctan, SURROGATES } from "#train/surrogate";
import { createBatch } from "#train/trainer";
import { createRng } from "#util/rng";
import { barImages } from "#test/tiny-digits";

const RULE: LearningRule = { surrogate: arctan, countGain: 0.5, detachReset: true };

/** 36-12-8-2: a quarter of the first layer's synapses, two thirds of the second's, all of the third's. */
function maskedModel(seed: number): SpikingMlp {
  const model = createMlp(
    { sizes: [36, 12, 8, 2], tauSteps: 4, threshold: 1, initGains: [4, 4, 3] },
    createRng(seed),
  );
  const [first, second, third] = model.layers;
  const quarter = first.mask.map((_, i) => ((i * 7 + seed) % 4 === 0 ? 1 : 0));
  const twoThirds = second.mask.map((_, i) => ((i * 7 + seed) % 3 === 0 ? 0 : 1));
  return { layers: [maskLayer(first, quarter), maskLayer(second, twoThirds), third] };
}

const batchOf = (count: number, seed: number): Batch => createBatch(barImages(count, seed), 10);

/** One input, one neuron, a spike of the input in every step: x is the weight. */
async function spikesOfConstantInput(weight: number, tauSteps: number, steps: number): Promise<number> {
  const model = createMlp({ sizes: [1, 1], tauSteps, threshold: 1, initGains: [1] }, createRng(1));
  model.layers[0].weights[0] = weight;
  const step = Uint32Array.from({ length: steps }, (_, t) => t);
  const batch = { steps, samples: [{ step, index: new Uint32Array(steps) }], labels: Uint8Array.of(0) };
  return (await createArrayEngine().forward(model, batch)).counts[0];
}

describe("the array engine", () => {
  test("fires as a leaky neuron does that is reset to zero", async () => {
    // tau 2, x = 0.75: v = 0.75, then 1.125: fires in every second step; never at v = threshold.
    assert.equal(await spikesOfConstantInput(0.75, 2, 10), 5);
    assert.equal(await spikesOfConstantInput(1, 1, 10), 0);
    assert.equal(await spikesOfConstantInput(1.5, 1, 10), 10);
    assert.equal(await spikesOfConstantInput(0.5, 2, 40), 0);
  });

  test("agrees with tfjs in spikes, loss and gradients", async () => {
    const [arrays, tfjs] = [createArrayEngine(), await createTfjsEngine()];
    for (const surrogate of SURROGATES) {
      for (const detachReset of [true, false]) {
        for (const seed of [1, 2, 3]) {
          const model = maskedModel(seed);
          const batch = batchOf(6, seed);
          const rule = { ...RULE, surrogate, detachReset };
          const ours = await arrays.backward(model, batch, rule);
          const judge = await tfjs.backward(model, batch, rule);
          assert.deepEqual(ours.layerSpikes, judge.layerSpikes);
          assert.deepEqual(ours.counts, judge.counts);
          assert.ok(
            ours.layerSpikes.every((spikes) => spikes > 0),
            "the sample network is alive",
          );
          assert.ok(Math.abs(ours.loss - judge.loss) < 1e-5);
          ours.gradients.forEach((gradient, l) => assertClose(gradient, judge.gradients[l], 2e-5));
        }
      }
    }
  });

  test("has no gradient where there is no synapse", async () => {
    const model = maskedModel(1);
    const { gradients } = await createArrayEngine().backward(model, batchOf(6, 1), RULE);
    model.layers.forEach((layer, l) =>
      layer.mask.forEach((alive, i) => assert.ok(alive === 1 || gradients[l][i] === 0)),
    );
  });

  test("gives the same outputs with and without the backward pass, and after other models", async () => {
    const engine = createArrayEngine();
    const batch = batchOf(5, 9);
    const first = await engine.forward(maskedModel(4), batch);
    await engine.backward(
      createMlp({ sizes: [36, 5, 2], tauSteps: 2, threshold: 1, initGains: [2, 2] }, createRng(1)),
      batch,
      RULE,
    );
    const { counts, layerSpikes } = await engine.backward(maskedModel(4), batch, RULE);
    assert.deepEqual({ counts, layerSpikes }, first);
  });
});

test("tfjs gradients agree with finite differences of the smoothed network", async () => {
  const engine = await createTfjsEngine({ smooth: true });
  const rule = { ...RULE, detachReset: false };
  const model = maskedModel(5);
  const batch = batchOf(3, 5);
  const { gradients } = await engine.backward(model, batch, rule);
  const lossAt = async (l: number, i: number, shift: number): Promise<number> => {
    const layers = model.layers.map((layer, k) => {
      const weights = layer.weights.slice();
      if (k === l) weights[i] += shift;
      return { ...layer, weights };
    });
    return (await engine.backward({ layers }, batch, rule)).loss;
  };
  for (const [l, places] of [
    [0, 40],
    [1, 11],
    [2, 3],
  ]) {
    for (let i = 1; i < model.layers[l].weights.length; i += places) {
      if (model.layers[l].mask[i] === 0) continue;
      const slope = ((await lossAt(l, i, 0.01)) - (await lossAt(l, i, -0.01))) / 0.02;
      assert.ok(
        Math.abs(slope - gradients[l][i]) < 2e-3 * (1 + Math.abs(slope)),
        `layer ${l}, weight ${i}: ${slope} against ${gradients[l][i]}`,
      );
    }
  }
});

test("crossEntropy has the derivative that finite differences give", () => {
  const counts = Float64Array.of(3, 0, 5);
  const gradient = new Float64Array(3);
  const scratch = new Float64Array(3);
  crossEntropy(counts, 1, 0.5, gradient);
  for (let j = 0; j < 3; j++) {
    const at = (shift: number): number => crossEntropy(counts.with(j, counts[j] + shift), 1, 0.5, scratch);
    assert.ok(Math.abs((at(1e-5) - at(-1e-5)) / 2e-5 - gradient[j]) < 1e-8);
  }
});

test("predictedClass takes the first of equals", () => {
  assert.equal(predictedClass(Float64Array.of(9, 9, 1, 4, 7, 7), 1, 3), 1);
});

function assertClose(actual: Float64Array, expected: Float64Array, tolerance: number): void {
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-3);
  assert.ok(scale > 1e-3, "the gradient is not all zero");
  actual.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]) < tolerance * scale, `${value} against ${expected[i]} at ${i}`),
  );
}
