import type { SparseMatrix } from "#ir/network";
import {
  DATA_TYPE,
  littleEndian,
  tensor,
  type DataTypeName,
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
/** What the nodes cost that lay listed weights into zeros. */
const SCATTER_BYTES = 512;
/** Tensors with more elements need indices of 64 bits. */
const INT32_ELEMENTS = 2 ** 31;

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

/** Names of the initializers that hold weights. */
export interface StoredList {
  readonly weights: string;
  /** Where `weights` belong, by flat index in C order, ascending; absent: everywhere. */
  readonly indices?: string;
}

/** The initializers of a file. Equal lists of integers are stored once. */
export class Constants {
  readonly dense: TensorProto[] = [];
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

  /** All of them, or those that are not zero and where they belong, whichever is smaller in the file. */
  addWeights(wished: string, type: NumberType, dims: readonly number[], weights: Weights): StoredList {
    const total = dims.reduce((product, extent) => product * extent, 1);
    const count = weights.nonzeroCount;
    const indexType = total < INT32_ELEMENTS ? "int32" : "int64";
    const listedBytes = count * (BYTES[type] + BYTES[indexType]) + SCATTER_BYTES;
    if (!this.#allowSparse || listedBytes >= total * BYTES[type])
      return { weights: this.add(wished, type, dims, weights.all()) };
    // A list needs one entry: where all are zeros, it is a zero.
    const { index, value } = count === 0 ? { index: [0], value: [0] } : weights.nonzeros();
    return {
      weights: this.add(wished, type, [value.length], value),
      indices: this.add(`${wished}.indices`, indexType, [index.length], index),
    };
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
