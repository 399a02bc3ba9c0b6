import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { DEFAULT_DYNAMICS, RESET_MODES, type Dynamics, type ResetMode } from "#ir/network";
import { broadcastParams, neuronModel } from "#neurons/index";

/** Outputs and membranes of one neuron, in the order of the steps. */
function run(
  model: string,
  params: Record<string, number>,
  dynamics: Partial<Dynamics>,
  xs: readonly number[],
): { out: number[]; v: number[] } {
  const { stepFloat, state: names } = neuronModel(model);
  const arrays = broadcastParams(
    neuronModel(model),
    Object.fromEntries(Object.entries(params).map(([name, value]) => [name, Float64Array.of(value)])),
    1,
  );
  const state = names.map(() => new Float64Array(1));
  const output = new Float64Array(1);
  const result = { out: [] as number[], v: [] as number[] };
  for (const x of xs) {
    stepFloat!({
      state,
      params: arrays,
      dynamics: { ...DEFAULT_DYNAMICS, ...dynamics },
      input: Float64Array.of(x),
      output,
      size: 1,
    });
    result.out.push(output[0]);
    result.v.push(state[names.indexOf("v")][0]);
  }
  return result;
}

describe("the six ways of resetting, on an integrator with threshold 1 and input 0.75", () => {
  const expected: Record<ResetMode, { out: number[]; v: number[] }> = {
    value: { out: [0, 1, 0, 1, 0], v: [0.75, 0, 0.75, 0, 0.75] },
    subtract: { out: [0, 1, 1, 0, 1], v: [0.75, 0.5, 0.25, 1, 0.75] },
    "multi-subtract": { out: [0, 1, 1, 0, 1], v: [0.75, 0.5, 0.25, 1, 0.75] },
    "snntorch-subtract": { out: [0, 1, 1, 0, 1], v: [0.75, 0.5, 0.25, 1, 0.75] },
    "delayed-value": { out: [0, 1, 0, 0, 1], v: [0.75, 1.5, 0, 0.75, 1.5] },
    "delayed-subtract": { out: [0, 1, 1, 0, 1], v: [0.75, 1.5, 1.25, 1, 1.75] },
  };
  for (const reset of RESET_MODES) {
    test(reset, () => {
      assert.deepEqual(
        run("if", { r: 1, vThreshold: 1 }, { reset }, [0.75, 0.75, 0.75, 0.75, 0.75]),
        expected[reset],
      );
    });
  }

  test("multi-subtract gives several spikes at once", () => {
    assert.deepEqual(run("if", { r: 1, vThreshold: 1 }, { reset: "multi-subtract" }, [3.5, 0.25, 0.5]), {
      out: [3, 0, 1],
      v: [0.5, 0.75, 0.25],
    });
  });

  test("snntorch-subtract subtracts before comparing where the step began over the threshold", () => {
    // v 2.5 -> 1.5 after the first reset; the next step begins over the threshold and subtracts once, not twice.
    assert.deepEqual(run("if", { r: 1, vThreshold: 1 }, { reset: "snntorch-subtract" }, [2.5, 0, 0, 0]), {
      out: [1, 0, 0, 0],
      v: [1.5, 1.5, 1.5, 1.5],
    });
  });
});

test("fires at the threshold only if asked to", () => {
  assert.deepEqual(run("if", { r: 1, vThreshold: 1 }, { compare: ">" }, [1, 0]).out, [0, 0]);
  assert.deepEqual(run("if", { r: 1, vThreshold: 1 }, { compare: ">=" }, [1, 0]).out, [1, 0]);
});

test("clamps the membrane from below in units of the threshold", () => {
  assert.deepEqual(run("if", { r: 1, vThreshold: 2 }, { vMinThresholds: -1 }, [-1, -5, 1]).v, [-1, -2, -1]);
});

test("decays exactly as sinabs (r = 1) and as Rockpool (r = tau exp(-1 / tau))", () => {
  const alpha = Math.exp(-1 / 4);
  const levels = { tauSteps: 4, vLeak: 0, vThreshold: 9 };
  const sinabs = run("lif", { ...levels, r: 1 }, { integrator: "exponential" }, [1, 0, 2]).v;
  [1, alpha, alpha ** 2 + 2].forEach((v, t) => assert.ok(Math.abs(sinabs[t] - v) < 1e-12));
  const rockpool = run("lif", { ...levels, r: 4 * alpha }, { integrator: "exponential" }, [1, 0, 2]).v;
  [alpha, alpha ** 2, alpha ** 3 + 2 * alpha].forEach((v, t) => assert.ok(Math.abs(rockpool[t] - v) < 1e-12));
});

test("feeds the membrane with the new synaptic current, or with the old one", () => {
  const params = { tauSynSteps: 2, tauMemSteps: 4, r: 4, vLeak: 0, wIn: 2, vThreshold: 9 };
  assert.deepEqual(run("cuba-lif", params, { current: "new" }, [1, 0]).v, [1, 1.25]);
  assert.deepEqual(run("cuba-lif", params, { current: "old" }, [1, 0]).v, [0, 1]);
});

test("a circuit says what it cannot do, convention by convention", () => {
  const { toCuba } = neuronModel("cuba-lif");
  const ones = Float64Array.of(1);
  const params = { tauSynSteps: ones, tauMemSteps: ones, r: ones, vLeak: ones, vThreshold: ones };
  const { deviations } = toCuba!(
    params,
    { integrator: "euler", compare: ">=", reset: "subtract", current: "old" },
    1,
  );
  assert.deepEqual(
    deviations.map((text) => text.slice(0, text.indexOf(":"))),
    ["reset", "compare", "current"],
  );
});
