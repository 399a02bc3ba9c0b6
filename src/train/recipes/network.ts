import type { z } from "zod";
import type { LayerGraph } from "../graph.ts";
import type { LayerInput, NeuronRecipe } from "../recipe-layers.ts";

/** A published network that recipes take by name. */
export interface ReadyNetwork<Options = unknown> {
  readonly name: string;
  readonly summary: string;
  /** Who published it. */
  readonly source: string;
  /** What can be chosen; a strict object in which everything has a default. */
  readonly options: z.ZodType<Options>;
  build(options: Options): LayerGraph;
}

/** Convolution without bias, batch normalisation, neuron: `conv…`, `bn…`, `neuron…`. */
export function convUnit(
  id: string,
  channels: number,
  neuron: NeuronRecipe,
  { kernel = 3, stride = 1, padding = 1, from }: ConvUnitOptions = {},
): LayerInput[] {
  return [
    {
      op: "conv2d",
      name: `conv${id}`,
      channels,
      kernel,
      stride,
      padding,
      ...(from !== undefined && { inputs: [from] }),
    },
    { op: "batch-norm", name: `bn${id}` },
    { op: "neuron", name: `neuron${id}`, neuron },
  ];
}

export interface ConvUnitOptions {
  readonly kernel?: number;
  readonly stride?: number;
  readonly padding?: number;
  /** The layer that is read; the one before, unless said. */
  readonly from?: string;
}

/** A linear layer and its neurons: `fc…`, `neuron…`. */
export function linearUnit(id: string, features: number, neuron: NeuronRecipe, bias = false): LayerInput[] {
  return [
    { op: "linear", name: `fc${id}`, features, bias },
    { op: "neuron", name: `neuron-fc${id}`, neuron },
  ];
}
