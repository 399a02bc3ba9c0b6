import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { timeLeft } from "../../src/cli/progress.ts";

describe("the time left", () => {
  test("it goes by all that was done so far, in words that fit", () => {
    const cases: [number, number, number, string][] = [
      [1000, 10, 20, ", 1 s to go"],
      [2500, 1000, 10_000, ", 23 s to go"],
      [10_000, 10, 70, ", 1 min to go"],
      [10_000, 10, 71, ", 2 min to go"],
      [60_000, 1, 61, ", 1 h 0 min to go"],
      [60_000, 1, 200, ", 3 h 19 min to go"],
    ];
    for (const [spentMs, done, total, text] of cases) assert.equal(timeLeft(spentMs, done, total), text);
  });

  test("it says nothing at the very beginning and at the end", () => {
    assert.equal(timeLeft(5000, 0, 10), "");
    assert.equal(timeLeft(999, 5, 10), "");
    assert.equal(timeLeft(5000, 10, 10), "");
    assert.equal(timeLeft(5000, 0, 0), "");
  });
});
