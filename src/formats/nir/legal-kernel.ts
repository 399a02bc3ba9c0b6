import type { SharedKernel } from "#ir/network";
import { isArray, numbersOf, sameShape } from "./fields.ts";
import type { NirField, NirNode } from "./graph.ts";
import { windowPositions } from "./geometry.ts";
import { integers } from "./write-node.ts";

// The reference reader takes the input channels of one group for all of them, and the height of a kernel for its
// width; padding is the same at both ends of an axis. Zeros around and between the weights make all that true
// without changing what is computed, and a record in the node's metadata says where the weights are.

/** Metadata keys of a convolution that was written with zeros around its kernel. */
const RECORD = {
  /** `[groups]`. */
  groups: "spinec_groups",
  /** `[first row, rows, first column, columns]` of the kernel inside the one that was written. */
  window: "spinec_kernel_window",
  /** `[top, bottom, left, right]`. */
  padding: "spinec_padding",
} as const;

/** Kernels are tried up to so many rows and columns more than they have. */
const MAX_GROWTH = 64;

/** A convolution in one group, with a square kernel and even padding. */
export interface LegalKernel {
  readonly weights: Float32Array | Float64Array;
  /** `[outChannels, inChannels, height, width]`. */
  readonly kernelShape: readonly [number, number, number, number];
  /** Zeros at both ends of the rows, and of the columns. */
  readonly padding: readonly [number, number];
  /** Empty if the kernel is as it was. */
  readonly record: Readonly<Record<string, NirField>>;
}

/**
 * The same convolution as the reference reader reads it. Where zeros cannot make the kernel square it stays oblong,
 * which only that reader minds. With stride and dilation 1, a side of k and padding p at both ends give
 * input + 2p - k + 1 positions: the parity of k is that of input - positions + 1, along each axis. Where the two
 * differ there is no square kernel. NIR has no node that only pads, and a convolution in front that does (an identity
 * with dilated rows) would be one more layer to every reader.
 *
 * @param axes 2, or 1 for a convolution over columns only
 * @returns undefined if the padding cannot be made even
 */
export function legalKernel(
  kernel: SharedKernel,
  weights: Float32Array | Float64Array,
  axes: 1 | 2,
): LegalKernel | undefined {
  const [, , height, width] = kernel.kernelShape;
  const single = { before: 0, padding: 0, side: 1 };
  const smallest = axes === 1 ? width : Math.max(height, width);
  for (let side = smallest; side <= smallest + MAX_GROWTH; side++) {
    const rows = axes === 1 ? single : fit(kernel, 0, side);
    const columns = fit(kernel, 1, side);
    if (rows !== undefined && columns !== undefined) return padded(kernel, weights, rows, columns);
  }
  const rows = smallestFit(kernel, 0, height);
  const columns = smallestFit(kernel, 1, width);
  return rows && columns && padded(kernel, weights, rows, columns);
}

/** Zeros in front of the kernel along one axis, its length with all zeros, and the padding of the input. */
interface Fit {
  readonly before: number;
  readonly side: number;
  readonly padding: number;
}

function padded(
  kernel: SharedKernel,
  weights: Float32Array | Float64Array,
  rows: Fit,
  columns: Fit,
): LegalKernel {
  const [out, , height, width] = kernel.kernelShape;
  const [top, bottom, left, right] = kernel.padding;
  const kernelShape = [out, kernel.inputShape[0], rows.side, columns.side] as const;
  const padding = [rows.padding, columns.padding] as const;
  const isPlain = kernel.groups === 1 && height === rows.side && width === columns.side;
  if (isPlain && top === bottom && left === right) return { weights, kernelShape, padding, record: {} };
  return {
    weights: spreadOut(kernel, weights, kernelShape, [rows.before, columns.before]),
    kernelShape,
    padding,
    record: {
      [RECORD.groups]: integers([kernel.groups]),
      [RECORD.window]: integers([rows.before, height, columns.before, width]),
      [RECORD.padding]: integers(kernel.padding),
    },
  };
}

function smallestFit(kernel: SharedKernel, axis: 0 | 1, length: number): Fit | undefined {
  for (let side = length; side <= length + MAX_GROWTH; side++) {
    const found = fit(kernel, axis, side);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Zeros in front of the kernel along one axis so that even padding gives the same positions. */
function fit(
  { kernelShape, padding, stride, dilation, inputShape, outputShape }: SharedKernel,
  axis: 0 | 1,
  side: number,
): Fit | undefined {
  const length = kernelShape[2 + axis];
  for (let before = 0; before <= side - length; before++) {
    const even = padding[2 * axis] + before * dilation[axis];
    const positions = windowPositions(inputShape[1 + axis], 2 * even, side, dilation[axis], stride[axis]);
    if (positions === outputShape[1 + axis]) return { before, side, padding: even };
  }
  return undefined;
}

function spreadOut(
  { kernelShape: [out, perGroup, height, width], groups }: SharedKernel,
  weights: Float32Array | Float64Array,
  [, channels, tall, wide]: LegalKernel["kernelShape"],
  [firstRow, firstColumn]: readonly [number, number],
): Float32Array | Float64Array {
  const size = out * channels * tall * wide;
  const result = weights instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
  for (let o = 0; o < out; o++) {
    const group = Math.floor(o / (out / groups));
    for (let i = 0; i < perGroup; i++)
      for (let row = 0; row < height; row++) {
        const from = ((o * perGroup + i) * height + row) * width;
        const plane = o * channels + group * perGroup + i;
        const to = (plane * tall + firstRow + row) * wide + firstColumn;
        result.set(weights.subarray(from, from + width), to);
      }
  }
  return result;
}

/** The kernel as it was before `legalKernel`, if the node has the record and the kernel is still of that form. */
export function restoredKernel(written: SharedKernel, metadata: NirNode["metadata"]): SharedKernel {
  const groups = wholeNumbers(metadata[RECORD.groups], 1)?.[0];
  const window = wholeNumbers(metadata[RECORD.window], 4);
  const padding = wholeNumbers(metadata[RECORD.padding], 4);
  if (groups === undefined || window === undefined || padding === undefined) return written;
  const [out, channels, tall, wide] = written.kernelShape;
  const [firstRow, height, firstColumn, width] = window;
  const divides = groups >= 1 && out % groups === 0 && channels % groups === 0;
  const inside = firstRow + height <= tall && firstColumn + width <= wide && height >= 1 && width >= 1;
  if (written.groups !== 1 || !divides || !inside) return written;
  const perGroup = channels / groups;
  const size = out * perGroup * height * width;
  const isSingle = written.weights instanceof Float32Array;
  const weights = isSingle ? new Float32Array(size) : new Float64Array(size);
  for (let o = 0; o < out; o++) {
    const group = Math.floor(o / (out / groups));
    for (let i = 0; i < perGroup; i++)
      for (let row = 0; row < height; row++) {
        const plane = o * channels + group * perGroup + i;
        const from = (plane * tall + firstRow + row) * wide + firstColumn;
        weights.set(
          written.weights.subarray(from, from + width),
          ((o * perGroup + i) * height + row) * width,
        );
      }
  }
  const restored: SharedKernel = {
    ...written,
    weights,
    groups,
    kernelShape: [out, perGroup, height, width],
    padding: [padding[0], padding[1], padding[2], padding[3]],
  };
  return isSameMap(restored, written) ? restored : written;
}

/** Whether spreading out the restored kernel gives the written one, at the same places. */
function isSameMap(restored: SharedKernel, written: SharedKernel): boolean {
  const axes = written.kernelShape[2] === 1 && written.inputShape[1] === 1 ? 1 : 2;
  const legal = legalKernel(restored, restored.weights, axes);
  return (
    legal !== undefined &&
    sameShape(legal.kernelShape, written.kernelShape) &&
    sameShape([legal.padding[0], legal.padding[1]], [written.padding[0], written.padding[2]]) &&
    legal.weights.every((weight, i) => weight === written.weights[i])
  );
}

function wholeNumbers(field: NirField | undefined, count: number): readonly number[] | undefined {
  const values = isArray(field) ? numbersOf(field) : undefined;
  return values?.length === count && values.every((n) => Number.isInteger(n) && n >= 0) ? values : undefined;
}
