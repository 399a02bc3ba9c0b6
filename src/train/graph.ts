// A trainable network as plain data: layers by name, each saying where its input comes from.
import { DiagnosticSink } from "#util/diagnostic";
import { graphInputMissing, graphNameTaken, graphShapeMismatch } from "./graph-diagnostics.ts";
import type { NeuronSpec } from "./neurons.ts";

/** Reserved name: the data. */
export const INPUT = "input";

export interface LayerGraph {
  readonly name: string;
  /** Of one sample in one step: `[features]` or `[channels, height, width]`. */
  readonly inputShape: readonly number[];
  /** In order: a layer reads `input` or layers before it. */
  readonly layers: readonly Layer[];
  /** The layer that is read out; the last one by custom. */
  readonly output: string;
}

export type Layer = LayerBase & LayerOp;

export interface LayerBase {
  readonly name: string;
  /** Names of layers, or `input`. One, but for `add` and `concat`. */
  readonly inputs: readonly string[];
}

export type Pair = readonly [number, number];

export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
}

export type LayerOp =
  | { readonly op: "linear"; readonly features: number; readonly bias: boolean }
  | {
      readonly op: "conv2d";
      readonly channels: number;
      readonly kernel: Pair;
      readonly stride: Pair;
      readonly padding: Pair;
      readonly groups: number;
      readonly bias: boolean;
    }
  | ({ readonly op: "average-pool" } & Window)
  | ({ readonly op: "max-pool" } & Window)
  /** `gammaInit`: 1 unless said; `momentum`: share of the new batch in the running statistics. */
  | {
      readonly op: "batch-norm";
      readonly epsilon: number;
      readonly momentum: number;
      readonly gammaInit: number;
    }
  | { readonly op: "neuron"; readonly neuron: NeuronSpec }
  /** Non-spiking rectifier, so that the methods can be tried on an ordinary network. */
  | { readonly op: "relu" }
  /** One mask for all steps of a sample. Training only; survivors are scaled by 1 / (1 - rate). */
  | { readonly op: "dropout"; readonly rate: number }
  | { readonly op: "add" }
  | { readonly op: "concat" }
  | { readonly op: "flatten" }
  /** Mean over consecutive groups of outputs: `[classes * groupSize]` to `[classes]`. */
  | { readonly op: "voting"; readonly groupSize: number };

/** A layer with what follows from its place. */
export interface PlannedLayer {
  readonly layer: Layer;
  /** Indices into the plan; -1 is the data. */
  readonly inputs: readonly number[];
  readonly inputShapes: readonly (readonly number[])[];
  readonly outputShape: readonly number[];
  /** True: the same in all steps, so computed once (everything between a direct-coded image and the first neuron). */
  readonly isStatic: boolean;
}

export interface GraphPlan {
  readonly graph: LayerGraph;
  readonly layers: readonly PlannedLayer[];
  /** Index of the layer that is read out. */
  readonly output: number;
  readonly staticInput: boolean;
}

/**
 * Shapes of all layers. Reports every fault and throws them together.
 *
 * @param staticInput true for direct coding: one image for all steps
 * @throws ToolchainError with `train/graph-…`
 */
export function planGraph(graph: LayerGraph, staticInput: boolean): GraphPlan {
  const sink = new DiagnosticSink();
  const indexOf = new Map<string, number>([[INPUT, -1]]);
  const layers: PlannedLayer[] = [];
  for (const layer of graph.layers) {
    const inputs: number[] = [];
    for (const name of layer.inputs) {
      const index = indexOf.get(name);
      if (index === undefined)
        sink.report(graphInputMissing({ layer: layer.name, input: name, known: [...indexOf.keys()] }));
      inputs.push(index ?? -1);
    }
    if (indexOf.has(layer.name)) sink.report(graphNameTaken({ layer: layer.name }));
    const inputShapes = inputs.map((i) => (i < 0 ? graph.inputShape : layers[i].outputShape));
    const shape = outputShape(layer, inputShapes, sink);
    const isStatic = layer.op !== "neuron" && inputs.every((i) => (i < 0 ? staticInput : layers[i].isStatic));
    indexOf.set(layer.name, layers.length);
    layers.push({ layer, inputs, inputShapes, outputShape: shape, isStatic });
  }
  const output = indexOf.get(graph.output);
  if (output === undefined || output < 0)
    sink.report(graphInputMissing({ layer: "output", input: graph.output, known: [...indexOf.keys()] }));
  sink.throwIfErrors();
  return { graph, layers, output: output ?? -1, staticInput };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function outputShape(
  layer: Layer,
  inputs: readonly (readonly number[])[],
  sink: DiagnosticSink,
): readonly number[] {
  const [input] = inputs;
  const fault = (needed: string): readonly number[] => {
    sink.report(graphShapeMismatch({ layer: layer.name, op: layer.op, needed, shapes: inputs }));
    return input ?? [1];
  };
  if (input === undefined) return fault("an input");
  const isImage = input.length === 3;
  switch (layer.op) {
    case "linear":
      return input.length === 1 ? [layer.features] : fault("a flat input (put a flatten layer before it)");
    case "conv2d": {
      if (!isImage) return fault("an input of channels, height and width");
      if (input[0] % layer.groups !== 0 || layer.channels % layer.groups !== 0)
        return fault(`input and output channels that ${layer.groups} groups divide`);
      const size = ([0, 1] as const).map((a) =>
        Math.floor((input[a + 1] + 2 * layer.padding[a] - layer.kernel[a]) / layer.stride[a] + 1),
      );
      return size.every((s) => s >= 1) ? [layer.channels, ...size] : fault("an input as large as its kernel");
    }
    case "average-pool":
    case "max-pool": {
      if (!isImage) return fault("an input of channels, height and width");
      const size = ([0, 1] as const).map((a) =>
        Math.floor((input[a + 1] - layer.kernel[a]) / layer.stride[a] + 1),
      );
      return size.every((s) => s >= 1) ? [input[0], ...size] : fault("an input as large as its window");
    }
    case "flatten":
      return [sizeOf(input)];
    case "voting":
      if (input.length !== 1 || input[0] % layer.groupSize !== 0)
        return fault(`a flat input whose length ${layer.groupSize} divides`);
      return [input[0] / layer.groupSize];
    case "add":
      return inputs.length >= 2 && inputs.every((s) => String(s) === String(input))
        ? input
        : fault("two or more inputs of the same shape");
    case "concat":
      return inputs.length >= 2 && inputs.every((s) => String(s.slice(1)) === String(input.slice(1)))
        ? [inputs.reduce((sum, s) => sum + s[0], 0), ...input.slice(1)]
        : fault("two or more inputs of the same height and width");
    case "batch-norm":
    case "neuron":
    case "relu":
    case "dropout":
      return input;
  }
}

/** Weight shape of a layer: `[out, in]` for linear, `[out, in / groups, kernel height, kernel width]` for conv2d. */
export function weightShape({ layer, inputShapes }: PlannedLayer): readonly number[] | undefined {
  if (layer.op === "linear") return [layer.features, inputShapes[0][0]];
  if (layer.op === "conv2d") return [layer.channels, inputShapes[0][0] / layer.groups, ...layer.kernel];
  return undefined;
}
