import { inflate } from "#formats/inflate";
import { fletcher32 } from "./checksum.ts";
import { Hdf5Error, unreadable } from "./fault.ts";
import { unpackLzf } from "./lzf.ts";
import type { Filter } from "./messages.ts";

/** Numbers under which the HDF Group registers filters. */
const FILTER = { deflate: 1, shuffle: 2, fletcher32: 3, lzf: 32_000 } as const;

/** Names of filters that we meet but cannot undo, where the file itself gives none. */
const KNOWN_NAMES: Readonly<Record<number, string>> = {
  4: "szip",
  5: "nbit",
  6: "scaleoffset",
  32_001: "blosc",
  32_004: "lz4",
  32_008: "bitshuffle",
  32_013: "zfp",
  32_015: "zstd",
};

/** Throws an `Hdf5Error` that names the first filter which we cannot undo. */
export function checkFilters(filters: readonly Filter[]): void {
  const unknown = filters.find(({ id }) => !(Object.values(FILTER) as number[]).includes(id));
  if (!unknown) return;
  const name = KNOWN_NAMES[unknown.id] ?? (unknown.name === "" ? "unnamed" : unknown.name);
  throw new Hdf5Error({ kind: "filter", filter: `${name} (number ${unknown.id})` });
}

/**
 * Undoes the filters of one chunk, last one first.
 *
 * @param mask bit i set: filter i was skipped when the chunk was written
 * @param chunkBytes length of the result
 */
export async function undoFilters(
  stored: Uint8Array,
  filters: readonly Filter[],
  mask: number,
  chunkBytes: number,
  elementBytes: number,
): Promise<Uint8Array> {
  let bytes = stored;
  for (let f = filters.length - 1; f >= 0; f--) {
    if (mask & (1 << f)) continue;
    // What an outer filter wraps may carry the checksum of an inner one.
    const inner = filters.slice(0, f).filter(({ id }) => id === FILTER.fletcher32).length;
    bytes = await undo(filters[f].id, bytes, chunkBytes + 4 * inner, elementBytes);
  }
  if (bytes.length !== chunkBytes) {
    throw unreadable(`a chunk has ${bytes.length} bytes and should have ${chunkBytes}`);
  }
  return bytes;
}

async function undo(
  id: number,
  bytes: Uint8Array,
  outputBytes: number,
  elementBytes: number,
): Promise<Uint8Array> {
  switch (id) {
    case FILTER.deflate: {
      const unpacked = await inflate(bytes, "deflate", outputBytes);
      if (!unpacked) throw unreadable("a chunk packed with gzip is damaged");
      return unpacked;
    }
    case FILTER.lzf:
      return unpackLzf(bytes, outputBytes);
    case FILTER.shuffle:
      return unshuffle(bytes, elementBytes);
    default:
      return withoutFletcher32(bytes);
  }
}

/** The first bytes of all elements come first, then all second bytes; an incomplete element stays at the end. */
function unshuffle(bytes: Uint8Array, elementBytes: number): Uint8Array {
  const elements = Math.floor(bytes.length / elementBytes);
  const whole = elements * elementBytes;
  const output = new Uint8Array(bytes.length);
  for (let b = 0, from = 0; b < elementBytes; b++) {
    for (let to = b; to < whole; to += elementBytes) output[to] = bytes[from++];
  }
  output.set(bytes.subarray(whole), whole);
  return output;
}

function withoutFletcher32(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 4) throw unreadable("a chunk with a fletcher32 checksum is too short for one");
  const data = bytes.subarray(0, bytes.length - 4);
  const stored = new DataView(bytes.buffer, bytes.byteOffset + data.length, 4).getUint32(0, true);
  if (stored !== fletcher32(data)) throw unreadable("a chunk does not match its fletcher32 checksum");
  return data;
}
