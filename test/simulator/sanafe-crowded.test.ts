// Where packets crowd, a step's time hangs on the last digit of sums: the simulator against the plain evaluator.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { crowdedGolden, type Crowd } from "#test/sanafe-crowded";
import { evaluateGolden } from "#test/sanafe-evaluator";
import { simulateGolden } from "#test/sanafe-simulate";
import { BinaryHeap } from "#test/send-queues";

/** Of the conversion to ns and back. */
const ROUNDING = 1e-15;

const CROWDS: readonly Crowd[] = [
  { seed: 1, coresPerTile: 2, buffer: 1, destinations: 6, targets: 6 },
  { seed: 3, coresPerTile: 2, buffer: 2, destinations: 6, targets: 6 },
  { seed: 3, coresPerTile: 1, buffer: 1, destinations: 2, targets: 4 },
];

describe("sanafe crowded meshes", () => {
  test("sanafe: detailed times are the plain evaluator's to the last digit, and another order's are not", () => {
    let moved = 0;
    let longer = 0;
    for (const crowd of CROWDS) {
      const golden = crowdedGolden(crowd);
      const { time_detailed: expected, time_simple: simple } = evaluateGolden(golden).perStep;
      const { time_detailed: heap } = evaluateGolden(golden, BinaryHeap).perStep;
      const { time_detailed: found } = simulateGolden(golden).perStep;
      found.forEach((time, t) => {
        const what = `${golden.name}, step ${t + 1}: ${time}, expected ${expected[t]}`;
        assert.ok(Math.abs(time - expected[t]) <= ROUNDING * expected[t], what);
        if (Math.abs(heap[t] - time) > 1e-6 * time) moved++;
        if (time > 1.05 * simple[t]) longer++;
      });
    }
    assert.ok(moved > 10, `another order of packets moved ${moved} steps`);
    assert.ok(longer > 10, `${longer} steps are crowded`);
  });
});
