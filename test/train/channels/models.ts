// Graphs and values for the tests of channel pruning.
import { createExecutor } from "#train/engine/executor";
import { createReferenceBackend } from "#train/engine/reference";
import { INPUT, type Layer, type LayerGraph, planGraph } from "#train/graph";
import { NEURONS } from "#train/neurons";
import { createParameters } from "#train/parameters";
import { createRandom } from "#train/random";
import { loadTrainedModel, trainedModelOf, type TrainedModel } from "#train/trained-model";

export const conv = (
  name: string,
  input: string,
  channels: number,
  more: Partial<Extract<Layer, { op: "conv2d" }>> = {},
): Layer => ({
  name,
  inputs: [input],
  op: "conv2d",
  channels,
  kernel: [3, 3],
  stride: [1, 1],
  padding: [1, 1],
  groups: 1,
  bias: false,
  ...more,
});
export const norm = (name: string, input: string): Layer => ({
  name,
  inputs: [input],
  op: "batch-norm",
  epsilon: 1e-5,
  momentum: 0.1,
  gammaInit: 1,
});
export const lif = (name: string, input: string): Layer => ({
  name,
  inputs: [input],
  op: "neuron",
  neuron: NEURONS["lif-sj"],
});
export const add = (name: string, ...inputs: string[]): Layer => ({ name, inputs, op: "add" });
export const concat = (name: string, ...inputs: string[]): Layer => ({ name, inputs, op: "concat" });
export const flatten = (name: string, input: string): Layer => ({ name, inputs: [input], op: "flatten" });
export const linear = (name: string, input: string, features: number, bias = false): Layer => ({
  name,
  inputs: [input],
  op: "linear",
  features,
  bias,
});
export const pool = (name: string, input: string): Layer => ({
  name,
  inputs: [input],
  op: "average-pool",
  kernel: [2, 2],
  stride: [2, 2],
});
const block = (name: string, input: string, channels: number, more = {}): Layer[] => [
  conv(`${name}.conv`, input, channels, more),
  norm(`${name}.norm`, `${name}.conv`),
  lif(name, `${name}.norm`),
];

/** Two residual stages with a down-sampling branch, a concat neck, a hidden linear layer and a frozen head. */
export const RESIDUAL: LayerGraph = {
  name: "residual",
  inputShape: [2, 6, 6],
  layers: [
    ...block("stem", INPUT, 4),
    ...block("one", "stem", 4),
    add("stage1", "stem", "one"),
    ...block("two", "stage1", 6, { stride: [2, 2] }),
    ...block("down", "stage1", 6, { kernel: [1, 1], stride: [2, 2], padding: [0, 0] }),
    add("stage2", "two", "down"),
    pool("pooled", "stage1"),
    concat("joined", "stage2", "pooled"),
    ...block("neck", "joined", 5, { kernel: [1, 1], padding: [0, 0] }),
    flatten("flat", "neck"),
    linear("hidden.linear", "flat", 7, true),
    lif("hidden", "hidden.linear"),
    linear("head", "hidden", 3, true),
  ],
  output: "head",
};

/** Lively values: gammas around 2, betas and statistics off zero. */
export function randomModel(graph: LayerGraph, seed: number): TrainedModel {
  const random = createRandom(seed);
  const plan = planGraph(graph, false);
  const parameters = createParameters(plan, createReferenceBackend(), random);
  for (const { role, value } of parameters.list) {
    if (role === "gamma") for (let i = 0; i < value.length; i++) value[i] = 1.5 + random.next();
    if (role === "beta") for (let i = 0; i < value.length; i++) value[i] = random.next() - 0.2;
    if (role === "weight") for (let i = 0; i < value.length; i++) value[i] *= 2;
  }
  for (const { mean, variance } of parameters.statistics)
    for (let i = 0; i < mean.length; i++) {
      mean[i] = 0.4 * (random.next() - 0.5);
      variance[i] = 0.2 + random.next();
    }
  return trainedModelOf(plan, parameters);
}

/** What every layer gives in an evaluation of random spikes, by name: `[steps, batch, …shape]`. */
export function activations(
  model: TrainedModel,
  seed: number,
  steps = 4,
  batch = 3,
): ReadonlyMap<string, Float32Array> {
  const plan = planGraph(model.graph, model.staticInput);
  const backend = createReferenceBackend();
  const parameters = createParameters(plan, backend, createRandom(0));
  loadTrainedModel(model, parameters);
  const executor = createExecutor({ plan, parameters, backend, steps, maxBatch: batch, learns: false });
  const random = createRandom(seed);
  for (let i = 0; i < executor.input.length; i++) executor.input[i] = random.next() < 0.5 ? 1 : 0;
  executor.forward(batch, { training: false, seed: 0 });
  return new Map(plan.layers.map(({ layer }, i) => [layer.name, Float32Array.from(executor.activation(i))]));
}

/** A copy with other values. */
export function changed(
  model: TrainedModel,
  change: (values: Record<string, Float32Array>) => void,
): TrainedModel {
  const values = Object.fromEntries(
    Object.entries(model.values).map(([name, value]) => [name, value.slice()]),
  );
  change(values);
  return { ...model, values };
}
