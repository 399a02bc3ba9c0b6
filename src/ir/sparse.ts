import type { DenseMatrix, SparseMatrix } from "./network.ts";

// Compressed rows: build, filter, transpose, multiply. Typed arrays in and out, no object per entry.

/** Entries in any order; the three arrays run in parallel. */
export interface Triplets {
  /** `[entries]`, each < rows. */
  readonly row: ArrayLike<number>;
  /** `[entries]`, each < cols. */
  readonly col: ArrayLike<number>;
  /** `[entries]`. */
  readonly value: ArrayLike<number>;
}

/** A matrix without entries. */
export function emptySparse(rows: number, cols: number): SparseMatrix {
  return {
    kind: "sparse",
    rows,
    cols,
    rowStart: new Uint32Array(rows + 1),
    colIndex: new Uint32Array(0),
    values: new Float64Array(0),
  };
}

/**
 * Builds a matrix from entries in any order; entries at the same place are added up, in the order given.
 * Zeros are kept. Two counting sorts, O(entries + rows + cols). Indices are not checked.
 */
export function sparseFromTriplets(rows: number, cols: number, { row, col, value }: Triplets): SparseMatrix {
  const byColumn = countingSort(cols, col, undefined);
  const order = countingSort(rows, row, byColumn);
  const rowStart = new Uint32Array(rows + 1);
  const colIndex = new Uint32Array(order.length);
  const values = new Float64Array(order.length);
  let length = 0;
  let lastRow = -1;
  for (let i = 0; i < order.length; i++) {
    const entry = order[i];
    const r = row[entry];
    const c = col[entry];
    if (r === lastRow && length > 0 && colIndex[length - 1] === c) {
      values[length - 1] += value[entry];
      continue;
    }
    lastRow = r;
    colIndex[length] = c;
    values[length++] = value[entry];
    rowStart[r + 1]++;
  }
  for (let r = 0; r < rows; r++) rowStart[r + 1] += rowStart[r];
  return {
    kind: "sparse",
    rows,
    cols,
    rowStart,
    colIndex: trim(colIndex, length),
    values: trim(values, length),
  };
}

/** Stable order of `keys`, applied on top of `previous` (indices into keys) if that is given. */
function countingSort(
  buckets: number,
  keys: ArrayLike<number>,
  previous: Uint32Array | undefined,
): Uint32Array {
  const next = new Uint32Array(buckets + 1);
  for (let i = 0; i < keys.length; i++) next[keys[i] + 1]++;
  for (let b = 0; b < buckets; b++) next[b + 1] += next[b];
  const order = new Uint32Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const entry = previous === undefined ? i : previous[i];
    order[next[keys[entry]]++] = entry;
  }
  return order;
}

/** Pre-major rows of a post-major dense matrix. Zeros are dropped unless `keepZeros`. */
export function sparseFromDense(dense: DenseMatrix, keepZeros = false): SparseMatrix {
  const { rows, cols, values: stored } = dense;
  const rowStart = new Uint32Array(rows + 1);
  for (let c = 0; c < cols; c++) {
    const base = c * rows;
    for (let r = 0; r < rows; r++) if (keepZeros || stored[base + r] !== 0) rowStart[r + 1]++;
  }
  for (let r = 0; r < rows; r++) rowStart[r + 1] += rowStart[r];
  const colIndex = new Uint32Array(rowStart[rows]);
  const values = new Float64Array(rowStart[rows]);
  const next = rowStart.slice(0, rows);
  for (let c = 0; c < cols; c++) {
    const base = c * rows;
    for (let r = 0; r < rows; r++) {
      const value = stored[base + r];
      if (!keepZeros && value === 0) continue;
      const at = next[r]++;
      colIndex[at] = c;
      values[at] = value;
    }
  }
  return { kind: "sparse", rows, cols, rowStart, colIndex, values };
}

/** Keeps the entries for which `keep` holds; the same object if that is all of them. */
export function filterEntries(
  matrix: SparseMatrix,
  keep: (value: number, row: number, col: number) => boolean,
): SparseMatrix {
  const { rows, cols } = matrix;
  const rowStart = new Uint32Array(rows + 1);
  const colIndex = new Uint32Array(matrix.values.length);
  const values = new Float64Array(matrix.values.length);
  let length = 0;
  for (let r = 0; r < rows; r++) {
    for (let i = matrix.rowStart[r]; i < matrix.rowStart[r + 1]; i++) {
      if (!keep(matrix.values[i], r, matrix.colIndex[i])) continue;
      colIndex[length] = matrix.colIndex[i];
      values[length++] = matrix.values[i];
    }
    rowStart[r + 1] = length;
  }
  if (length === matrix.values.length) return matrix;
  return {
    kind: "sparse",
    rows,
    cols,
    rowStart,
    colIndex: trim(colIndex, length),
    values: trim(values, length),
  };
}

/** Without the entries whose value is exactly zero; the same object if there are none. */
export function dropZeros(matrix: SparseMatrix): SparseMatrix {
  return matrix.values.includes(0) ? filterEntries(matrix, isNonzero) : matrix;
}

function isNonzero(value: number): boolean {
  return value !== 0;
}

/** The same synapses seen from the other side: rows become columns. */
export function transpose(matrix: SparseMatrix): SparseMatrix {
  const { rows, cols } = matrix;
  const rowStart = new Uint32Array(cols + 1);
  for (const c of matrix.colIndex) rowStart[c + 1]++;
  for (let c = 0; c < cols; c++) rowStart[c + 1] += rowStart[c];
  const colIndex = new Uint32Array(matrix.colIndex.length);
  const values = new Float64Array(matrix.values.length);
  const next = rowStart.slice(0, cols);
  for (let r = 0; r < rows; r++) {
    for (let i = matrix.rowStart[r]; i < matrix.rowStart[r + 1]; i++) {
      const at = next[matrix.colIndex[i]]++;
      colIndex[at] = r;
      values[at] = matrix.values[i];
    }
  }
  return { kind: "sparse", rows: cols, cols: rows, rowStart, colIndex, values };
}

/**
 * The matrix product first · second (a spike passes `first`, then `second`), in float64. Every place that a
 * path reaches gets an entry, also where the paths cancel to zero. Gustavson's algorithm: O(paths).
 *
 * Source: F. G. Gustavson, ACM TOMS 4(3), 1978.
 */
export function multiply(first: SparseMatrix, second: SparseMatrix): SparseMatrix {
  const { rows } = first;
  const { cols } = second;
  const rowStart = productRowStart(first, second);
  const colIndex = new Uint32Array(rowStart[rows]);
  const values = new Float64Array(rowStart[rows]);
  const sums = new Float64Array(cols);
  const seenBy = new Int32Array(cols).fill(-1);
  for (let r = 0; r < rows; r++) {
    const begin = rowStart[r];
    let length = begin;
    let ascending = true;
    for (let i = first.rowStart[r]; i < first.rowStart[r + 1]; i++) {
      const mid = first.colIndex[i];
      const factor = first.values[i];
      for (let j = second.rowStart[mid]; j < second.rowStart[mid + 1]; j++) {
        const c = second.colIndex[j];
        if (seenBy[c] !== r) {
          seenBy[c] = r;
          sums[c] = 0;
          if (length > begin && colIndex[length - 1] > c) ascending = false;
          colIndex[length++] = c;
        }
        sums[c] += factor * second.values[j];
      }
    }
    if (!ascending) colIndex.subarray(begin, length).sort();
    for (let i = begin; i < length; i++) values[i] = sums[colIndex[i]];
  }
  return { kind: "sparse", rows, cols, rowStart, colIndex, values };
}

/** Row starts of the product: counts the places that are reached, without computing them. */
function productRowStart(first: SparseMatrix, second: SparseMatrix): Uint32Array {
  const rowStart = new Uint32Array(first.rows + 1);
  const seenBy = new Int32Array(second.cols).fill(-1);
  for (let r = 0; r < first.rows; r++) {
    let count = 0;
    for (let i = first.rowStart[r]; i < first.rowStart[r + 1]; i++) {
      const mid = first.colIndex[i];
      for (let j = second.rowStart[mid]; j < second.rowStart[mid + 1]; j++) {
        if (seenBy[second.colIndex[j]] === r) continue;
        seenBy[second.colIndex[j]] = r;
        count++;
      }
    }
    rowStart[r + 1] = rowStart[r] + count;
  }
  return rowStart;
}

/** The sum of matrices of one shape; entries at the same place are added up in the order given. O(entries + rows). */
export function mergeSparse(matrices: readonly SparseMatrix[]): SparseMatrix {
  if (matrices.length === 1) return matrices[0];
  const { rows, cols } = matrices[0];
  const total = matrices.reduce((sum, matrix) => sum + matrix.values.length, 0);
  const rowStart = new Uint32Array(rows + 1);
  const colIndex = new Uint32Array(total);
  const values = new Float64Array(total);
  const sums = new Float64Array(cols);
  const seenBy = new Int32Array(cols).fill(-1);
  let length = 0;
  for (let r = 0; r < rows; r++) {
    const begin = length;
    for (const matrix of matrices) {
      for (let i = matrix.rowStart[r]; i < matrix.rowStart[r + 1]; i++) {
        const c = matrix.colIndex[i];
        if (seenBy[c] === r) {
          sums[c] += matrix.values[i];
          continue;
        }
        seenBy[c] = r;
        sums[c] = matrix.values[i];
        colIndex[length++] = c;
      }
    }
    colIndex.subarray(begin, length).sort();
    for (let i = begin; i < length; i++) values[i] = sums[colIndex[i]];
    rowStart[r + 1] = length;
  }
  return {
    kind: "sparse",
    rows,
    cols,
    rowStart,
    colIndex: trim(colIndex, length),
    values: trim(values, length),
  };
}

/** Multiplies every value: `rowFactor[row]` and `colFactor[col]`, each `[n]`, `[1]` (the same for all) or absent. */
export function scaleSparse(
  matrix: SparseMatrix,
  rowFactor?: ArrayLike<number>,
  colFactor?: ArrayLike<number>,
): SparseMatrix {
  const values = new Float64Array(matrix.values.length);
  const oneRow = rowFactor?.length === 1;
  const oneCol = colFactor?.length === 1;
  for (let r = 0; r < matrix.rows; r++) {
    const factor = rowFactor === undefined ? 1 : rowFactor[oneRow ? 0 : r];
    for (let i = matrix.rowStart[r]; i < matrix.rowStart[r + 1]; i++) {
      const other = colFactor === undefined ? 1 : colFactor[oneCol ? 0 : matrix.colIndex[i]];
      values[i] = matrix.values[i] * factor * other;
    }
  }
  return { ...matrix, values };
}

function trim<A extends Uint32Array | Float64Array>(array: A, length: number): A {
  return (array.length === length ? array : array.slice(0, length)) as A;
}
