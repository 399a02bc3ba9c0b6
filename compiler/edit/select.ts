import { expand } from "#ir/connectivity";
import type { Connectivity, Population, SharedKernel, SparseMatrix } from "#ir/network";

// Part of a population, and what its projections become. Channels are kept or left as a whole.

/** Channels and the elements of each; a population without height and width has one element in each. */
export interface Channels {
  readonly count: number;
  readonly elements: number;
}

export function channelsOf({ shape, size }: Population): Channels {
  const count = shape.length > 1 ? shape[0] : size;
  return { count, elements: count === 0 ? 0 : size / count };
}

/** The population with these channels only, ascending. */
export function selectChannels(population: Population, kept: readonly number[], name: string): Population {
  const { elements } = channelsOf(population);
  const part = (values: Float64Array): Float64Array =>
    values.length === population.size ? pick(values, kept, elements) : values;
  const [, ...rest] = population.shape;
  return {
    ...population,
    name,
    shape: [kept.length, ...rest],
    size: kept.length * elements,
    params: Object.fromEntries(Object.entries(population.params).map(([key, values]) => [key, part(values)])),
    ...(population.bias !== undefined && { bias: part(population.bias) }),
    ...(population.membraneQuantum !== undefined && { membraneQuantum: part(population.membraneQuantum) }),
  };
}

function pick(values: Float64Array, kept: readonly number[], elements: number): Float64Array {
  const picked = new Float64Array(kept.length * elements);
  kept.forEach((channel, k) => {
    picked.set(values.subarray(channel * elements, (channel + 1) * elements), k * elements);
  });
  return picked;
}

/** What a projection is once only some channels of the sending or of the receiving population are left. */
export function selectSide(
  connectivity: Connectivity,
  side: "pre" | "post",
  kept: readonly number[],
  { count, elements }: Channels,
): Connectivity {
  if (connectivity.kind === "kernel" && connectivity.groups === 1)
    return selectKernel(connectivity, side, kept, count) ?? selectSparse(expand(connectivity), side, kept, elements); // prettier-ignore
  const whole = connectivity.kind === "sparse" ? connectivity : expand(connectivity, { keepZeros: true });
  return selectSparse(whole, side, kept, elements);
}

function selectKernel(
  kernel: SharedKernel,
  side: "pre" | "post",
  kept: readonly number[],
  count: number,
): SharedKernel | undefined {
  const [outChannels, inChannels, height, width] = kernel.kernelShape;
  if ((side === "post" ? outChannels : inChannels) !== count) return undefined;
  const taps = height * width;
  const outs = side === "post" ? kept : Array.from({ length: outChannels }, (_, c) => c);
  const ins = side === "pre" ? kept : Array.from({ length: inChannels }, (_, c) => c);
  const weights = new Float64Array(outs.length * ins.length * taps);
  let at = 0;
  for (const out of outs)
    for (const from of ins) {
      const base = (out * inChannels + from) * taps;
      for (let tap = 0; tap < taps; tap++) weights[at++] = kernel.weights[base + tap];
    }
  const [, inHeight, inWidth] = kernel.inputShape;
  const [, outHeight, outWidth] = kernel.outputShape;
  return {
    ...kernel,
    weights,
    rows: ins.length * inHeight * inWidth,
    cols: outs.length * outHeight * outWidth,
    kernelShape: [outs.length, ins.length, height, width],
    inputShape: [ins.length, inHeight, inWidth],
    outputShape: [outs.length, outHeight, outWidth],
  };
}

function selectSparse(
  matrix: SparseMatrix,
  side: "pre" | "post",
  kept: readonly number[],
  elements: number,
): SparseMatrix {
  const { rows, cols, rowStart, colIndex, values } = matrix;
  const place = new Int32Array(side === "pre" ? rows : cols).fill(-1);
  kept.forEach((channel, k) => {
    for (let e = 0; e < elements; e++) place[channel * elements + e] = k * elements + e;
  });
  const size = kept.length * elements;
  const starts = [0];
  const columns: number[] = [];
  const weights: number[] = [];
  for (let r = 0; r < rows; r++) {
    if (side === "pre" && place[r] < 0) continue;
    for (let i = rowStart[r]; i < rowStart[r + 1]; i++) {
      const column = side === "post" ? place[colIndex[i]] : colIndex[i];
      if (column < 0) continue;
      columns.push(column);
      weights.push(values[i]);
    }
    starts.push(columns.length);
  }
  return {
    kind: "sparse",
    rows: side === "pre" ? size : rows,
    cols: side === "post" ? size : cols,
    rowStart: Uint32Array.from(starts),
    colIndex: Uint32Array.from(columns),
    values: Float64Array.from(weights),
  };
}
