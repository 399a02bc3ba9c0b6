import { expand } from "#ir/connectivity";
import type { Connectivity, SharedKernel } from "#ir/network";

/**
 * A projection as a layer of a convolution engine: sums over squares of the source's image, then a kernel that joins every
 * input channel to every output channel.
 */
export interface ConvLayer {
  /** Channels, height and width of what the kernel reads, pooled already, and of what it makes. */
  readonly input: Image;
  readonly output: Image;
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [number, number];
  /** Top, bottom, left, right. */
  readonly padding: readonly [number, number, number, number];
  /** Side of the squares that are summed first; 1: none are. */
  readonly pool: number;
}

export type Image = readonly [channels: number, height: number, width: number];

/** Populations without an image are channels of one pixel; a 1-D signal is an image of height 1. */
export function imageOf(shape: readonly number[]): Image {
  if (shape.length === 3) return [shape[0], shape[1], shape[2]];
  if (shape.length === 2) return [shape[0], 1, shape[1]];
  return [shape.reduce((size, side) => size * side, 1), 1, 1];
}

/**
 * The layer that does the same as the projection.
 *
 * Kernels whose weights, stride and padding come in squares of one of the `pools` are a smaller kernel behind sums over such
 * squares: what folding a pooling layer makes. Whatever is no kernel reads the whole image at once, with an output channel
 * for every neuron.
 *
 * @param pre   shape of the sending population
 * @param pools sides of squares that can be summed
 */
export function convLayerOf(
  connectivity: Connectivity,
  pre: readonly number[],
  pools: readonly number[],
): ConvLayer {
  const sides = [...pools].filter((side) => side > 1).sort((a, b) => b - a);
  if (connectivity.kind === "kernel") {
    const pool = sides.find((side) => isPooled(connectivity, side)) ?? 1;
    return layerOf(connectivity, pool);
  }
  const whole = wholeImage(connectivity, imageOf(pre));
  for (const side of sides) {
    const cropped = croppedTo(whole, side);
    if (cropped !== undefined && isPooled(cropped, side)) return layerOf(cropped, side);
  }
  return layerOf(whole, 1);
}

function layerOf(kernel: SharedKernel, pool: number): ConvLayer {
  const [channels, height, width] = kernel.inputShape;
  const [, outHeight, outWidth] = kernel.outputShape;
  const extent = (dimension: 0 | 1): number =>
    kernel.dilation[dimension] * (kernel.kernelShape[dimension + 2] - 1) + 1;
  const [top, bottom, left, right] = kernel.padding;
  return {
    input: [channels, Math.ceil(height / pool), Math.ceil(width / pool)],
    output: kernel.outputShape,
    kernel: [extent(0) / pool, extent(1) / pool],
    // A single output does not stride.
    stride: [outHeight === 1 ? 1 : kernel.stride[0] / pool, outWidth === 1 ? 1 : kernel.stride[1] / pool],
    padding: [top / pool, Math.ceil(bottom / pool), left / pool, Math.ceil(right / pool)],
    pool,
  };
}

function isPooled(
  { weights, kernelShape, stride, padding, dilation, inputShape }: SharedKernel,
  side: number,
): boolean {
  const [, , height, width] = kernelShape;
  const inSquares = [height, width, stride[0], stride[1], padding[0], padding[2]].every(
    (n) => n % side === 0,
  );
  if (!inSquares || dilation[0] !== 1 || dilation[1] !== 1) return false;
  if (inputShape[1] < side || inputShape[2] < side) return false;
  for (let filter = 0; filter < weights.length; filter += height * width)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if (weights[filter + y * width + x] !== weights[filter + (y - (y % side)) * width + x - (x % side)])
          return false;
  return true;
}

/** A kernel as large as the image. */
function wholeImage(connectivity: Connectivity, image: Image): SharedKernel {
  const { rows, cols, rowStart, colIndex, values } = expand(connectivity);
  const weights = new Float64Array(cols * rows);
  for (let row = 0; row < rows; row++)
    for (let i = rowStart[row]; i < rowStart[row + 1]; i++) weights[colIndex[i] * rows + row] = values[i];
  return {
    kind: "kernel",
    rows,
    cols,
    weights,
    kernelShape: [cols, ...image],
    stride: [1, 1],
    padding: [0, 0, 0, 0],
    dilation: [1, 1],
    groups: 1,
    inputShape: image,
    outputShape: [cols, 1, 1],
  };
}

/** The same with sides that are multiples of `side`; undefined if that leaves weights out. */
function croppedTo(whole: SharedKernel, side: number): SharedKernel | undefined {
  const [, height, width] = whole.inputShape;
  const crop = (length: number): number => Math.floor(length / side) * side;
  const [high, wide] = [crop(height), crop(width)];
  const [outChannels, channels] = whole.kernelShape;
  const weights = new Float64Array(outChannels * channels * high * wide);
  let at = 0;
  for (let i = 0; i < whole.weights.length; i++) {
    const [y, x] = [Math.floor(i / width) % height, i % width];
    if (y < high && x < wide) weights[at++] = whole.weights[i];
    else if (whole.weights[i] !== 0) return undefined;
  }
  return {
    ...whole,
    weights,
    kernelShape: [outChannels, channels, high, wide],
    stride: [side, side],
    inputShape: [channels, high, wide],
  };
}
