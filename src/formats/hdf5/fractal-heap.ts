import { bytesFor } from "./b-tree-2.ts";
import { Cursor, cursorAt, type Hdf5Bytes } from "./cursor.ts";
import { unreadable } from "./fault.ts";

/** A heap of small objects (links), in blocks that double in size from row to row. */
export interface FractalHeap {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly width: number;
  readonly startBytes: number;
  readonly maxDirectBytes: number;
  readonly root: number;
  /** 0: the root is a direct block. */
  readonly rootRows: number;
}

/**
 * Reads the header of a fractal heap.
 *
 * Source: HDF5 File Format Specification 3.0, III.G.
 */
export function readFractalHeap(file: Hdf5Bytes, address: number): FractalHeap {
  const cursor = cursorAt(file, address, "a fractal heap");
  cursor.signature("FRHP");
  cursor.version([0]);
  cursor.skip(2);
  const filterBytes = cursor.u16();
  cursor.skip(1);
  const maxObjectBytes = cursor.u32();
  cursor.skip(2 * (file.lengthSize + file.addressSize) + 8 * file.lengthSize);
  const width = cursor.u16();
  const startBytes = cursor.length();
  const maxDirectBytes = cursor.length();
  const offsetBits = cursor.u16();
  cursor.skip(2);
  const root = cursor.address();
  const rootRows = cursor.u16();
  if (filterBytes !== 0) throw unreadable("its links are in a compressed heap");
  cursor.checksum();
  if (root === undefined) throw unreadable("a fractal heap is empty");
  if (width === 0 || startBytes === 0 || maxDirectBytes < startBytes) {
    throw unreadable("a fractal heap has blocks of 0 bytes");
  }
  return {
    offsetBytes: Math.ceil(offsetBits / 8),
    lengthBytes: Math.min(Math.ceil(Math.log2(maxDirectBytes) / 8), bytesFor(maxObjectBytes)),
    width,
    startBytes,
    maxDirectBytes,
    root,
    rootRows,
  };
}

/** The object that a heap ID means. */
export function heapObject(file: Hdf5Bytes, heap: FractalHeap, id: Uint8Array): Uint8Array {
  const cursor = new Cursor(id, file, "a heap ID");
  const type = (cursor.u8() >> 4) & 3;
  if (type === TINY) return cursor.take((id[0] & 0x0f) + 1);
  if (type !== MANAGED) throw unreadable("a link is stored as a huge heap object");
  const offset = cursor.uint(heap.offsetBytes);
  const length = cursor.uint(heap.lengthBytes);
  return inBlock(file, heap, { address: heap.root, rows: heap.rootRows, start: 0 }, offset, length);
}

const MANAGED = 0;
const TINY = 2;

/** Offsets count the block's own header, so an object lies at its offset from the block's start. */
function inBlock(
  file: Hdf5Bytes,
  heap: FractalHeap,
  block: { readonly address: number; readonly rows: number; readonly start: number },
  offset: number,
  length: number,
): Uint8Array {
  const within = offset - block.start;
  if (block.rows === 0) {
    const cursor = cursorAt(file, block.address, "a heap block");
    cursor.signature("FHDB");
    return cursorAt(file, block.address + within, "a heap object", length).take(length);
  }
  const row = rowOf(heap, within);
  if (row >= block.rows) throw unreadable("a heap ID lies outside its heap");
  const rowBytes = heap.startBytes * 2 ** Math.max(0, row - 1);
  const rowStart = row === 0 ? 0 : heap.width * rowBytes;
  const column = Math.floor((within - rowStart) / rowBytes);

  const cursor = cursorAt(file, block.address, "an indirect heap block");
  cursor.signature("FHIB");
  cursor.version([0]);
  cursor.skip(file.addressSize + heap.offsetBytes + (row * heap.width + column) * file.addressSize);
  const address = cursor.address();
  if (address === undefined) throw unreadable("a heap ID leads to a missing block");
  const isDirect = rowBytes <= heap.maxDirectBytes;
  const rows = isDirect ? 0 : Math.log2(rowBytes) - Math.log2(heap.startBytes * heap.width) + 1;
  if (!isDirect && !(Number.isInteger(rows) && rows < block.rows)) {
    throw unreadable("a fractal heap has rows of odd sizes");
  }
  return inBlock(
    file,
    heap,
    { address, rows, start: block.start + rowStart + column * rowBytes },
    offset,
    length,
  );
}

/** Rows 0 and 1 hold blocks of the start size, each later row twice that of the one before. */
function rowOf(heap: FractalHeap, within: number): number {
  const inRows = within / (heap.width * heap.startBytes);
  return inRows < 1 ? 0 : Math.floor(Math.log2(inRows)) + 1;
}
