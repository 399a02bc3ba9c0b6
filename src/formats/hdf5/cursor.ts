import { lookup3 } from "./checksum.ts";
import { unreadable } from "./fault.ts";

/** Where a file's numbers begin and how wide its addresses are; from the superblock. */
export interface Hdf5Bytes {
  readonly bytes: Uint8Array;
  /** Address 0 of the file, as an index into `bytes`. */
  readonly base: number;
  /** Bytes of an address, and of a length: 2, 4 or 8. */
  readonly addressSize: number;
  readonly lengthSize: number;
}

/** Reads one structure from front to back. Leaving its end throws an `Hdf5Error`: nothing is ever read beyond. */
export class Cursor {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #addressSize: number;
  readonly #lengthSize: number;
  readonly #what: string;
  #position = 0;

  /** @param what names the structure in messages: "the object header at 96" */
  constructor(bytes: Uint8Array, sizes: Pick<Hdf5Bytes, "addressSize" | "lengthSize">, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#addressSize = sizes.addressSize;
    this.#lengthSize = sizes.lengthSize;
    this.#what = what;
  }

  get position(): number {
    return this.#position;
  }

  get left(): number {
    return this.#bytes.length - this.#position;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** An unsigned number of 1 to 8 bytes; beyond 2^53 it is rounded, which no check lets pass. */
  uint(size: number): number {
    const start = this.#take(size);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.#bytes[start + i];
    return value;
  }

  /** undefined: the address of nothing, all bits set. */
  address(): number | undefined {
    const start = this.#take(this.#addressSize);
    if (this.#bytes.subarray(start, start + this.#addressSize).every((byte) => byte === 0xff))
      return undefined;
    this.#position = start;
    return this.uint(this.#addressSize);
  }

  length(): number {
    return this.uint(this.#lengthSize);
  }

  /** A view, not a copy. */
  take(count: number): Uint8Array {
    const start = this.#take(count);
    return this.#bytes.subarray(start, start + count);
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** UTF-8 text of a known length, without what follows a null byte. */
  text(count: number): string {
    return decodeText(this.take(count));
  }

  signature(expected: string): void {
    if (this.left < expected.length || this.text(expected.length) !== expected) {
      throw unreadable(`${this.#what} does not start with ${expected}`);
    }
  }

  version(known: readonly number[]): number {
    const version = this.u8();
    if (!known.includes(version)) {
      throw unreadable(`${this.#what} has version ${version}, known are ${known.join(", ")}`);
    }
    return version;
  }

  /** Reads the checksum that covers everything before it. */
  checksum(): void {
    const covered = this.#bytes.subarray(0, this.#position);
    if (this.u32() !== lookup3(covered)) throw unreadable(`${this.#what} does not match its checksum`);
  }

  #take(count: number): number {
    const start = this.#position;
    if (!(count >= 0 && start + count <= this.#bytes.length)) {
      throw unreadable(`${this.#what} ends too early`);
    }
    this.#position = start + count;
    return start;
  }
}

/** A cursor at an address, up to the end of the file or over `length` bytes. */
export function cursorAt(file: Hdf5Bytes, address: number, what: string, length?: number): Cursor {
  const start = file.base + address;
  const end = length === undefined ? file.bytes.length : start + length;
  if (!(start < file.bytes.length && end <= file.bytes.length)) {
    throw unreadable(`${what} at ${address} lies outside the file`);
  }
  return new Cursor(file.bytes.subarray(start, end), file, `${what} at ${address}`);
}

const utf8 = new TextDecoder();

export function decodeText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return utf8.decode(end < 0 ? bytes : bytes.subarray(0, end));
}
