import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { lossOf } from "#train/loss";
import type { LossSpec } from "#train/options";
import { createRng } from "#util/rng";

const SPECS: readonly LossSpec[] = [
  { name: "mse" },
  { name: "cross-entropy", gain: 3 },
  { name: "tet", lambda: 0.2, target: 1 },
];
const STEPS = 3;
const CLASSES = 4;
const LABELS = [2, 0, 3, 3, 1];

function randomOutput(): Float64Array {
  const rng = createRng(5);
  return Float64Array.from({ length: STEPS * LABELS.length * CLASSES }, () => 2 * rng() - 0.5);
}

describe("a loss", () => {
  for (const spec of SPECS)
    test(`${spec.name} has the gradient that central differences give`, () => {
      const output = randomOutput();
      const gradient = new Float64Array(output.length);
      lossOf(spec, output, LABELS, STEPS, CLASSES, gradient);
      const h = 1e-5;
      for (let i = 0; i < output.length; i++) {
        const at = (x: number): number => {
          const moved = output.slice();
          moved[i] = x;
          return lossOf(spec, moved, LABELS, STEPS, CLASSES).loss;
        };
        const difference = (at(output[i] + h) - at(output[i] - h)) / (2 * h);
        assert.ok(
          Math.abs(difference - gradient[i]) < 1e-9,
          `entry ${i}: ${difference} against ${gradient[i]}`,
        );
      }
    });

  test("mse of spike rates is the mean over batch and classes", () => {
    // Two steps, one sample, two classes: rates 1 and 1/2, label 0.
    const { loss, correct } = lossOf({ name: "mse" }, Float64Array.of(1, 0, 1, 1), [0], 2, 2);
    assert.equal(loss, (0 + 0.25) / 2);
    assert.equal(correct, 1);
  });

  test("cross-entropy of equal outputs is the log of the number of classes", () => {
    const { loss } = lossOf({ name: "cross-entropy", gain: 1 }, new Float64Array(20), [3], 2, 10);
    assert.ok(Math.abs(loss - Math.log(10)) < 1e-12);
  });

  test("tet takes the cross-entropy of every step, not of the mean", () => {
    const output = Float64Array.of(4, 0, 0, 4); // step 0 says class 0, step 1 says class 1
    const perStep = (right: number, wrong: number): number =>
      -right + Math.log(Math.exp(right) + Math.exp(wrong));
    const { loss } = lossOf({ name: "tet", lambda: 0, target: 1 }, output, [0], 2, 2);
    assert.ok(Math.abs(loss - (perStep(4, 0) + perStep(0, 4)) / 2) < 1e-12);
    const mean = lossOf({ name: "cross-entropy", gain: 1 }, output, [0], 2, 2);
    assert.ok(Math.abs(mean.loss - Math.LN2) < 1e-12);
  });

  test("tet holds every step of a sample against the label of that sample", () => {
    // Two steps of two samples, each right in both steps: step-major order.
    const output = Float64Array.of(9, 0, 0, 9, 9, 0, 0, 9);
    const { loss, correct } = lossOf({ name: "tet", lambda: 0, target: 1 }, output, [0, 1], 2, 2);
    assert.ok(Math.abs(loss - Math.log(1 + Math.exp(-9))) < 1e-12);
    assert.equal(correct, 2);
  });

  test("large outputs overflow nothing", () => {
    const { loss } = lossOf({ name: "cross-entropy", gain: 1 }, Float64Array.of(1000, 0), [1], 1, 2);
    assert.equal(loss, 1000);
  });

  test("of equal outputs the first counts as the answer", () => {
    assert.equal(lossOf({ name: "mse" }, Float64Array.of(1, 1), [1], 1, 2).correct, 0);
    assert.equal(lossOf({ name: "mse" }, Float64Array.of(1, 1), [0], 1, 2).correct, 1);
  });
});
