import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import { adamUpdate, createAdam } from "#train/adam";
import { createMlp, maskLayer, sparsityShare, synapseCount, type SpikingMlp } from "#train/model";
import { gmpSparsity, largestMask, pruneByMagnitude, type GmpSchedule } from "#train/prune-gmp";
import { createRng } from "#util/rng";

const SCHEDULE: GmpSchedule = { finalSparsity: [0.9, 0.5], beginShare: 0.2, endShare: 0.6, everySteps: 10 };
const model = (): SpikingMlp =>
  createMlp({ sizes: [20, 10, 4], tauSteps: 8, threshold: 1, initGains: [1, 1] }, createRng(7));

describe("gmpSparsity", () => {
  test("follows the cubic", () => {
    const at = [0, 0.2, 0.3, 0.4, 0.5, 0.6, 1].map((progress) => gmpSparsity(0.8, SCHEDULE, progress));
    // 0.8 (1 - (1 - x)³) at x = 0, 0, 1/4, 1/2, 3/4, 1, 1
    const expected = [0, 0, 0.4625, 0.7, 0.7875, 0.8, 0.8];
    at.forEach((value, i) =>
      assert.ok(Math.abs(value - expected[i]) < 1e-12, `${value} is not ${expected[i]}`),
    );
  });
});

describe("largestMask", () => {
  test("keeps the largest by magnitude", () => {
    const mask = largestMask(Float32Array.of(0.1, -3, 2, -0.5), Uint8Array.of(1, 1, 1, 1), 2);
    assert.deepEqual([...mask], [0, 1, 1, 0]);
  });

  test("keeps the first of equals", () => {
    const mask = largestMask(Float32Array.of(1, -1, 1, 1), Uint8Array.of(0, 1, 1, 1), 2);
    assert.deepEqual([...mask], [0, 1, 1, 0]);
  });

  test("keeps exactly as many as asked, all of them old, none smaller than one it drops", () => {
    const weights = fc.array(fc.constantFrom(-2, -1, -0.5, 0, 0.25, 0.5, 1), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(weights, fc.nat(30), fc.nat(), (values, keep, seed) => {
        const rng = createRng(seed);
        const old = Uint8Array.from(values, () => (rng() < 0.7 ? 1 : 0));
        const mask = largestMask(Float32Array.from(values), old, keep);
        const alive = old.reduce((sum, bit) => sum + bit, 0);
        assert.equal(
          mask.reduce((sum, bit) => sum + bit, 0),
          Math.min(keep, alive),
        );
        const sizes = (bit: number): number[] =>
          values.filter((_, i) => old[i] === 1 && mask[i] === bit).map((value) => Math.abs(value));
        assert.ok(mask.every((bit, i) => bit <= old[i]));
        assert.ok(Math.min(...sizes(1), Infinity) >= Math.max(...sizes(0), -Infinity));
      }),
    );
  });
});

describe("pruneByMagnitude", () => {
  test("returns the very same model before it begins, between cuts, and after its end", () => {
    const before = model();
    for (const done of [10, 20, 33, 61, 70, 100])
      assert.equal(pruneByMagnitude(before, SCHEDULE, done, 100), before, `after ${done} steps`);
  });

  test("reaches the final sparsity of every layer exactly", () => {
    let pruned = model();
    for (let done = 1; done <= 100; done++) pruned = pruneByMagnitude(pruned, SCHEDULE, done, 100);
    assert.deepEqual(pruned.layers.map(synapseCount), [20, 20]);
    assert.ok(Math.abs(sparsityShare(pruned) - (1 - 40 / 240)) < 1e-12);
  });

  test("reaches it even if the end lies between two cuts", () => {
    let pruned = model();
    for (let done = 1; done <= 73; done++) pruned = pruneByMagnitude(pruned, SCHEDULE, done, 73);
    assert.deepEqual(pruned.layers.map(synapseCount), [20, 20]);
  });

  test("leaves the weights it keeps alone, and the old model too", () => {
    const before = model();
    const copy = before.layers[0].weights.slice();
    const after = pruneByMagnitude(before, SCHEDULE, 60, 100).layers[0];
    assert.deepEqual(before.layers[0].weights, copy);
    after.weights.forEach((weight, i) => assert.equal(weight, after.mask[i] === 1 ? copy[i] : 0));
  });
});

test("pruned weights stay zero whatever the gradient says, with no memory of earlier gradients", () => {
  const { layers } = model();
  const mask = layers[0].mask.map((_, i) => i % 3 && 1);
  const pruned = [maskLayer(layers[0], mask), layers[1]];
  const adam = createAdam(pruned);
  const rng = createRng(5);
  adam.mean[0].fill(1);
  for (let step = 0; step < 5; step++) {
    const gradients = pruned.map((layer) => Float64Array.from(layer.weights, () => rng() - 0.5));
    adamUpdate(adam, pruned, gradients, 0.01, 0.1);
  }
  mask.forEach((alive, i) => {
    if (alive !== 0) return;
    assert.equal(pruned[0].weights[i], 0);
    assert.equal(adam.mean[0][i], 0);
  });
  assert.notEqual(pruned[0].weights[1], layers[0].weights[1]);
});

test("one Adam update equals the hand calculation", () => {
  const [layer] = createMlp(
    { sizes: [1, 1], tauSteps: 2, threshold: 1, initGains: [1] },
    createRng(1),
  ).layers;
  layer.weights[0] = 0.5;
  adamUpdate(createAdam([layer]), [layer], [Float64Array.of(-0.3)], 0.01, 0.1);
  // First update: mean / root of square = sign of the gradient; decay 0.01 · 0.1 · 0.5.
  assert.ok(Math.abs(layer.weights[0] - (0.5 + 0.01 - 0.0005)) < 1e-7);
});
