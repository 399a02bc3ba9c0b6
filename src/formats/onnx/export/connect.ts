import { expand, scaleConnectivity } from "#ir/connectivity";
import type { Connectivity, DenseMatrix, Projection, SharedKernel } from "#ir/network";
import { attribute } from "../proto.ts";
import type { OwnKernel, OwnProjection } from "../own-layout.ts";
import {
  scalar,
  weightsOf,
  weightsOfSparse,
  type Constants,
  type NumberType,
  type StoredList,
  type Weights,
} from "./constants.ts";
import { int8Of } from "./int8.ts";
import type { NodeList } from "./nodes.ts";

/** A tensor of the graph and its shape behind the batch axis. */
export interface Value {
  readonly tensor: string;
  readonly shape: readonly number[];
}

export interface ConnectContext {
  readonly constants: Constants;
  /** Nodes that depend on constants only; outside the loop over time. */
  readonly prelude: NodeList;
  /** Nodes of one step. */
  readonly step: NodeList;
  /** Of what flows. Runtimes have convolutions for `float` only; others are written as matrix products. */
  readonly type: "float" | "double" | "int32";
  /** Weights of trained layers as 8-bit integers and scales. */
  readonly int8: boolean;
}

/** How a projection is stored; the rest of `OwnProjection` is the same for all forms. */
export type StoredWeights = Pick<
  OwnProjection,
  "kind" | "weights" | "indices" | "ones" | "scales" | "kernel"
>;

/** Adds what a projection does to the values it carries, and what it stores. */
export interface Connector {
  readonly stored: StoredWeights;
  /** @returns what arrives, in the shape of the post population */
  readonly apply: (carried: Value) => Value;
}

/**
 * A projection as nodes: MatMul for matrices, Conv for kernels (a gather and MatMul where the type has no Conv),
 * Mul for one-to-one ones. The weight scale is multiplied into the weights unless they are integers.
 *
 * @param postShape shape of the post population
 */
export function connector(
  projection: Projection,
  postShape: readonly number[],
  context: ConnectContext,
): Connector {
  const connectivity = scaled(projection, context);
  if (connectivity.kind === "diagonal")
    return oneToOne(projection.name, connectivity.values, postShape, context);
  if (connectivity.kind !== "kernel") return matrixProduct(projection, connectivity, postShape, context);
  const pads = onnxPads(connectivity);
  if (pads === undefined) return matrixProduct(projection, expand(connectivity), postShape, context);
  return convolution(projection, connectivity, pads, postShape, context);
}

function scaled({ connectivity, weightScale }: Projection, { type }: ConnectContext): Connectivity {
  if (type === "int32" || weightScale === 1) return connectivity;
  return scaleConnectivity(connectivity, [weightScale], undefined);
}

/** Values in another shape of the same size; nothing where the shapes are equal. */
export function reshaped(
  value: Value,
  shape: readonly number[],
  context: Pick<ConnectContext, "constants" | "step">,
): Value {
  if (value.shape.length === shape.length && value.shape.every((extent, axis) => extent === shape[axis]))
    return value;
  // 0: the batch axis stays as it is.
  const target = context.constants.list([0, ...shape]);
  return {
    tensor: context.step.op("Reshape", [value.tensor, target], `${value.tensor}/as_${shape.join("x")}`),
    shape,
  };
}

function oneToOne(
  name: string,
  factors: Float64Array,
  postShape: readonly number[],
  context: ConnectContext,
): Connector {
  const { constants, step, type } = context;
  if (factors.every((factor) => factor === 1))
    return {
      stored: { kind: "diagonal", ones: factors.length },
      apply: (carried) => reshaped(carried, postShape, context),
    };
  const dims = factors.length === 1 ? [1] : postShape;
  const weights = constants.add(`${name}.weight`, weightType(type, factors), dims, factors);
  const used = inType(weights, context);
  return {
    stored: { kind: "diagonal", weights },
    apply: (carried) => {
      const value = reshaped(carried, postShape, context);
      return { tensor: step.op("Mul", [value.tensor, used], name), shape: postShape };
    },
  };
}

function matrixProduct(
  projection: Projection,
  matrix: Exclude<Connectivity, SharedKernel | { kind: "diagonal" }>,
  postShape: readonly number[],
  context: ConnectContext,
): Connector {
  const { name } = projection;
  const { rows, cols } = matrix;
  const weights = matrix.kind === "sparse" ? weightsOfSparse(matrix) : weightsOf(preMajor(matrix));
  const stored = store(projection, [rows, cols], weights, 1, context);
  return {
    stored: { ...stored.stored, kind: matrix.kind },
    apply: (carried) => {
      const { tensor } = reshaped(carried, [rows], context);
      const product = context.step.op("MatMul", [tensor, stored.used], name);
      return reshaped({ tensor: product, shape: [cols] }, postShape, context);
    },
  };
}

/** `[rows, cols]` from the post-major storage of frameworks. */
function preMajor({ rows, cols, values }: DenseMatrix): Float64Array | Float32Array {
  const turned = values.slice();
  for (let c = 0; c < cols; c++) for (let r = 0; r < rows; r++) turned[r * cols + c] = values[c * rows + r];
  return turned;
}

/** Padding at top, left, bottom, right with which ONNX gives the kernel's output shape; undefined if none does. */
function onnxPads(kernel: SharedKernel): readonly [number, number, number, number] | undefined {
  const end = (d: 0 | 1): number => {
    const [before, after] = [kernel.padding[2 * d], kernel.padding[2 * d + 1]];
    const reach = kernel.dilation[d] * (kernel.kernelShape[d + 2] - 1) + 1;
    const extent = kernel.inputShape[d + 1] + before;
    const outputs = kernel.outputShape[d + 1];
    if (Math.floor((extent + after - reach) / kernel.stride[d]) + 1 === outputs) return after;
    return (outputs - 1) * kernel.stride[d] + reach - extent;
  };
  const [bottom, right] = [end(0), end(1)];
  return bottom < 0 || right < 0 ? undefined : [kernel.padding[0], kernel.padding[2], bottom, right];
}

function convolution(
  projection: Projection,
  kernel: SharedKernel,
  pads: readonly [number, number, number, number],
  postShape: readonly number[],
  context: ConnectContext,
): Connector {
  const { name } = projection;
  const { kernelShape, stride, padding, dilation, groups, inputShape, outputShape } = kernel;
  const own: OwnKernel = { kernelShape, stride, padding, dilation, groups, inputShape, outputShape };
  const hasConv = context.type === "float";
  const stored = store(projection, kernelShape, weightsOf(kernel.weights), 0, context);
  const used = hasConv ? stored.used : groupsInFront(stored.used, kernel, context);
  return {
    stored: { ...stored.stored, kind: "kernel", kernel: own },
    apply: (carried) => {
      const image = reshaped(carried, inputShape, context);
      const tensor = hasConv
        ? convNode(name, image.tensor, used, kernel, pads, context)
        : patchProduct(name, image.tensor, used, kernel, pads, context);
      return reshaped({ tensor, shape: outputShape }, postShape, context);
    },
  };
}

function convNode(
  name: string,
  image: string,
  weights: string,
  { kernelShape, stride, dilation, groups }: SharedKernel,
  pads: readonly number[],
  { step }: ConnectContext,
): string {
  return step.op("Conv", [image, weights], name, [
    attribute("kernel_shape", { ints: kernelShape.slice(2) }),
    attribute("strides", { ints: stride }),
    attribute("pads", { ints: pads }),
    attribute("dilations", { ints: dilation }),
    attribute("group", { int: groups }),
  ]);
}

/** With groups in front, one product serves all samples and groups. */
function groupsInFront(
  weights: string,
  { kernelShape: [out, inPerGroup, height, width], groups }: SharedKernel,
  { prelude, constants }: ConnectContext,
): string {
  const shape = constants.list([groups, out / groups, inPerGroup * height * width]);
  return prelude.op("Reshape", [weights, shape], `${weights}.grouped`);
}

/** A convolution as a gather of the patch that each output sees, and one matrix product. */
function patchProduct(
  name: string,
  image: string,
  weights: string,
  kernel: SharedKernel,
  [top, left, bottom, right]: readonly [number, number, number, number],
  { step, constants }: ConnectContext,
): string {
  const [channels, inHeight, inWidth] = kernel.inputShape;
  const [, inPerGroup, tapRows, tapCols] = kernel.kernelShape;
  const [outChannels, outHeight, outWidth] = kernel.outputShape;
  const paddedHeight = inHeight + top + bottom;
  const paddedWidth = inWidth + left + right;
  const pixels = outHeight * outWidth;
  const taps = tapRows * tapCols;
  const places = new Int32Array(taps * pixels);
  let at = 0;
  for (let j = 0; j < tapRows; j++)
    for (let i = 0; i < tapCols; i++)
      for (let y = 0; y < outHeight; y++)
        for (let x = 0; x < outWidth; x++)
          places[at++] =
            (y * kernel.stride[0] + j * kernel.dilation[0]) * paddedWidth +
            x * kernel.stride[1] +
            i * kernel.dilation[1];
  const padList = constants.list([0, 0, top, left, 0, 0, bottom, right]);
  const padded = step.op("Pad", [image, padList], `${name}/padded`);
  const flat = step.op(
    "Reshape",
    [padded, constants.list([0, channels, paddedHeight * paddedWidth])],
    `${name}/pixels`,
  );
  const table = constants.add(`${name}.places`, "int32", [taps * pixels], places);
  const gathered = step.op("Gather", [flat, table], `${name}/gathered`, [attribute("axis", { int: 2 })]);
  const patches = step.op(
    "Reshape",
    [gathered, constants.list([0, kernel.groups, inPerGroup * taps, pixels])],
    `${name}/patches`,
  );
  const product = step.op("MatMul", [weights, patches], `${name}/product`);
  return step.op("Reshape", [product, constants.list([0, outChannels, outHeight, outWidth])], name);
}

/**
 * Weights as an initializer, and the tensor that the step multiplies with.
 *
 * @param postAxis axis of `dims` along which the post neurons (or channels) lie, for scales
 */
function store(
  projection: Projection,
  dims: readonly number[],
  weights: Weights,
  postAxis: number,
  context: ConnectContext,
): { readonly stored: Pick<OwnProjection, "weights" | "indices" | "scales">; readonly used: string } {
  const { name, layer } = projection;
  const { constants, prelude, type } = context;
  if (context.int8 && layer !== undefined) {
    const { integers, scales: values, snrDb } = int8Of(weights, dims, postAxis);
    constants.rounded.push({ projection: name, snrDb });
    const stored = constants.addWeights(`${name}.weight`, "int8", dims, integers);
    const scales = constants.add(`${name}.scale`, "float", [values.length], values);
    const full = filled(stored, "int8", dims, context);
    const real = prelude.op("DequantizeLinear", [full, scales], `${name}.real`, [
      attribute("axis", { int: postAxis }),
    ]);
    return { stored: { ...stored, scales }, used: type === "double" ? cast(real, context) : real };
  }
  const as = type === "int32" ? weightType(type, weights.nonzeros().value) : type;
  const stored = constants.addWeights(`${name}.weight`, as, dims, weights);
  return { stored, used: inType(filled(stored, as, dims, context), context) };
}

/**
 * Weights that are listed with their places, laid into zeros. Done by nodes, not by a sparse initializer: strict type
 * inference takes one of those for a sparse tensor, which no operator accepts.
 */
function filled(
  { weights, indices }: StoredList,
  type: NumberType,
  dims: readonly number[],
  { constants, prelude }: ConnectContext,
): string {
  if (indices === undefined) return weights;
  const total = dims.reduce((product, extent) => product * extent, 1);
  const zeros = prelude.op("ConstantOfShape", [constants.list([total])], `${weights}.zeros`, [
    attribute("value", { tensor: { ...scalar(type, 0), dims: [1] } }),
  ]);
  const flat = prelude.op("ScatterElements", [zeros, indices, weights], `${weights}.flat`);
  return prelude.op("Reshape", [flat, constants.list(dims)], `${weights}.filled`);
}

/** The smallest type of integers that holds them all; real numbers keep the type of what flows. */
function weightType(type: ConnectContext["type"], values: ArrayLike<number>): NumberType {
  if (type !== "int32") return type;
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i], -values[i] - 1);
  return largest < 2 ** 7 ? "int8" : largest < 2 ** 15 ? "int16" : "int32";
}

function inType(weights: string, context: ConnectContext): string {
  return context.type === "int32" ? cast(weights, context) : weights;
}

function cast(tensor: string, { prelude, type }: ConnectContext): string {
  return prelude.op("Cast", [tensor], `${tensor}.${type}`, [
    attribute("to", { int: type === "int32" ? 6 : 11 }),
  ]);
}
