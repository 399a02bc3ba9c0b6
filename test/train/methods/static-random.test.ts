// Where the mask is drawn from is tested with the allocation, in erdos-renyi.test.ts.
import assert from "node:assert/strict";
import { test } from "vitest";
import { allocateDensities } from "#train/methods/erdos-renyi";
import { staticRandom } from "#train/methods/static-random";
import { startTrial } from "./harness.ts";

test("keeps one mask, of the allocated size, from first to last step", () => {
  for (const allocation of ["uniform", "er", "erk"] as const) {
    const trial = startTrial(staticRandom, { density: 0.3, allocation });
    const { counts } = allocateDensities(
      trial.prunable.map(({ shape }) => shape),
      0.3,
      allocation,
    );
    const first = trial.weights().map((w) => w !== 0);
    trial.prunable.forEach(({ value }, p) => {
      assert.equal(value.filter((w: number) => w !== 0).length, counts[p], allocation);
    });
    trial.steps(120);
    assert.deepEqual(
      trial.weights().map((w) => w !== 0),
      first,
    );
  }
});

test("leaves the weights that exist at their initial values", () => {
  const trial = startTrial(staticRandom, { density: 0.3 });
  const dense = startTrial(staticRandom, { density: 1 });
  trial.weights().forEach((w, i) => {
    if (w !== 0) assert.equal(w, dense.weights()[i]);
  });
});
