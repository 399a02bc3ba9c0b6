import {
  expandKernel,
  forEachKernelEntry,
  kernelSynapses,
  poolThenKernel,
  propagateKernel,
  scaleKernel,
} from "./kernel.ts";
import type { Connectivity, DenseMatrix, Diagonal, SparseMatrix } from "./network.ts";
import { dropZeros, multiply, scaleSparse, sparseFromDense } from "./sparse.ts";

// What the four forms of a projection have in common. A form is left only where there is no other way.

export interface ExpandOptions {
  /** Keep synapses whose weight is exactly zero (padding is never a synapse). Default: drop them. */
  readonly keepZeros?: boolean;
}

/** Every synapse of its own, by presynaptic row. O(synapses); the same object where nothing is to be done. */
export function expand(connectivity: Connectivity, options: ExpandOptions = {}): SparseMatrix {
  const keepZeros = options.keepZeros ?? false;
  switch (connectivity.kind) {
    case "sparse":
      return keepZeros ? connectivity : dropZeros(connectivity);
    case "dense":
      return sparseFromDense(connectivity, keepZeros);
    case "kernel":
      return expandKernel(connectivity, keepZeros);
    case "diagonal":
      return expandDiagonal(connectivity, keepZeros);
  }
}

function expandDiagonal({ rows, cols, values: stored }: Diagonal, keepZeros: boolean): SparseMatrix {
  const rowStart = new Uint32Array(rows + 1);
  const colIndex = new Uint32Array(rows);
  const values = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    rowStart[r + 1] = r + 1;
    colIndex[r] = r;
    values[r] = stored[stored.length === 1 ? 0 : r];
  }
  const matrix: SparseMatrix = { kind: "sparse", rows, cols, rowStart, colIndex, values };
  return keepZeros ? matrix : dropZeros(matrix);
}

/** Calls `visit` for every stored synapse, zeros included; rows in no particular order. For tools, not for hot loops. */
export function forEachEntry(
  connectivity: Connectivity,
  visit: (row: number, col: number, value: number) => void,
): void {
  switch (connectivity.kind) {
    case "sparse": {
      const { rowStart, colIndex, values } = connectivity;
      for (let r = 0; r < connectivity.rows; r++) {
        for (let i = rowStart[r]; i < rowStart[r + 1]; i++) visit(r, colIndex[i], values[i]);
      }
      return;
    }
    case "dense": {
      const { rows, cols, values } = connectivity;
      for (let c = 0; c < cols; c++) for (let r = 0; r < rows; r++) visit(r, c, values[c * rows + r]);
      return;
    }
    case "kernel":
      forEachKernelEntry(connectivity, visit);
      return;
    case "diagonal": {
      const { rows, values } = connectivity;
      for (let r = 0; r < rows; r++) visit(r, r, values[values.length === 1 ? 0 : r]);
    }
  }
}

/** Synapses after expansion, those of weight zero included; padding does not count. Cheap for every form. */
export function synapseCount(connectivity: Connectivity): number {
  switch (connectivity.kind) {
    case "sparse":
      return connectivity.values.length;
    case "dense":
      return connectivity.rows * connectivity.cols;
    case "kernel":
      return kernelSynapses(connectivity, true);
    case "diagonal":
      return connectivity.rows;
  }
}

/** Synapses after expansion whose weight is not zero: what a chip without weight sharing stores. */
export function nonzeroSynapseCount(connectivity: Connectivity): number {
  if (connectivity.kind === "kernel") return kernelSynapses(connectivity, false);
  if (connectivity.kind === "diagonal" && connectivity.values.length === 1) {
    return connectivity.values[0] === 0 ? 0 : connectivity.rows;
  }
  return nonzeroWeightCount(connectivity);
}

/** True if any synapse has a weight that is not zero. */
export function carriesAnything(connectivity: Connectivity): boolean {
  if (connectivity.kind === "kernel") return kernelSynapses(connectivity, false) > 0;
  return connectivity.values.some((weight) => weight !== 0);
}

/** Weights as the model stores them: a kernel counts once, a dense matrix with its zeros. */
export function weightCount(connectivity: Connectivity): number {
  return storedWeights(connectivity).length;
}

/** Stored weights that are not zero: the numerator of density. */
export function nonzeroWeightCount(connectivity: Connectivity): number {
  const stored = storedWeights(connectivity);
  let count = 0;
  for (let i = 0; i < stored.length; i++) if (stored[i] !== 0) count++;
  return count;
}

/** The array that holds the weights of any form; shared, not copied. */
export function storedWeights(connectivity: Connectivity): Float32Array | Float64Array {
  return connectivity.kind === "kernel" ? connectivity.weights : connectivity.values;
}

/** The same form with other weights, for instance pruned or quantized ones; `weights` as `storedWeights` has them. */
export function withStoredWeights<C extends Connectivity>(connectivity: C, weights: Float64Array): C {
  return connectivity.kind === "kernel"
    ? { ...connectivity, weights }
    : ({ ...connectivity, values: weights } as C);
}

/** True if every neuron is joined to its namesake with weight one and to no other. */
export function isIdentity(connectivity: Connectivity): boolean {
  if (connectivity.rows !== connectivity.cols) return false;
  switch (connectivity.kind) {
    case "diagonal":
      return connectivity.values.every(isOne);
    case "sparse":
      return (
        connectivity.values.length === connectivity.rows &&
        connectivity.values.every(isOne) &&
        connectivity.colIndex.every((c, i) => c === i && connectivity.rowStart[i] === i)
      );
    case "dense":
      return connectivity.values.every((v, i) => v === (i % (connectivity.rows + 1) === 0 ? 1 : 0));
    case "kernel":
      return false;
  }
}

function isOne(value: number): boolean {
  return value === 1;
}

/** Neuron i to neuron i with weight one. */
export function identity(size: number): Diagonal {
  return { kind: "diagonal", rows: size, cols: size, values: Float64Array.of(1) };
}

/**
 * What a value meets that passes `first` and then `second`, as one map: the product first · second in
 * float64. Identities and factors keep the other's form (a scaled kernel stays a kernel), and so does pooling in front of
 * a kernel; other pairs become sparse, with an entry for every place that a path reaches.
 */
export function compose(first: Connectivity, second: Connectivity): Connectivity {
  if (isIdentity(first)) return second;
  if (isIdentity(second)) return first;
  if (first.kind === "diagonal") return scaleConnectivity(second, first.values, undefined);
  if (second.kind === "diagonal") return scaleConnectivity(first, undefined, second.values);
  if (first.kind === "kernel" && second.kind === "kernel") {
    const joined = poolThenKernel(first, second);
    if (joined !== undefined) return joined;
  }
  return multiply(expand(first, { keepZeros: true }), expand(second, { keepZeros: true }));
}

/**
 * Multiplies every weight by `preFactor[row]` and `postFactor[col]`, each `[n]`, `[1]` (the same for all) or
 * absent. The form stays, except for kernels whose factors differ inside a channel: those become sparse.
 */
export function scaleConnectivity(
  connectivity: Connectivity,
  preFactor: ArrayLike<number> | undefined,
  postFactor: ArrayLike<number> | undefined,
): Connectivity {
  switch (connectivity.kind) {
    case "sparse":
      return scaleSparse(connectivity, preFactor, postFactor);
    case "dense":
      return scaleDense(connectivity, preFactor, postFactor);
    case "diagonal":
      return scaleDiagonal(connectivity, preFactor, postFactor);
    case "kernel": {
      const scaled = scaleKernel(connectivity, preFactor, postFactor);
      return scaled ?? scaleSparse(expandKernel(connectivity, true), preFactor, postFactor);
    }
  }
}

function scaleDense(
  dense: DenseMatrix,
  preFactor: ArrayLike<number> | undefined,
  postFactor: ArrayLike<number> | undefined,
): DenseMatrix {
  const { rows, cols } = dense;
  const values = new Float64Array(dense.values.length);
  const onePre = preFactor?.length === 1;
  for (let c = 0; c < cols; c++) {
    const post = postFactor === undefined ? 1 : postFactor[postFactor.length === 1 ? 0 : c];
    for (let r = 0; r < rows; r++) {
      const pre = preFactor === undefined ? 1 : preFactor[onePre ? 0 : r];
      values[c * rows + r] = dense.values[c * rows + r] * pre * post;
    }
  }
  return { ...dense, values };
}

function scaleDiagonal(
  diagonal: Diagonal,
  preFactor: ArrayLike<number> | undefined,
  postFactor: ArrayLike<number> | undefined,
): Diagonal {
  const factors = [diagonal.values, preFactor, postFactor].filter((factor) => factor !== undefined);
  const length = factors.every((factor) => factor.length === 1) ? 1 : diagonal.rows;
  const values = Float64Array.from({ length }, (_, i) =>
    factors.reduce((product, factor) => product * factor[factor.length === 1 ? 0 : i], 1),
  );
  return { ...diagonal, values };
}

/**
 * Adds to `output` what `input` delivers: output[c] += sum over r of input[r] · weight(r, c), rows ascending.
 * Every form adds in the same order, so that changing the form never changes a bit of the result.
 *
 * @param input  `[rows]`, spikes (0/1), counts or values; zeros cost nothing
 * @param output `[cols]`, added to, not cleared
 */
export function propagate(connectivity: Connectivity, input: Float64Array, output: Float64Array): void {
  switch (connectivity.kind) {
    case "sparse":
      propagateSparse(connectivity, input, output);
      return;
    case "dense":
      propagateDense(connectivity, input, output);
      return;
    case "kernel":
      propagateKernel(connectivity, input, output);
      return;
    case "diagonal": {
      const { rows, values } = connectivity;
      for (let r = 0; r < rows; r++) {
        if (input[r] !== 0) output[r] += input[r] * values[values.length === 1 ? 0 : r];
      }
    }
  }
}

function propagateSparse(matrix: SparseMatrix, input: Float64Array, output: Float64Array): void {
  const { rows, rowStart, colIndex, values } = matrix;
  for (let r = 0; r < rows; r++) {
    const x = input[r];
    if (x === 0) continue;
    for (let i = rowStart[r]; i < rowStart[r + 1]; i++) output[colIndex[i]] += x * values[i];
  }
}

function propagateDense(dense: DenseMatrix, input: Float64Array, output: Float64Array): void {
  const { rows, cols, values } = dense;
  const active = new Uint32Array(rows);
  let count = 0;
  for (let r = 0; r < rows; r++) if (input[r] !== 0) active[count++] = r;
  for (let c = 0; c < cols; c++) {
    const base = c * rows;
    let sum = output[c];
    for (let k = 0; k < count; k++) sum += input[active[k]] * values[base + active[k]];
    output[c] = sum;
  }
}
