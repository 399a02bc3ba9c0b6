import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import { stepLoihiCuba } from "#neurons/loihi-cuba";
import { deliver, deliverDelayed, deliverWide, mergePlane } from "#simulator/kernels/deliver";
import { send, sumRows } from "#simulator/kernels/messages";
import { NEURON_FIELDS, stepLava, stepNengo } from "#simulator/kernels/step-cuba";

const EDGE = 2 ** 23;

/** Sums as the kernels code them: 0 if nothing came, else twice the sum plus 1. */
const coded = (sum: number | undefined): number => (sum === undefined ? 0 : 2 * sum + 1);

/** One neuron before one step; values near the registers' edges are as likely as any. */
const neuron = fc.record({
  u: fc.oneof(fc.constantFrom(0, EDGE, EDGE - 1, -EDGE, 1 - EDGE), fc.integer({ min: -EDGE, max: EDGE })),
  v: fc.oneof(fc.constantFrom(0, EDGE - 1, 1 - EDGE), fc.integer({ min: 1 - EDGE, max: EDGE - 1 })),
  waiting: fc.constantFrom(0, 0, 1, 7),
  input: fc.oneof(
    fc.constantFrom(undefined, 0, 131_072, -131_072, 32_767, 32_768, -32_768, -32_769),
    fc.integer({ min: -200_000, max: 200_000 }),
    fc.integer({ min: -4_000_000, max: 4_000_000 }),
  ),
  uDecay: fc.oneof(fc.constantFrom(0, 4095), fc.integer({ min: 0, max: 4095 })),
  vDecay: fc.oneof(fc.constantFrom(0, 4095), fc.integer({ min: 0, max: 4095 })),
  thresholdMantissa: fc.oneof(fc.constantFrom(0, 131_071), fc.integer({ min: 0, max: 131_071 })),
  biasMantissa: fc.oneof(fc.constant(0), fc.integer({ min: -4096, max: 4095 })),
  biasExponent: fc.integer({ min: -7, max: 7 }),
  refractorySteps: fc.integer({ min: 0, max: 63 }),
  vMin: fc.oneof(fc.constantFrom(0, 1 - EDGE), fc.integer({ min: 1 - EDGE, max: 0 })),
});

/** A neuron as the kernels store it. */
function record(n: {
  u: number;
  v: number;
  waiting: number;
  bias: number;
  uDecay: number;
  vDecay: number;
  thresholdMantissa: number;
  vMin: number;
}): number[] {
  const fields = new Array<number>(NEURON_FIELDS.count);
  fields[NEURON_FIELDS.u] = n.u;
  fields[NEURON_FIELDS.v] = n.v;
  fields[NEURON_FIELDS.bias] = n.bias;
  fields[NEURON_FIELDS.uKeep] = 4095 - n.uDecay;
  fields[NEURON_FIELDS.vKeep] = 4096 - n.vDecay;
  fields[NEURON_FIELDS.threshold] = n.thresholdMantissa * 64;
  fields[NEURON_FIELDS.vMin] = n.vMin;
  fields[NEURON_FIELDS.waiting] = n.waiting;
  return fields;
}

describe.each(["lava", "nengo"] as const)("neuron kernel, rules of %s", (rules) => {
  test("does what one plain step does, and says who was updated", () => {
    fc.assert(
      fc.property(fc.array(neuron, { minLength: 1, maxLength: 12 }), fc.nat(3), (neurons, begin) => {
        // The range stands somewhere inside the arrays, and so do its sums and its list of fired compartments.
        const end = begin + neurons.length;
        const bias = neurons.map((n) => Math.floor(n.biasMantissa * 2 ** n.biasExponent));
        const table = Int32Array.from([
          ...Array<number>(begin * NEURON_FIELDS.count).fill(99),
          ...neurons.flatMap((n, i) => record({ ...n, bias: bias[i] })),
        ]);
        const refractory = Int32Array.from([
          ...Array<number>(begin).fill(99),
          ...neurons.map((n) => n.refractorySteps),
        ]);
        const sums = Int32Array.from([7, 7, ...neurons.map((n) => coded(n.input))]);
        const fired = new Uint32Array(end + 1);
        const updates = Float64Array.of(0, 5);
        const spikes =
          rules === "lava"
            ? stepLava(begin, end, table, sums, 2, fired, 1, updates, 1)
            : stepNengo(begin, end, table, refractory, sums, 2, fired, 1, updates, 1);

        const plain = (pick: (n: (typeof neurons)[number]) => number): Int32Array =>
          Int32Array.from(neurons, pick);
        const state = [plain((n) => n.u), plain((n) => n.v), plain((n) => n.waiting)];
        const expected = new Uint8Array(neurons.length);
        stepLoihiCuba(
          state,
          [
            plain((n) => n.uDecay),
            plain((n) => n.vDecay),
            plain((n) => n.thresholdMantissa),
            plain((n) => n.biasMantissa),
            plain((n) => n.biasExponent),
            plain((n) => n.refractorySteps),
            plain((n) => n.vMin),
          ],
          plain((n) => n.input ?? 0),
          expected,
          rules,
        );
        const after = neurons.flatMap((n, i) =>
          record({ ...n, u: state[0][i], v: state[1][i], waiting: state[2][i], bias: bias[i] }),
        );
        assert.deepEqual([...table], [...Array<number>(begin * NEURON_FIELDS.count).fill(99), ...after]);
        const firing = [...expected.keys()].filter((i) => expected[i] === 1);
        assert.deepEqual(
          [...fired.subarray(1, 1 + spikes)],
          firing.map((i) => begin + i),
        );
        const updated = neurons.filter(
          (n, i) => n.u !== 0 || n.v !== 0 || n.input !== undefined || bias[i] !== 0 || expected[i] === 1,
        );
        assert.equal(updates[1], 5 + updated.length);
        assert.deepEqual([...sums], [7, 7, ...neurons.map(() => 0)]);
      }),
      { numRuns: 2000 },
    );
  });
});

test("stepLava names the neuron whose current leaves its register", () => {
  const sums = Int32Array.of(0, coded(2 ** 25));
  const result = stepLava(
    0,
    2,
    new Int32Array(2 * NEURON_FIELDS.count),
    sums,
    0,
    new Uint32Array(2),
    0,
    new Float64Array(1),
    0,
  );
  assert.equal(result, -2);
});

/** Synapse lists of a core with 5 slots, and messages to it. */
const traffic = fc.record({
  lists: fc.array(
    fc.array(
      fc.record({
        slot: fc.constantFrom(0, 1, 4, 32_767),
        value: fc.oneof(fc.constantFrom(0, 32_767, -32_768), fc.integer({ min: -32_768, max: 32_767 })),
        delaySteps: fc.integer({ min: 1, max: 4 }),
      }),
      { maxLength: 6 },
    ),
    { minLength: 1, maxLength: 5 },
  ),
  messages: fc.array(fc.nat(4), { maxLength: 8 }),
  now: fc.nat(9),
});

describe("delivery kernels", () => {
  const SLOTS = 32_768;
  const DEPTH = 4;
  const BEGIN = 3;

  for (const kernel of ["packed", "delayed", "wide"] as const)
    test(`add every synapse of every message to its sum (${kernel})`, () => {
      fc.assert(
        fc.property(traffic, ({ lists, messages, now }) => {
          const queue = Uint32Array.from([77, ...messages.map((m) => m % lists.length), 77]);
          const flat = lists.flat();
          const axonStart = new Uint32Array(lists.length + 1);
          lists.forEach((list, a) => (axonStart[a + 1] = axonStart[a] + list.length));
          const depth = kernel === "packed" ? 1 : DEPTH;
          const sums = new Int32Array(BEGIN + depth * SLOTS);
          const end = queue.length - 1;
          const words = Int32Array.from(flat, ({ slot, value }) =>
            kernel === "wide" ? value : (value << 16) | slot,
          );
          const delays = Uint8Array.from([9, 9, ...flat.map(({ delaySteps }) => delaySteps)]);
          const slots = Uint32Array.from([9, ...flat.map(({ slot }) => slot)]);
          let events: number;
          if (kernel === "packed") events = deliver(queue, 1, end, axonStart, words, sums, BEGIN);
          else if (kernel === "delayed")
            events = deliverDelayed(
              queue,
              1,
              end,
              axonStart,
              words,
              delays,
              -2,
              sums,
              BEGIN,
              SLOTS,
              now,
              DEPTH - 1,
            );
          else
            events = deliverWide(
              queue,
              1,
              end,
              axonStart,
              words,
              slots,
              -1,
              delays,
              -2,
              sums,
              BEGIN,
              SLOTS,
              now,
              DEPTH - 1,
            );

          const expected = new Map<number, number>();
          let visited = 0;
          for (const m of messages)
            for (const { slot, value, delaySteps } of lists[m % lists.length]) {
              const at = BEGIN + ((now + delaySteps) % depth) * SLOTS + slot;
              expected.set(at, (expected.get(at) ?? 0) + value);
              visited++;
            }
          assert.equal(events, visited);
          sums.forEach((sum, at) => {
            if (sum !== coded(expected.get(at))) assert.equal(sum, coded(expected.get(at)), `sum ${at}`);
          });
        }),
        { numRuns: 60 },
      );
    });

  test("mergePlane adds the shifted sums, rounded down, and clears the plane", () => {
    const inputs = fc.array(
      fc.tuple(
        fc.option(fc.integer({ min: -9999, max: 9999 }), { nil: undefined }),
        fc.option(fc.integer({ min: -9999, max: 9999 }), { nil: undefined }),
      ),
    );
    fc.assert(
      fc.property(inputs, fc.integer({ min: 1, max: 7 }), (neurons, shift) => {
        const sums = Int32Array.from([
          ...neurons.map(([a]) => coded(a)),
          ...neurons.map(([, b]) => coded(b)),
        ]);
        mergePlane(sums, 0, neurons.length, neurons.length, shift);
        const expected = neurons.map(([a, b]) =>
          coded(
            a === undefined && b === undefined ? undefined : (a ?? 0) + Math.floor((b ?? 0) / 2 ** shift),
          ),
        );
        assert.deepEqual([...sums], [...expected, ...neurons.map(() => 0)]);
      }),
    );
  });
});

describe("message kernels", () => {
  test("send fills the queue of every receiver", () => {
    const queue = new Uint32Array(8);
    const queued = Uint32Array.of(0, 1);
    const messages = send(
      Uint32Array.of(9, 0, 2),
      1,
      3,
      Uint32Array.of(0, 2, 3, 4),
      Uint32Array.of(0, 1, 0, 1),
      Uint32Array.of(10, 11, 12, 13),
      queue,
      Uint32Array.of(0, 4),
      queued,
    );
    assert.equal(messages, 3);
    assert.deepEqual([...queued], [1, 3]);
    assert.deepEqual([...queue], [10, 0, 0, 0, 0, 11, 13, 0]);
  });

  test("sumRows adds up the named rows", () => {
    const out = Float64Array.of(5, 5, 5, 5);
    const table = Uint32Array.of(1, 2, 3, 4, 10, 20, 30, 40, 2 ** 32 - 1, 0, 0, 0);
    assert.equal(sumRows(Uint32Array.of(0, 2, 0, 2, 1), 1, 4, table, out), 3);
    assert.deepEqual([...out], [2 ** 33 - 1, 2, 3, 4]);
  });
});
