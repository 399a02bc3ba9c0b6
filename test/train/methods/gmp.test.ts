import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { cubicSparsity, gmp } from "#train/methods/gmp";
import { nonzeroCount } from "#train/methods/method";
import { largestMasks, select } from "#train/methods/largest";
import type { StateTree } from "#train/state";
import { savedLayer, startTrial, type Trial } from "./harness.ts";

const live = (trial: Trial): number[] => trial.prunable.map(({ value }) => nonzeroCount(value));
const total = (trial: Trial): number => live(trial).reduce((sum, n) => sum + n, 0);

test("follows the cubic ramp", () => {
  assert.equal(cubicSparsity(0.9, 0), 0);
  assert.ok(Math.abs(cubicSparsity(0.9, 0.5) - 0.7875) < 1e-15);
  assert.equal(cubicSparsity(0.9, 1), 0.9);
  assert.equal(cubicSparsity(0.9, 3), 0.9);
  assert.equal(cubicSparsity(0.9, -1), 0);

  const trial = startTrial(gmp, { density: 0.1, beginShare: 0.1, everySteps: 10 }, { totalSteps: 200 });
  const weights = trial.weights().length;
  let expected = weights;
  for (let done = 1; done <= 200; done++) {
    trial.steps(1);
    if (done % 10 === 0 && done <= 150) {
      const x = Math.max(0, (done / 200 - 0.1) / 0.65);
      expected = Math.min(expected, Math.round((1 - 0.9 * (1 - (1 - x) ** 3)) * weights));
    }
    assert.equal(total(trial), expected, `after ${done} steps`);
  }
  assert.equal(expected, Math.round(0.1 * weights));
});

test("ends at the wanted density to the weight, ties of rounding included", () => {
  for (const half of [3.5, 6.5, 864.5]) {
    // 1 - (1 - density) would round some of these down.
    const density = half / 1728;
    const trial = startTrial(gmp, { density });
    trial.steps(120);
    assert.equal(trial.weights().length, 1728);
    assert.equal(total(trial), Math.round(density * 1728), `${half}`);
  }
});

test("ranks all layers together, or each by itself", () => {
  for (const ranking of ["global", "layer"]) {
    const trial = startTrial(gmp, { density: 0.25, ranking });
    trial.steps(120);
    const counts = live(trial);
    const shares = trial.prunable.map(({ value }, p) => counts[p] / value.length);
    if (ranking === "layer") assert.deepEqual(shares, [0.25, 0.25]);
    else {
      assert.equal(total(trial), Math.round(0.25 * trial.weights().length));
      assert.ok(Math.abs(shares[0] - shares[1]) > 0.01, `${shares.join(", ")}`);
    }
  }
});

test("lets nothing come back that is gone", () => {
  const trial = startTrial(gmp, { density: 0.1 });
  for (let done = 1; done <= 120; done++) {
    const before = trial.weights();
    trial.steps(1);
    const after = trial.weights();
    before.forEach((w, i) => {
      if (w === 0) assert.equal(after[i], 0);
    });
    if (done === 90) assert.equal(total(trial), Math.round(0.1 * after.length));
  }
});

test("cuts a single time where asked for, by brute force", () => {
  const options = { density: 0.3, endShare: 0.5, everySteps: 1000 };
  const cut = startTrial(gmp, options, { totalSteps: 21 });
  const bare = startTrial(gmp, { density: 1 }, { totalSteps: 21 });
  cut.steps(10);
  bare.steps(10);
  assert.deepEqual(cut.weights(), bare.weights());
  // ceil(0.5 · 21) = 11.
  cut.steps(1);
  bare.steps(1);
  const sizes = bare.weights().map(Math.abs);
  const limit = [...sizes].sort((a, b) => b - a)[Math.round(0.3 * sizes.length) - 1];
  assert.deepEqual(
    cut.weights(),
    bare.weights().map((w) => (Math.abs(w) >= limit ? w : 0)),
  );
});

test("clears the moments of what it prunes, so that nothing comes back to life", () => {
  const trial = startTrial(gmp, { density: 0.2 });
  trial.steps(100, (n, p, i, w) => w - 0.5 * Math.sin(n + i + p));
  const { mask, optimizer } = savedLayer(trial, 1);
  const { firstMoment, secondMoment } = optimizer as StateTree;
  let masked = 0;
  (mask as Uint8Array).forEach((alive, i) => {
    if (alive === 1) return;
    masked++;
    assert.deepEqual(
      [trial.prunable[1].value[i], (firstMoment as Float32Array)[i], (secondMoment as Float32Array)[i]],
      [0, 0, 0],
    );
  });
  assert.ok(masked > 500);
});

test("refuses a ramp that ends before it begins, and a density out of range", () => {
  for (const options of [
    { density: 0.1, beginShare: 0.8 },
    { density: 0.1, beginShare: 0.75 },
    { density: 0 },
    { density: 1.1 },
    { density: 0.1, everySteps: 0 },
    {},
  ])
    assert.equal(gmp.options.safeParse(options).success, false, JSON.stringify(options));
});

describe("the ranking", () => {
  const sizes = fc.array(fc.constantFrom(0, 0.5, 0.5, 1, 1.5, 2, -2, -0.5), { minLength: 1, maxLength: 60 });

  test("finds what stands at a rank", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (list, at) => {
        const rank = at % list.length;
        const array = Float64Array.from(list);
        const found = select(array, rank);
        assert.equal(found, Float64Array.from(list).sort()[rank]);
        array.forEach((size, i) => assert.ok(i < rank ? size <= found : size >= found));
      }),
    );
  });

  test("keeps the largest magnitudes of all arrays, of equals the first", () => {
    fc.assert(
      fc.property(sizes, sizes, fc.nat(), fc.nat(), (a, b, at, hole) => {
        const values = [Float32Array.from(a), Float32Array.from(b)];
        const masks = [new Uint8Array(a.length).fill(1), new Uint8Array(b.length).fill(1)];
        masks[0][hole % a.length] = 0;
        const all = [...a.map((w, i) => [0, i, w]), ...b.map((w, i) => [1, i, w])].filter(
          ([v, i]) => masks[v][i] === 1,
        );
        const keep = at % (all.length + 2);
        const found = largestMasks(values, masks, keep);
        if (keep >= all.length) {
          assert.equal(found, undefined);
          return;
        }
        const expected = [new Uint8Array(a.length), new Uint8Array(b.length)];
        const ranked = [...all].sort((x, y) => Math.abs(y[2]) - Math.abs(x[2]));
        for (const [v, i] of ranked.slice(0, keep)) expected[v][i] = 1;
        assert.deepEqual(found, expected);
      }),
    );
  });
});
