import type { Connectivity, DenseMatrix, Diagonal, SharedKernel, SparseMatrix } from "#ir/network";

/** Incoming synapses of the neurons [begin, begin + start.length - 1) of one projection, neuron by neuron. */
export interface Columns {
  /** Ascending, first entry 0; neuron begin + c owns entries start[c] .. start[c + 1]. */
  readonly start: Uint32Array;
  /** Presynaptic neuron of each entry; ascending inside a neuron. */
  readonly row: Uint32Array;
  /** Stored integer weight of each entry. */
  readonly weight: Int16Array;
}

/**
 * A projection seen from its targets. A core holds some neurons with all that reaches them, so the compiler
 * reads projections by column; shared kernels are spelled out only for the columns that are asked for.
 */
export interface ColumnSource {
  readonly rows: number;
  readonly cols: number;
  read(begin: number, end: number): Columns;
}

/** @param keepZeros count stored zeros as synapses (an unpruned network of the same shape) */
export function columnSource(connectivity: Connectivity, keepZeros: boolean): ColumnSource {
  const { rows, cols } = connectivity;
  switch (connectivity.kind) {
    case "sparse":
      return sparseSource(connectivity, keepZeros);
    case "dense":
      return { rows, cols, read: (begin, end) => readDense(connectivity, keepZeros, begin, end) };
    case "kernel":
      return { rows, cols, read: (begin, end) => readKernel(connectivity, keepZeros, begin, end) };
    case "diagonal":
      return { rows, cols, read: (begin, end) => readDiagonal(connectivity, keepZeros, begin, end) };
  }
}

/** Transposes at the first read and hands out views from then on. */
function sparseSource(matrix: SparseMatrix, keepZeros: boolean): ColumnSource {
  let whole: Columns | undefined;
  return {
    rows: matrix.rows,
    cols: matrix.cols,
    read(begin, end) {
      whole ??= transposed(matrix, keepZeros);
      const first = whole.start[begin];
      const last = whole.start[end];
      const start = whole.start.slice(begin, end + 1);
      for (let c = 0; c < start.length; c++) start[c] -= first;
      return { start, row: whole.row.subarray(first, last), weight: whole.weight.subarray(first, last) };
    },
  };
}

function transposed({ rows, cols, rowStart, colIndex, values }: SparseMatrix, keepZeros: boolean): Columns {
  const start = new Uint32Array(cols + 1);
  for (let i = 0; i < colIndex.length; i++) if (keepZeros || values[i] !== 0) start[colIndex[i] + 1]++;
  for (let c = 0; c < cols; c++) start[c + 1] += start[c];
  const row = new Uint32Array(start[cols]);
  const weight = new Int16Array(start[cols]);
  const next = start.slice(0, cols);
  for (let r = 0; r < rows; r++) {
    for (let i = rowStart[r]; i < rowStart[r + 1]; i++) {
      if (!keepZeros && values[i] === 0) continue;
      const at = next[colIndex[i]]++;
      row[at] = r;
      weight[at] = values[i];
    }
  }
  return { start, row, weight };
}

function readDense({ rows, values }: DenseMatrix, keepZeros: boolean, begin: number, end: number): Columns {
  const columns = new Growing(end - begin, (end - begin) * rows);
  for (let c = begin; c < end; c++) {
    for (let r = 0; r < rows; r++) {
      const value = values[c * rows + r];
      if (keepZeros || value !== 0) columns.push(r, value);
    }
    columns.endColumn();
  }
  return columns.done();
}

function readDiagonal({ values }: Diagonal, keepZeros: boolean, begin: number, end: number): Columns {
  const columns = new Growing(end - begin, end - begin);
  for (let c = begin; c < end; c++) {
    const value = values[values.length === 1 ? 0 : c];
    if (keepZeros || value !== 0) columns.push(c, value);
    columns.endColumn();
  }
  return columns.done();
}

function readKernel(kernel: SharedKernel, keepZeros: boolean, begin: number, end: number): Columns {
  const [outChannels, groupChannels, kernelHeight, kernelWidth] = kernel.kernelShape;
  const [, height, width] = kernel.inputShape;
  const [, outHeight, outWidth] = kernel.outputShape;
  const [strideY, strideX] = kernel.stride;
  const [dilationY, dilationX] = kernel.dilation;
  const [padTop, , padLeft] = kernel.padding;
  const outPerGroup = outChannels / kernel.groups;
  const taps = groupChannels * kernelHeight * kernelWidth;
  const columns = new Growing(end - begin, (end - begin) * taps);
  for (let c = begin; c < end; c++) {
    const outChannel = Math.floor(c / (outHeight * outWidth));
    const top = (Math.floor(c / outWidth) % outHeight) * strideY - padTop;
    const left = (c % outWidth) * strideX - padLeft;
    const firstChannel = Math.floor(outChannel / outPerGroup) * groupChannels;
    for (let k = 0; k < groupChannels; k++) {
      for (let i = 0; i < kernelHeight; i++) {
        const y = top + i * dilationY;
        if (y < 0 || y >= height) continue;
        const rowBase = ((firstChannel + k) * height + y) * width;
        const tapBase = outChannel * taps + (k * kernelHeight + i) * kernelWidth;
        for (let j = 0; j < kernelWidth; j++) {
          const x = left + j * dilationX;
          const value = kernel.weights[tapBase + j];
          if (x >= 0 && x < width && (keepZeros || value !== 0)) columns.push(rowBase + x, value);
        }
      }
    }
    columns.endColumn();
  }
  return columns.done();
}

/** Columns under construction; room for the worst case is taken at once. */
class Growing {
  readonly #start: Uint32Array;
  readonly #row: Uint32Array;
  readonly #weight: Int16Array;
  #columns = 0;
  #entries = 0;

  constructor(columns: number, entriesAtMost: number) {
    this.#start = new Uint32Array(columns + 1);
    this.#row = new Uint32Array(entriesAtMost);
    this.#weight = new Int16Array(entriesAtMost);
  }

  push(row: number, weight: number): void {
    this.#row[this.#entries] = row;
    this.#weight[this.#entries] = weight;
    this.#entries++;
  }

  endColumn(): void {
    this.#columns++;
    this.#start[this.#columns] = this.#entries;
  }

  done(): Columns {
    return {
      start: this.#start,
      row: this.#row.subarray(0, this.#entries),
      weight: this.#weight.subarray(0, this.#entries),
    };
  }
}
