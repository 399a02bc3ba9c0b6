// The shape of a layer's weights: for folding, and as a projection.
import type { Connectivity } from "#ir/network";
import { sizeOf, type Layer, type LayerOp, type PlannedLayer } from "../graph.ts";
import { volume } from "./signal.ts";
import type { WeightLayout } from "./weights.ts";

/** A planned layer of one kind. */
export type Planned<Op extends LayerOp["op"]> = PlannedLayer & { readonly layer: Extract<Layer, { op: Op }> };

export function layoutOf({ layer, inputShapes, outputShape }: Planned<"linear" | "conv2d">): WeightLayout {
  const [inChannels] = inputShapes[0];
  if (layer.op === "linear")
    return { outChannels: layer.features, inPerGroup: inChannels, taps: 1, groups: 1 };
  const { kernel, groups } = layer;
  return {
    outChannels: outputShape[0],
    inPerGroup: inChannels / groups,
    taps: kernel[0] * kernel[1],
    groups,
  };
}

/**
 * Weights as a projection.
 *
 * @param partShape what these weights read: some or all channels of the layer's input
 */
export function connectivityOf(
  { layer, outputShape }: Planned<"linear" | "conv2d">,
  weights: Float32Array | Float64Array,
  partShape: readonly number[],
): Connectivity {
  const rows = sizeOf(partShape);
  const cols = sizeOf(outputShape);
  if (layer.op === "linear") return { kind: "dense", rows, cols, values: weights };
  const { kernel, stride, padding, groups } = layer;
  return {
    kind: "kernel",
    rows,
    cols,
    weights,
    kernelShape: [outputShape[0], partShape[0] / groups, ...kernel],
    stride,
    padding: [padding[0], padding[0], padding[1], padding[1]],
    dilation: [1, 1],
    groups,
    inputShape: volume(partShape),
    outputShape: volume(outputShape),
  };
}
