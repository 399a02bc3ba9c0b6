// Layers as a recipe lists them: what goes without saying is left out.
import { z } from "zod";
import type { Layer, LayerGraph, LayerOp, Pair } from "./graph.ts";
import { NEURONS, SURROGATES, type NeuronName, type NeuronSpec, type SurrogateName } from "./neurons.ts";

const positive = z.int().min(1);
const side = z.union([positive, z.tuple([positive, positive])]);
const border = z.union([z.int().min(0), z.tuple([z.int().min(0), z.int().min(0)])]);
/** Of a field that may be left out. */
const channels = positive;

const neuronNames = z.enum(Object.keys(NEURONS) as [NeuronName, ...NeuronName[]]);
const surrogateNames = z.enum(Object.keys(SURROGATES) as [SurrogateName, ...SurrogateName[]]);
/** A neuron by name, or by name with some of its numbers changed. */
const neuron = z.union([
  neuronNames,
  z.strictObject({
    name: neuronNames,
    keep: z.number().min(0).max(1).exactOptional(),
    gain: z.number().gt(0).exactOptional(),
    threshold: z.number().gt(0).exactOptional(),
    compare: z.enum([">", ">="]).exactOptional(),
    detachReset: z.boolean().exactOptional(),
    surrogate: surrogateNames.exactOptional(),
    learnableLeak: z.boolean().exactOptional(),
  }),
]);

export type NeuronRecipe = z.output<typeof neuron>;
export const neuronSchema: z.ZodType<NeuronRecipe> = neuron;

const base = {
  /** Default: the op and a number, such as `conv2d1`. */
  name: z.string().min(1).exactOptional(),
  /** Default: the layer before. */
  inputs: z.array(z.string()).min(1).exactOptional(),
};

const layer = z.discriminatedUnion("op", [
  z.strictObject({ op: z.literal("linear"), ...base, features: channels, bias: z.boolean().default(false) }),
  z.strictObject({
    op: z.literal("conv2d"),
    ...base,
    channels,
    kernel: side,
    stride: side.default(1),
    padding: border.default(0),
    groups: positive.default(1),
    bias: z.boolean().default(false),
  }),
  z.strictObject({
    op: z.enum(["average-pool", "max-pool"]),
    ...base,
    kernel: side,
    /** Default: the kernel. */
    stride: side.exactOptional(),
  }),
  z.strictObject({
    op: z.literal("batch-norm"),
    ...base,
    epsilon: z.number().gt(0).default(1e-5),
    momentum: z.number().gt(0).max(1).default(0.1),
    gammaInit: z.number().min(0).default(1),
  }),
  z.strictObject({ op: z.literal("neuron"), ...base, neuron }),
  z.strictObject({ op: z.literal("dropout"), ...base, rate: z.number().min(0).lt(1) }),
  z.strictObject({ op: z.enum(["relu", "add", "concat", "flatten"]), ...base }),
  z.strictObject({ op: z.literal("voting"), ...base, groupSize: positive }),
]);

/** A layer as it is written; `LayerRecipe` has the defaults filled in. */
export type LayerInput = z.input<typeof layer>;
export type LayerRecipe = z.output<typeof layer>;
export const layerSchema: z.ZodType<LayerRecipe, LayerInput> = layer;

/** The network that the list describes. Names and shapes are checked by `planGraph`. */
export function graphOfLayers(
  name: string,
  inputShape: readonly number[],
  list: readonly LayerInput[],
  output?: string,
): LayerGraph {
  const count = new Map<string, number>();
  const layers: Layer[] = [];
  for (const entry of list.map((one) => layer.parse(one))) {
    const number = (count.get(entry.op) ?? 0) + 1;
    count.set(entry.op, number);
    layers.push({
      name: entry.name ?? `${entry.op}${number}`,
      inputs: entry.inputs ?? [layers.at(-1)?.name ?? "input"],
      ...opOf(entry),
    });
  }
  return { name, inputShape, layers, output: output ?? layers.at(-1)?.name ?? "input" };
}

function opOf(entry: LayerRecipe): LayerOp {
  const { name, inputs, ...op } = entry;
  void [name, inputs];
  switch (op.op) {
    case "conv2d":
      return { ...op, kernel: pairOf(op.kernel), stride: pairOf(op.stride), padding: pairOf(op.padding) };
    case "average-pool":
    case "max-pool":
      return { op: op.op, kernel: pairOf(op.kernel), stride: pairOf(op.stride ?? op.kernel) };
    case "neuron":
      return { op: "neuron", neuron: neuronOf(op.neuron) };
    default:
      return op;
  }
}

/** All numbers of a neuron. */
export function neuronOf(recipe: NeuronRecipe): NeuronSpec {
  if (typeof recipe === "string") return NEURONS[recipe];
  const spec = { ...NEURONS[recipe.name], ...recipe };
  return spec.learnableLeak ? { ...spec, keep: 1 - spec.gain } : spec;
}

const pairOf = (value: number | Pair): Pair => (typeof value === "number" ? [value, value] : value);
