import type { SparseMatrix } from "#ir/network";
import {
  DATA_TYPE,
  littleEndian,
  tensor,
  type DataTypeName,
  type SparseTensorProto,
  type TensorProto,
  type TensorValues,
} from "../proto.ts";
import type { Names } from "./names.ts";

/** Element types of weights, parameters and states. */
export type NumberType = "float" | "double" | "int8" | "int16" | "int32" | "int64";

const BYTES: Readonly<Record<NumberType, number>> = {
  float: 4,
  double: 8,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
};
const INDEX_BYTES = 8;

/** Elements that are not zero, by flat index in C order, ascending. */
export interface Nonzeros {
  readonly index: ArrayLike<number>;
  readonly value: ArrayLike<number>;
}

/** Weights in C order of their dims, in the two forms that a file may hold; made when asked for. */
export interface Weights {
  readonly nonzeroCount: number;
  readonly all: () => ArrayLike<number>;
  readonly nonzeros: () => Nonzeros;
}

/** The initializers of a file. Equal lists of integers are stored once. */
export class Constants {
  readonly dense: TensorProto[] = [];
  readonly sparse: SparseTensorProto[] = [];
  readonly #names: Names;
  readonly #lists = new Map<string, string>();
  readonly #allowSparse: boolean;
  /** Names of tensors with numbers that are finite, but not in their type. */
  readonly outOfRange: string[] = [];
  /** Projections whose weights became integers, and how far their errors lie below them. */
  readonly rounded: { readonly projection: string; readonly snrDb: number }[] = [];

  constructor(names: Names, options: { readonly allowSparse: boolean }) {
    this.#names = names;
    this.#allowSparse = options.allowSparse;
  }

  /** @param dims empty: a scalar */
  add(wished: string, type: NumberType, dims: readonly number[], values: ArrayLike<number>): string {
    const name = this.#names.take(wished);
    this.dense.push(tensor(name, type, dims, this.#converted(name, type, values)));
    return name;
  }

  /** Dense or sparse, whichever is smaller in the file. */
  addWeights(wished: string, type: NumberType, dims: readonly number[], weights: Weights): string {
    const total = dims.reduce((product, extent) => product * extent, 1);
    const count = weights.nonzeroCount;
    if (!this.#allowSparse || count * (BYTES[type] + INDEX_BYTES) >= total * BYTES[type])
      return this.add(wished, type, dims, weights.all());
    const name = this.#names.take(wished);
    const { index, value } = weights.nonzeros();
    const indices = BigInt64Array.from({ length: count }, (_, k) => BigInt(index[k]));
    this.sparse.push({
      values: tensor(name, type, [count], this.#converted(name, type, value)),
      indices: tensor("", "int64", [count], indices),
      dims: [...dims],
    });
    return name;
  }

  /** A short list of integers: a shape, axes, pads. */
  list(values: readonly number[]): string {
    const key = values.join("_");
    let name = this.#lists.get(key);
    if (name === undefined) {
      name = this.add(`ints_${key.replaceAll("-", "m")}`, "int64", [values.length], values);
      this.#lists.set(key, name);
    }
    return name;
  }

  /** An integer without axes, as an index that removes its axis. */
  scalar(value: number): string {
    const key = `scalar_${value}`;
    let name = this.#lists.get(key);
    if (name === undefined) {
      name = this.add(`int_${value}`, "int64", [], [value]);
      this.#lists.set(key, name);
    }
    return name;
  }

  #converted(name: string, type: NumberType, values: ArrayLike<number>): TensorValues {
    const converted = convert(type, values);
    if (type === "float" && Array.prototype.some.call(values, overflows)) this.outOfRange.push(name);
    return converted;
  }
}

const FLOAT_MAX = 3.4028235677973366e38; // Halfway between the largest float and infinity.
const overflows = (value: number): boolean => Math.abs(value) >= FLOAT_MAX && Number.isFinite(value);

function convert(type: NumberType, values: ArrayLike<number>): TensorValues {
  switch (type) {
    case "float":
      return Float32Array.from(values);
    case "double":
      return Float64Array.from(values);
    case "int8":
      return Int8Array.from(values);
    case "int16":
      return Int16Array.from(values);
    case "int32":
      return Int32Array.from(values);
    case "int64":
      return BigInt64Array.from({ length: values.length }, (_, i) => BigInt(values[i]));
  }
}

/** A tensor without a name, for the attribute of a Constant node. */
export function scalar(type: DataTypeName & NumberType, value: number): TensorProto {
  return { dataType: DATA_TYPE[type], dims: [], rawData: littleEndian(convert(type, [value])) };
}

/** Weights that lie in one array, in C order of their dims. */
export function weightsOf(values: Float32Array | Float64Array): Weights {
  const count = (values as Float64Array).reduce((sum, value) => (value === 0 ? sum : sum + 1), 0);
  return {
    nonzeroCount: count,
    all: () => values,
    nonzeros: () => {
      const index = new Float64Array(count);
      const value = new Float64Array(count);
      let at = 0;
      values.forEach((weight, i) => {
        if (weight === 0) return;
        index[at] = i;
        value[at++] = weight;
      });
      return { index, value };
    },
  };
}

/** The elements of `[rows, cols]`. */
export function weightsOfSparse({ rows, cols, rowStart, colIndex, values }: SparseMatrix): Weights {
  const nonzeros = (): Nonzeros => {
    const count = values.length;
    const index = new Float64Array(count);
    const value = new Float64Array(count);
    let at = 0;
    for (let r = 0; r < rows; r++) {
      for (let i = rowStart[r]; i < rowStart[r + 1]; i++) {
        if (values[i] === 0) continue;
        index[at] = r * cols + colIndex[i];
        value[at++] = values[i];
      }
    }
    return { index: index.subarray(0, at), value: value.subarray(0, at) };
  };
  return {
    nonzeroCount: values.reduce((sum, value) => (value === 0 ? sum : sum + 1), 0),
    nonzeros,
    all: () => {
      const { index, value } = nonzeros();
      const all = new Float64Array(rows * cols);
      for (let k = 0; k < index.length; k++) all[index[k]] = value[k];
      return all;
    },
  };
}
