import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import {
  DIGITAL_RESETS,
  digitalLifModel,
  initialDigitalState,
  LEAK_KINDS,
  stepDigitalLif,
  type DigitalParam,
} from "#neurons/digital-lif";

const [NONE, LINEAR, SHIFT, SHARE] = LEAK_KINDS.map((_, kind) => kind);
const [ZERO, VALUE, SUBTRACT] = DIGITAL_RESETS.map((_, kind) => kind);

/** One neuron: spikes, v and u after each step. */
function run(
  given: Partial<Record<DigitalParam, number>>,
  inputs: readonly number[],
): { spikes: number[]; v: number[]; u: number[] } {
  const params = digitalLifModel.params.map(({ name, default: fallback }) =>
    Int32Array.of(given[name as DigitalParam] ?? fallback ?? 0),
  );
  const state = initialDigitalState(params, 1);
  const trace = { spikes: [] as number[], v: [] as number[], u: [] as number[] };
  for (const input of inputs) {
    const spikes = new Uint8Array(1);
    stepDigitalLif(state, params, Int32Array.of(input), spikes);
    trace.spikes.push(spikes[0]);
    trace.u.push(state[0][0]);
    trace.v.push(state[1][0]);
  }
  return trace;
}

const QUIET = [0, 0, 0, 0];

describe("leaks of digital-lif", () => {
  test("take a number of units, never past zero", () => {
    assert.deepEqual(run({ threshold: 100, leakKind: LINEAR, leak: 4, v0: 10 }, QUIET).v, [6, 2, 0, 0]);
    assert.deepEqual(run({ threshold: 100, leakKind: LINEAR, leak: 4, v0: -10 }, QUIET).v, [-6, -2, 0, 0]);
  });

  test("shift to the right toward minus infinity, and lose one unit at least", () => {
    // 20 - 5, 15 - 3, 12 - 3, 9 - 2; below 4 the shift gives 0 and one unit goes.
    assert.deepEqual(run({ threshold: 100, leakKind: SHIFT, leak: 2, v0: 20 }, QUIET).v, [15, 12, 9, 7]);
    assert.deepEqual(run({ threshold: 100, leakKind: SHIFT, leak: 2, v0: 3 }, QUIET).v, [2, 1, 0, 0]);
    // -9 >> 2 is -3: below zero the loss is rounded up.
    assert.deepEqual(run({ threshold: 100, leakKind: SHIFT, leak: 2, v0: -9 }, QUIET).v, [-6, -4, -3, -2]);
    assert.deepEqual(run({ threshold: 100, leakKind: SHIFT, leak: 0, v0: -9 }, [0]).v, [0]);
  });

  test("lose a share, and keep what is rounded toward zero", () => {
    const share = { threshold: 100, leakKind: SHARE, leak: 3, decayBits: 3 };
    assert.deepEqual(run({ ...share, v0: 50 }, QUIET).v, [31, 19, 11, 6]);
    assert.deepEqual(run({ ...share, v0: -50 }, QUIET).v, [-31, -19, -11, -6]);
  });

  test("are exact up to the largest register", () => {
    const v0 = 2 ** 31 - 1;
    const [v] = run({ threshold: v0, isStrict: 1, leakKind: SHARE, leak: 1, decayBits: 22, v0 }, [0]).v;
    assert.equal(v, Number((BigInt(v0) * BigInt(2 ** 22 - 1)) / BigInt(2 ** 22)));
  });
});

describe("the synaptic current of digital-lif", () => {
  test("decays before the input comes, or after it", () => {
    const halves = { threshold: 1000, currentKind: SHIFT, currentLeak: 1 };
    assert.deepEqual(run(halves, [8, 0, 0, 0]).u, [8, 4, 2, 1]);
    assert.deepEqual(run(halves, [8, 0, 0, 0]).v, [8, 12, 14, 15]);
    assert.deepEqual(run({ ...halves, inputFirst: 1 }, [8, 0, 0, 0]).u, [4, 2, 1, 0]);
    assert.deepEqual(run({ ...halves, inputFirst: 1 }, [8, 0, 0, 0]).v, [4, 6, 7, 7]);
  });

  test("is held at its register's ends, or wraps", () => {
    const narrow = { threshold: 2 ** 20, currentKind: LINEAR, stateBits: 7 };
    assert.deepEqual(run(narrow, [100, 100]).u, [100, 127]);
    assert.deepEqual(run({ ...narrow, wraps: 1 }, [100, 100]).u, [100, -56]);
  });
});

describe("spikes of digital-lif", () => {
  test("come at the threshold, or above it only", () => {
    assert.deepEqual(run({ threshold: 5 }, [4, 1]).spikes, [0, 1]);
    assert.deepEqual(run({ threshold: 5, isStrict: 1 }, [4, 1, 1]).spikes, [0, 0, 1]);
  });

  test("set the membrane to 0 or a value, or take the threshold away", () => {
    assert.deepEqual(run({ threshold: 5, resetKind: ZERO }, [7]).v, [0]);
    assert.deepEqual(run({ threshold: 5, resetKind: VALUE, reset: -2 }, [7]).v, [-2]);
    assert.deepEqual(run({ threshold: 5, resetKind: SUBTRACT }, [7]).v, [2]);
  });

  test("are as many in a step as the threshold fits, up to a limit, with subtraction only", () => {
    const { spikes, v } = run({ threshold: 5, resetKind: SUBTRACT, maxSpikes: 3 }, [12, 20, 0]);
    assert.deepEqual(spikes, [2, 3, 1]);
    assert.deepEqual(v, [2, 7, 2]);
    assert.deepEqual(run({ threshold: 5, resetKind: SUBTRACT, maxSpikes: 9, isStrict: 1 }, [15]).spikes, [2]);
    assert.deepEqual(run({ threshold: 5, resetKind: ZERO, maxSpikes: 3 }, [12]).spikes, [1]);
  });

  test("are followed by a refractory time in which the membrane stays and inputs are lost", () => {
    const { spikes, v } = run({ threshold: 5, refractorySteps: 2 }, [5, 5, 5, 3, 2]);
    assert.deepEqual(spikes, [1, 0, 0, 0, 1]);
    assert.deepEqual(v, [0, 0, 0, 3, 0]);
  });
});

describe("registers of digital-lif", () => {
  test("hold v at the lower clamp and at their ends", () => {
    assert.deepEqual(run({ threshold: 5, vMin: -3 }, [-9, 1]).v, [-3, -2]);
    assert.deepEqual(run({ threshold: 127, isStrict: 1, stateBits: 7 }, [200, -300]).v, [127, -128]);
  });

  test("wrap as two's complement does", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 31 }),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        (bits, x) => {
          const params = { threshold: 2 ** 31 - 1, isStrict: 1, stateBits: bits, wraps: 1 };
          assert.equal(run(params, [x]).v[0], Number(BigInt.asIntN(bits + 1, BigInt(x))));
        },
      ),
    );
  });

  test("stay at rest without input, whatever leaks", () => {
    for (const leakKind of [NONE, LINEAR, SHIFT, SHARE])
      assert.deepEqual(
        run({ threshold: 1, leakKind, leak: 1, currentKind: leakKind, currentLeak: 1 }, QUIET),
        {
          spikes: QUIET,
          v: QUIET,
          u: QUIET,
        },
      );
  });
});
