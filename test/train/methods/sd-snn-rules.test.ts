import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { sdSnnOptions } from "#train/methods/sd-snn-options";
import {
  blockSums,
  convRateGrowth,
  linearRateGrowth,
  percentile,
  regrowthQuantile,
  rowImportance,
  rowsToPrune,
} from "#train/methods/sd-snn-rules";

const OPTIONS = sdSnnOptions.parse({});

describe("the importance of a row", () => {
  test("it sums the scaled widths of its live weights", () => {
    const upper = Float64Array.of(1, 2, 3, 1, 1, 5);
    const lower = Float64Array.of(-1, 0, -1, 0, -1, 0);
    // Widths 2 2 4 | 1 2 5, scaled by (width - 1) / 4.
    assert.deepEqual([...rowImportance(upper, lower, Uint8Array.of(1, 1, 1, 1, 1, 1), 2)], [1.25, 1.25]);
    assert.deepEqual([...rowImportance(upper, lower, Uint8Array.of(1, 0, 1, 1, 1, 0), 2)], [1, 0.25]);
  });

  test("it counts each live weight a half if all widths are equal", () => {
    const ones = Float64Array.of(1, 1, 1, 1);
    assert.deepEqual(
      [
        ...rowImportance(
          ones,
          ones.map((x) => -x),
          Uint8Array.of(1, 1, 0, 1),
          2,
        ),
      ],
      [1, 0.5],
    );
  });
});

describe("the regrowth signal", () => {
  test("it sums blocks with their signs", () => {
    assert.deepEqual([...blockSums(Float32Array.of(1, -3, 2, 2), 2)], [-2, 4]);
    assert.deepEqual([...blockSums(Float32Array.of(1, -3), 1)], [1, -3]);
  });

  test("it takes percentiles between neighbours", () => {
    const scores = Float64Array.of(40, 10, 30, 20);
    assert.deepEqual(
      [0, 50, 75, 100].map((q) => percentile(scores, q)),
      [10, 25, 32.5, 40],
    );
    assert.deepEqual([...scores], [40, 10, 30, 20]);
  });

  test("it takes the same percentile as a sort", () => {
    const score = fc.oneof(fc.double({ min: -9, max: 9, noNaN: true }), fc.constantFrom(0, 1, -1));
    fc.assert(
      fc.property(
        fc.array(score, { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (scores, q) => {
          const sorted = [...scores].sort((a, b) => a - b);
          const place = ((scores.length - 1) * q) / 100;
          const low = Math.floor(place);
          const wanted = sorted[low] + (place - low) * (sorted[Math.ceil(place)] - sorted[low]);
          assert.equal(percentile(Float64Array.from(scores), q) + 0, wanted + 0);
        },
      ),
      { seed: 5, numRuns: 500 },
    );
  });

  test("it rises as in the golden sequence, to 99", () => {
    const at = (epoch: number): number => regrowthQuantile(60, epoch - 37, OPTIONS);
    assert.equal(at(37), 61);
    assert.equal(at(60).toFixed(2), "68.95");
    assert.equal(at(75).toFixed(1), "97.4");
    assert.deepEqual([76, 77, 150, 400].map(at), [99, 99, 99, 99]);
    for (let epoch = 37; epoch < 100; epoch++) assert.ok(at(epoch + 1) >= at(epoch));
  });
});

describe("the rates", () => {
  test("it follows the golden sequence of 300 rows", () => {
    let rate = 35;
    let gone = 0;
    const seen = new Map<number, [number, string]>();
    for (let epoch = 37; epoch <= 60; epoch++) {
      gone = Math.max(gone, rowsToPrune(300, rate));
      rate += linearRateGrowth(epoch - 37, 300 - gone, OPTIONS.linear);
      seen.set(epoch, [gone, rate.toFixed(2)]);
    }
    assert.deepEqual(
      [37, 38, 39, 40, 45, 60].map((epoch) => seen.get(epoch)),
      [
        [105, "54.50"],
        [163, "59.54"],
        [178, "61.19"],
        [183, "61.77"],
        [186, "62.10"],
        [186, "62.11"],
      ],
    );
  });

  test("it decays to the published trickle after 23 epochs", () => {
    assert.equal(linearRateGrowth(23, 100, OPTIONS.linear), (Math.exp(-23) * 100) / 10);
    assert.equal(linearRateGrowth(24, 100, OPTIONS.linear), (0.00075 * 100) / 10);
    assert.equal(linearRateGrowth(24, 0, OPTIONS.linear), 0);
  });

  test("it presses more on a convolution that is richer than what it feeds", () => {
    assert.equal(convRateGrowth(0, 40, 300, OPTIONS.conv), 40 / 300);
    assert.equal(convRateGrowth(5, 40, 10, OPTIONS.conv), Math.exp(-1) * 4);
    assert.equal(convRateGrowth(0, 40, 0, OPTIONS.conv), 1);
    assert.ok(convRateGrowth(100, 40, 10, OPTIONS.conv) < 1e-7);
  });

  test("it prunes no more rows than there are", () => {
    assert.deepEqual(
      [0, 34.9, 35, 100, 140].map((rate) => rowsToPrune(20, rate)),
      [0, 6, 7, 20, 20],
    );
  });
});
