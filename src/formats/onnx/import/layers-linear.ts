// Gemm, MatMul, convolutions and normalisation.
import type { Connectivity, SharedKernel, SparseMatrix } from "#ir/network";
import { expand } from "#ir/connectivity";
import { transpose } from "#ir/sparse";
import { checkSynapses } from "./builder.ts";
import { batchMixed } from "./diagnostics-nodes.ts";
import { broadcastTensor, checkLimit, mismatch, refuseOperand } from "./shapes.ts";
import {
  constantOperand,
  flowOperand,
  nameOf,
  relay,
  requiredConstant,
  type Layer,
  type LayerArgs,
} from "./layer.ts";
import { Refusal } from "./refusal.ts";
import { denseData, type Tensor } from "./tensor.ts";
import { sampleDims, sampleSize, singleDims, type Flow } from "./values.ts";
import { outputExtent, windowOf, type Window } from "./window.ts";

export const gemm: Layer = (args) => {
  const { node, attributes } = args;
  const x = flowOperand(args, 0);
  const weights = requiredConstant(args, 1, x.type);
  const bias = constantOperand(args, 2, x.type);
  if (x.dims.length !== 2 || weights.dims.length !== 2)
    mismatch(node, "Gemm multiplies matrices", x.dims, weights.dims);
  const transA = attributes.int("transA", 0) !== 0;
  const transB = attributes.int("transB", 0) !== 0;
  requireBatchAt(args, x, transA ? 1 : 0);
  const rows = x.dims[transA ? 0 : 1];
  const cols = weights.dims[transB ? 0 : 1];
  if (weights.dims[transB ? 1 : 0] !== rows)
    mismatch(node, `the weights need ${rows} inputs`, x.dims, weights.dims);
  const connectivity = matrix(weights, transB, attributes.float("alpha", 1));
  const beta = attributes.float("beta", 1);
  const layout = { type: x.type, dims: [x.dims[transA ? 1 : 0], cols], batchAxis: 0 };
  const offset =
    bias &&
    Float64Array.from(denseData(broadcastTensor(node, oneRow(args, bias), [1, cols])), (b) => beta * b);
  return relay(
    args,
    layout,
    [{ pre: x.population, connectivity, layer: { node: nameOf(node), kind: "linear" } }],
    offset,
  );
};

/** A bias with one row for each sample is refused. */
function oneRow({ node }: LayerArgs, bias: Tensor): Tensor {
  if (bias.dims.length > 2 || (bias.dims.length === 2 && bias.dims[0] !== 1))
    mismatch(node, "the bias has to be one row", bias.dims, [1, bias.dims.at(-1) ?? 1]);
  return bias;
}

export const matMul: Layer = (args) => {
  const { node, operands } = args;
  if (operands[0]?.kind === "constant") return matMulFromLeft(args);
  const x = flowOperand(args, 0);
  const weights = requiredConstant(args, 1, x.type);
  const last = x.dims.length - 1;
  if (weights.dims.length !== 2 || last < 1)
    refuseOperand(node, "operand 2", "a matrix", `a tensor of ${weights.dims.length} axes`);
  if (x.batchAxis === last) throw new Refusal(batchMixed(node));
  const [rows, cols] = weights.dims;
  if (x.dims[last] !== rows) mismatch(node, `the weights need ${rows} inputs`, x.dims, weights.dims);
  const blocks = sampleSize(x) / rows;
  const single = matrix(weights, false, 1);
  const connectivity = blocks === 1 ? single : repeated(args, single, blocks);
  const layout = { type: x.type, dims: [...x.dims.slice(0, last), cols], batchAxis: x.batchAxis };
  return relay(args, layout, [
    { pre: x.population, connectivity, layer: { node: nameOf(node), kind: "linear" } },
  ]);
};

/** A constant times what flows: `[..., m, k]` by `[..., k, p]`, leading axes broadcast. */
function matMulFromLeft(args: LayerArgs): Flow {
  const { node } = args;
  const x = flowOperand(args, 1);
  const weights = requiredConstant(args, 0, x.type);
  const rank = x.dims.length;
  if (weights.dims.length < 2 || weights.dims.length > rank || rank < 2)
    refuseOperand(node, "operand 1", `a tensor of 2 to ${rank} axes`, `one of ${weights.dims.length}`);
  if (x.batchAxis >= rank - 2) throw new Refusal(batchMixed(node));
  const [m, k] = weights.dims.slice(-2);
  const single = singleDims(x);
  const [depth, columns] = single.slice(-2);
  const lead = single.slice(0, -2);
  if (k !== depth) mismatch(node, `the weights need ${k} inputs`, weights.dims, x.dims);
  const wide = denseData(broadcastTensor(node, weights, [...lead, m, k]));
  const blocks = wide.length / (m * k);
  checkSynapses(blocks * m * k * columns, node);
  const rows = blocks * k * columns;
  const rowStart = Uint32Array.from({ length: rows + 1 }, (_, row) => row * m);
  const colIndex = new Uint32Array(rows * m);
  const values = new Float64Array(rows * m);
  for (let row = 0, at = 0; row < rows; row++) {
    const block = Math.floor(row / (k * columns));
    const inner = Math.floor(row / columns) % k;
    for (let to = 0; to < m; to++, at++) {
      colIndex[at] = (block * m + to) * columns + (row % columns);
      values[at] = wide[(block * m + to) * k + inner];
    }
  }
  const connectivity = {
    kind: "sparse" as const,
    rows,
    cols: blocks * m * columns,
    rowStart,
    colIndex,
    values,
  };
  const dims = [...x.dims.slice(0, -2), m, columns];
  return relay(args, { type: x.type, dims, batchAxis: x.batchAxis }, [
    { pre: x.population, connectivity, layer: { node: nameOf(node), kind: "linear" } },
  ]);
}

/** A weight matrix, `[rows, cols]` or transposed; sparse ones stay sparse. */
function matrix(weights: Tensor, transposed: boolean, factor: number): Connectivity {
  const [rows, cols] = transposed ? [weights.dims[1], weights.dims[0]] : weights.dims;
  if (weights.sparse !== undefined) {
    const [outer, inner] = weights.dims;
    const rowStart = new Uint32Array(outer + 1);
    const { index, value } = weights.sparse;
    const colIndex = new Uint32Array(index.length);
    index.forEach((at, i) => {
      rowStart[Math.floor(at / inner) + 1]++;
      colIndex[i] = at % inner;
    });
    for (let r = 0; r < outer; r++) rowStart[r + 1] += rowStart[r];
    const values = factor === 1 ? value : value.map((w) => w * factor);
    const stored: SparseMatrix = { kind: "sparse", rows: outer, cols: inner, rowStart, colIndex, values };
    return transposed ? transpose(stored) : stored;
  }
  const data = weights.data;
  if (transposed && factor === 1) return { kind: "dense", rows, cols, values: data };
  const single = factor === 1 && data instanceof Float32Array;
  const values = single ? new Float32Array(data.length) : new Float64Array(data.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < cols; c++)
      values[c * rows + r] = factor * (transposed ? data[c * rows + r] : data[r * cols + c]);
  return { kind: "dense", rows, cols, values };
}

/** The same matrix for each of several rows of numbers, side by side on the diagonal. */
function repeated({ node }: LayerArgs, single: Connectivity, blocks: number): SparseMatrix {
  const one = expand(single, { keepZeros: true });
  const { rows, cols, values } = one;
  checkSynapses(values.length * blocks, node);
  const rowStart = new Uint32Array(rows * blocks + 1);
  const colIndex = new Uint32Array(values.length * blocks);
  const all = new Float64Array(values.length * blocks);
  for (let b = 0; b < blocks; b++) {
    for (let r = 0; r < rows; r++) rowStart[b * rows + r + 1] = b * values.length + one.rowStart[r + 1];
    for (let i = 0; i < values.length; i++) colIndex[b * values.length + i] = b * cols + one.colIndex[i];
    all.set(values, b * values.length);
  }
  return { kind: "sparse", rows: rows * blocks, cols: cols * blocks, rowStart, colIndex, values: all };
}

export const conv: Layer = (args) => {
  const { node, attributes } = args;
  const x = flowOperand(args, 0);
  const weights = requiredConstant(args, 1, x.type);
  const bias = constantOperand(args, 2, x.type);
  const spatial = imageAxes(args, x);
  if (weights.dims.length !== x.dims.length)
    mismatch(node, "the kernel needs as many axes as the input", x.dims, weights.dims);
  const [outChannels, inPerGroup] = weights.dims;
  const groups = attributes.int("group", 1);
  if (!(groups >= 1) || inPerGroup * groups !== x.dims[1] || outChannels % groups !== 0)
    attributes.refuse(
      "group",
      String(groups),
      `${x.dims[1]} input channels / ${inPerGroup}, and a divisor of ${outChannels} output channels`,
    );
  const window = windowOf(args, x.dims.slice(2), weights.dims.slice(2));
  const extents = outputExtents(args, x.dims.slice(2), window);
  const kernel = kernelOf(x, denseData(weights), [outChannels, inPerGroup], groups, window, extents);
  return relay(
    args,
    { type: x.type, dims: [x.dims[0], outChannels, ...extents], batchAxis: 0 },
    [{ pre: x.population, connectivity: kernel, layer: { node: nameOf(node), kind: "conv" } }],
    perChannel(args, bias, outChannels, kernel.cols / outChannels),
  );

  function outputExtents({ node: at }: LayerArgs, image: readonly number[], w: Window): number[] {
    const found = spatial.map((_, i) => outputExtent(image[i], w, i, false));
    if (found.some((extent) => !(extent >= 1)))
      mismatch(at, "the window does not fit the image and its padding", image, w.kernel);
    checkLimit(at, [outChannels, ...found]);
    return found;
  }
};

/** Transposed convolution: the synapses of a convolution, run backwards. */
export const convTranspose: Layer = (args) => {
  const { node, attributes } = args;
  const x = flowOperand(args, 0);
  const weights = requiredConstant(args, 1, x.type);
  const bias = constantOperand(args, 2, x.type);
  imageAxes(args, x);
  if (weights.dims.length !== x.dims.length || weights.dims[0] !== x.dims[1])
    mismatch(node, "the kernel needs the axes and channels of the input", x.dims, weights.dims);
  const groups = attributes.int("group", 1);
  const [inChannels, outPerGroup] = weights.dims;
  if (!(groups >= 1) || inChannels % groups !== 0)
    attributes.refuse("group", String(groups), `a divisor of ${inChannels} input channels`);
  if (attributes.has("output_shape"))
    attributes.refuse("output_shape", "given", "pads and output_padding instead");
  const image = x.dims.slice(2);
  const window = windowOf(args, image, weights.dims.slice(2));
  const extra = attributes.ints("output_padding") ?? image.map(() => 0);
  const extents = image.map(
    (extent, i) =>
      window.stride[i] * (extent - 1) +
      (extra[i] ?? 0) +
      (window.kernel[i] - 1) * window.dilation[i] +
      1 -
      window.before[i] -
      window.after[i],
  );
  if (extents.some((extent) => !(extent >= 1)))
    mismatch(node, "nothing would be left of the image", image, extents);
  const outChannels = outPerGroup * groups;
  checkLimit(node, [outChannels, ...extents]);
  const output = { type: x.type, dims: [x.dims[0], outChannels, ...extents], batchAxis: 0 };
  const backwards = kernelOf(output, denseData(weights), [inChannels, outPerGroup], groups, window, image);
  checkSynapses(backwards.rows * inChannels * window.kernel.reduce((a, b) => a * b, 1), node);
  return relay(
    args,
    output,
    [
      {
        pre: x.population,
        connectivity: transpose(expand(backwards, { keepZeros: true })),
        layer: { node: nameOf(node), kind: "conv" },
      },
    ],
    perChannel(args, bias, outChannels, backwards.rows / outChannels),
  );
};

export const batchNormalization: Layer = (args) => {
  const { node, attributes } = args;
  const x = flowOperand(args, 0);
  if (x.batchAxis !== 0 || x.dims.length < 2) throw new Refusal(batchMixed(node));
  if (attributes.int("training_mode", 0) !== 0)
    attributes.refuse("training_mode", "1", "0: statistics that are known");
  const channels = x.dims[1];
  const [scale, offset, mean, variance] = [1, 2, 3, 4].map((position) => {
    const tensor = requiredConstant(args, position, x.type);
    if (tensor.dims.length !== 1 || tensor.dims[0] !== channels)
      mismatch(node, `one number for each of ${channels} channels`, x.dims, tensor.dims);
    return denseData(tensor);
  });
  const epsilon = attributes.float("epsilon", 1e-5);
  const inner = sampleSize(x) / channels;
  const factor = new Float64Array(channels).map((_, c) => scale[c] / Math.sqrt(variance[c] + epsilon));
  const wide = (of: (channel: number) => number): Float64Array =>
    Float64Array.from({ length: channels * inner }, (_, i) => of(Math.floor(i / inner)));
  const size = channels * inner;
  return relay(
    args,
    x,
    [
      {
        pre: x.population,
        connectivity: { kind: "diagonal", rows: size, cols: size, values: wide((c) => factor[c]) },
      },
    ],
    wide((c) => offset[c] - mean[c] * factor[c]),
  );
};

/** The axes of the image; refuses three of them, and a batch that is not the first axis. */
export function imageAxes(args: LayerArgs, x: Flow): number[] {
  const axes = x.dims.length - 2;
  if (axes < 1 || axes > 2)
    refuseOperand(args.node, "operand 1", "an image with one or two axes", `one with ${axes}`);
  requireBatchAt(args, x, 0);
  return Array.from({ length: axes }, (_, i) => i);
}

function requireBatchAt({ node }: LayerArgs, x: Flow, axis: number): void {
  if (x.batchAxis !== axis && !(x.batchAxis < 0 && x.dims[axis] === 1)) throw new Refusal(batchMixed(node));
}

/** The shared kernel of a window over an image of one or two axes. */
export function kernelOf(
  input: Pick<Flow, "dims" | "batchAxis">,
  weights: Float32Array | Float64Array,
  [outChannels, inPerGroup]: readonly [number, number] | readonly number[],
  groups: number,
  window: Window,
  extents: readonly number[],
): SharedKernel {
  const two = (values: readonly number[], fill: number): [number, number] =>
    values.length === 1 ? [fill, values[0]] : [values[0], values[1]];
  const [channels, ...image] = input.batchAxis < 0 ? input.dims.slice(1) : sampleDims(input);
  const [height, width] = two(image, 1);
  const [outHeight, outWidth] = two(extents, 1);
  const [before, after] = [two(window.before, 0), two(window.after, 0)];
  return {
    kind: "kernel",
    rows: channels * height * width,
    cols: outChannels * outHeight * outWidth,
    weights,
    kernelShape: [outChannels, inPerGroup, ...two(window.kernel, 1)],
    stride: two(window.stride, 1),
    padding: [before[0], after[0], before[1], after[1]],
    dilation: two(window.dilation, 1),
    groups,
    inputShape: [channels, height, width],
    outputShape: [outChannels, outHeight, outWidth],
  };
}

function perChannel(
  { node }: LayerArgs,
  bias: Tensor | undefined,
  channels: number,
  inner: number,
): Float64Array | undefined {
  if (bias === undefined) return undefined;
  if (bias.dims.length !== 1 || bias.dims[0] !== channels)
    mismatch(node, `one bias for each of ${channels} channels`, [channels], bias.dims);
  const values = denseData(bias);
  return Float64Array.from({ length: channels * inner }, (_, i) => values[Math.floor(i / inner)]);
}
