// D = 0, regrowth and determinism are rows of the conformance suite.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { createReferenceBackend } from "#train/engine/reference";
import { nonzeroCount } from "#train/methods/method";
import { stds } from "#train/methods/stds";
import { linearShare, sineShare } from "#train/methods/thresholds";
import type { OptimizerSpec } from "#train/optimizer";
import { hashed, savedLayer, startTrial, type Trial } from "./harness.ts";
import { COLUMNS, ONE_ROW } from "./least-squares.ts";

const PLAIN_SGD: OptimizerSpec = { name: "sgd", momentum: 0, weightDecay: 0 };
const backend = createReferenceBackend({ precision: "float64" });

function soft(theta: number, d: number): number {
  const [from, to] = [backend.allocate(1), backend.allocate(1)];
  from[0] = theta;
  backend.softThreshold(from, d, to);
  return to[0];
}

const thetas = (trial: Trial, p = 0): number[] => [...(savedLayer(trial, p).theta as Float32Array)];
const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-12;

describe("the soft threshold", () => {
  const number = fc.double({ min: -3, max: 3, noNaN: true });
  const width = fc.double({ min: 0, max: 2, noNaN: true });

  test("is the proximal operator of d|·|", () => {
    const cost = (w: number, theta: number, d: number): number => (w - theta) ** 2 / 2 + d * Math.abs(w);
    for (let c = 0; c < 50; c++) {
      const [theta, d] = [4 * hashed(c, 1) - 2, hashed(c, 2)];
      let best = 0;
      for (let w = -2; w <= 2; w += 1e-3) if (cost(w, theta, d) < cost(best, theta, d)) best = w;
      assert.ok(Math.abs(soft(theta, d) - best) <= 1e-3, `θ = ${theta}, d = ${d}`);
    }
  });

  test("is odd, does not widen distances, scales, and adds up", () => {
    fc.assert(
      fc.property(number, number, width, width, (a, b, d, e) => {
        assert.ok(soft(-a, d) + soft(a, d) === 0);
        assert.ok(Math.abs(soft(a, d) - soft(b, d)) <= Math.abs(a - b) + 1e-12);
        assert.ok(close(soft(2.5 * a, 2.5 * d), 2.5 * soft(a, d)));
        assert.ok(close(soft(soft(a, d), e), soft(a, d + e)));
      }),
    );
  });

  test("leaves no more at a larger d, counted on w and not on θ", () => {
    const trial = startTrial(stds, { threshold: 0.5 });
    trial.steps(100);
    const theta = trial.context.backend.allocate(trial.prunable[1].value.length);
    theta.set(thetas(trial, 1));
    const w = trial.context.backend.allocate(theta.length);
    let last = Infinity;
    for (let d = 0; d <= 1; d += 0.05) {
      trial.context.backend.softThreshold(theta, d, w);
      assert.ok(nonzeroCount(w) <= last);
      last = nonzeroCount(w);
    }
    assert.ok(last < nonzeroCount(theta));
    assert.ok(nonzeroCount(trial.prunable[1].value) < nonzeroCount(theta));
  });
});

describe("the schedule", () => {
  test("gives the golden values of sine and linear", () => {
    const golden = [
      [0, 0],
      [0.1, 0.024472],
      [0.25, 0.146447],
      [0.5, 0.5],
      [0.75, 0.853553],
      [0.9, 0.975528],
      [1, 1],
    ];
    for (const [x, sine] of golden) {
      assert.ok(Math.abs(sineShare(x) - sine) < 5e-7, `x = ${x}`);
      assert.equal(linearShare(x), x);
    }
    assert.deepEqual([sineShare(0), sineShare(1), linearShare(1)], [0, 1, 1]);
  });

  test("never falls, and holds D when there are more steps than were counted on", () => {
    for (const schedule of ["sine", "linear"]) {
      const trial = startTrial(stds, { threshold: 0.4, schedule });
      let last = trial.run.facts().threshold;
      assert.equal(last, 0);
      for (let n = 1; n <= 130; n++) {
        trial.steps(1);
        const { threshold } = trial.run.facts();
        assert.ok(threshold >= last);
        if (n < 120) assert.ok(threshold < 0.4);
        else assert.equal(threshold, 0.4);
        last = threshold;
      }
    }
  });

  test("is one threshold for all layers, and the one of the step just done", () => {
    const trial = startTrial(stds, { threshold: 0.4 });
    for (let n = 1; n <= 120; n++) {
      trial.steps(1);
      const { threshold } = trial.run.facts();
      assert.ok(close(threshold, 0.4 * sineShare(n / 120)));
      trial.prunable.forEach(({ value }, p) => {
        const theta = thetas(trial, p);
        let live = 0;
        value.forEach((w, i) => {
          if (w === 0) assert.ok(Math.abs(theta[i]) <= threshold + 1e-6);
          else {
            live++;
            assert.ok(Math.abs(Math.abs(theta[i]) - Math.abs(w) - threshold) < 1e-6, `layer ${p}, step ${n}`);
          }
        });
        assert.ok(live > 0, `layer ${p} is dead`);
      });
    }
    assert.equal(trial.run.facts().threshold, 0.4);
  });

  test("can be constant: weights then begin where they were, and nothing is pruned at first", () => {
    const plain = startTrial(stds, { threshold: 0 }, { precision: "float64" });
    const constant = startTrial(stds, { threshold: 0.3, schedule: "constant" }, { precision: "float64" });
    assert.equal(constant.run.facts().threshold, 0.3);
    plain.weights().forEach((w, i) => assert.ok(close(w, constant.weights()[i])));
    plain.prunable.forEach(({ value }, p) => {
      thetas(constant, p).forEach((theta, i) => assert.ok(close(Math.abs(theta), Math.abs(value[i]) + 0.3)));
    });
    constant.steps(120);
    assert.equal(constant.run.facts().threshold, 0.3);
    assert.ok(constant.weights().some((w) => w === 0));
  });
});

test("passes the gradient of w on to θ, inside the dead zone too", () => {
  const trial = startTrial(
    stds,
    { threshold: 0.2, schedule: "linear" },
    { graph: ONE_ROW, optimizer: PLAIN_SGD, rateOf: () => 0.1, precision: "float64", totalSteps: 10 },
  );
  trial.steps(10, () => 0);
  const before = thetas(trial);
  assert.ok(before.some((theta) => Math.abs(theta) < 0.2));
  const g = (i: number): number => hashed(9, i) - 0.5;
  trial.steps(1, (_, __, i) => g(i));
  thetas(trial).forEach((theta, i) => assert.ok(close(theta, before[i] - 0.1 * g(i)), `entry ${i}`));
});

test("lets a weight change its sign, but only through zero", () => {
  const trial = startTrial(
    stds,
    { threshold: 0.2, schedule: "constant" },
    {
      graph: ONE_ROW,
      optimizer: PLAIN_SGD,
      rateOf: () => 0.1,
      precision: "float64",
      weights: Array.from({ length: COLUMNS }, (_, i) => 0.3 * (hashed(10, i) - 0.5)),
    },
  );
  let last = trial.weights();
  const first = last.map(Math.sign);
  for (let n = 0; n < 40; n++) {
    // Steps of 0.03 to 0.1, less than 2d = 0.4.
    trial.steps(1, (_, __, i) => first[i] * (0.3 + 0.7 * hashed(11, i)));
    trial.weights().forEach((w, i) => assert.ok(w * last[i] >= 0, `weight ${i} jumps over zero`));
    last = trial.weights();
  }
  last.forEach((w, i) => assert.equal(Math.sign(w), -first[i]));
});
