import { expand, isIdentity, storedWeights } from "#ir/connectivity";
import type { Connectivity, SharedKernel } from "#ir/network";
import { sameShape, sizeOf, spread, type Shape } from "./fields.ts";
import type { NirNode } from "./graph.ts";
import { floats, integer, integers, node } from "./write-node.ts";

/** Elements of a weight matrix that is written out in full. */
const MAX_WEIGHTS = 2 ** 27;

/** What is known about a map that becomes a node. */
export interface WrittenMap {
  readonly connectivity: Connectivity;
  readonly weightScale: number;
  /** Shapes of the populations at both ends. */
  readonly pre: Shape;
  readonly post: Shape;
  /** Constant added behind the map, `[size of post]` or `[1]`. */
  readonly bias?: Float64Array;
  /** True for trained layers, which never become pooling nodes. */
  readonly isLayer: boolean;
}

/**
 * A linear map as a NIR node, in the most specific type that holds it exactly.
 *
 * @returns undefined if no type of NIR can say it
 */
export function mapNode(name: string, map: WrittenMap): NirNode | undefined {
  const { connectivity } = map;
  switch (connectivity.kind) {
    case "kernel":
      return (
        poolNode(name, map, connectivity) ?? convolutionNode(name, map, connectivity) ?? linearNode(name, map)
      );
    case "diagonal":
      if (map.bias !== undefined) return linearNode(name, map);
      return flattenNode(name, map) ?? scaleNode(name, map);
    default:
      return linearNode(name, map);
  }
}

/** True if a map's node takes one axis, and what arrives has another number of axes. */
export function needsFlatInput(pre: Shape, { type }: NirNode): boolean {
  return (type === "Linear" || type === "Affine") && pre.length !== 1;
}

function scaled(values: Float32Array | Float64Array, scale: number): Float32Array | Float64Array {
  return scale === 1 ? values : Float64Array.from(values, (value) => value * scale);
}

function linearNode(name: string, { connectivity, weightScale, bias }: WrittenMap): NirNode | undefined {
  const { rows, cols } = connectivity;
  if (rows * cols > MAX_WEIGHTS) return undefined;
  let values: Float32Array | Float64Array;
  if (connectivity.kind === "dense") values = connectivity.values;
  else {
    const sparse = expand(connectivity);
    const dense = new Float64Array(rows * cols);
    for (let row = 0; row < rows; row++)
      for (let i = sparse.rowStart[row]; i < sparse.rowStart[row + 1]; i++)
        dense[sparse.colIndex[i] * rows + row] += sparse.values[i];
    values = dense;
  }
  const weight = floats(scaled(values, weightScale), [cols, rows]);
  if (bias === undefined) return node(name, "Linear", { weight });
  const all = bias.length === cols ? bias : new Float64Array(cols).fill(bias[0]);
  return node(name, "Affine", { weight, bias: floats(all, [cols]) });
}

function convolutionNode(name: string, map: WrittenMap, kernel: SharedKernel): NirNode | undefined {
  const [top, bottom, left, right] = kernel.padding;
  const channels = kernel.outputShape[0];
  const bias = perChannel(map.bias, channels, sizeOf(kernel.outputShape));
  if (top !== bottom || left !== right || bias === undefined) return undefined;
  const weights = scaled(kernel.weights, map.weightScale);
  const shared = { bias: floats(bias, [channels]), groups: integer(kernel.groups) };
  const { kernelShape, stride, dilation, inputShape } = kernel;
  if (map.pre.length === 2 && inputShape[1] === 1 && kernelShape[2] === 1 && top === 0) {
    return node(name, "Conv1d", {
      ...shared,
      weight: floats(weights, [kernelShape[0], kernelShape[1], kernelShape[3]]),
      input_shape: integer(inputShape[2]),
      stride: integer(stride[1]),
      padding: integer(left),
      dilation: integer(dilation[1]),
    });
  }
  return node(name, "Conv2d", {
    ...shared,
    weight: floats(weights, kernelShape),
    input_shape: integers(inputShape.slice(1)),
    stride: integers(stride),
    padding: integers([top, left]),
    dilation: integers(dilation),
  });
}

/** One bias for each channel, zeros if there is none; undefined if it differs inside a channel. */
function perChannel(
  bias: Float64Array | undefined,
  channels: number,
  size: number,
): Float64Array | undefined {
  if (bias === undefined) return new Float64Array(channels);
  if (bias.length === 1) return new Float64Array(channels).fill(bias[0]);
  const each = size / channels;
  const first = Float64Array.from({ length: channels }, (_, channel) => bias[channel * each]);
  return bias.every((value, i) => value === first[Math.floor(i / each)]) ? first : undefined;
}

function poolNode(name: string, map: WrittenMap, kernel: SharedKernel): NirNode | undefined {
  const [channels] = kernel.inputShape;
  const [top, bottom, left, right] = kernel.padding;
  const depthwise =
    kernel.groups === channels && kernel.kernelShape[0] === channels && kernel.kernelShape[1] === 1;
  const plain = top === bottom && left === right && kernel.dilation.every((d) => d === 1);
  if (map.isLayer || map.bias !== undefined || map.pre.length !== 3 || !depthwise || !plain) return undefined;
  const area = kernel.kernelShape[2] * kernel.kernelShape[3];
  const weights = scaled(kernel.weights, map.weightScale);
  const type = weights.every((w) => w === 1)
    ? "SumPool2d"
    : weights.every((w) => w === 1 / area)
      ? "AvgPool2d"
      : undefined;
  if (type === undefined) return undefined;
  return node(name, type, {
    kernel_size: integers(kernel.kernelShape.slice(2)),
    stride: integers(kernel.stride),
    padding: integers([top, left]),
  });
}

function flattenNode(
  name: string,
  { connectivity, weightScale, pre, post }: WrittenMap,
): NirNode | undefined {
  if (!isIdentity(connectivity) || weightScale !== 1) return undefined;
  for (let start = 0; start < pre.length; start++) {
    for (let end = start; end < pre.length; end++) {
      const joined = [...pre.slice(0, start), sizeOf(pre.slice(start, end + 1)), ...pre.slice(end + 1)];
      // Joining one axis changes nothing; such a node is only written for a vector.
      if (!sameShape(joined, post) || (start === end && pre.length > 1)) continue;
      return flatten(name, pre, start, end);
    }
  }
  return undefined;
}

export function flatten(name: string, input: Shape, start = 0, end = -1): NirNode {
  return node(name, "Flatten", {
    input_type: integers(input),
    start_dim: integer(start),
    end_dim: integer(end),
  });
}

function scaleNode(name: string, { connectivity, weightScale, pre, post }: WrittenMap): NirNode | undefined {
  if (!sameShape(pre, post)) return undefined;
  const values = scaled(storedWeights(connectivity), weightScale);
  const full = values.length === 1 ? new Float64Array(sizeOf(pre)).fill(values[0]) : values;
  return spread(full, pre, pre) === undefined ? undefined : node(name, "Scale", { scale: floats(full, pre) });
}
