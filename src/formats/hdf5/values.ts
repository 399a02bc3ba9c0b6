import { Cursor, decodeText, type Hdf5Bytes } from "./cursor.ts";
import type { Datatype, NumberType } from "./datatype.ts";
import { Hdf5Error } from "./fault.ts";
import { widenFloat16 } from "./float16.ts";
import type { GlobalHeaps } from "./global-heap.ts";

/** Numbers of a dataset or an attribute. */
export interface Hdf5Array {
  /** C order, native byte order. Integers above 32 bits are Float64Array; float16 is widened to Float32Array. */
  readonly data: Float32Array | Float64Array | Int32Array;
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
      const ordered = type.bigEndian ? reverseElements(bytes, type.size) : alignedCopy(bytes);
      return { data: decodeNumbers(ordered, type.dtype), shape, dtype: type.dtype };
    }
    case "fixed-string":
      return { strings: cells(bytes, type.size).map((cell) => decodePadded(cell, type.spacePadded)), shape };
    case "variable-string":
      return { strings: cells(bytes, type.size).map((cell) => decodePointer(file, cell, heaps)), shape };
    case "other":
      throw new Hdf5Error({ kind: "dtype", dtype: type.dtype });
  }
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

function alignedCopy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function reverseElements(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const output = new Uint8Array(bytes.length);
  for (let start = 0; start < bytes.length; start += size) {
    for (let b = 0; b < size; b++) output[start + b] = bytes[start + size - 1 - b];
  }
  return output;
}

/**
 * Little-endian numbers in a buffer of their own, to the array that holds them exactly.
 *
 * @throws Hdf5Error if a 64-bit integer has no exact double
 */
export function decodeNumbers({ buffer }: Uint8Array<ArrayBuffer>, dtype: NumberType): Hdf5Array["data"] {
  switch (dtype) {
    case "float16":
      return widenFloat16(new Uint16Array(buffer));
    case "float32":
      return new Float32Array(buffer);
    case "float64":
      return new Float64Array(buffer);
    case "int8":
      return Int32Array.from(new Int8Array(buffer));
    case "bool":
    case "uint8":
      return Int32Array.from(new Uint8Array(buffer));
    case "int16":
      return Int32Array.from(new Int16Array(buffer));
    case "uint16":
      return Int32Array.from(new Uint16Array(buffer));
    case "int32":
      return new Int32Array(buffer);
    case "uint32":
      return Float64Array.from(new Uint32Array(buffer));
    case "int64":
      return exactDoubles(new BigInt64Array(buffer), dtype);
    case "uint64":
      return exactDoubles(new BigUint64Array(buffer), dtype);
  }
}

function exactDoubles(integers: BigInt64Array | BigUint64Array, dtype: NumberType): Float64Array {
  const doubles = new Float64Array(integers.length);
  for (let i = 0; i < integers.length; i++) {
    doubles[i] = Number(integers[i]);
    if (BigInt(doubles[i]) !== integers[i]) throw new Hdf5Error({ kind: "inexact", dtype });
  }
  return doubles;
}
