import assert from "node:assert/strict";
import { test } from "vitest";
import { formatCount, formatEnergyPj, formatShare, formatTimeNs, parseSeconds } from "#util/units";

test("energies and times pick the unit that keeps them readable", () => {
  assert.equal(formatEnergyPj(0), "0 pJ");
  assert.equal(formatEnergyPj(999), "999 pJ");
  assert.equal(formatEnergyPj(1236.4), "1.236 nJ");
  assert.equal(formatEnergyPj(3.003142e9), "3.003 mJ");
  assert.equal(formatTimeNs(12068.8), "12.07 µs");
  assert.equal(formatTimeNs(Number.NaN), "–");
});

test("counts keep their thousands apart and shares are percent", () => {
  assert.equal(formatCount(1048576), "1,048,576");
  assert.equal(formatCount(12.3456), "12.35");
  assert.equal(formatShare(0.0642), "6.4 %");
});

test("durations are read with and without a unit, nonsense is not", () => {
  assert.equal(parseSeconds("1e-4"), 1e-4);
  assert.equal(parseSeconds("0.1ms"), 1e-4);
  assert.equal(parseSeconds("100 us"), 1e-4);
  for (const text of ["", "-1", "0", "1 h", "1e", "abc", "1.2.3"])
    assert.equal(parseSeconds(text), undefined, text);
});
