import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { createWeightRanges, type WeightRanges } from "#train/methods/sd-snn-ranges";

const WINDOW = 3;
const ALIVE = Uint8Array.of(1);

/** Bounds of one weight that starts at 1 beside nothing, after it took these values, epoch by epoch. */
function boundsAfter(values: readonly number[], first = 1): [number, number] {
  const ranges = startedAt(first);
  for (const value of values) ranges.update(Float64Array.of(value), ALIVE);
  return [ranges.upper[0], ranges.lower[0]];
}

function startedAt(first: number): WeightRanges {
  const ranges = createWeightRanges(Float64Array.of(first), WINDOW, 0.75);
  ranges.start(Float64Array.of(first));
  return ranges;
}

describe("the start", () => {
  test("it takes the largest weight for both bounds, not the largest magnitude", () => {
    const weights = Float32Array.of(0.25, -3, 0.5, 0);
    const ranges = createWeightRanges(weights, WINDOW, 0.75);
    ranges.start(weights);
    assert.deepEqual([...ranges.upper], [0.5, 0.5, 0.5, 0.5]);
    assert.deepEqual([...ranges.lower], [-0.5, -0.5, -0.5, -0.5]);
  });

  test("it keeps bounds on their sides of zero if all weights are negative", () => {
    const ranges = startedAt(-2);
    assert.deepEqual([ranges.upper[0], Math.abs(ranges.lower[0])], [0, 0]);
  });
});

describe("widening", () => {
  test("it moves a bound after window + 1 epochs beyond it, by the mean of the last", () => {
    assert.deepEqual(boundsAfter([9, 2, 3]), [1, -1]);
    // The first epoch counts for nothing: (1 + 2 + 3) / 3.
    assert.deepEqual(boundsAfter([9, 2, 3, 4]), [3, -1]);
    assert.deepEqual(boundsAfter([-9, -2, -3, -4]), [1, -3]);
  });

  test("it begins anew after one epoch within the bounds", () => {
    assert.deepEqual(boundsAfter([9, 2, 3, 0.5, 4, 5, 6]), [1, -1]);
    assert.deepEqual(boundsAfter([9, 2, 3, 0.5, 4, 5, 6, 7]), [6, -1]);
  });

  test("it needs but a window more of epochs for the next move, from the bound as it then is", () => {
    // To 3; then beyond 3 by 2, 3 and 4, the epoch of the move being the first.
    assert.deepEqual(boundsAfter([9, 2, 3, 4, 5, 6]), [3, -1]);
    assert.deepEqual(boundsAfter([9, 2, 3, 4, 5, 6, 7]), [6, -1]);
  });

  test("it counts a weight right at its bound as one that presses, with no excess", () => {
    assert.deepEqual(boundsAfter([1, 1, 1, 4]), [2, -1]);
  });
});

describe("narrowing", () => {
  test("it multiplies both bounds after window + 1 epochs of falling magnitude", () => {
    assert.deepEqual(boundsAfter([0.9, -0.8, 0.7]), [1, -1]);
    assert.deepEqual(boundsAfter([0.9, -0.8, 0.7, 0.6]), [0.75, -0.75]);
  });

  test("it begins anew after one epoch in which the magnitude did not fall", () => {
    assert.deepEqual(boundsAfter([0.9, 0.8, 0.8, 0.7, 0.6, 0.5]), [1, -1]);
    assert.deepEqual(boundsAfter([0.9, 0.8, 0.8, 0.7, 0.6, 0.5, 0.4]), [0.75, -0.75]);
  });
});

describe("the laws", () => {
  const step = fc.record({
    // Steps small and large, and none, so that runs of growth, of fall and of rest come about.
    by: fc.constantFrom(-0.5, -0.25, -0.01, 0, 0.01, 0.25, 0.5),
    times: fc.integer({ min: 1, max: 8 }),
    masked: fc.constantFrom(false, false, false, true),
  });

  test("it keeps zero between the bounds and clips every weight into them, to the bit", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 20 }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (steps, w) => {
          const weights = Float32Array.of(w, -w, w / 3, 0.1);
          const ranges = createWeightRanges(weights, WINDOW, 0.75);
          ranges.start(weights);
          for (const { by, times, masked } of steps)
            for (let t = 0; t < times; t++) {
              weights.forEach((_, i) => (weights[i] += by * (i - 1.5)));
              ranges.update(weights, Uint8Array.of(1, 1, 1, masked ? 0 : 1));
              ranges.upper.forEach((upper, i) => assert.ok(upper >= 0 && ranges.lower[i] <= 0));
              if (t % 2 !== 0) continue;
              ranges.clip(weights);
              weights.forEach((value, i) => assert.ok(value <= ranges.upper[i] && value >= ranges.lower[i]));
            }
        },
      ),
      { seed: 4 },
    );
  });

  test("it sees a masked weight as zero", () => {
    const ranges = startedAt(1);
    for (const value of [9, 9, 9, 9, 9]) ranges.update(Float64Array.of(value), Uint8Array.of(0));
    assert.deepEqual([ranges.upper[0], ranges.lower[0]], [1, -1]);
  });

  test("it leaves weights within their bounds alone when it clips", () => {
    const ranges = startedAt(1);
    const weights = Float64Array.of(-1);
    ranges.clip(weights);
    assert.deepEqual([...weights], [-1]);
  });

  test("it says how many bounds moved", () => {
    const ranges = startedAt(1);
    const moved = [9, 2, 3, 4].map((value) => ranges.update(Float64Array.of(value), ALIVE));
    assert.deepEqual(moved.at(-2), { widened: 0, narrowed: 0 });
    assert.deepEqual(moved.at(-1), { widened: 1, narrowed: 0 });
    const shrinking = [2.9, 2.8, 2.7, 2.6].map((value) => ranges.update(Float64Array.of(value), ALIVE));
    assert.deepEqual(shrinking.at(-1), { widened: 0, narrowed: 1 });
  });
});
