// The two real-valued neurons of chips, by traces computed by hand, one rule each.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { HARD, NONE, SATURATE, SOFT, type ClockedNeurons, type NeuronStatus } from "#neurons/clocked";
import type { NeuronModel } from "#neurons/neuron";
import { sanafeLifModel, stepSanafeLif } from "#neurons/sanafe-lif";
import { stepTruenorthLif, truenorthLifModel } from "#neurons/truenorth-lif";

type Step = (
  neurons: ClockedNeurons,
  i: number,
  input: number,
  arrived: boolean,
  isFirst: boolean,
) => NeuronStatus;

/** Letter of the status, and the membrane after the step. */
type Trace = (readonly [status: "idle" | "updated" | "fired", v: number])[];
const WORDS = ["idle", "updated", "fired"] as const;

/** @param inputs undefined: nothing arrived */
function trace(
  model: NeuronModel,
  step: Step,
  given: Readonly<Record<string, number>>,
  inputs: readonly (number | undefined)[],
): Trace {
  const params = model.params.map(({ name, isReal, default: fallback }) =>
    (isReal ? Float64Array : Int32Array).of(given[name] ?? fallback!),
  );
  const state = model.state.map((name) => Float64Array.of(name === "v" ? (given["v0"] ?? 0) : 0));
  const at = model.state.indexOf("v");
  return inputs.map((input, t) => {
    const status = step({ state, params }, 0, input ?? 0, input !== undefined, t === 0);
    return [WORDS[status], state[at][0]];
  });
}

const lif = (given: Record<string, number>, inputs: (number | undefined)[]): Trace =>
  trace(sanafeLifModel, stepSanafeLif, given, inputs);
const truenorth = (given: Record<string, number>, inputs: (number | undefined)[]): Trace =>
  trace(truenorthLifModel, stepTruenorthLif, given, inputs);
const silence = (steps: number): undefined[] => Array.from({ length: steps }, () => undefined);

describe("sanafe-lif", () => {
  test("fires above its threshold, not at it", () => {
    assert.deepEqual(lif({ threshold: 1, bias: 0.5 }, silence(4)), [
      ["updated", 0.5],
      ["updated", 1],
      ["fired", 0],
      ["updated", 0.5],
    ]);
  });

  test("is updated by what arrives even if it is 0, by a membrane, a bias, or if asked to", () => {
    assert.deepEqual(lif({ threshold: 1 }, [undefined, 0, 0.5, undefined]), [
      ["idle", 0],
      ["updated", 0],
      ["updated", 0.5],
      ["updated", 0.5],
    ]);
    assert.deepEqual(lif({ threshold: 1, alwaysUpdated: 1 }, [undefined]), [["updated", 0]]);
    assert.deepEqual(lif({ threshold: 1, bias: -0.5, vKeep: 0 }, silence(2)), [
      ["updated", -0.5],
      ["updated", -0.5],
    ]);
  });

  test("leaks from the second step on, and is cut to 64ths toward zero before anything is added", () => {
    // 0.5 x 0.9 = 28.8 / 64, then 28 x 0.9 = 25.2.
    assert.deepEqual(lif({ threshold: 1, vKeep: 0.9, v0: 0.5 }, silence(3)), [
      ["updated", 0.5],
      ["updated", 28 / 64],
      ["updated", 25 / 64],
    ]);
    assert.deepEqual(lif({ threshold: 1, vKeep: 0.9, v0: -0.5 }, silence(2))[1], ["updated", -28 / 64]);
    assert.deepEqual(lif({ threshold: 1, vKeep: 0.9, v0: 0.3 }, silence(1)), [["updated", 19 / 64]]);
    assert.deepEqual(lif({ threshold: 9, bias: 0.01 }, silence(2)), [
      ["updated", 0.01],
      ["updated", 0.01],
    ]);
  });

  test("keeps a share of its current", () => {
    // u: 1, 0.5, 0.25.
    assert.deepEqual(lif({ threshold: 9, uKeep: 0.5 }, [1, undefined, undefined]), [
      ["updated", 1],
      ["updated", 1.5],
      ["updated", 1.75],
    ]);
  });

  test("resets to a value, by its threshold, or not at all", () => {
    const after = (resetMode: number): Trace =>
      lif({ threshold: 1, reset: 0.25, resetMode }, [1.75, undefined]);
    assert.deepEqual(after(HARD), [
      ["fired", 0.25],
      ["updated", 0.25],
    ]);
    assert.deepEqual(after(SOFT)[0], ["fired", 0.75]);
    for (const mode of [NONE, SATURATE])
      assert.deepEqual(after(mode), [
        ["fired", 1.75],
        ["fired", 1.75],
      ]);
  });

  test("does below its lower threshold as its mode says, even right after a spike", () => {
    const after = (reverseMode: number, v0 = -1.5): Trace =>
      lif({ threshold: 9, reverseThreshold: -1, reverseReset: -0.25, reverseMode, v0 }, silence(1));
    assert.deepEqual(after(HARD), [["updated", -0.25]]);
    assert.deepEqual(after(SOFT), [["updated", -0.5]]);
    assert.deepEqual(after(NONE), [["updated", -1.5]]);
    assert.deepEqual(after(SATURATE), [["updated", -1]]);
    assert.deepEqual(after(HARD, -1), [["updated", -1]]);
    const both = { threshold: 1, reset: -2, reverseThreshold: -1, reverseReset: 0.5, reverseMode: HARD };
    assert.deepEqual(lif(both, [1.5]), [["fired", 0.5]]);
  });

  test("is refractory for one step less than it says; it leaks and loses what arrives", () => {
    const fires = (refractorySteps: number): string[] =>
      lif({ threshold: 1, refractorySteps }, [2, 2, 2, 2, 2]).map(([status]) => status);
    assert.deepEqual(fires(0), ["fired", "fired", "fired", "fired", "fired"]);
    assert.deepEqual(fires(1), fires(0));
    assert.deepEqual(fires(3), ["fired", "updated", "updated", "fired", "updated"]);
    assert.deepEqual(
      lif({ threshold: 1, refractorySteps: 2, reset: 0.5, vKeep: 0.5 }, [2, 0.5, 0.5]).map(([, v]) => v),
      [0.5, 0.25, 0.625],
    );
  });
});

describe("truenorth-lif", () => {
  test("fires at its threshold; with thresholds of 0 always, and idle it may be", () => {
    assert.deepEqual(truenorth({}, silence(2)), [
      ["fired", 0],
      ["fired", 0],
    ]);
    assert.deepEqual(truenorth({ threshold: 1, bias: 0.5 }, silence(3)), [
      ["updated", 0.5],
      ["fired", 0],
      ["updated", 0.5],
    ]);
    assert.deepEqual(truenorth({ threshold: 1 }, [undefined, 0, undefined]), [
      ["idle", 0],
      ["updated", 0],
      ["idle", 0],
    ]);
  });

  test("leaks toward zero and past it, or always in one direction; in the first step too", () => {
    assert.deepEqual(
      truenorth({ threshold: 9, reverseThreshold: -9, leak: 0.75, v0: 1 }, silence(3)).map(([, v]) => v),
      [0.25, -0.5, 0.25],
    );
    assert.deepEqual(
      truenorth({ threshold: 9, leak: 0.75, leakTowardsZero: 0, v0: 1 }, silence(3)).map(([, v]) => v),
      [1.75, 2.5, 3.25],
    );
    assert.deepEqual(truenorth({ threshold: 9, leak: 0.75 }, silence(2)), [
      ["idle", 0],
      ["idle", 0],
    ]);
  });

  test("is not cut to 64ths", () => {
    assert.deepEqual(truenorth({ threshold: 9, bias: 0.01 }, silence(2))[1], ["updated", 0.02]);
  });

  test("resets as its modes say", () => {
    const above = (resetMode: number): Trace => truenorth({ threshold: 1, reset: 0.25, resetMode }, [1.75]);
    assert.deepEqual([HARD, SOFT, NONE, SATURATE].map(above), [
      [["fired", 0.25]],
      [["fired", 0.75]],
      [["fired", 1.75]],
      [["fired", 1]],
    ]);
    const below = (reverseMode: number, v0 = -1.5): Trace =>
      truenorth({ threshold: 9, reverseThreshold: -1, reverseReset: 0.25, reverseMode, v0 }, silence(1));
    assert.deepEqual(
      [HARD, SOFT, NONE, SATURATE].map((mode) => below(mode)),
      [[["updated", 0.25]], [["updated", -2.5]], [["updated", -1.5]], [["updated", -1]]],
    );
    assert.deepEqual(below(HARD, -1), [["updated", 0.25]]);
    // Not after a spike.
    const both = { threshold: 1, reset: -2, reverseThreshold: -1, reverseReset: 0.5, reverseMode: HARD };
    assert.deepEqual(truenorth(both, [1.5]), [["fired", -2]]);
  });
});
