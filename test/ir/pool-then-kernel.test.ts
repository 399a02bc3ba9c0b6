// Pooling in front of a convolution is a convolution, wherever that is true.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { compose, expand } from "#ir/connectivity";
import { poolThenKernel } from "#ir/kernel";
import type { SharedKernel } from "#ir/network";
import { between, kernel } from "#test/networks";
import { createRng, type Rng } from "#util/rng";

const values = (rng: Rng, count: number): number[] =>
  Array.from({ length: count }, () => between(rng, -9, 9));

const pooling = (rng: Rng, channels: number, side: number, height: number, width: number): SharedKernel =>
  kernel({
    inputShape: [channels, height, width],
    kernelShape: [channels, 1, side, side],
    weights: values(rng, channels * side * side),
    stride: [side, side],
    groups: channels,
  });

/** Every path by itself. */
const product = (first: SharedKernel, second: SharedKernel): Map<string, number> => {
  const [a, b] = [expand(first), expand(second)];
  const sums = new Map<string, number>();
  for (let row = 0; row < a.rows; row++)
    for (let i = a.rowStart[row]; i < a.rowStart[row + 1]; i++) {
      const middle = a.colIndex[i];
      for (let j = b.rowStart[middle]; j < b.rowStart[middle + 1]; j++) {
        const key = `${row} -> ${b.colIndex[j]}`;
        sums.set(key, (sums.get(key) ?? 0) + a.values[i] * b.values[j]);
      }
    }
  return sums;
};

const entries = (matrix: SharedKernel): Map<string, number> => {
  const { rows, rowStart, colIndex, values: stored } = expand(matrix);
  const found = new Map<string, number>();
  for (let row = 0; row < rows; row++)
    for (let i = rowStart[row]; i < rowStart[row + 1]; i++) found.set(`${row} -> ${colIndex[i]}`, stored[i]);
  return found;
};

const pairOf = (seed: number): [SharedKernel, SharedKernel] => {
  const rng = createRng(seed);
  const [side, groups] = [between(rng, 2, 3), between(rng, 1, 2)];
  const channels = groups * between(rng, 1, 2);
  const first = pooling(
    rng,
    channels,
    side,
    between(rng, 3 * side, 5 * side),
    between(rng, 3 * side, 5 * side),
  );
  const out = groups * between(rng, 1, 2);
  const [high, wide] = [between(rng, 1, 3), between(rng, 1, 3)];
  const second = kernel({
    inputShape: first.outputShape,
    kernelShape: [out, channels / groups, high, wide],
    weights: values(rng, (out * channels * high * wide) / groups),
    stride: [between(rng, 1, 2), between(rng, 1, 2)],
    padding: [between(rng, 0, 2), between(rng, 0, 2), between(rng, 0, 2), between(rng, 0, 2)],
    groups,
  });
  return [first, second];
};

describe("poolThenKernel", () => {
  test("gives every weight of the two maps one after the other", () => {
    let joinedOnes = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const [first, second] = pairOf(seed);
        const joined = poolThenKernel(first, second);
        if (joined === undefined) return;
        joinedOnes++;
        assert.deepEqual(
          [...entries(joined)].sort(),
          [...product(first, second)].filter(([, v]) => v !== 0).sort(),
        );
        assert.deepEqual([joined.rows, joined.cols], [first.rows, second.cols]);
      }),
      { numRuns: 150 },
    );
    assert.ok(joinedOnes > 30, `${joinedOnes} of 150 pairs are one kernel`);
  });

  test("is refused where padding would read the pixels that pooling left out", () => {
    const rng = createRng(1);
    const first = pooling(rng, 1, 2, 5, 4);
    const padded = kernel({
      inputShape: first.outputShape,
      kernelShape: [1, 1, 3, 3],
      weights: values(rng, 9),
      padding: [1, 1, 1, 1],
    });
    assert.equal(poolThenKernel(first, padded), undefined);
    assert.equal(compose(first, padded).kind, "sparse");
  });

  test("is refused where the pooling itself is padded", () => {
    const rng = createRng(8);
    const padded = kernel({
      inputShape: [1, 4, 4],
      kernelShape: [1, 1, 2, 2],
      weights: values(rng, 4),
      stride: [2, 2],
      padding: [1, 1, 1, 1],
    });
    const second = kernel({ inputShape: [1, 3, 3], kernelShape: [1, 1, 2, 2], weights: values(rng, 4) });
    assert.equal(poolThenKernel(padded, second), undefined);
  });

  test("is what compose makes of such a pair", () => {
    const rng = createRng(2);
    const first = pooling(rng, 2, 2, 4, 4);
    const second = kernel({
      inputShape: first.outputShape,
      kernelShape: [3, 2, 1, 1],
      weights: [1, 2, 3, 4, 5, 6],
    });
    const joined = compose(first, second);
    assert.ok(joined.kind === "kernel");
    assert.deepEqual(
      [joined.kernelShape, joined.stride],
      [
        [3, 2, 2, 2],
        [2, 2],
      ],
    );
  });

  test("leaves sums over squares that overlap alone", () => {
    const overlapping = kernel({
      inputShape: [1, 5, 5],
      kernelShape: [1, 1, 3, 3],
      weights: values(createRng(3), 9),
      stride: [2, 2],
    });
    const second = kernel({ inputShape: [1, 2, 2], kernelShape: [1, 1, 1, 1], weights: [2] });
    assert.equal(poolThenKernel(overlapping, second), undefined);
  });
});
