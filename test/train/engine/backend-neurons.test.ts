import assert from "node:assert/strict";
import fc from "fast-check";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Backend } from "#train/engine/backend";
import { createReferenceBackend } from "#train/engine/reference";
import { NEURONS, SURROGATES } from "#train/neurons";
import type { NeuronName, NeuronSpec, SurrogateName } from "#train/neurons";
import { createRandom } from "#train/random";
import type { Random } from "#train/random";
import { SUBJECTS, assertAgrees, noise } from "./backends.ts";

const NAMES = Object.keys(NEURONS) as NeuronName[];
const yardstick = createReferenceBackend({ precision: "float64" });

/** A variant, or any mixture of what variants are made of. */
const neuron: fc.Arbitrary<NeuronSpec> = fc.oneof(
  fc.constantFrom(...NAMES).map((name) => NEURONS[name]),
  fc.record({
    name: fc.constantFrom(...NAMES),
    keep: fc.constantFrom(0, 0.2, 0.5, 0.9, 1),
    gain: fc.constantFrom(0.1, 0.5, 1),
    threshold: fc.constantFrom(0.3, 0.5, 1),
    compare: fc.constantFrom<">" | ">=">(">", ">="),
    detachReset: fc.boolean(),
    surrogate: fc.constantFrom(...(Object.keys(SURROGATES) as SurrogateName[])),
    learnableLeak: fc.constant(false),
  }),
);

const layers = fc.record({
  neuron,
  random: fc.integer({ min: 0, max: 2 ** 31 }).map(createRandom),
  steps: fc.integer({ min: 1, max: 9 }),
  neurons: fc.integer({ min: 1, max: 21 }),
  staticCurrent: fc.boolean(),
  wantsGainGradient: fc.boolean(),
});

interface Shape {
  readonly steps: number;
  readonly neurons: number;
  readonly staticCurrent: boolean;
}

/** All that both passes touch; outputs start as noise. */
function arraysFor(random: Random, { steps, neurons, staticCurrent }: Shape, current: number[]): Arrays {
  return {
    current,
    membrane: noise(random, steps * neurons),
    spikes: noise(random, steps * neurons),
    dSpikes: noise(random, steps * neurons),
    dCurrent: noise(random, staticCurrent ? neurons : steps * neurons),
  };
}
type Arrays = Record<"current" | "membrane" | "spikes" | "dSpikes" | "dCurrent", number[]>;

/** The gradient of the gain has a meaning only where the gain is all there is to the leak. */
function hasOneLeak({ keep, gain }: NeuronSpec): boolean {
  return keep === 1 - gain;
}

/** Where a rounding error decides: the threshold, and for the rectangle its edges. */
function isDecidable(membrane: number, { threshold, surrogate }: NeuronSpec): boolean {
  const x = Math.abs(membrane - threshold);
  return x > 1e-4 && (surrogate !== "rectangle" || Math.abs(x - 0.5) > 1e-4);
}

/** Currents under which no neuron comes close to a decision: draws each neuron's anew until it does not. */
function decidableCurrents(
  random: Random,
  spec: NeuronSpec,
  { steps, neurons, staticCurrent }: Shape,
): number[] {
  const rows = staticCurrent ? 1 : steps;
  const columns = Array.from({ length: neurons }, () => {
    for (;;) {
      const current = Float64Array.from(noise(random, rows, -0.5, 2.5));
      const [membrane, spikes] = [new Float64Array(steps), new Float64Array(steps)];
      yardstick.neuronForward({ current, staticCurrent, membrane, spikes, steps, neurons: 1, neuron: spec });
      if (membrane.every((h) => isDecidable(h, spec))) return current;
    }
  });
  return Array.from({ length: rows * neurons }, (_, i) => columns[i % neurons][Math.floor(i / neurons)]);
}

describe.each(SUBJECTS)("$name", ({ create }) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await create();
  });
  afterAll(() => backend.dispose());

  test("neurons agree, forwards and backwards", () => {
    fc.assert(
      fc.property(layers, ({ neuron: spec, random, wantsGainGradient, ...shape }) => {
        const initial = arraysFor(random, shape, decidableCurrents(random, spec, shape));
        assertAgrees(backend, initial, (on, arrays) => {
          const call = { ...arrays, ...shape, neuron: spec };
          on.neuronForward(call);
          return on.neuronBackward({ ...call, wantsGainGradient: wantsGainGradient && hasOneLeak(spec) });
        });
      }),
      { numRuns: 150 },
    );
  });

  // Quarters, halved at most nine times, are exact in both precisions: here the threshold itself is hit, and often.
  test.each(NAMES.filter((name) => name !== "lif-wu"))("%s agrees at the threshold itself", (name) => {
    fc.assert(
      fc.property(layers, ({ random, ...shape }) => {
        const length = (shape.staticCurrent ? 1 : shape.steps) * shape.neurons;
        const current = noise(random, length, -2, 11).map((value) => Math.round(value) / 4);
        assertAgrees(backend, arraysFor(random, shape, current), (on, arrays) => {
          const call = { ...arrays, ...shape, neuron: NEURONS[name] };
          on.neuronForward(call);
          return on.neuronBackward({ ...call, wantsGainGradient: hasOneLeak(NEURONS[name]) });
        });
      }),
      { numRuns: 40 },
    );
  });

  test("asks for no gradient of the gain unless told", () => {
    const shape = { steps: 3, neurons: 5, staticCurrent: false };
    const random = createRandom(1);
    const initial = arraysFor(random, shape, noise(random, 15, 0, 2));
    const results = [false, true].map((wantsGainGradient) => {
      let result = NaN;
      assertAgrees(backend, initial, (on, arrays) => {
        const call = { ...arrays, ...shape, neuron: NEURONS["plif-bc"], wantsGainGradient };
        on.neuronForward(call);
        const found = on.neuronBackward(call);
        if (on === backend) result = found;
      });
      return result;
    });
    assert.equal(results[0], 0);
    assert.notEqual(results[1], 0);
  });
});
