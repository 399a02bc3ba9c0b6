// Numbers as files store them: HDF5 datasets and NumPy arrays alike.

/** NumPy's words, without the byte order. */
export type NumberType =
  | "float16"
  | "float32"
  | "float64"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "bool";

/** Bytes of one element. */
export const NUMBER_BYTES: Readonly<Record<NumberType, number>> = {
  float16: 2,
  float32: 4,
  float64: 8,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  bool: 1,
};

/** An array that holds all numbers of its stored type exactly. */
export type ExactNumbers = Float32Array | Float64Array | Int32Array;

/**
 * Stored bytes to numbers. Integers above 32 bits become doubles, half precision becomes single.
 *
 * @param bytes elements x size; copied, so any alignment will do
 * @returns undefined if a 64-bit integer equals no double
 */
export function decodeNumbers(
  bytes: Uint8Array,
  dtype: NumberType,
  bigEndian: boolean,
): ExactNumbers | undefined {
  const { buffer } = bigEndian ? reverseElements(bytes, NUMBER_BYTES[dtype]) : new Uint8Array(bytes);
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
      return exactDoubles(new BigInt64Array(buffer));
    case "uint64":
      return exactDoubles(new BigUint64Array(buffer));
  }
}

/** Types that we write; half precision and booleans are only read. */
export type WritableType = Exclude<NumberType, "float16" | "bool">;

/** Numbers to little-endian bytes; integers must be in the range of their type. */
export function encodeNumbers(data: ArrayLike<number>, dtype: WritableType): Uint8Array {
  switch (dtype) {
    case "int64":
      return new Uint8Array(BigInt64Array.from(Array.from(data, BigInt)).buffer);
    case "uint64":
      return new Uint8Array(BigUint64Array.from(Array.from(data, BigInt)).buffer);
    default:
      return new Uint8Array(ARRAYS[dtype].from(data).buffer);
  }
}

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
} as const;

function reverseElements(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const output = new Uint8Array(bytes.length);
  for (let start = 0; start < bytes.length; start += size) {
    for (let b = 0; b < size; b++) output[start + b] = bytes[start + size - 1 - b];
  }
  return output;
}

function exactDoubles(integers: BigInt64Array | BigUint64Array): Float64Array | undefined {
  const doubles = new Float64Array(integers.length);
  for (let i = 0; i < integers.length; i++) {
    doubles[i] = Number(integers[i]);
    if (BigInt(doubles[i]) !== integers[i]) return undefined;
  }
  return doubles;
}

/**
 * Widens half-precision numbers (IEEE 754 binary16) exactly.
 *
 * @param bits `[n]`, the 16 bits of each number
 * @returns `[n]`; NaN stays NaN, its payload is not kept
 */
export function widenFloat16(bits: Uint16Array): Float32Array {
  const wide = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = float16Value(bits[i]);
  return wide;
}

/** Sign: 1 bit, exponent: 5 bits with bias 15, fraction: 10 bits. */
function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
