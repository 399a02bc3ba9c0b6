import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { lowestScores } from "#train/methods/lowest-scores";

test("it picks what a stable sort would put first, ties by index", () => {
  // Few different scores, so that there are ties, among them the infinite score of "not a number".
  const score = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(Infinity), fc.constant(-0));
  fc.assert(
    fc.property(fc.array(score, { maxLength: 60 }), fc.nat(), (scores, counted) => {
      const count = counted % (scores.length + 1);
      const sorted = scores.map((_, i) => i).sort((a, b) => compare(scores[a], scores[b]) || a - b);
      const wanted = sorted.slice(0, count).sort((a, b) => a - b);
      assert.deepEqual([...lowestScores(Float64Array.from(scores), count)], wanted);
    }),
    { seed: 3, numRuns: 1000 },
  );
});

test("it leaves the scores as they are", () => {
  const scores = Float64Array.of(3, 1, 2);
  lowestScores(scores, 2);
  assert.deepEqual([...scores], [3, 1, 2]);
});

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
