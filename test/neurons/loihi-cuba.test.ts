import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import type { IntegerRules } from "#ir/deployment";
import { LOIHI_V_MAX, initialLoihiState, stepLoihiCuba } from "#neurons/loihi-cuba";

interface Neuron {
  readonly uDecay: number;
  readonly vDecay: number;
  readonly thresholdMantissa: number;
  readonly biasMantissa: number;
  readonly biasExponent: number;
  readonly refractorySteps: number;
  readonly vMin: number;
  readonly u0: number;
  readonly v0: number;
}

interface Registers {
  readonly u: number;
  readonly v: number;
  readonly fired: number;
}

const asParams = (n: Neuron): Int32Array[] =>
  [
    n.uDecay,
    n.vDecay,
    n.thresholdMantissa,
    n.biasMantissa,
    n.biasExponent,
    n.refractorySteps,
    n.vMin,
    n.u0,
    n.v0,
  ].map((value) => Int32Array.of(value));

function run(neuron: Neuron, rules: IntegerRules, inputs: readonly number[]): Registers[] {
  const params = asParams(neuron);
  const state = initialLoihiState(params, 1);
  const fired = new Uint8Array(1);
  return inputs.map((input) => {
    stepLoihiCuba(state, params, Int32Array.of(input), fired, rules);
    return { u: state[0][0], v: state[1][0], fired: fired[0] };
  });
}

/** The same in integers without bounds, following the words of the rules. */
function runInBigInts(neuron: Neuron, rules: IntegerRules, inputs: readonly number[]): Registers[] {
  const magnitude = (x: bigint): bigint => (x < 0n ? -x : x);
  const decay = (x: bigint, d: number): bigint => {
    const kept = (magnitude(x) * BigInt(4096 - d)) >> 12n;
    return x < 0n ? -kept : kept;
  };
  const wrap = (x: bigint, bits: number): bigint => BigInt.asIntN(bits + 1, x);
  const { biasMantissa, biasExponent } = neuron;
  const bias =
    biasExponent >= 0
      ? BigInt(biasMantissa) << BigInt(biasExponent)
      : BigInt(biasMantissa) >> BigInt(-biasExponent);
  let [u, v, counter] = [BigInt(neuron.u0), BigInt(neuron.v0), 0];
  return inputs.map((input) => {
    let arriving = BigInt(input) << 6n;
    if (rules === "nengo") arriving = wrap(arriving, 21);
    u = decay(u, neuron.uDecay + 1) + arriving;
    if (rules === "nengo") u = wrap(u, 23);
    else if (u > 1n << 23n) u -= 1n << 24n;
    else if (u <= -(1n << 23n)) u += 1n << 24n;
    const drive = rules === "nengo" ? wrap(u + bias, 23) : u + bias;
    v = decay(v, neuron.vDecay) + drive;
    if (v > BigInt(LOIHI_V_MAX)) v = BigInt(LOIHI_V_MAX);
    if (v < BigInt(neuron.vMin)) v = BigInt(neuron.vMin);
    if (rules === "nengo" && counter > 0) v = 0n;
    const fires = v > BigInt(neuron.thresholdMantissa) << 6n;
    if (fires) {
      v = 0n;
      counter = neuron.refractorySteps;
    }
    counter = Math.max(0, counter - 1);
    return { u: Number(u), v: Number(v), fired: fires ? 1 : 0 };
  });
}

const edge = 2 ** 23;
const anyNeuron = fc.record({
  uDecay: fc.integer({ min: 0, max: 4095 }),
  vDecay: fc.integer({ min: 0, max: 4095 }),
  thresholdMantissa: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 17 - 1 })),
  biasMantissa: fc.integer({ min: -4096, max: 4095 }),
  biasExponent: fc.integer({ min: -7, max: 7 }),
  refractorySteps: fc.integer({ min: 0, max: 5 }),
  vMin: fc.oneof(fc.constant(-LOIHI_V_MAX), fc.integer({ min: -1000, max: 0 })),
  u0: fc.integer({ min: -edge + 1, max: edge - 1 }),
  v0: fc.integer({ min: -LOIHI_V_MAX, max: LOIHI_V_MAX }),
});
const anyInputs = fc.array(
  fc.oneof(fc.integer({ min: -300, max: 300 }), fc.integer({ min: -200_000, max: 200_000 })),
  { minLength: 1, maxLength: 30 },
);

const quiet: Neuron = {
  uDecay: 4095,
  vDecay: 0,
  thresholdMantissa: 1,
  biasMantissa: 0,
  biasExponent: 0,
  refractorySteps: 0,
  vMin: -LOIHI_V_MAX,
  u0: 0,
  v0: 0,
};

describe("the integer neuron of Loihi 1", () => {
  for (const rules of ["lava", "nengo"] as const) {
    test(`computes what integers without bounds compute, by the rules of ${rules}`, () => {
      fc.assert(
        fc.property(anyNeuron, anyInputs, (neuron, inputs) => {
          assert.deepEqual(run(neuron, rules, inputs), runInBigInts(neuron, rules, inputs));
        }),
        { numRuns: 300 },
      );
    });

    test(`stays inside its registers, by the rules of ${rules}`, () => {
      fc.assert(
        fc.property(anyNeuron, anyInputs, (neuron, inputs) => {
          for (const { u, v } of run(neuron, rules, inputs)) {
            assert.ok(Math.abs(u) <= edge);
            assert.ok(v >= Math.min(neuron.vMin, 0) && v <= LOIHI_V_MAX);
          }
        }),
      );
    });

    test(`fires above 64 times the threshold mantissa, not at it, by the rules of ${rules}`, () => {
      assert.deepEqual(run(quiet, rules, [1])[0], { u: 64, v: 64, fired: 0 });
      assert.deepEqual(run({ ...quiet, biasMantissa: 1 }, rules, [1])[0], { u: 64, v: 0, fired: 1 });
    });
  }

  test("computes the same by both rule sets where nothing is large and nothing is refractory", () => {
    fc.assert(
      fc.property(
        anyNeuron,
        fc.array(fc.integer({ min: -300, max: 300 }), { maxLength: 30 }),
        (any, inputs) => {
          const neuron = { ...any, refractorySteps: 0, uDecay: 400, u0: any.u0 % 1_000_000 };
          assert.deepEqual(run(neuron, "lava", inputs), run(neuron, "nengo", inputs));
        },
      ),
    );
  });

  test("starts from its initial registers without touching the parameters", () => {
    const params = asParams({ ...quiet, u0: 5, v0: -7 });
    const state = initialLoihiState(params, 1);
    assert.deepEqual(
      state.map((register) => register[0]),
      [5, -7, 0],
    );
    state[0][0] = 1;
    assert.equal(params[7][0], 5);
  });

  test("holds the membrane for refractorySteps - 1 steps after a spike, by nengo's rules only", () => {
    const neuron = { ...quiet, refractorySteps: 3, biasMantissa: 100 };
    const fired = (rules: IntegerRules): number[] => run(neuron, rules, [0, 0, 0, 0, 0]).map((r) => r.fired);
    assert.deepEqual(fired("nengo"), [1, 0, 0, 1, 0]);
    assert.deepEqual(fired("lava"), [1, 1, 1, 1, 1]);
  });
});
