import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import type { SpikeData } from "#ir/spikes";
import { changedSpikes } from "#report/changed-spikes";

const STEPS = 5;
const SIZE = 4;

/** Every (step, element) that fired, as a bit of a mask. */
function spikesOf(masks: readonly (readonly boolean[])[], value?: number): SpikeData {
  return {
    steps: STEPS,
    shape: [SIZE],
    samples: masks.map((fired) => {
      const at = fired.flatMap((yes, i) => (yes ? [i] : []));
      return {
        step: Uint32Array.from(at, (i) => Math.floor(i / SIZE)),
        index: Uint32Array.from(at, (i) => i % SIZE),
        ...(value !== undefined && { value: Float64Array.from(at, () => value) }),
      };
    }),
  };
}

const mask = fc.array(fc.boolean(), { minLength: STEPS * SIZE, maxLength: STEPS * SIZE });
const count = (masks: readonly (readonly boolean[])[]): number => masks.flat().filter(Boolean).length;

describe("changedSpikes", () => {
  test("it counts what a comparison of every step and neuron counts", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(mask, mask), { minLength: 1, maxLength: 3 }), (samples) => {
        const [model, chip] = [samples.map(([a]) => a), samples.map(([, b]) => b)];
        const differing = model.flat().filter((fired, i) => fired !== chip.flat()[i]).length;
        assert.deepEqual(changedSpikes({ out: spikesOf(model) }, { out: spikesOf(chip) }), [
          { population: "out", modelSpikes: count(model), chipSpikes: count(chip), differing },
        ]);
      }),
    );
  });

  test("it leaves out populations that only one side has, and those that give values", () => {
    const all = [new Array<boolean>(STEPS * SIZE).fill(true)];
    const chip = { a: spikesOf(all), b: spikesOf(all), c: spikesOf(all, 0.5) };
    const changes = changedSpikes({ b: spikesOf(all), c: spikesOf(all, 0.5) }, chip);
    assert.deepEqual(
      changes.map(({ population }) => population),
      ["b"],
    );
  });
});
