import type { DiagnosticSink } from "#util/diagnostic";
import { flattenRange, kernelTooLarge, sameWithStride } from "./diagnostics.ts";
import { isArray, numbersOf, type Shape } from "./fields.ts";
import type { NirField } from "./graph.ts";
import type { FlatNode } from "./inline.ts";

/** A sliding window in two dimensions; one-dimensional ones have height 1. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Zeros added at top, bottom, left, right. */
  readonly padding: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
  readonly inChannels: number;
  readonly outChannels: number;
  /** `[H, W]`, or `[N]` in one dimension, where the file says so. */
  readonly spatial?: Shape;
}

export function weightShape(node: FlatNode): Shape | undefined {
  const weight = node.fields.weight;
  return isArray(weight) ? weight.shape : undefined;
}

/** One whole number, or one per axis; undefined if the field holds anything else. */
export function perAxis(
  field: NirField | undefined,
  axes: number,
  fallback: number,
): readonly number[] | undefined {
  if (field === undefined) return new Array<number>(axes).fill(fallback);
  const values = numbersOf(field);
  if (values === undefined || !values.every(Number.isInteger)) return undefined;
  if (values.length === 1) return new Array<number>(axes).fill(values[0]);
  return values.length === axes ? values : undefined;
}

/** A Conv1d or Conv2d node, or undefined if it is none or its numbers make no sense (reported elsewhere). */
export function convolutionOf(node: FlatNode): Window | undefined {
  if (node.type !== "Conv1d" && node.type !== "Conv2d") return undefined;
  const axes = node.type === "Conv1d" ? 1 : 2;
  const weight = weightShape(node);
  const stride = perAxis(node.fields.stride, axes, 1);
  const dilation = perAxis(node.fields.dilation, axes, 1);
  const groups = perAxis(node.fields.groups, 1, 1)?.[0];
  if (weight?.length !== axes + 2 || stride === undefined || dilation === undefined || groups === undefined)
    return undefined;
  const kernel = weight.slice(2);
  const padding = paddingOf(node.fields.padding, kernel, dilation);
  if (padding === undefined) return undefined;
  if ([...weight, ...stride, ...dilation, groups].some((n) => n < 1) || weight[0] % groups !== 0)
    return undefined;
  const spatial =
    node.fields.input_shape === undefined ? undefined : perAxis(node.fields.input_shape, axes, 0);
  return {
    kernel: pair(kernel, 1),
    stride: pair(stride, 1),
    padding: axes === 1 ? [0, 0, ...padding[0]] : [...padding[0], ...padding[1]],
    dilation: pair(dilation, 1),
    groups,
    inChannels: weight[1] * groups,
    outChannels: weight[0],
    ...(spatial !== undefined && spatial.every((n) => n > 0) ? { spatial } : {}),
  };
}

/** A pooling node over `channels` channels, as a window that keeps channels apart. */
export function poolingOf(node: FlatNode, channels: number): Window | undefined {
  const kernel = perAxis(node.fields.kernel_size, 2, 0);
  const stride = perAxis(node.fields.stride, 2, 0);
  const padding = perAxis(node.fields.padding, 2, 0);
  if (kernel === undefined || stride === undefined || padding === undefined) return undefined;
  if ([...kernel, ...stride].some((n) => n < 1) || padding.some((n) => n < 0)) return undefined;
  return {
    kernel: pair(kernel, 1),
    stride: pair(stride, 1),
    padding: [padding[0], padding[0], padding[1], padding[1]],
    dilation: [1, 1],
    groups: channels,
    inChannels: channels,
    outChannels: channels,
  };
}

const pair = (values: readonly number[], height: number): readonly [number, number] =>
  values.length === 1 ? [height, values[0]] : [values[0], values[1]];

/** Zeros before and after, per axis. "same" as PyTorch: the odd zero goes behind. */
function paddingOf(
  field: NirField | undefined,
  kernel: readonly number[],
  dilation: readonly number[],
): readonly (readonly [number, number])[] | undefined {
  if (field === "valid") return kernel.map(() => [0, 0] as const);
  if (field === "same") {
    return kernel.map((length, axis) => {
      const total = dilation[axis] * (length - 1);
      const before = Math.floor(total / 2);
      return [before, total - before] as const;
    });
  }
  const values = perAxis(field, kernel.length, 0);
  return values?.every((n) => n >= 0) ? values.map((n) => [n, n] as const) : undefined;
}

/**
 * Positions of a window along one axis: floor((in + padding - dilation·(kernel - 1) - 1) / stride + 1).
 * Zero or less: the kernel does not fit.
 */
export function windowPositions(
  length: number,
  padding: number,
  kernel: number,
  dilation: number,
  stride: number,
): number {
  return Math.floor((length + padding - dilation * (kernel - 1) - 1) / stride + 1);
}

/** `[channels, H, W]` (or `[channels, N]`) that a window makes of `input`; reports a kernel that does not fit. */
export function outputShapeOf(
  node: FlatNode,
  window: Window,
  input: Shape,
  sink: DiagnosticSink,
): Shape | undefined {
  const [top, bottom, left, right] = window.padding;
  const flat = input.length === 2;
  const [height, width] = flat ? [1, input[1]] : [input[1], input[2]];
  const rows = windowPositions(height, top + bottom, window.kernel[0], window.dilation[0], window.stride[0]);
  const columns = windowPositions(
    width,
    left + right,
    window.kernel[1],
    window.dilation[1],
    window.stride[1],
  );
  if (rows < 1 || columns < 1) {
    const reach = [0, 1].map((axis) => window.dilation[axis] * (window.kernel[axis] - 1) + 1);
    const padded = [height + top + bottom, width + left + right];
    sink.report(
      kernelTooLarge({ node, reach: flat ? reach.slice(1) : reach, padded: flat ? padded.slice(1) : padded }),
    );
    return undefined;
  }
  if (node.fields.padding === "same" && (window.stride[0] > 1 || window.stride[1] > 1))
    sink.report(sameWithStride({ node, stride: window.stride, output: [rows, columns] }));
  return flat ? [window.outChannels, columns] : [window.outChannels, rows, columns];
}

/** First and last axis that a Flatten node joins, or undefined if they are not axes of `input`. */
export function flattenedAxes(node: FlatNode, input: Shape): readonly [number, number] | undefined {
  const declared = numbersOf(node.fields.input_type);
  // An input_type with one axis more than what arrives counts the batch: so do its axis numbers.
  const batch = declared !== undefined && declared.length === input.length + 1 ? 1 : 0;
  const axis = (name: string, fallback: number): number => {
    const value = numbersOf(node.fields[name])?.[0] ?? fallback;
    return value < 0 ? value + input.length : value - batch;
  };
  const start = Math.max(0, axis("start_dim", 1));
  const end = axis("end_dim", -1);
  // One axis only: nothing to join, whatever the numbers say (start_dim 1 of writers that count the batch).
  if (input.length <= 1) return [0, input.length - 1];
  const fits = Number.isInteger(start) && Number.isInteger(end) && start <= end && end < input.length;
  return fits ? [start, end] : undefined;
}

export function flattenedShape(node: FlatNode, input: Shape, sink: DiagnosticSink): Shape | undefined {
  const axes = flattenedAxes(node, input);
  if (axes === undefined) {
    sink.report(flattenRange({ node, input }));
    return undefined;
  }
  const [start, end] = axes;
  const joined = input.slice(start, end + 1).reduce((product, length) => product * length, 1);
  return [...input.slice(0, start), joined, ...input.slice(end + 1)];
}
