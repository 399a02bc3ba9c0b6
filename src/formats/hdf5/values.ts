import { decodeNumbers, type ExactNumbers, type NumberType } from "#formats/numbers";
import { Cursor, decodeText, type Hdf5Bytes } from "./cursor.ts";
import type { Datatype } from "./datatype.ts";
import { Hdf5Error } from "./fault.ts";
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
