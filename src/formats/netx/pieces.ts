import { expand, synapseCount } from "#ir/connectivity";
import type { Connectivity, SharedKernel } from "#ir/network";

/** A run of neurons that the next layer sees: all of one population. */
export interface Piece {
  readonly population: number;
  readonly size: number;
}

/** What a layer reads: one population, or several put one behind the other. */
export interface End {
  readonly pieces: readonly Piece[];
  /** As the next layer sees it: flattening changes it. */
  readonly shape: readonly number[];
}

/**
 * Synapses of a layer taken apart by the pieces it reads, in their order; one piece leaves them as they are.
 * Dense weights and ungrouped kernels keep their form, others become sparse.
 *
 * @param maxSynapses of a form that is taken apart synapse by synapse
 * @returns undefined where there are more
 */
export function byPiece(
  connectivity: Connectivity,
  pieces: readonly Piece[],
  maxSynapses: number,
): readonly Connectivity[] | undefined {
  if (pieces.length === 1) return [connectivity];
  const keepsForm =
    connectivity.kind === "dense" || (connectivity.kind === "kernel" && connectivity.groups === 1);
  if (!keepsForm && synapseCount(connectivity) > maxSynapses) return undefined;
  let from = 0;
  return pieces.map(({ size }) => rowsOf(connectivity, from, (from += size)));
}

/** Rows `from` to `to` (not included) as a projection of their own. */
function rowsOf(connectivity: Connectivity, from: number, to: number): Connectivity {
  if (connectivity.kind === "kernel" && connectivity.groups === 1) return channelsOf(connectivity, from, to);
  const rows = to - from;
  if (connectivity.kind === "dense") {
    const { cols, values } = connectivity;
    const own = new Float32Array(rows * cols);
    for (let c = 0; c < cols; c++)
      own.set(values.subarray(c * connectivity.rows + from, c * connectivity.rows + to), c * rows);
    return { kind: "dense", rows, cols, values: own };
  }
  const { cols, rowStart, colIndex, values } = expand(connectivity, { keepZeros: true });
  const [first, end] = [rowStart[from], rowStart[to]];
  return {
    kind: "sparse",
    rows,
    cols,
    rowStart: rowStart.slice(from, to + 1).map((at) => at - first),
    colIndex: colIndex.slice(first, end),
    values: values.slice(first, end),
  };
}

/** Pieces of a shape with three axes are whole channels. */
function channelsOf(kernel: SharedKernel, from: number, to: number): SharedKernel {
  const [out, channels, ...window] = kernel.kernelShape;
  const [, height, width] = kernel.inputShape;
  const plane = height * width;
  const taps = window[0] * window[1];
  const own = (to - from) / plane;
  const weights = new Float32Array(out * own * taps);
  for (let o = 0; o < out; o++) {
    const start = (o * channels + from / plane) * taps;
    weights.set(kernel.weights.subarray(start, start + own * taps), o * own * taps);
  }
  return {
    ...kernel,
    rows: to - from,
    kernelShape: [out, own, ...window],
    inputShape: [own, height, width],
    weights,
  };
}
