import assert from "node:assert/strict";
import { test } from "vitest";
import { dense } from "#train/methods/dense";
import { ADAM } from "#train/optimizer";
import { hashed, startTrial } from "./harness.ts";
import { ONE_ROW } from "./least-squares.ts";

const g = (n: number, i: number): number => hashed(n, i) - 0.5;
const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-12;

test("is Adam on the weights, the rate being that of the step", () => {
  const rateOf = (n: number): number => 0.01 / (1 + n);
  const trial = startTrial(dense, {}, { graph: ONE_ROW, precision: "float64", rateOf });
  const w = trial.weights();
  const m = w.map(() => 0);
  const v = w.map(() => 0);
  for (let k = 1; k <= 50; k++) {
    trial.steps(1, (n, _, i) => g(n, i));
    w.forEach((_, i) => {
      m[i] = ADAM.name === "adam" ? 0.9 * m[i] + 0.1 * g(k - 1, i) : 0;
      v[i] = 0.999 * v[i] + 0.001 * g(k - 1, i) ** 2;
      w[i] -= (rateOf(k - 1) * (m[i] / (1 - 0.9 ** k))) / (Math.sqrt(v[i] / (1 - 0.999 ** k)) + 1e-8);
    });
    trial.weights().forEach((own, i) => assert.ok(close(own, w[i]), `step ${k}`));
  }
});

test("is SGD with momentum and weight decay on the weights", () => {
  const trial = startTrial(
    dense,
    {},
    {
      graph: ONE_ROW,
      precision: "float64",
      optimizer: { name: "sgd", momentum: 0.9, weightDecay: 0.01 },
      rateOf: () => 0.1,
    },
  );
  const w = trial.weights();
  const b = w.map(() => 0);
  for (let k = 1; k <= 50; k++) {
    trial.steps(1, (n, _, i) => g(n, i));
    w.forEach((_, i) => {
      b[i] = 0.9 * b[i] + g(k - 1, i) + 0.01 * w[i];
      w[i] -= 0.1 * b[i];
    });
    trial.weights().forEach((own, i) => assert.ok(close(own, w[i]), `step ${k}`));
  }
});
