// Two judges of the gradients: finite differences of the smoothed network, where the derivative exists, and the other
// backends, on the spiking network itself.
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Backend, Floats, NeuronCall } from "#train/engine/backend";
import { createExecutor } from "#train/engine/executor";
import type { Executor } from "#train/engine/executor";
import { createReferenceBackend } from "#train/engine/reference";
import { planGraph } from "#train/graph";
import { SURROGATES } from "#train/neurons";
import { createParameters } from "#train/parameters";
import type { Parameters } from "#train/parameters";
import { createRandom } from "#train/random";
import { SUBJECTS, noise } from "./backends.ts";
import { LAYER_SAMPLES, NEURON_SAMPLES } from "./graphs.ts";
import type { Sample } from "./graphs.ts";

const STEPS = 4;
const BATCH = 2;
const MODE = { training: true, seed: 99 };

interface Network {
  readonly executor: Executor;
  readonly parameters: Parameters;
  /** What the loss multiplies the outputs with; also dLoss/doutput. */
  readonly factors: readonly number[];
}

/** The same numbers on every backend: they come from the seed. */
function build({ graph, staticInput }: Sample, backend: Backend, seed: number, smooth: boolean): Network {
  const plan = planGraph(graph, staticInput);
  const parameters = createParameters(plan, backend, createRandom(seed));
  const more = createRandom(seed + 1);
  for (const { role, value } of parameters.list) {
    if (role === "beta" || role === "leak")
      noise(more, value.length, -0.3, 0.3).forEach((x, i) => (value[i] += x));
    if (role === "weight") value.forEach((x, i) => (value[i] = Math.fround(2 * x)));
  }
  const executor = createExecutor({
    ...{ plan, parameters, backend, steps: STEPS, maxBatch: BATCH + 1, learns: true, smooth },
  });
  executor.input.set(noise(more, executor.input.length, -0.5, 2));
  return { executor, parameters, factors: noise(more, executor.output.length) };
}

function gradientsOf({ executor, parameters, factors }: Network): Map<string, Floats> {
  executor.forward(BATCH, MODE);
  executor.outputGradient.set(factors);
  executor.backward(BATCH);
  return new Map(parameters.list.map(({ name, gradient }) => [name, gradient.slice()]));
}

function lossOf({ executor, factors }: Network): number {
  executor.forward(BATCH, MODE);
  const used = (executor.output.length / (BATCH + 1)) * BATCH;
  let loss = 0;
  for (let i = 0; i < used; i++) loss += factors[i] * executor.output[i];
  return loss;
}

function differencesOf(network: Network): Map<string, Floats> {
  const width = 1e-5;
  const slopeAt = (value: Floats, i: number): number => {
    const center = value[i];
    value[i] = center + width;
    const above = lossOf(network);
    value[i] = center - width;
    const below = lossOf(network);
    value[i] = center;
    return (above - below) / (2 * width);
  };
  return new Map(
    network.parameters.list.map(({ name, value }) => [
      name,
      Float64Array.from(value, (_, i) => slopeAt(value, i)),
    ]),
  );
}

function assertSame(found: Map<string, Floats>, expected: Map<string, Floats>, tolerance: number): void {
  assert.deepEqual([...found.keys()], [...expected.keys()]);
  for (const [name, values] of expected) {
    const largest = Math.max(...Array.from(values, Math.abs));
    assert.ok(largest > 1e-4, `${name} has a gradient to speak of`);
    const gradient = found.get(name)!;
    for (let i = 0; i < values.length; i++)
      if (!(Math.abs(gradient[i] - values[i]) <= tolerance * largest))
        assert.fail(`gradient of ${name}[${i}] is ${gradient[i]}, not ${values[i]}`);
  }
}

/**
 * A backend whose detached resets can be frozen: the spike in the reset, a constant to the backward pass, is then the
 * one of the last forward pass before, so that finite differences see a constant too.
 */
function freezable(backend: Backend): { backend: Backend; freeze: () => void } {
  const recorded = new Map<Floats, Floats>();
  let isFrozen = false;
  const neuronForward = (call: NeuronCall): void => {
    if (!isFrozen) {
      backend.neuronForward(call);
      recorded.set(call.membrane, call.spikes.slice());
      return;
    }
    const { current, staticCurrent, membrane, spikes, steps, neurons, neuron } = call;
    const { primitive } = SURROGATES[neuron.surrogate];
    const constants = recorded.get(membrane)!;
    for (let i = 0; i < steps * neurons; i++) {
      const before = i - neurons;
      const held = neuron.detachReset ? constants[before] : spikes[before];
      const v = i < neurons ? 0 : membrane[before] * (1 - held);
      membrane[i] = neuron.keep * v + neuron.gain * current[staticCurrent ? i % neurons : i];
      spikes[i] = primitive(membrane[i] - neuron.threshold);
    }
  };
  return { backend: { ...backend, neuronForward }, freeze: () => (isFrozen = true) };
}

describe("the smoothed network's gradients are its finite differences", () => {
  test.each([...NEURON_SAMPLES, ...LAYER_SAMPLES])("$name", (sample) => {
    const { backend, freeze } = freezable(createReferenceBackend({ precision: "float64" }));
    const network = build(sample, backend, 5, true);
    const gradients = gradientsOf(network);
    freeze();
    assertSame(gradients, differencesOf(network), 1e-6);
  });

  test("of a detached reset they are not, unless the reset is frozen", () => {
    const sample = NEURON_SAMPLES.find(({ name }) => name === "lif-sj, frames")!;
    const network = build(sample, createReferenceBackend({ precision: "float64" }), 5, true);
    assert.throws(() => assertSame(gradientsOf(network), differencesOf(network), 1e-6), /gradient of/);
  });
});

describe("the gradient of a parameter is overwritten", () => {
  test.each(LAYER_SAMPLES)("$name", (sample) => {
    const network = build(sample, createReferenceBackend({ precision: "float64" }), 5, false);
    const first = gradientsOf(network);
    for (const { gradient } of network.parameters.list) gradient.fill(7);
    assert.deepEqual(gradientsOf(network), first);
  });
});

/** A seed with which no neuron of the spiking network comes so close to a decision that rounding makes it. */
function decidableSeed(sample: Sample): number {
  for (let seed = 1; seed < 500; seed++) {
    const reference = createReferenceBackend({ precision: "float64" });
    let nearest = Infinity;
    const neuronForward = (call: NeuronCall): void => {
      reference.neuronForward(call);
      const { threshold, surrogate } = call.neuron;
      for (const h of call.membrane) {
        const x = Math.abs(h - threshold);
        nearest = Math.min(nearest, x, surrogate === "rectangle" ? Math.abs(x - 0.5) : x);
      }
    };
    const network = build(sample, { ...reference, neuronForward }, seed, false);
    const gradients = gradientsOf(network);
    const smallest = Math.min(...[...gradients.values()].map((g) => Math.max(...Array.from(g, Math.abs))));
    if (nearest > 1e-4 && smallest > 1e-2) return seed;
  }
  return assert.fail(`no seed for ${sample.name}`);
}

describe.each(SUBJECTS)("on $name the spiking network", ({ create }) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await create();
  });
  afterAll(() => backend.dispose());

  test.each([...NEURON_SAMPLES, ...LAYER_SAMPLES])(
    "gives the outputs and gradients of the reference: $name",
    (sample) => {
      const seed = decidableSeed(sample);
      const expected = build(sample, createReferenceBackend({ precision: "float64" }), seed, false);
      const found = build(sample, backend, seed, false);
      const [gradients, reference] = [gradientsOf(found), gradientsOf(expected)];
      expected.executor.output.forEach((value, i) => {
        const output = found.executor.output[i];
        assert.ok(Math.abs(output - value) < 1e-5, `output ${i} is ${output}, not ${value}`);
      });
      assertSame(gradients, reference, 1e-4);
    },
  );
});
