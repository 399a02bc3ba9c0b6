import { decodeNumbers, type ExactNumbers, type NumberType } from "#formats/numbers";
import { Cursor, decodeText, type Hdf5Bytes } from "./cursor.ts";
import { VARIABLE_LENGTH, type Datatype } from "./datatype.ts";
import { Hdf5Error, unreadable } from "./fault.ts";
import type { GlobalHeaps } from "./global-heap.ts";

/** Numbers of a dataset or an attribute. */
export interface Hdf5Array {
  /** C order, native byte order. Integers above 32 bits are Float64Array; float16 is widened to Float32Array. */
  readonly data: ExactNumbers;
  /** `[]`: a scalar. */
  readonly shape: readonly number[];
  /** As stored, without the byte order. */
  readonly dtype: NumberType;
}

export interface Hdf5Strings {
  /** C order. */
  readonly strings: readonly string[];
  readonly shape: readonly number[];
}

/** Elements that are lists of numbers, each of its own length. */
export interface Hdf5Lists {
  /** C order. */
  readonly lists: readonly ExactNumbers[];
  readonly shape: readonly number[];
  /** Of the numbers, as stored, without the byte order. */
  readonly dtype: NumberType;
}

/**
 * Elements as stored, to numbers or text.
 *
 * @param bytes elements x size bytes
 * @throws Hdf5Error for types that are neither, and for integers that no double equals
 */
export function decodeElements(
  file: Hdf5Bytes,
  bytes: Uint8Array,
  type: Datatype,
  shape: readonly number[],
  heaps: GlobalHeaps,
): Hdf5Array | Hdf5Strings {
  switch (type.kind) {
    case "number": {
      const data = decodeNumbers(bytes, type.dtype, type.bigEndian);
      if (!data) throw new Hdf5Error({ kind: "inexact", dtype: type.dtype });
      return { data, shape, dtype: type.dtype };
    }
    case "fixed-string":
      return { strings: cells(bytes, type.size).map((cell) => decodePadded(cell, type.spacePadded)), shape };
    case "variable-string":
      return { strings: cells(bytes, type.size).map((cell) => decodePointer(file, cell, heaps)), shape };
    case "variable-numbers":
      throw new Hdf5Error({ kind: "dtype", dtype: VARIABLE_LENGTH });
    case "other":
      throw new Hdf5Error({ kind: "dtype", dtype: type.dtype });
  }
}

/** All lists of one dataset together. */
const MAX_LIST_BYTES = 2 ** 31;

/**
 * Elements that are lists of numbers (variable-length arrays).
 *
 * @throws Hdf5Error for other types, for lists beyond their heap and for more than anybody has
 */
export function decodeLists(
  file: Hdf5Bytes,
  bytes: Uint8Array,
  type: Datatype,
  shape: readonly number[],
  heaps: GlobalHeaps,
): Hdf5Lists {
  if (type.kind === "number") throw new Hdf5Error({ kind: "dtype", dtype: type.dtype });
  if (type.kind === "other") throw new Hdf5Error({ kind: "dtype", dtype: type.dtype });
  if (type.kind !== "variable-numbers") throw new Hdf5Error({ kind: "dtype", dtype: "text" });
  const { base } = type;
  let listBytes = 0;
  const lists = cells(bytes, type.size).map((cell) => {
    const cursor = new Cursor(cell, file, "a reference to a list");
    const neededBytes = cursor.u32() * base.size;
    const address = cursor.address();
    listBytes += neededBytes;
    if (listBytes > MAX_LIST_BYTES) throw new Hdf5Error({ kind: "huge", shape, neededBytes: listBytes });
    const stored =
      neededBytes === 0 || address === undefined ? new Uint8Array() : heaps(address, cursor.u32());
    if (stored.length < neededBytes)
      throw unreadable(`a list needs ${neededBytes} bytes, but its heap has ${stored.length}`);
    const data = decodeNumbers(stored.subarray(0, neededBytes), base.dtype, base.bigEndian);
    if (!data) throw new Hdf5Error({ kind: "inexact", dtype: base.dtype });
    return data;
  });
  return { lists, shape, dtype: base.dtype };
}

const cells = (bytes: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

function decodePadded(cell: Uint8Array, spacePadded: boolean): string {
  const text = decodeText(cell);
  return spacePadded ? text.replace(/ +$/, "") : text;
}

/** A length, a heap's address and an index; address 0 or none: the empty text. */
function decodePointer(file: Hdf5Bytes, cell: Uint8Array, heaps: GlobalHeaps): string {
  const cursor = new Cursor(cell, file, "a reference to text");
  const length = cursor.u32();
  const address = cursor.address();
  if (length === 0 || address === undefined || address === 0) return "";
  return decodeText(heaps(address, cursor.u32()).subarray(0, length));
}
