import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { learningRate } from "#train/schedule";

const close = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} against ${expected}`);

describe("the learning rate", () => {
  test("is the same in every step when constant", () => {
    const rate = learningRate({ name: "constant", rate: 0.1, warmupEpochs: 0 }, 3, 4);
    for (let n = 0; n < 12; n++) assert.equal(rate(n), 0.1);
  });

  test("rises in equal steps over the warm-up and reaches the full rate at its last step", () => {
    const rate = learningRate({ name: "constant", rate: 0.8, warmupEpochs: 2 }, 5, 4);
    for (let n = 0; n < 8; n++) close(rate(n), (0.8 * (n + 1)) / 8);
    close(rate(8), 0.8);
  });

  test("falls by the factor at every so many epochs", () => {
    const rate = learningRate({ name: "step", rate: 1, warmupEpochs: 0, everyEpochs: 2, factor: 0.1 }, 6, 3);
    close(rate(5), 1);
    close(rate(6), 0.1);
    close(rate(12), 0.01);
  });

  test("follows half a cosine, per epoch in stairs and per step smoothly", () => {
    const epoch = learningRate({ name: "cosine", rate: 2, warmupEpochs: 0, per: "epoch" }, 10, 5);
    const step = learningRate({ name: "cosine", rate: 2, warmupEpochs: 0, per: "step" }, 10, 5);
    for (let n = 0; n < 50; n++) {
      close(epoch(n), 1 + Math.cos((Math.PI * Math.floor(n / 5)) / 10));
      close(step(n), 1 + Math.cos((Math.PI * n) / 50));
    }
  });

  test("starts its cosine behind the warm-up", () => {
    const rate = learningRate({ name: "cosine", rate: 1, warmupEpochs: 2, per: "epoch" }, 12, 5);
    close(rate(9), 1);
    close(rate(10), 1);
    close(rate(35), 0.5);
  });
});
