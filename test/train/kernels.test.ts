// Every loop of the array engine against the formula it stands for, written without lists.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import * as kernels from "#train/kernels";
import { createRng } from "#util/rng";

/** A random layer and the spikes before it, as lists and as `[steps][inputs]` of 0 and 1. */
function randomLayer(seed: number, inputs: number, outputs: number, steps: number, density: number) {
  const rng = createRng(seed);
  const spikes = Array.from({ length: steps }, () => Array.from({ length: inputs }, () => +(rng() < 0.5)));
  const spikeStart = new Uint32Array(steps + 1);
  const spikeIndex: number[] = [];
  spikes.forEach((row, t) => {
    row.forEach((spike, i) => spike === 1 && spikeIndex.push(i));
    spikeStart[t + 1] = spikeIndex.length;
  });
  const rowStart = new Uint32Array(inputs + 1);
  const column: number[] = [];
  const weights = new Float32Array(inputs * outputs);
  for (let i = 0; i < inputs; i++) {
    for (let j = 0; j < outputs; j++) {
      if (rng() >= density) continue;
      column.push(j);
      weights[i * outputs + j] = rng() - 0.5;
    }
    rowStart[i + 1] = column.length;
  }
  return {
    spikes,
    spikeStart,
    spikeIndex: Uint32Array.from(spikeIndex),
    rowStart,
    column: Uint32Array.from(column),
    weights,
    gradient: Float64Array.from({ length: steps * outputs }, () => rng() - 0.5),
  };
}

const layers = fc.record({
  seed: fc.nat(),
  inputs: fc.integer({ min: 1, max: 9 }),
  outputs: fc.integer({ min: 1, max: 6 }),
  steps: fc.integer({ min: 1, max: 11 }),
  density: fc.constantFrom(0, 0.3, 1),
});

function assertNear(actual: Float64Array, expected: (i: number) => number): void {
  actual.forEach((value, i) => assert.ok(Math.abs(value - expected(i)) < 1e-12, `${value} at ${i}`));
}

const sum = (length: number, term: (k: number) => number): number => {
  let total = 0;
  for (let k = 0; k < length; k++) total += term(k);
  return total;
};

describe("the loops of the array engine", () => {
  test("propagate spikes: x = W s", () => {
    fc.assert(
      fc.property(layers, ({ seed, inputs, outputs, steps, density }) => {
        const l = randomLayer(seed, inputs, outputs, steps, density);
        const [listed, dense] = [1, 2].map(() => new Float64Array(steps * outputs).fill(7));
        kernels.propagateSpikes(
          l.spikeStart,
          l.spikeIndex,
          l.rowStart,
          l.column,
          l.weights,
          outputs,
          steps,
          listed,
        );
        kernels.propagateSpikesDense(l.spikeStart, l.spikeIndex, l.weights, outputs, steps, dense);
        const expected = (i: number): number =>
          sum(inputs, (k) => l.spikes[Math.floor(i / outputs)][k] * l.weights[k * outputs + (i % outputs)]);
        assertNear(listed, expected);
        assertNear(dense, expected);
      }),
    );
  });

  test("accumulate the weight gradient: dL/dW = sum over the steps of s times dL/dx", () => {
    fc.assert(
      fc.property(layers, ({ seed, inputs, outputs, steps, density }) => {
        const l = randomLayer(seed, inputs, outputs, steps, density);
        const first = new Uint32Array(inputs + 1).fill(9);
        const stepOf = new Uint32Array(steps * inputs);
        kernels.sortSpikesByNeuron(l.spikeStart, l.spikeIndex, inputs, steps, first, stepOf);
        const [listed, dense] = [1, 2].map(() => new Float64Array(inputs * outputs).fill(1));
        kernels.accumulateWeightGradient(
          first,
          stepOf,
          l.rowStart,
          l.column,
          inputs,
          outputs,
          l.gradient,
          listed,
        );
        kernels.accumulateWeightGradientDense(first, stepOf, inputs, outputs, l.gradient, dense);
        const expected = (i: number): number =>
          1 +
          sum(steps, (t) => l.spikes[t][Math.floor(i / outputs)] * l.gradient[t * outputs + (i % outputs)]);
        assertNear(dense, expected);
        assertNear(listed, (i) => (l.weights[i] === 0 ? 1 : expected(i)));
      }),
    );
  });

  test("propagate the gradient: dL/ds = W transposed times dL/dx", () => {
    fc.assert(
      fc.property(layers, ({ seed, inputs, outputs, steps, density }) => {
        const l = randomLayer(seed, inputs, outputs, steps, density);
        const [listed, dense] = [1, 2].map(() => new Float64Array(steps * inputs).fill(7));
        kernels.propagateGradient(
          l.rowStart,
          l.column,
          l.weights,
          inputs,
          outputs,
          steps,
          l.gradient,
          listed,
        );
        kernels.propagateGradientDense(l.weights, inputs, outputs, steps, l.gradient, dense);
        const expected = (i: number): number =>
          sum(
            outputs,
            (j) => l.weights[(i % inputs) * outputs + j] * l.gradient[Math.floor(i / inputs) * outputs + j],
          );
        assertNear(listed, expected);
        assertNear(dense, expected);
      }),
    );
  });

  test("sort spikes by neuron, the steps of each in ascending order", () => {
    const first = new Uint32Array(4);
    const stepOf = new Uint32Array(8);
    // Step 0: neurons 0 and 2; step 1: none; step 2: neurons 0 and 2; step 3: neuron 2.
    kernels.sortSpikesByNeuron(
      Uint32Array.of(0, 2, 2, 4, 5),
      Uint32Array.of(0, 2, 0, 2, 2),
      3,
      4,
      first,
      stepOf,
    );
    assert.deepEqual([...first], [0, 2, 2, 5]);
    assert.deepEqual([...stepOf.subarray(0, 5)], [0, 2, 0, 2, 3]);
  });
});
