import { expand, isIdentity, storedWeights } from "#ir/connectivity";
import type { Connectivity, SharedKernel } from "#ir/network";
import { isArray, sameShape, sizeOf, spread, type Shape } from "./fields.ts";
import type { NirNode } from "./graph.ts";
import { legalKernel } from "./legal-kernel.ts";
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
export function needsFlatInput(pre: Shape, { type, fields: { weight } }: NirNode): boolean {
  if (type !== "Linear" && type !== "Affine") return false;
  return pre.length !== 1 && isArray(weight) && weight.shape.length === 2;
}

function scaled(values: Float32Array | Float64Array, scale: number): Float32Array | Float64Array {
  return scale === 1 ? values : Float64Array.from(values, (value) => value * scale);
}

function linearNode(name: string, map: WrittenMap): NirNode | undefined {
  const { connectivity, weightScale, bias } = map;
  const { rows, cols } = connectivity;
  const blocks = blocksNode(name, map);
  if (blocks !== undefined) return blocks;
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

/** One matrix for each index of the leading axes, where the map keeps those apart: a weight of higher rank. */
function blocksNode(
  name: string,
  { connectivity, weightScale, pre, post, bias }: WrittenMap,
): NirNode | undefined {
  const lead = post.slice(0, -1);
  if (connectivity.kind !== "sparse" || lead.length === 0 || !sameShape(pre.slice(0, -1), lead))
    return undefined;
  const [ins, outs] = [pre[pre.length - 1], post[post.length - 1]];
  const { rows, cols, rowStart, colIndex, values } = connectivity;
  const weights = new Float64Array(rows * outs);
  for (let row = 0; row < rows; row++) {
    const block = Math.floor(row / ins);
    for (let i = rowStart[row]; i < rowStart[row + 1]; i++) {
      if (Math.floor(colIndex[i] / outs) !== block) return undefined;
      weights[colIndex[i] * ins + (row % ins)] = values[i];
    }
  }
  const weight = floats(scaled(weights, weightScale), [...lead, outs, ins]);
  if (bias === undefined) return node(name, "Linear", { weight });
  const each = bias.length === 1 ? new Float64Array(outs).fill(bias[0]) : bias.slice(0, outs);
  if (bias.length === cols && !bias.every((value, i) => value === each[i % outs])) return undefined;
  return node(name, "Affine", { weight, bias: floats(each, [outs]) });
}

function convolutionNode(name: string, map: WrittenMap, kernel: SharedKernel): NirNode | undefined {
  const channels = kernel.outputShape[0];
  const bias = perChannel(map.bias, channels, sizeOf(kernel.outputShape));
  const isFlat = map.pre.length === 2 && kernel.inputShape[1] === 1 && kernel.kernelShape[2] === 1;
  const oneDimensional = isFlat && kernel.padding[0] === 0 && kernel.padding[1] === 0;
  const legal = legalKernel(kernel, scaled(kernel.weights, map.weightScale), oneDimensional ? 1 : 2);
  if (bias === undefined || legal === undefined) return undefined;
  const { stride, dilation, inputShape } = kernel;
  const { weights, kernelShape, padding, record } = legal;
  const shared = { bias: floats(bias, [channels]), groups: integer(1) };
  if (oneDimensional) {
    const fields = {
      ...shared,
      weight: floats(weights, [kernelShape[0], kernelShape[1], kernelShape[3]]),
      input_shape: integer(inputShape[2]),
      stride: integer(stride[1]),
      padding: integer(padding[1]),
      dilation: integer(dilation[1]),
    };
    return node(name, "Conv1d", fields, record);
  }
  const fields = {
    ...shared,
    weight: floats(weights, kernelShape),
    input_shape: integers(inputShape.slice(1)),
    stride: integers(stride),
    padding: integers(padding),
    dilation: integers(dilation),
  };
  return node(name, "Conv2d", fields, record);
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
