// Damage inside the structures of an HDF5 file, with checksums made good again, so that it is read beyond them.
import { lookup3 } from "#formats/hdf5/checksum";
import type { Rng } from "#util/rng";
import { below, disturb, pick, type Mutator } from "./bytes.ts";

/** Object headers, their continuations, B-trees, symbol nodes, heaps, chunk indices. */
const SIGNATURES = [
  "OHDR",
  "OCHK",
  "TREE",
  "SNOD",
  "HEAP",
  "GCOL",
  "FRHP",
  "FHDB",
  "FHIB",
  "BTHD",
  "BTLF",
  "BTIN",
].concat(["FAHD", "FADB", "EAHD", "EAIB", "EADB", "EASB"]);
/** Bytes behind a signature in which its fields lie. */
const REACH = 96;

/** Disturbs fields near the signatures of structures, and in old object headers, which have none. */
export const damageHdf5: Mutator = (bytes, rng) => {
  const copy = Uint8Array.from(bytes);
  const places = structuresOf(bytes);
  if (places.length === 0) return copy;
  const isRepaired = rng() < 0.8;
  for (let n = 1 + below(rng, 3); n > 0; n--) {
    const at = pick(rng, places);
    disturb(copy, rng, Math.min(at + 4, copy.length), Math.min(at + REACH, copy.length));
  }
  if (isRepaired) repairChecksums(copy, places);
  return copy;
};

/** Exchanges two structures' contents, or an address (8 bytes, a place in the file) for another one. */
export const crossLinkHdf5: Mutator = (bytes, rng) => {
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  const addresses: number[] = [];
  for (let at = 0; at + 8 <= copy.length; at++) {
    const value = view.getUint32(at, true);
    if (view.getUint32(at + 4, true) === 0 && value >= 48 && value < copy.length && value % 8 === 0)
      addresses.push(at);
  }
  if (addresses.length === 0) return copy;
  for (let n = 1 + below(rng, 2); n > 0; n--) {
    const value =
      rng() < 0.7 ? view.getUint32(pick(rng, addresses), true) : pick(rng, structuresOf(bytes).concat(0));
    view.setUint32(pick(rng, addresses), value, true);
  }
  repairChecksums(copy, structuresOf(bytes));
  return copy;
};

const known = new WeakMap<Uint8Array, number[]>();

function structuresOf(bytes: Uint8Array): number[] {
  const cached = known.get(bytes);
  if (cached !== undefined) return cached;
  const words = new Set(
    SIGNATURES.map((word) => [...word].reduce((n, c, i) => n + c.charCodeAt(0) * 2 ** (8 * i), 0)),
  );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places: number[] = [0];
  for (let at = 0; at + 16 <= bytes.length; at++) {
    if (words.has(view.getUint32(at, true))) places.push(at);
    // Version 1, reserved byte 0, reference count 1, reserved word 0.
    else if (at % 8 === 0 && view.getUint16(at, true) === 1 && view.getUint32(at + 4, true) === 1)
      places.push(at);
  }
  known.set(bytes, places);
  return places;
}

/** Checksums of superblocks 2 and 3, object headers 2, and headers of B-trees and heaps without filters. */
function repairChecksums(bytes: Uint8Array, places: readonly number[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sign = (begin: number, end: number): void => {
    if (end + 4 <= bytes.length) view.setUint32(end, lookup3(bytes.subarray(begin, end)), true);
  };
  for (const at of places) {
    const word = String.fromCharCode(...bytes.subarray(at, at + 4));
    if (at === 0 && bytes[8] >= 2) sign(0, 44);
    else if (word === "OHDR") sign(at, endOfHeader(bytes, at));
    else if (word === "BTHD") sign(at, at + 34);
    else if (word === "FRHP") sign(at, at + 142);
  }
}

/** Where the checksum of a version 2 object header lies. */
function endOfHeader(bytes: Uint8Array, begin: number): number {
  const flags = bytes[begin + 5];
  const sizeBytes = 1 << (flags & 3);
  let at = begin + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  let size = 0;
  for (let i = 0; i < Math.min(sizeBytes, 4); i++) size += bytes[at + i] * 2 ** (8 * i);
  at += sizeBytes;
  return at + size;
}

/** Overwrites stored words (names, types) with others of the file. */
export const swapWords: Mutator = (bytes, rng: Rng) => {
  const copy = Uint8Array.from(bytes);
  const words: [number, number][] = [];
  for (let at = 0, begin = 0; at <= copy.length; at++) {
    const isLetter = at < copy.length && ((copy[at] | 32) - 97) >>> 0 < 26;
    if (isLetter) continue;
    if (at - begin >= 2) words.push([begin, at]);
    begin = at + 1;
  }
  if (words.length < 2) return copy;
  for (let n = 1 + below(rng, 3); n > 0; n--) {
    const [[from, end], [to, toEnd]] = [pick(rng, words), pick(rng, words)];
    for (let i = 0; i < toEnd - to; i++) copy[to + i] = from + i < end ? bytes[from + i] : 0;
  }
  return copy;
};
