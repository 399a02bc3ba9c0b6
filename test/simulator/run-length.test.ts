// How long a run may be: refused before anything is allocated for it.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { simulateReference } from "#simulator/reference";
import { dense, edge, input, lif, network } from "#test/networks";
import { formatDiagnostic, ToolchainError } from "#util/diagnostic";

const net = network([input("in", 1), lif("n", 1)], [edge("in", "n", dense([[1]]))]);
const silent = { step: new Uint32Array(0), index: new Uint32Array(0) };

function faultOf(steps: number, samples = 1): string[] {
  const spikes = { steps: 2, shape: [1], samples: Array.from({ length: samples }, () => silent) };
  try {
    const result = simulateReference(net, { in: spikes }, { steps });
    assert.equal(result.steps, steps);
  } catch (error) {
    assert.ok(error instanceof ToolchainError);
    return error.diagnostics.map(formatDiagnostic);
  }
  return [];
}

describe("the number of steps of a run", () => {
  test("is a whole number that memory can hold, for one sample and for all", () => {
    assert.deepEqual(faultOf(3), []);
    assert.deepEqual(faultOf(2, 40), []);
    assert.deepEqual(faultOf(1e12), [
      [
        "error[simulate/steps-too-many]: a run needs a whole number of steps, at most 1,000,000 for each sample and 30,000,000 in all, but 1 sample of 1,000,000,000,000 steps was asked for.",
        '  try: run fewer steps ("--steps N") or fewer samples ("--samples N").',
      ].join("\n"),
    ]);
    for (const [steps, samples] of [
      [1_000_001, 1],
      [1_000_000, 31],
      [-1, 1],
      [0.5, 1],
      [NaN, 1],
    ])
      assert.match(faultOf(steps, samples).join(), /^error\[simulate\/steps-too-many\]/, `${steps} steps`);
  });
});
