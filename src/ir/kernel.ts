import type { SharedKernel, SparseMatrix } from "./network.ts";

// Arithmetic of shared (convolution) kernels: which taps join which neurons.

/**
 * Along one axis: which outputs a position of the input reaches, and through which tap.
 * Position p owns entries start[p] .. start[p + 1]; outputs ascend.
 */
interface Axis {
  readonly start: Uint32Array;
  readonly output: Uint32Array;
  readonly tap: Uint32Array;
}

function axisOf(kernel: SharedKernel, dimension: 0 | 1): Axis {
  const inputs = kernel.inputShape[dimension + 1];
  const outputs = kernel.outputShape[dimension + 1];
  const taps = kernel.kernelShape[dimension + 2];
  const stride = kernel.stride[dimension];
  const dilation = kernel.dilation[dimension];
  const before = kernel.padding[2 * dimension];
  const start = new Uint32Array(inputs + 1);
  const output: number[] = [];
  const tap: number[] = [];
  for (let position = 0; position < inputs; position++) {
    for (let k = taps - 1; k >= 0; k--) {
      const scaled = position + before - k * dilation;
      if (scaled < 0 || scaled % stride !== 0 || scaled / stride >= outputs) continue;
      output.push(scaled / stride);
      tap.push(k);
    }
    start[position + 1] = output.length;
  }
  return { start, output: Uint32Array.from(output), tap: Uint32Array.from(tap) };
}

/** Every synapse of a convolution, by presynaptic row. Zeros are dropped unless `keepZeros`. */
export function expandKernel(kernel: SharedKernel, keepZeros: boolean): SparseMatrix {
  const { rows, cols, weights } = kernel;
  const [inChannels, inHeight, inWidth] = kernel.inputShape;
  const [outChannels, outHeight, outWidth] = kernel.outputShape;
  const [, inPerGroup, tapRows, tapCols] = kernel.kernelShape;
  const outPerGroup = outChannels / kernel.groups;
  const vertical = axisOf(kernel, 0);
  const horizontal = axisOf(kernel, 1);
  const total = kernelSynapses(kernel, keepZeros);
  const rowStart = new Uint32Array(rows + 1);
  const colIndex = new Uint32Array(total);
  const values = new Float64Array(total);
  let at = 0;
  let row = 0;
  for (let channel = 0; channel < inChannels; channel++) {
    const group = Math.floor(channel / inPerGroup);
    const inGroup = channel - group * inPerGroup;
    for (let y = 0; y < inHeight; y++) {
      for (let x = 0; x < inWidth; x++) {
        const xBegin = horizontal.start[x];
        const xEnd = horizontal.start[x + 1];
        for (let out = group * outPerGroup; out < (group + 1) * outPerGroup; out++) {
          const taps = (out * inPerGroup + inGroup) * tapRows;
          for (let j = vertical.start[y]; j < vertical.start[y + 1]; j++) {
            const colBase = (out * outHeight + vertical.output[j]) * outWidth;
            const tapBase = (taps + vertical.tap[j]) * tapCols;
            for (let i = xBegin; i < xEnd; i++) {
              const weight = weights[tapBase + horizontal.tap[i]];
              if (weight === 0 && !keepZeros) continue;
              colIndex[at] = colBase + horizontal.output[i];
              values[at++] = weight;
            }
          }
        }
        rowStart[++row] = at;
      }
    }
  }
  return { kind: "sparse", rows, cols, rowStart, colIndex, values };
}

/** Calls `visit` for every synapse, zeros included. */
export function forEachKernelEntry(
  kernel: SharedKernel,
  visit: (row: number, col: number, value: number) => void,
): void {
  const { rowStart, colIndex, values } = expandKernel(kernel, true);
  for (let r = 0; r < kernel.rows; r++) {
    for (let i = rowStart[r]; i < rowStart[r + 1]; i++) visit(r, colIndex[i], values[i]);
  }
}

/** Synapses after expansion: each tap counts once for every output whose input lies inside the image. */
export function kernelSynapses(kernel: SharedKernel, countZeros: boolean): number {
  const [outChannels, inPerGroup, tapRows, tapCols] = kernel.kernelShape;
  const vertical = tapUses(axisOf(kernel, 0), tapRows);
  const horizontal = tapUses(axisOf(kernel, 1), tapCols);
  let count = 0;
  let at = 0;
  for (let filter = 0; filter < outChannels * inPerGroup; filter++) {
    for (let j = 0; j < tapRows; j++) {
      for (let i = 0; i < tapCols; i++) {
        if (countZeros || kernel.weights[at] !== 0) count += vertical[j] * horizontal[i];
        at++;
      }
    }
  }
  return count;
}

function tapUses(axis: Axis, taps: number): Uint32Array {
  const uses = new Uint32Array(taps);
  for (const tap of axis.tap) uses[tap]++;
  return uses;
}

/**
 * Sums over squares that do not overlap (pooling), then a convolution, as one convolution: every weight once for each place
 * of its square. Undefined if the first is nothing of the kind, or if the second would read what the first left out.
 */
export function poolThenKernel(pool: SharedKernel, second: SharedKernel): SharedKernel | undefined {
  const [channels, perGroup, poolRows, poolCols] = pool.kernelShape;
  const isPool =
    perGroup === 1 &&
    pool.groups === channels &&
    pool.stride[0] === poolRows &&
    pool.stride[1] === poolCols &&
    pool.padding.every((zeros) => zeros === 0);
  if (!isPool || [...pool.dilation, ...second.dilation].some((dilation) => dilation !== 1)) return undefined;
  for (const dimension of [0, 1] as const) {
    const pooled = pool.outputShape[dimension + 1];
    const leftOut = pool.inputShape[dimension + 1] - pooled * pool.stride[dimension];
    const last =
      (second.outputShape[dimension + 1] - 1) * second.stride[dimension] -
      second.padding[2 * dimension] +
      second.kernelShape[dimension + 2] -
      1;
    if (leftOut > 0 && last >= pooled) return undefined;
  }
  const [outChannels, inPerGroup, tapRows, tapCols] = second.kernelShape;
  const outPerGroup = outChannels / second.groups;
  const weights = new Float64Array(second.weights.length * poolRows * poolCols);
  let at = 0;
  for (let out = 0; out < outChannels; out++)
    for (let inGroup = 0; inGroup < inPerGroup; inGroup++) {
      const channel = Math.floor(out / outPerGroup) * inPerGroup + inGroup;
      for (let j = 0; j < tapRows * poolRows; j++)
        for (let i = 0; i < tapCols * poolCols; i++) {
          const tap = Math.floor(j / poolRows) * tapCols + Math.floor(i / poolCols);
          const place = (j % poolRows) * poolCols + (i % poolCols);
          weights[at++] =
            pool.weights[channel * poolRows * poolCols + place] *
            second.weights[(out * inPerGroup + inGroup) * tapRows * tapCols + tap];
        }
    }
  const [top, bottom, left, right] = second.padding;
  return {
    ...second,
    rows: pool.rows,
    weights,
    kernelShape: [outChannels, inPerGroup, tapRows * poolRows, tapCols * poolCols],
    stride: [second.stride[0] * poolRows, second.stride[1] * poolCols],
    padding: [top * poolRows, bottom * poolRows, left * poolCols, right * poolCols],
    inputShape: pool.inputShape,
  };
}

/** Adds to `output` what `input` delivers; see `propagate`. */
export function propagateKernel(kernel: SharedKernel, input: Float64Array, output: Float64Array): void {
  const { weights } = kernel;
  const [inChannels, inHeight, inWidth] = kernel.inputShape;
  const [outChannels, outHeight, outWidth] = kernel.outputShape;
  const [, inPerGroup, tapRows, tapCols] = kernel.kernelShape;
  const outPerGroup = outChannels / kernel.groups;
  const vertical = axisOf(kernel, 0);
  const horizontal = axisOf(kernel, 1);
  let row = -1;
  for (let channel = 0; channel < inChannels; channel++) {
    const group = Math.floor(channel / inPerGroup);
    const inGroup = channel - group * inPerGroup;
    for (let y = 0; y < inHeight; y++) {
      for (let x = 0; x < inWidth; x++) {
        const value = input[++row];
        if (value === 0) continue;
        const xBegin = horizontal.start[x];
        const xEnd = horizontal.start[x + 1];
        for (let out = group * outPerGroup; out < (group + 1) * outPerGroup; out++) {
          const taps = (out * inPerGroup + inGroup) * tapRows;
          for (let j = vertical.start[y]; j < vertical.start[y + 1]; j++) {
            const colBase = (out * outHeight + vertical.output[j]) * outWidth;
            const tapBase = (taps + vertical.tap[j]) * tapCols;
            for (let i = xBegin; i < xEnd; i++) {
              output[colBase + horizontal.output[i]] += value * weights[tapBase + horizontal.tap[i]];
            }
          }
        }
      }
    }
  }
}

/**
 * A kernel whose weights are multiplied by one factor per pre and per post neuron (`[n]`, `[1]` or absent), or
 * undefined if a factor differs inside a channel: then no kernel says the same.
 */
export function scaleKernel(
  kernel: SharedKernel,
  preFactor: ArrayLike<number> | undefined,
  postFactor: ArrayLike<number> | undefined,
): SharedKernel | undefined {
  const pre = channelFactors(preFactor, kernel.inputShape);
  const post = channelFactors(postFactor, kernel.outputShape);
  if (pre === undefined || post === undefined) return undefined;
  const [outChannels, inPerGroup, tapRows, tapCols] = kernel.kernelShape;
  const outPerGroup = outChannels / kernel.groups;
  const weights = new Float64Array(kernel.weights.length);
  let at = 0;
  for (let out = 0; out < outChannels; out++) {
    const firstIn = Math.floor(out / outPerGroup) * inPerGroup;
    for (let inGroup = 0; inGroup < inPerGroup; inGroup++) {
      for (let tap = 0; tap < tapRows * tapCols; tap++) {
        weights[at] = kernel.weights[at] * pre[firstIn + inGroup] * post[out];
        at++;
      }
    }
  }
  return { ...kernel, weights };
}

/** One factor per channel, or undefined if they differ inside one. */
function channelFactors(
  factor: ArrayLike<number> | undefined,
  [channels, height, width]: readonly [number, number, number],
): Float64Array | undefined {
  const perChannel = new Float64Array(channels).fill(1);
  if (factor === undefined) return perChannel;
  if (factor.length === 1) return perChannel.fill(factor[0]);
  const pixels = height * width;
  for (let channel = 0; channel < channels; channel++) {
    perChannel[channel] = factor[channel * pixels];
    for (let i = 1; i < pixels; i++) {
      if (factor[channel * pixels + i] !== perChannel[channel]) return undefined;
    }
  }
  return perChannel;
}
