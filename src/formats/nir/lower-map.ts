import { identity } from "#ir/connectivity";
import type { Connectivity, DenseMatrix, Diagonal, SharedKernel, SparseMatrix } from "#ir/network";
import { floatsOf, isArray, numbersOf, sizeOf, spread, type Shape } from "./fields.ts";
import { restoredKernel } from "./legal-kernel.ts";
import { convolutionOf, outputShapeOf, poolingOf, type Window } from "./geometry.ts";
import { DiagnosticSink } from "#util/diagnostic";
import type { FlatNode } from "./inline.ts";

/** One part of what a stateless node computes; parts that differ in delay stay apart. */
export interface MapPart {
  readonly connectivity: Connectivity;
  readonly delaySteps: number;
}

/**
 * The linear map of a stateless node: from its input, C order, to its output.
 *
 * @param step one step in the file's unit of time, for delays
 */
export function mapParts(node: FlatNode, input: Shape, output: Shape, step: number): MapPart[] {
  switch (node.type) {
    case "Linear":
    case "Affine":
      return [{ connectivity: linearMap(node, input, output), delaySteps: 0 }];
    case "Conv1d":
    case "Conv2d":
      return [{ connectivity: kernelMap(node, input), delaySteps: 0 }];
    case "SumPool2d":
    case "AvgPool2d":
      return [{ connectivity: poolMap(node, input), delaySteps: 0 }];
    case "Scale":
      return [{ connectivity: scaleMap(node, input), delaySteps: 0 }];
    case "Delay":
      return delayParts(node, input, step);
    default:
      return [{ connectivity: identity(sizeOf(input)), delaySteps: 0 }];
  }
}

/** Constant that a stateless node adds, `[size of output]`; undefined if it adds none. */
export function biasOf(node: FlatNode, output: Shape): Float64Array | undefined {
  const { bias, weight } = node.fields;
  if (node.type === "Linear" || !isArray(bias) || !isArray(weight)) return undefined;
  const size = sizeOf(output);
  const perOutput = node.type === "Affine" ? 1 : size / output[0];
  const count = bias.data.length;
  return new Float64Array(size).map((_, i) => bias.data[Math.floor(i / perOutput) % count]);
}

function linearMap(node: FlatNode, input: Shape, output: Shape): DenseMatrix | SparseMatrix {
  const weight = node.fields.weight;
  if (!isArray(weight)) throw new TypeError("a linear node has been checked to have a weight array");
  const { shape } = weight;
  const rows = sizeOf(input);
  const cols = sizeOf(output);
  if (shape.length === 2) return { kind: "dense", rows, cols, values: floatsOf(weight) };

  // Leading axes: one matrix for each of their indices, side by side on the diagonal.
  const [outs, ins] = shape.slice(-2);
  const rowStart = Uint32Array.from({ length: rows + 1 }, (_, row) => row * outs);
  const colIndex = new Uint32Array(rows * outs);
  const values = new Float64Array(rows * outs);
  for (let row = 0; row < rows; row++) {
    const block = Math.floor(row / ins);
    const column = row % ins;
    for (let out = 0; out < outs; out++) {
      colIndex[row * outs + out] = block * outs + out;
      values[row * outs + out] = weight.data[(block * outs + out) * ins + column];
    }
  }
  return { kind: "sparse", rows, cols, rowStart, colIndex, values };
}

function kernelMap(node: FlatNode, input: Shape): SharedKernel {
  const window = convolutionOf(node);
  const weight = node.fields.weight;
  if (window === undefined || !isArray(weight))
    throw new TypeError("a convolution has been checked to be one");
  return restoredKernel(kernel(node, window, floatsOf(weight), input), node.metadata);
}

function poolMap(node: FlatNode, input: Shape): SharedKernel {
  const window = poolingOf(node, input[0]);
  if (window === undefined) throw new TypeError("a pooling node has been checked to be one");
  const area = window.kernel[0] * window.kernel[1];
  const weights = new Float64Array(input[0] * area).fill(node.type === "AvgPool2d" ? 1 / area : 1);
  return kernel(node, window, weights, input);
}

function kernel(
  node: FlatNode,
  window: Window,
  weights: Float32Array | Float64Array,
  input: Shape,
): SharedKernel {
  const output = outputShapeOf(node, window, input, new DiagnosticSink());
  if (output === undefined) throw new TypeError("a window has been checked to fit its input");
  const volume = (shape: Shape): [number, number, number] =>
    shape.length === 2 ? [shape[0], 1, shape[1]] : [shape[0], shape[1], shape[2]];
  return {
    kind: "kernel",
    rows: sizeOf(input),
    cols: sizeOf(output),
    weights,
    kernelShape: [window.outChannels, window.inChannels / window.groups, ...window.kernel],
    stride: window.stride,
    padding: window.padding,
    dilation: window.dilation,
    groups: window.groups,
    inputShape: volume(input),
    outputShape: volume(output),
  };
}

function scaleMap(node: FlatNode, input: Shape): Diagonal {
  const { scale } = node.fields;
  const size = sizeOf(input);
  const values = isArray(scale) ? spread(scale.data, scale.shape, input) : undefined;
  if (values === undefined) throw new TypeError("a scale has been checked to cover its input");
  return { kind: "diagonal", rows: size, cols: size, values };
}

/** Delays in steps, one per element or one for all: rounded to the nearest whole number, halves to even. */
export function delaySteps(node: FlatNode, input: Shape, step: number): Float64Array {
  const { delay } = node.fields;
  const values = isArray(delay) ? spread(delay.data, delay.shape, input) : undefined;
  if (values === undefined) throw new TypeError("a delay has been checked to cover its input");
  return values.map((value) => roundHalfEven(value / step));
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function delayParts(node: FlatNode, input: Shape, step: number): MapPart[] {
  const size = sizeOf(input);
  const steps = delaySteps(node, input, step);
  const distinct = [...new Set(steps)].sort((a, b) => a - b);
  if (distinct.length === 1) return [{ connectivity: identity(size), delaySteps: distinct[0] }];
  return distinct.map((delay) => ({ connectivity: partialIdentity(steps, delay), delaySteps: delay }));
}

/** One-to-one, for the elements with one delay only. */
function partialIdentity(steps: Float64Array, only: number): SparseMatrix {
  const size = steps.length;
  const rowStart = new Uint32Array(size + 1);
  const colIndex: number[] = [];
  for (let i = 0; i < size; i++) {
    if (steps[i] === only) colIndex.push(i);
    rowStart[i + 1] = colIndex.length;
  }
  const values = new Float64Array(colIndex.length).fill(1);
  return { kind: "sparse", rows: size, cols: size, rowStart, colIndex: Uint32Array.from(colIndex), values };
}

/** How many delays are no whole number of steps, and the first of them in steps. */
export function fractionalDelays(
  node: FlatNode,
  step: number,
): { delays: number; exampleSteps: number } | undefined {
  const steps = (numbersOf(node.fields.delay) ?? []).map((value) => value / step);
  const fractional = steps.filter((value) => Math.abs(value - Math.round(value)) > 1e-3 * Math.max(1, value));
  return fractional.length === 0 ? undefined : { delays: fractional.length, exampleSteps: fractional[0] };
}
