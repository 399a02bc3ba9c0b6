import { NUMBER_ARRAYS, type NumberArray, type Numbers } from "./schema.ts";

const HOST_IS_LITTLE_ENDIAN: boolean = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Little-endian bytes of the numbers; shares their memory where the machine is little-endian. */
export function numbersToBytes(array: Numbers): Uint8Array {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return HOST_IS_LITTLE_ENDIAN ? bytes : swapped(bytes, array.BYTES_PER_ELEMENT);
}

/** The numbers in memory of their own, or undefined if the bytes are not a whole number of them. */
export function numbersFromBytes(kind: NumberArray, bytes: Uint8Array): Numbers | undefined {
  const { BYTES_PER_ELEMENT } = NUMBER_ARRAYS[kind];
  if (bytes.length % BYTES_PER_ELEMENT !== 0) return undefined;
  const copy = HOST_IS_LITTLE_ENDIAN ? new Uint8Array(bytes) : swapped(bytes, BYTES_PER_ELEMENT);
  return new NUMBER_ARRAYS[kind](copy.buffer);
}

/** A copy in which each run of `width` bytes is reversed. */
function swapped(bytes: Uint8Array, width: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes, (_, i) => bytes[i - (i % width) + width - 1 - (i % width)]);
}
