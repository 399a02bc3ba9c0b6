import { Cursor, cursorAt, type Hdf5Bytes } from "./cursor.ts";
import { unreadable } from "./fault.ts";

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Index of the HDF5 signature: 0, or a power of two from 512 on (after a user block); undefined if there is none. */
export function hdf5Start(bytes: Uint8Array): number | undefined {
  for (let start = 0; start + SIGNATURE.length <= bytes.length; start = start === 0 ? 512 : start * 2) {
    if (SIGNATURE.every((byte, i) => bytes[start + i] === byte)) return start;
  }
  return undefined;
}

export interface Superblock extends Hdf5Bytes {
  /** Address of the root group's object header. */
  readonly rootAddress: number;
  /** Bytes that the whole file should have, user block included. */
  readonly promisedBytes: number;
}

/**
 * Reads the superblock, versions 0 to 3.
 *
 * Source: HDF5 File Format Specification 3.0, II.A.
 */
export function readSuperblock(bytes: Uint8Array, start: number): Superblock {
  const what = "the superblock";
  const peek = cursorAt({ bytes, base: start, addressSize: 8, lengthSize: 8 }, 8, what);
  const version = peek.version([0, 1, 2, 3]);
  peek.skip(version < 2 ? 4 : 0);
  const sizes = { addressSize: widthOf(peek.u8()), lengthSize: widthOf(peek.u8()) };

  const cursor = new Cursor(bytes.subarray(start), sizes, what);
  cursor.skip([24, 28, 12, 12][version]);
  const baseAddress = cursor.address();
  cursor.address();
  const endOfFile = cursor.address();
  if (version < 2) {
    cursor.address();
    cursor.address();
  }
  const rootAddress = cursor.address();
  if (version >= 2) cursor.checksum();
  if (rootAddress === undefined || endOfFile === undefined)
    throw unreadable("the superblock has no root group");
  // A user block put in front afterwards moves the file without changing its base address.
  const base = baseAddress === undefined || baseAddress === 0 ? start : baseAddress;
  return { bytes, base, ...sizes, rootAddress, promisedBytes: base + endOfFile - (baseAddress ?? 0) };
}

function widthOf(size: number): number {
  if (size !== 2 && size !== 4 && size !== 8)
    throw unreadable(`the superblock has addresses of ${size} bytes`);
  return size;
}
