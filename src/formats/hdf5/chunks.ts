import { readBTree2 } from "./b-tree-2.ts";
import { cursorAt, Cursor, type Hdf5Bytes } from "./cursor.ts";
import { unreadable } from "./fault.ts";
import type { Layout } from "./messages.ts";

/** One stored chunk. */
export interface Chunk {
  /** First element, one coordinate per dimension; a multiple of the chunk's shape. */
  readonly origin: readonly number[];
  readonly address: number;
  /** As stored, after the filters. */
  readonly bytes: number;
  /** Bit i set: filter i was not applied to this chunk. */
  readonly mask: number;
}

interface Grid {
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** Of a whole chunk before the filters. */
  readonly chunkBytes: number;
}

/**
 * Lists the chunks of a dataset from whichever of the five indexes it has.
 *
 * @param grid shape of the dataset and of its chunks
 * @param isFiltered whether stored sizes differ from the chunk's own
 *
 * Source: HDF5 File Format Specification 3.0, III.A.1 and VII.
 */
export function listChunks(
  file: Hdf5Bytes,
  layout: Layout & { readonly kind: "chunked" },
  grid: Grid,
  isFiltered: boolean,
): Chunk[] {
  const { address, index } = layout;
  if (address === undefined) return [];
  switch (index.kind) {
    case "b-tree-1": {
      const chunks: Chunk[] = [];
      visitTree(file, address, grid.shape.length, chunks, new Set());
      return chunks;
    }
    case "single": {
      const { bytes, mask } = index.filtered ?? { bytes: grid.chunkBytes, mask: 0 };
      return [{ origin: grid.shape.map(() => 0), address, bytes, mask }];
    }
    case "implicit":
      return Array.from({ length: chunkCount(grid) }, (_, i) => ({
        origin: originOf(grid, i),
        address: address + i * grid.chunkBytes,
        bytes: grid.chunkBytes,
        mask: 0,
      }));
    case "fixed-array":
      return readFixedArray(file, address, grid);
    case "b-tree-2":
      return readBTree2(file, address).map((record) => parseRecord(file, record, grid, isFiltered));
  }
}

/** How many chunks cover the dataset. */
export function chunkCount({ shape, chunkShape }: Grid): number {
  return shape.reduce((count, length, d) => count * Math.ceil(length / chunkShape[d]), 1);
}

function originOf({ shape, chunkShape }: Grid, index: number): number[] {
  const origin = new Array<number>(shape.length);
  for (let d = shape.length - 1, rest = index; d >= 0; d--) {
    const across = Math.ceil(shape[d] / chunkShape[d]);
    origin[d] = (rest % across) * chunkShape[d];
    rest = Math.floor(rest / across);
  }
  return origin;
}

function visitTree(
  file: Hdf5Bytes,
  address: number,
  rank: number,
  chunks: Chunk[],
  visited: Set<number>,
): void {
  if (visited.has(address)) throw unreadable("the B-tree of its chunks leads in a circle");
  visited.add(address);
  const cursor = cursorAt(file, address, "the B-tree of its chunks");
  cursor.signature("TREE");
  if (cursor.u8() !== 1) throw unreadable("the B-tree of its chunks is one of a group");
  const level = cursor.u8();
  const entries = cursor.u16();
  cursor.address();
  cursor.address();
  for (let e = 0; e < entries; e++) {
    const bytes = cursor.u32();
    const mask = cursor.u32();
    const origin = Array.from({ length: rank }, () => cursor.uint(8));
    cursor.skip(8);
    const child = cursor.address();
    if (child === undefined) throw unreadable("the B-tree of its chunks lacks a child");
    if (level > 0) visitTree(file, child, rank, chunks, visited);
    else chunks.push({ origin, address: child, bytes, mask });
  }
}

function readFixedArray(file: Hdf5Bytes, address: number, grid: Grid): Chunk[] {
  const header = cursorAt(file, address, "the array of its chunks");
  header.signature("FAHD");
  header.version([0]);
  const isFiltered = header.u8() === 1;
  const entryBytes = header.u8();
  const pageBits = header.u8();
  const entries = header.length();
  const blockAddress = header.address();
  header.checksum();
  if (blockAddress === undefined) return [];
  if (entries !== chunkCount(grid)) throw unreadable("the array of its chunks has the wrong length");
  if (entryBytes < file.addressSize)
    throw unreadable("the array of its chunks has entries without an address");

  const block = cursorAt(file, blockAddress, "the array block of its chunks");
  block.signature("FADB");
  block.version([0]);
  block.skip(1 + file.addressSize);
  const pageEntries = 2 ** pageBits;
  const chunks: Chunk[] = [];
  const addEntries = (cursor: Cursor, first: number, count: number): void => {
    for (let i = 0; i < count; i++) {
      const entry = new Cursor(cursor.take(entryBytes), file, "an entry of the array of its chunks");
      const chunkAddress = entry.address();
      const bytes = isFiltered ? entry.uint(entryBytes - file.addressSize - 4) : grid.chunkBytes;
      const mask = isFiltered ? entry.u32() : 0;
      if (chunkAddress !== undefined) {
        chunks.push({ origin: originOf(grid, first + i), address: chunkAddress, bytes, mask });
      }
    }
  };
  if (entries <= pageEntries) {
    addEntries(block, 0, entries);
    block.checksum();
    return chunks;
  }
  const pages = Math.ceil(entries / pageEntries);
  const isWritten = block.take(Math.ceil(pages / 8));
  block.checksum();
  const pageBytes = pageEntries * entryBytes + 4;
  for (let p = 0; p < pages; p++) {
    const count = Math.min(pageEntries, entries - p * pageEntries);
    if ((isWritten[p >> 3] & (0x80 >> (p & 7))) === 0) continue;
    const pageAddress = blockAddress + block.position + p * pageBytes;
    const page = cursorAt(file, pageAddress, "a page of the array of its chunks");
    addEntries(page, p * pageEntries, count);
    page.checksum();
  }
  return chunks;
}

function parseRecord(file: Hdf5Bytes, record: Uint8Array, grid: Grid, isFiltered: boolean): Chunk {
  const cursor = new Cursor(record, file, "a record of its chunks");
  const address = cursor.address();
  if (address === undefined) throw unreadable("a record of its chunks has no address");
  const rank = grid.shape.length;
  const sizeBytes = record.length - file.addressSize - 4 - 8 * rank;
  const bytes = isFiltered ? cursor.uint(sizeBytes) : grid.chunkBytes;
  const mask = isFiltered ? cursor.u32() : 0;
  return { origin: grid.chunkShape.map((length) => cursor.uint(8) * length), address, bytes, mask };
}
