import { expand } from "#ir/connectivity";
import type { Connectivity, SharedKernel } from "#ir/network";
import { sparseFromTriplets } from "#ir/sparse";

/**
 * The synapses between the neurons that are left. A kernel stays one where whole channels are: everything else that loses
 * neurons becomes sparse or stays dense.
 *
 * @param rows ascending: presynaptic neurons that are left; undefined: all
 * @param cols the same of postsynaptic ones
 */
export function restrictTo(
  connectivity: Connectivity,
  rows: Uint32Array | undefined,
  cols: Uint32Array | undefined,
): Connectivity {
  if (rows === undefined && cols === undefined) return connectivity;
  if (connectivity.kind === "kernel") {
    const smaller = restrictKernel(connectivity, rows, cols);
    if (smaller !== undefined) return smaller;
  }
  if (connectivity.kind === "dense") {
    const { rows: before, cols: colsBefore, values } = connectivity;
    const ofRows = rows ?? all(before);
    const ofCols = cols ?? all(colsBefore);
    const kept = new Float64Array(ofRows.length * ofCols.length);
    let at = 0;
    for (const c of ofCols) for (const r of ofRows) kept[at++] = values[c * before + r];
    return { kind: "dense", rows: ofRows.length, cols: ofCols.length, values: kept };
  }
  const matrix = expand(connectivity);
  const newRow = numbers(rows, matrix.rows);
  const newCol = numbers(cols, matrix.cols);
  const row: number[] = [];
  const col: number[] = [];
  const value: number[] = [];
  for (let r = 0; r < matrix.rows; r++) {
    if (newRow[r] < 0) continue;
    for (let i = matrix.rowStart[r]; i < matrix.rowStart[r + 1]; i++) {
      if (newCol[matrix.colIndex[i]] < 0) continue;
      row.push(newRow[r]);
      col.push(newCol[matrix.colIndex[i]]);
      value.push(matrix.values[i]);
    }
  }
  return sparseFromTriplets(rows?.length ?? matrix.rows, cols?.length ?? matrix.cols, { row, col, value });
}

/** Undefined where it is no kernel any more. */
function restrictKernel(
  kernel: SharedKernel,
  rows: Uint32Array | undefined,
  cols: Uint32Array | undefined,
): SharedKernel | undefined {
  const { inputShape, outputShape, kernelShape, groups, weights } = kernel;
  const [outChannels, groupChannels, height, width] = kernelShape;
  const from = channelsOf(rows, inputShape);
  const to = channelsOf(cols, outputShape);
  const isDepthwise = groups === outChannels && groupChannels === 1 && inputShape[0] === groups;
  if (from === undefined || to === undefined) return undefined;
  if (groups > 1 && !(isDepthwise && from.join() === to.join())) return undefined;
  const taps = height * width;
  const sources = groups > 1 ? [0] : from;
  const kept = new Float64Array(to.length * sources.length * taps);
  let at = 0;
  for (const o of to)
    for (const i of sources)
      for (let k = 0; k < taps; k++) kept[at++] = weights[(o * groupChannels + i) * taps + k];
  const plane = (shape: readonly [number, number, number]): number => shape[1] * shape[2];
  return {
    ...kernel,
    rows: from.length * plane(inputShape),
    cols: to.length * plane(outputShape),
    weights: kept,
    kernelShape: [to.length, sources.length, height, width],
    groups: groups > 1 ? to.length : 1,
    inputShape: [from.length, inputShape[1], inputShape[2]],
    outputShape: [to.length, outputShape[1], outputShape[2]],
  };
}

/** Channels that are left; undefined where one is left in part. */
function channelsOf(
  neurons: Uint32Array | undefined,
  [channels, height, width]: readonly [number, number, number],
): number[] | undefined {
  if (neurons === undefined) return Array.from({ length: channels }, (_, c) => c);
  const count = new Uint32Array(channels);
  for (const n of neurons) count[Math.floor(n / (height * width))]++;
  const left = Array.from(count.keys()).filter((c) => count[c] > 0);
  return left.every((c) => count[c] === height * width) ? left : undefined;
}

const all = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => i);

/** New number of each; -1 for those that are gone. */
function numbers(kept: Uint32Array | undefined, count: number): Int32Array {
  if (kept === undefined) return Int32Array.from({ length: count }, (_, i) => i);
  const newOf = new Int32Array(count).fill(-1);
  kept.forEach((n, i) => (newOf[n] = i));
  return newOf;
}
