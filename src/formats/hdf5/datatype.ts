import type { NumberType } from "#formats/numbers";
import { Cursor, decodeText, type Hdf5Bytes } from "./cursor.ts";
import { unreadable } from "./fault.ts";

/** What one element of a dataset is. */
export type Datatype =
  | {
      readonly kind: "number";
      readonly dtype: NumberType;
      readonly size: number;
      readonly bigEndian: boolean;
    }
  | { readonly kind: "fixed-string"; readonly size: number; readonly spacePadded: boolean }
  /** On disk: a length of 4 bytes, an address and an index into a global heap. */
  | { readonly kind: "variable-string"; readonly size: number }
  /** Lists of numbers; stored as variable text is, the length counting numbers. */
  | {
      readonly kind: "variable-numbers";
      readonly size: number;
      readonly base: Extract<Datatype, { kind: "number" }>;
    }
  /** Readable as bytes only; `dtype` says in words what it is. */
  | { readonly kind: "other"; readonly size: number; readonly dtype: string };

export const VARIABLE_LENGTH = "variable-length array";

const NAME_OF_CLASS: readonly string[] = [
  "integer",
  "float",
  "time",
  "text",
  "bit field",
  "opaque",
  "compound (a complex number or a record)",
  "reference",
  "enumeration",
  VARIABLE_LENGTH,
  "fixed-size array",
];

/** Types nest (an enumeration of integers, a list of lists); real ones two or three deep. */
const MAX_DEPTH = 8;

/**
 * Reads a datatype message.
 *
 * Source: HDF5 File Format Specification 3.0, IV.A.2.d.
 */
export function parseDatatype(file: Hdf5Bytes, body: Uint8Array): Datatype {
  return parse(new Cursor(body, file, "a datatype"), 0);
}

function parse(cursor: Cursor, depth: number): Datatype {
  if (depth > MAX_DEPTH) throw unreadable("a datatype is nested too deep");
  const classAndVersion = cursor.u8();
  const typeClass = classAndVersion & 0x0f;
  const version = classAndVersion >> 4;
  const bits = cursor.uint(3);
  const size = cursor.u32();
  if (size === 0) throw unreadable("a datatype has a size of 0 bytes");
  switch (typeClass) {
    case 0:
      return parseInteger(cursor, bits, size);
    case 1:
      return parseFloat(cursor, bits, size);
    case 3:
      return { kind: "fixed-string", size, spacePadded: (bits & 0x0f) === 2 };
    case 8:
      return parseEnumeration(cursor, version, bits & 0xffff, size, depth);
    case 9:
      return parseVariable(cursor, bits, size, depth);
    default:
  }
  return { kind: "other", size, dtype: NAME_OF_CLASS[typeClass] ?? `of class ${typeClass}` };
}

function parseVariable(cursor: Cursor, bits: number, size: number, depth: number): Datatype {
  if ((bits & 0x0f) === 1) return { kind: "variable-string", size };
  const base = parse(cursor, depth + 1);
  return base.kind === "number"
    ? { kind: "variable-numbers", size, base }
    : { kind: "other", size, dtype: VARIABLE_LENGTH };
}

function parseInteger(cursor: Cursor, bits: number, size: number): Datatype {
  const offset = cursor.u16();
  const precision = cursor.u16();
  const dtype = `${bits & 0x08 ? "int" : "uint"}${8 * size}`;
  if (offset !== 0 || precision !== 8 * size || ![1, 2, 4, 8].includes(size)) {
    return { kind: "other", size, dtype: `an integer of ${precision} bits in ${size} bytes` };
  }
  return { kind: "number", dtype: dtype as NumberType, size, bigEndian: (bits & 1) !== 0 };
}

/** Exponent and fraction bits of the IEEE formats. */
const IEEE: Readonly<Record<number, readonly [exponent: number, fraction: number]>> = {
  2: [5, 10],
  4: [8, 23],
  8: [11, 52],
};

function parseFloat(cursor: Cursor, bits: number, size: number): Datatype {
  cursor.skip(5);
  const exponentBits = cursor.u8();
  cursor.skip(1);
  const fractionBits = cursor.u8();
  const isVax = (bits & 0x40) !== 0;
  if (isVax || IEEE[size]?.[0] !== exponentBits || IEEE[size][1] !== fractionBits) {
    const dtype = `a float of ${size} bytes with ${exponentBits} exponent and ${fractionBits} fraction bits`;
    return { kind: "other", size, dtype };
  }
  return { kind: "number", dtype: `float${8 * size}` as NumberType, size, bigEndian: (bits & 1) !== 0 };
}

/** h5py's rule: exactly FALSE = 0 and TRUE = 1 is a boolean. Any other enumeration counts as its integers. */
function parseEnumeration(
  cursor: Cursor,
  version: number,
  count: number,
  size: number,
  depth: number,
): Datatype {
  const base = parse(cursor, depth + 1);
  if (base.kind !== "number" || base.size !== size)
    return { kind: "other", size, dtype: "an odd enumeration" };
  if (count !== 2 || size !== 1) return base;
  const names = [takeName(cursor, version), takeName(cursor, version)];
  const values = [cursor.u8(), cursor.u8()];
  const valueOf = (name: string): number | undefined => values[names.indexOf(name)];
  return valueOf("FALSE") === 0 && valueOf("TRUE") === 1 ? { ...base, dtype: "bool" } : base;
}

/** Ended by a null byte; before version 3 filled up to a multiple of 8. */
function takeName(cursor: Cursor, version: number): string {
  const bytes: number[] = [];
  for (let byte = cursor.u8(); byte !== 0; byte = cursor.u8()) bytes.push(byte);
  const used = bytes.length + 1;
  if (version < 3) cursor.skip(roundUp8(used) - used);
  return decodeText(Uint8Array.from(bytes));
}

export const roundUp8 = (count: number): number => Math.ceil(count / 8) * 8;
