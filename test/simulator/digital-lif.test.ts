// The simulator's stepper of `digital-lif` against the plain step, over random registers.
import assert from "node:assert/strict";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  digitalLifModel,
  initialDigitalState,
  stepDigitalLif,
  type DigitalParam,
} from "#neurons/digital-lif";
import { STATE_EVENT } from "#simulator/kernels/tables";
import { digitalLifKernel } from "#simulator/neuron-models/digital-lif";

const STEPS = 12;

const registers: Readonly<Record<DigitalParam, fc.Arbitrary<number>>> = {
  threshold: fc.integer({ min: 1, max: 60 }),
  isStrict: fc.integer({ min: 0, max: 1 }),
  resetKind: fc.integer({ min: 0, max: 2 }),
  reset: fc.integer({ min: -20, max: 20 }),
  leakKind: fc.integer({ min: 0, max: 3 }),
  leak: fc.integer({ min: 0, max: 33 }),
  currentKind: fc.integer({ min: 0, max: 3 }),
  currentLeak: fc.integer({ min: 0, max: 33 }),
  inputFirst: fc.integer({ min: 0, max: 1 }),
  decayBits: fc.integer({ min: 6, max: 22 }),
  bias: fc.oneof(fc.constant(0), fc.integer({ min: -9, max: 9 })),
  refractorySteps: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 })),
  vMin: fc.oneof(fc.constant(-(2 ** 31)), fc.integer({ min: -30, max: 0 })),
  stateBits: fc.oneof(fc.constant(31), fc.integer({ min: 4, max: 31 })),
  wraps: fc.integer({ min: 0, max: 1 }),
  maxSpikes: fc.integer({ min: 1, max: 5 }),
  u0: fc.oneof(fc.constant(0), fc.integer({ min: -16, max: 15 })),
  v0: fc.oneof(fc.constant(0), fc.integer({ min: -16, max: 15 })),
};

const neuron = fc.record({
  values: fc.tuple(...digitalLifModel.params.map(({ name }) => registers[name as DigitalParam])),
  /** null: nothing arrives, which is not the same as a sum of 0. */
  inputs: fc.array(
    fc.option(fc.oneof(fc.integer({ min: -50, max: 80 }), fc.integer({ min: -(2 ** 29), max: 2 ** 29 }))),
    {
      minLength: STEPS,
      maxLength: STEPS,
    },
  ),
});

test("the stepper of digital-lif does what the plain step does, and says who was busy", () => {
  const seen = { several: 0, low: 0, high: 0, wraps: 0, idle: 0 };
  fc.assert(
    fc.property(fc.array(neuron, { minLength: 1, maxLength: 4 }), (neurons) => {
      const size = neurons.length;
      const params = digitalLifModel.params.map((_, k) =>
        Int32Array.from(neurons, ({ values }) => values[k]),
      );
      const state = initialDigitalState(params, size);
      const noted: string[] = [];
      const stepper = digitalLifKernel.create(params, size, (kind, i) => noted.push(`${kind} ${i}`));
      for (let step = 0; step < STEPS; step++) {
        const before = state.map((values) => values.slice());
        const spikes = new Uint8Array(size);
        stepDigitalLif(
          state,
          params,
          Int32Array.from(neurons, ({ inputs }) => inputs[step] ?? 0),
          spikes,
        );
        const sums = Int32Array.from(neurons, ({ inputs }) => {
          const input = inputs[step];
          return input === null ? 0 : 2 * input + 1;
        });
        const status = new Uint8Array(size);
        noted.length = 0;
        stepper.step(step, sums, 0, status, 0);
        assert.deepEqual(stepper.u, state[0]);
        assert.deepEqual(stepper.v, state[1]);
        if (stepper.spikes !== undefined) assert.deepEqual(stepper.spikes, spikes);
        else assert.ok(spikes.every((count) => count <= 1));
        spikes.forEach((count, i) => {
          const [u, v] = before;
          const isBusy = sums[i] !== 0 || u[i] !== 0 || v[i] !== 0 || params[10][i] !== 0;
          assert.equal(status[i], count > 0 ? 2 : isBusy ? 1 : 0);
          if (count > 1) seen.several++;
          if (!isBusy) seen.idle++;
        });
        for (const note of noted) {
          if (note.startsWith(`${STATE_EVENT.membraneLow} `)) seen.low++;
          else if (note.startsWith(`${STATE_EVENT.membraneHigh} `)) seen.high++;
          else seen.wraps++;
        }
      }
      stepper.reset();
      assert.deepEqual(stepper.v, params.at(-1));
      assert.deepEqual(stepper.u, params.at(-2));
    }),
    { numRuns: 400 },
  );
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(20);
});

test("the stepper notes each register that cannot hold a value once", () => {
  const given: Partial<Record<DigitalParam, number>> = {
    threshold: 1000,
    stateBits: 4,
    currentKind: 1,
    vMin: -5,
  };
  const params = digitalLifModel.params.map(({ name, default: fallback }) =>
    Int32Array.of(given[name as DigitalParam] ?? fallback ?? 0),
  );
  const kinds: number[] = [];
  const stepper = digitalLifKernel.create(params, 1, (kind) => kinds.push(kind));
  const step = (input: number): number[] => {
    kinds.length = 0;
    stepper.step(0, Int32Array.of(2 * input + 1), 0, new Uint8Array(1), 0);
    return [...kinds];
  };
  assert.deepEqual(step(14), []);
  // u 14 + 9 is held at 15; v 14 + 15 too.
  assert.deepEqual(step(9), [STATE_EVENT.currentWrap, STATE_EVENT.membraneHigh]);
  // u falls to -16, v to -1, then below the clamp, then below the register, once each.
  assert.deepEqual(step(-31), []);
  assert.deepEqual(step(0), [STATE_EVENT.membraneLow]);
  assert.deepEqual(step(0), [STATE_EVENT.membraneLow]);
});
