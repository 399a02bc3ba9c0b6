// Signs, regrowth, alpha = 0 and determinism are rows of the conformance suite.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { gradR, priorLocation } from "#train/methods/grad-r";
import { ADAM, type OptimizerSpec } from "#train/optimizer";
import type { StateTree } from "#train/state";
import { ToolchainError } from "#util/diagnostic";
import { hashed, savedLayer, startTrial, type Trial } from "./harness.ts";
import { COLUMNS, gradientAt, leastSquaresGradient, ONE_ROW, solveLasso } from "./least-squares.ts";

const PLAIN_SGD: OptimizerSpec = { name: "sgd", momentum: 0, weightDecay: 0 };

/** Spine sizes θ of array `p`. */
function spines(trial: Trial, p = 0): number[] {
  const { signedSpine, isNegative } = savedLayer(trial, p);
  return Array.from(signedSpine as Float32Array, (u, i) => ((isNegative as Uint8Array)[i] === 1 ? -u : u));
}

/** Puts other spine sizes θ in array 0; signs stay. */
function setSpines(trial: Trial, thetas: readonly number[]): void {
  const state = structuredClone(trial.run.save());
  const layer = (state.layers as StateTree)[trial.prunable[0].name] as StateTree;
  const { signedSpine, isNegative } = layer;
  thetas.forEach((theta, i) => {
    (signedSpine as Float64Array)[i] = (isNegative as Uint8Array)[i] === 1 ? -theta : theta;
  });
  trial.run.restore(state);
}

const oneRow = (
  weights: readonly number[],
  options: unknown,
  optimizer: OptimizerSpec,
  rate: number,
): Trial =>
  startTrial(gradR, options, {
    graph: ONE_ROW,
    weights,
    optimizer,
    rateOf: () => rate,
    precision: "float64",
  });

describe("one step", () => {
  test("gives the golden values", () => {
    for (const [w0, theta, w] of [
      [0.05, 0.04899, 0.04899],
      [-0.05, 0.05099, -0.05099],
    ]) {
      const trial = oneRow([w0], { alpha: 1e-3, sparsity: 0.95 }, ADAM, 1e-3);
      trial.steps(1, () => 0.2);
      // The epsilon of Adam shifts the step by 5e-8 of itself.
      assert.ok(Math.abs(spines(trial)[0] - theta) < 1e-9, `${spines(trial)[0]}`);
      assert.ok(Math.abs(trial.weights()[0] - w) < 1e-9);
    }
  });

  test("follows the published formula, prior outside the moments and on the bias-corrected step", () => {
    const [alpha, sparsity, rate] = [0.5, 0.6, 0.01];
    const trial = oneRow([0.2, -0.1, 0.05], { alpha, sparsity }, ADAM, rate);
    const location = Math.log(2 * (1 - sparsity)) / alpha;
    const sign = trial.weights().map(Math.sign);
    const theta = trial.weights().map(Math.abs);
    const [m, v] = [new Array<number>(COLUMNS).fill(0), new Array<number>(COLUMNS).fill(0)];
    for (let k = 1; k <= 200; k++) {
      const g = (i: number): number => hashed(k, i) - 0.5;
      trial.steps(1, (_, __, i) => g(i));
      for (let i = 0; i < COLUMNS; i++) {
        m[i] = 0.9 * m[i] + (1 - 0.9) * g(i);
        v[i] = 0.999 * v[i] + (1 - 0.999) * g(i) ** 2;
        const a = rate / (1 - 0.9 ** k);
        const d = Math.sqrt(v[i]) / Math.sqrt(1 - 0.999 ** k) + 1e-8;
        theta[i] += (-sign[i] * a * m[i]) / d - alpha * a * Math.sign(theta[i] - location);
      }
      spines(trial).forEach((own, i) => assert.ok(Math.abs(own - theta[i]) < 1e-12, `step ${k}, entry ${i}`));
    }
    assert.ok(
      theta.some((t) => t < 0),
      "nothing was pruned",
    );
  });

  test("shows w = s·max(θ, 0) bit by bit", () => {
    const trial = startTrial(gradR, { alpha: 0.2 });
    const signs = trial.prunable.map(({ value }) => Array.from(value, Math.sign));
    for (let n = 0; n < 120; n++) {
      trial.steps(1);
      trial.prunable.forEach(({ value }, p) => {
        const theta = spines(trial, p);
        const shown = theta.map((t, i) => signs[p][i] * Math.max(t, 0));
        assert.deepEqual([...value], shown);
      });
    }
    assert.ok(trial.weights().some((w) => w === 0) && trial.weights().some((w) => w !== 0));
  });
});

describe("the redefined gradient", () => {
  const thetas = Array.from({ length: COLUMNS }, (_, i) => 0.1 * (hashed(4, i) - 0.5));

  test("moves pruned spines, where the true gradient would not", () => {
    const trial = oneRow([0.1, -0.1], { alpha: 0 }, PLAIN_SGD, 0.01);
    setSpines(trial, thetas);
    const sign = [1, -1];
    const g = (i: number): number => hashed(5, i) - 0.5;
    trial.steps(1, (_, __, i) => g(i));
    let pruned = 0;
    spines(trial).forEach((theta, i) => {
      assert.ok(Math.abs(theta - (thetas[i] - 0.01 * sign[i % 2] * g(i))) < 1e-15);
      const truly = thetas[i] > 0 ? thetas[i] - 0.01 * sign[i % 2] * g(i) : thetas[i];
      if (thetas[i] < 0) {
        pruned++;
        assert.equal(truly, thetas[i]);
        assert.notEqual(theta, thetas[i]);
      }
    });
    assert.ok(pruned > 3);
  });

  test("never points away from the true one", () => {
    const trial = oneRow([0.1, -0.1], { alpha: 0 }, PLAIN_SGD, 1);
    setSpines(trial, thetas);
    const g = (i: number): number => hashed(6, i) - 0.5;
    trial.steps(1, (_, __, i) => g(i));
    let product = 0;
    let liveSquares = 0;
    spines(trial).forEach((theta, i) => {
      const redefined = thetas[i] - theta;
      const isLive = thetas[i] > 0;
      product += redefined * (isLive ? [1, -1][i % 2] * g(i) : 0);
      if (isLive) liveSquares += g(i) ** 2;
    });
    assert.ok(liveSquares > 0);
    assert.ok(Math.abs(product - liveSquares) < 1e-12);
  });
});

describe("the prior", () => {
  test("is the slope of alpha·|θ - location|, and nothing at the kink", () => {
    const [alpha, sparsity, rate] = [10, 0.95, 1e-3];
    const location = priorLocation(alpha, sparsity);
    const trial = oneRow([1, -1], { alpha, sparsity }, PLAIN_SGD, rate);
    const thetas = [...Array.from({ length: COLUMNS - 1 }, (_, i) => (i - 12) * 0.05), location];
    setSpines(trial, thetas);
    trial.steps(1, () => 0);
    const penalty = (theta: number): number => alpha * Math.abs(theta - location);
    spines(trial).forEach((theta, i) => {
      const slope = (penalty(thetas[i] + 1e-6) - penalty(thetas[i] - 1e-6)) / 2e-6;
      assert.ok(Math.abs((thetas[i] - theta) / rate - slope) < 1e-6, `θ = ${thetas[i]}`);
    });
    assert.equal(spines(trial)[COLUMNS - 1], location);
  });

  test("places the prior as in the table", () => {
    for (const [sparsity, location] of [
      [0.5, 0],
      [0.9, -1609.438],
      [0.95, -2302.585],
      [0.98, -3218.876],
      [0.99, -3912.023],
    ])
      assert.ok(Math.abs(priorLocation(1e-3, sparsity) - location) < 5e-4);
  });

  test("does nothing at negligible alpha", () => {
    const [none, next] = [0, 1e-8].map((alpha) => {
      const trial = oneRow([0.1, -0.1], { alpha }, ADAM, 0.01);
      trial.steps(20, (n, _, i) => hashed(n, i) - 0.5);
      return trial.weights();
    });
    assert.deepEqual(none, next);
  });

  test("refuses a sparsity below one half, or of all", () => {
    for (const sparsity of [0.49, 0, 1, 1.5])
      assert.equal(gradR.options.safeParse({ alpha: 1e-3, sparsity }).success, false, `${sparsity}`);
    assert.equal(gradR.options.safeParse({ alpha: 1e-3, sparsity: 0.5 }).success, true);
  });

  test("counts its drift: alpha times the sum of the learning rates", () => {
    const trial = oneRow([0.1], { alpha: 0.5 }, PLAIN_SGD, 0.02);
    trial.steps(10, () => 0);
    assert.ok(Math.abs(trial.run.facts().drift - 0.1) < 1e-15);
    assert.ok(Math.abs(spines(trial)[0]) < 1e-15);
  });
});

test("holds spines at the floor, if there is one", () => {
  const sink = (floor?: number): number => {
    const trial = oneRow(
      [0.1, -0.1],
      floor === undefined ? { alpha: 1 } : { alpha: 1, floor },
      PLAIN_SGD,
      0.01,
    );
    trial.steps(100, () => 0);
    return Math.min(...spines(trial));
  };
  assert.ok(Math.abs(sink() - -0.9) < 1e-12);
  assert.equal(sink(-0.3), -0.3);
});

test("needs a sign for every weight", () => {
  assert.throws(
    () => oneRow([0.1, 0, -0.1, 0], { alpha: 1 }, ADAM, 0.01),
    (error: unknown) => {
      assert.ok(error instanceof ToolchainError);
      assert.equal(error.diagnostics[0].code, "train/weights-without-sign");
      assert.deepEqual(error.diagnostics[0].data, {
        parameter: "fc.weight",
        zeros: COLUMNS / 2,
        weights: COLUMNS,
      });
      return true;
    },
  );
});

test("solves the sign-constrained lasso", () => {
  const alpha = 0.02;
  const initial = Array.from({ length: COLUMNS }, (_, i) => 0.1 * (hashed(8, i) < 0.5 ? -1 : 1));
  const trial: Trial = startTrial(
    gradR,
    { alpha, sparsity: 1 - 1e-15 },
    {
      graph: ONE_ROW,
      weights: initial,
      optimizer: PLAIN_SGD,
      rateOf: () => 0.5,
      precision: "float64",
      totalSteps: 8000,
    },
  );
  const gradientOf = leastSquaresGradient(() => trial);
  trial.steps(8000, gradientOf);
  const w = trial.weights();
  const g = gradientAt(w);
  let pruned = 0;
  w.forEach((weight, i) => {
    const slope = Math.sign(initial[i]) * g[i];
    if (weight === 0) {
      pruned++;
      assert.ok(slope >= -alpha - 1e-12, `pruned weight ${i}: ${slope}`);
    } else assert.ok(Math.abs(slope + alpha) < 1e-12, `live weight ${i}: ${slope}`);
  });
  assert.ok(pruned > 3 && pruned < COLUMNS - 3, `${pruned} pruned`);
  solveLasso(alpha, initial.map(Math.sign)).forEach((best, i) => assert.ok(Math.abs(w[i] - best) < 1e-10));
});
