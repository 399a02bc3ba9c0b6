import { floatsOf, isArray, type Shape } from "./fields.ts";
import type { Window } from "./geometry.ts";
import type { NirField } from "./graph.ts";
import type { FlatNode } from "./inline.ts";
import { floats, integer, integers } from "./write-node.ts";

/** A kernel with the zeros around its input: what a convolution computes, apart from stride and dilation. */
interface Kernel {
  /** `[out, in, height, width]`. */
  readonly weights: Float32Array | Float64Array;
  readonly shape: readonly [number, number, number, number];
  /** Zeros at top, bottom, left, right. */
  readonly padding: readonly [number, number, number, number];
}

/**
 * Fields of a convolution that the reference reader reads as everybody else does: one group, a square
 * kernel, padding in numbers, every field there.
 *
 * The reader takes the input channels of a group for all of them, and the kernel's height for its width.
 * Zeros make both true without changing what is computed; where they cannot (a kernel whose sides differ by
 * an odd number, uneven padding under dilation) the field stays as it is.
 */
export function repairedConvolution(node: FlatNode, window: Window, input: Shape): Record<string, NirField> {
  const oneDimensional = node.type === "Conv1d";
  let kernel = withoutGroups(node, window);
  kernel = evenPadding(kernel, window.dilation);
  if (!oneDimensional) kernel = squared(kernel, window.dilation);
  const [top, bottom, left, right] = kernel.padding;
  const even = top === bottom && left === right;
  const [out, channels, height, width] = kernel.shape;
  const bias = isArray(node.fields.bias) ? floatsOf(node.fields.bias) : new Float64Array(1);
  const axes = (pair: readonly [number, number]): NirField =>
    oneDimensional ? integer(pair[1]) : integers(pair);
  return {
    weight: floats(kernel.weights, oneDimensional ? [out, channels, width] : [out, channels, height, width]),
    bias: floats(bias.length === 1 ? new Float64Array(out).fill(bias[0]) : bias, [out]),
    input_shape: oneDimensional ? integer(input[1]) : integers(input.slice(1)),
    stride: axes(window.stride),
    dilation: axes(window.dilation),
    groups: integer(1),
    padding: even ? axes([top, left]) : node.fields.padding,
  };
}

/** One dense kernel for all groups, with zeros between channels of different groups. */
function withoutGroups(node: FlatNode, window: Window): Kernel {
  const { weight } = node.fields;
  const values = isArray(weight) ? floatsOf(weight) : new Float64Array(0);
  const { groups, inChannels, outChannels, padding } = window;
  const [height, width] = window.kernel;
  const shape = [outChannels, inChannels, height, width] as const;
  if (groups === 1) return { weights: values, shape, padding };
  const area = height * width;
  const perGroup = inChannels / groups;
  const weights =
    values instanceof Float32Array
      ? new Float32Array(outChannels * inChannels * area)
      : new Float64Array(outChannels * inChannels * area);
  for (let out = 0; out < outChannels; out++) {
    const group = Math.floor(out / (outChannels / groups));
    const from = out * perGroup * area;
    const to = (out * inChannels + group * perGroup) * area;
    weights.set(values.subarray(from, from + perGroup * area), to);
  }
  return { weights, shape, padding };
}

/** One more row or column of zeros in front where the padding behind is one larger, as "same" makes it. */
function evenPadding(kernel: Kernel, dilation: readonly [number, number]): Kernel {
  const [top, bottom, left, right] = kernel.padding;
  const rows = bottom - top === dilation[0] ? 1 : 0;
  const columns = right - left === dilation[1] ? 1 : 0;
  if (rows === 0 && columns === 0) return kernel;
  const grown = grow(kernel, [rows, 0], [columns, 0]);
  return { ...grown, padding: [top + rows * dilation[0], bottom, left + columns * dilation[1], right] };
}

/** The shorter side grown by equal zeros on both ends, if the difference is even. */
function squared(kernel: Kernel, dilation: readonly [number, number]): Kernel {
  const [, , height, width] = kernel.shape;
  const missing = Math.abs(height - width);
  if (missing === 0 || missing % 2 === 1) return kernel;
  const each = missing / 2;
  const rows = height < width ? each : 0;
  const columns = width < height ? each : 0;
  const grown = grow(kernel, [rows, rows], [columns, columns]);
  const [top, bottom, left, right] = kernel.padding;
  const [dy, dx] = [rows * dilation[0], columns * dilation[1]];
  return { ...grown, padding: [top + dy, bottom + dy, left + dx, right + dx] };
}

function grow(
  { weights, shape: [out, channels, height, width], padding }: Kernel,
  rows: readonly [before: number, after: number],
  columns: readonly [before: number, after: number],
): Kernel {
  const tall = height + rows[0] + rows[1];
  const wide = width + columns[0] + columns[1];
  const size = out * channels * tall * wide;
  const grown = weights instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
  for (let plane = 0; plane < out * channels; plane++)
    for (let y = 0; y < height; y++) {
      const from = (plane * height + y) * width;
      const to = (plane * tall + y + rows[0]) * wide + columns[0];
      grown.set(weights.subarray(from, from + width), to);
    }
  return { weights: grown, shape: [out, channels, tall, wide], padding };
}
