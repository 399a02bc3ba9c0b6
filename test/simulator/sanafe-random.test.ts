// Everything the format of the golden cases can say, in random networks: the simulator against the plain evaluator.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { evaluateGolden } from "#test/sanafe-evaluator";
import type { SanafeGolden } from "#test/sanafe-golden";
import { randomGolden } from "#test/sanafe-random";
import { simulateGolden } from "#test/sanafe-simulate";

/** Sums in another order. */
const ROUNDING = 1e-9;

/** Which counters have had something to tell, over all networks. */
function assertSame(golden: SanafeGolden, seen: Set<string>, except: readonly string[]): void {
  const expected = evaluateGolden(golden);
  const found = simulateGolden(golden);
  assert.deepEqual(found.spikes, expected.spikes);
  found.potentials.forEach((row, t) => {
    row.forEach((v, n) => {
      assert.ok(v === expected.potentials[t][n], `potential of neuron ${n} in step ${t + 1}`);
    });
  });
  for (const [counter, values] of Object.entries(expected.perStep)) {
    if (except.includes(counter)) continue;
    values.forEach((value, t) => {
      const actual = found.perStep[counter][t];
      const what = `${counter} of step ${t + 1}: ${actual}, expected ${value}`;
      assert.ok(Math.abs(actual - value) <= ROUNDING * Math.abs(value), what);
      if (value > 0) seen.add(counter);
    });
  }
}

const COUNTERS = 12;

describe("sanafe random networks", () => {
  test("sanafe: tell spikes, potentials, counters, energies and times as the plain evaluator", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(randomGolden(false), (golden) => {
        assertSame(golden, seen, []);
      }),
      { numRuns: 150 },
    );
    assert.equal(seen.size, COUNTERS);
  });

  test("sanafe: the same where tiles stand elsewhere, but for the order of packets that are ready at once", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(randomGolden(true), (golden) => {
        assertSame(golden, seen, ["time_detailed"]);
      }),
      { numRuns: 50 },
    );
    assert.equal(seen.size, COUNTERS - 1);
  });
});
