// A small model with arbitrary values, run on the training engine and, exported, on the reference simulator.
import assert from "node:assert/strict";
import type { Network } from "#ir/network";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import { simulateReference } from "#simulator/reference-float";
import { createExecutor } from "#train/engine/executor";
import { createReferenceBackend } from "#train/engine/reference";
import { type ExportOptions, trainedModelToNetwork } from "#train/export/trained-network";
import { type GraphPlan, type Layer, type LayerGraph, type LayerOp, planGraph, sizeOf } from "#train/graph";
import type { NeuronSpec } from "#train/neurons";
import { createParameters, type Parameters } from "#train/parameters";
import { createRandom } from "#train/random";
import { loadTrainedModel, type TrainedModel, trainedModelOf } from "#train/trained-model";
import type { Diagnostic } from "#util/diagnostic";

/** A layer of a chain reads the one before it unless it says otherwise. */
export type ChainLayer = LayerOp & { readonly name: string; readonly inputs?: readonly string[] };

export function chain(inputShape: readonly number[], layers: readonly ChainLayer[]): LayerGraph {
  return {
    name: "test",
    inputShape,
    layers: layers.map((layer, i): Layer => ({
      ...layer,
      inputs: layer.inputs ?? [i === 0 ? "input" : layers[i - 1].name],
    })),
    output: layers[layers.length - 1].name,
  };
}

export function linear(name: string, features: number, bias = true): ChainLayer {
  return { name, op: "linear", features, bias };
}

export function conv(
  name: string,
  channels: number,
  rest: Partial<Extract<LayerOp, { op: "conv2d" }>> & { readonly inputs?: readonly string[] } = {},
): ChainLayer {
  const plain = { kernel: [3, 3], stride: [1, 1], padding: [1, 1], groups: 1, bias: true } as const;
  return { name, op: "conv2d", channels, ...plain, ...rest };
}

export function neuron(name: string, spec: NeuronSpec, inputs?: readonly string[]): ChainLayer {
  return { name, op: "neuron", neuron: spec, ...(inputs === undefined ? {} : { inputs }) };
}

export function batchNorm(name: string, inputs?: readonly string[]): ChainLayer {
  const rest = inputs === undefined ? {} : { inputs };
  return { name, op: "batch-norm", epsilon: 1e-5, momentum: 0.1, gammaInit: 1, ...rest };
}

export function pool(name: string, kind: "average" | "max", side = 2, stride = side): ChainLayer {
  return { name, op: `${kind}-pool`, kernel: [side, side], stride: [stride, stride] };
}

export interface TestModel {
  readonly plan: GraphPlan;
  readonly parameters: Parameters;
  readonly model: TrainedModel;
}

export interface ModelOptions {
  readonly staticInput?: boolean;
  readonly seed?: number;
  /** Factor of the initial weights; above 1, so that deeper layers fire too. */
  readonly weightGain?: number;
  /** Share of the weights that are 0. */
  readonly pruned?: number;
}

/** Values of every kind: pruned weights, negative gammas, statistics away from 0 and 1, a leak that has moved. */
export function arbitraryModel(graph: LayerGraph, options: ModelOptions = {}): TestModel {
  const { staticInput = false, seed = 1, weightGain = 3, pruned = 0.3 } = options;
  const plan = planGraph(graph, staticInput);
  const random = createRandom(seed);
  const parameters = createParameters(plan, createReferenceBackend({ precision: "float64" }), random);
  const fill = (values: { length: number; [i: number]: number }, make: (old: number) => number): void => {
    for (let i = 0; i < values.length; i++) values[i] = make(values[i]);
  };
  for (const { role, value } of parameters.list) {
    if (role === "weight") fill(value, (w) => (random.next() < pruned ? 0 : w * weightGain));
    if (role === "gamma") fill(value, () => (random.next() < 0.2 ? -0.5 : 0.5 + random.next()));
    if (role === "beta") fill(value, () => random.next() - 0.3);
    if (role === "leak") fill(value, () => random.next() - 0.5);
  }
  for (const { mean, variance } of parameters.statistics) {
    fill(mean, () => random.next() - 0.5);
    fill(variance, () => 0.2 + random.next());
  }
  const model = trainedModelOf(plan, parameters);
  loadTrainedModel(model, parameters);
  return { plan, parameters, model };
}

export interface TestData {
  /** As the executor takes them: `[steps or 1, samples, …shape]`. */
  readonly frames: Float64Array;
  readonly samples: number;
  readonly steps: number;
  readonly spikes: SpikeData;
}

/** Spikes that come with probability `rate`, or with `values` real numbers around 0, the same in every step if static. */
export function randomData(
  shape: readonly number[],
  kind: "spikes" | "static-values" | "counts",
  { samples = 3, steps = 6, rate = 0.4, seed = 7 } = {},
): TestData {
  const random = createRandom(seed);
  const size = sizeOf(shape);
  const frameSteps = kind === "static-values" ? 1 : steps;
  const draw = (): number => {
    if (kind === "static-values") return Math.fround(3 * random.next() - 1);
    const fires = random.next() < rate;
    return kind === "counts" && fires ? 1 + Math.floor(3 * random.next()) : Number(fires);
  };
  const frames = Float64Array.from({ length: frameSteps * samples * size }, draw);
  const valueAt = (t: number, b: number, i: number): number =>
    frames[((frameSteps === 1 ? 0 : t) * samples + b) * size + i];
  const events = Array.from({ length: samples }, (_, b): SpikeEvents => {
    const step: number[] = [];
    const index: number[] = [];
    const value: number[] = [];
    for (let t = 0; t < steps; t++) {
      for (let i = 0; i < size; i++) {
        if (valueAt(t, b, i) === 0) continue;
        step.push(t);
        index.push(i);
        value.push(valueAt(t, b, i));
      }
    }
    const places = { step: Uint32Array.from(step), index: Uint32Array.from(index) };
    return value.every((v) => v === 1) ? places : { ...places, value: Float64Array.from(value) };
  });
  return { frames, samples, steps, spikes: { steps, shape, samples: events } };
}

/** `[steps, samples, size]` of every layer, as the training engine computes it in 64 bits. */
export function trainingActivations(
  { plan, parameters }: TestModel,
  { frames, samples, steps }: TestData,
): Record<string, Float64Array> {
  const backend = createReferenceBackend({ precision: "float64" });
  const executor = createExecutor({ plan, parameters, backend, steps, maxBatch: samples, learns: false });
  executor.input.set(frames);
  executor.forward(samples, { training: false, seed: 0 });
  return Object.fromEntries(
    plan.layers.map(({ layer, outputShape, isStatic }, i) => {
      const size = samples * sizeOf(outputShape);
      const values = executor.activation(i);
      const all = Float64Array.from({ length: steps * size }, (_, k) => values[isStatic ? k % size : k]);
      return [layer.name, all];
    }),
  );
}

/** `[steps, samples, size]` of one recording. */
export function dense({ shape, samples, steps }: SpikeData): Float64Array {
  const size = sizeOf(shape);
  const values = new Float64Array(steps * samples.length * size);
  samples.forEach(({ step, index, value }, b) => {
    for (let e = 0; e < step.length; e++)
      values[(step[e] * samples.length + b) * size + index[e]] = value?.[e] ?? 1;
  });
  return values;
}

export function outputOf(network: Network, data: SpikeData): Float64Array {
  const { recorded } = simulateReference(network, { [network.inputs[0].name]: data });
  return dense(Object.values(recorded)[0]);
}

/** Runs both and compares all neurons of every neuron layer, and the output; every layer must fire, and not always. */
export function assertSameAsTraining(
  testModel: TestModel,
  data: TestData,
  options: Partial<ExportOptions> = {},
): { network: Network; notes: readonly Diagnostic[] } {
  const { network, notes } = trainedModelToNetwork(testModel.model, { name: "test", ...options });
  const expected = trainingActivations(testModel, data);
  const { recorded } = simulateReference(network, { input: data.spikes }, { record: "all" });
  for (const { layer, outputShape } of testModel.plan.layers) {
    if (layer.op !== "neuron" && layer.op !== "max-pool") continue;
    const actual = partsOf(recorded, layer.name, data, sizeOf(outputShape));
    assert.deepEqual(actual, expected[layer.name], `spikes of "${layer.name}"`);
    const spikes = actual.reduce((sum, s) => sum + s, 0);
    assert.ok(
      spikes > 0 && spikes < actual.length,
      `"${layer.name}" gives ${spikes} of ${actual.length} spikes`,
    );
  }
  const output = dense(recorded[network.populations[network.outputs[0].population].name]);
  assertClose(output, expected[testModel.plan.graph.output]);
  return { network, notes };
}

export function assertClose(actual: Float64Array, expected: Float64Array): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]) < 1e-9, `element ${i}: ${value}, not ${expected[i]}`),
  );
}

/** The recording of a layer: of its population, or of the populations of its parts side by side. */
function partsOf(
  recorded: Readonly<Record<string, SpikeData>>,
  layer: string,
  { samples, steps }: TestData,
  size: number,
): Float64Array {
  const parts = Object.keys(recorded)
    .filter(
      (name) =>
        name === layer || (name.startsWith(`${layer}.`) && /^\d+$/.test(name.slice(layer.length + 1))),
    )
    .map((name) => dense(recorded[name]));
  const result: number[] = [];
  for (let row = 0; row < steps * samples; row++) {
    for (const part of parts) {
      const width = part.length / (steps * samples);
      result.push(...part.subarray(row * width, (row + 1) * width));
    }
  }
  assert.equal(result.length, steps * samples * size, `populations of "${layer}"`);
  return Float64Array.from(result);
}
