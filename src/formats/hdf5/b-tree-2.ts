import type { Cursor } from "./cursor.ts";
import { cursorAt, type Hdf5Bytes } from "./cursor.ts";
import { unreadable } from "./fault.ts";

/** Bytes that hold every number up to `value`. */
export const bytesFor = (value: number): number => Math.floor(Math.log2(Math.max(1, value)) / 8) + 1;

interface Shape {
  readonly nodeBytes: number;
  readonly recordBytes: number;
  /** Bytes of the record count of a child. */
  readonly countBytes: number;
  /** Bytes of the record count below a child, by the child's depth. */
  readonly totalBytes: readonly number[];
}

/** Signature, version, type and checksum of a node. */
const NODE_OVERHEAD = 10;

/**
 * All records of a version 2 B-tree, in order, each a view of its bytes.
 *
 * Source: HDF5 File Format Specification 3.0, III.A.2.
 */
export function readBTree2(file: Hdf5Bytes, address: number): Uint8Array[] {
  const header = cursorAt(file, address, "a B-tree");
  header.signature("BTHD");
  header.version([0]);
  header.skip(1);
  const nodeBytes = header.u32();
  const recordBytes = header.u16();
  const depth = header.u16();
  header.skip(2);
  const root = header.address();
  const rootRecords = header.u16();
  header.length();
  header.checksum();
  if (root === undefined) return [];
  if (recordBytes === 0) throw unreadable("a B-tree has records of 0 bytes");
  if (depth > 16) throw unreadable(`a B-tree is ${depth} levels deep`);

  const shape = shapeOf(file, nodeBytes, recordBytes, depth);
  const records: Uint8Array[] = [];
  visit(file, shape, { address: root, records: rootRecords, depth }, records, new Set());
  return records;
}

function shapeOf(file: Hdf5Bytes, nodeBytes: number, recordBytes: number, depth: number): Shape {
  const leafRecords = Math.floor((nodeBytes - NODE_OVERHEAD) / recordBytes);
  const countBytes = bytesFor(leafRecords);
  const totalBytes = [0];
  let below = leafRecords;
  for (let d = 1; d <= depth; d++) {
    const pointerBytes = file.addressSize + countBytes + totalBytes[d - 1];
    const records = Math.floor((nodeBytes - NODE_OVERHEAD - pointerBytes) / (recordBytes + pointerBytes));
    below = (records + 1) * below + records;
    totalBytes.push(bytesFor(below));
  }
  return { nodeBytes, recordBytes, countBytes, totalBytes };
}

function visit(
  file: Hdf5Bytes,
  shape: Shape,
  node: { readonly address: number; readonly records: number; readonly depth: number },
  records: Uint8Array[],
  visited: Set<number>,
): void {
  if (visited.has(node.address)) throw unreadable("a B-tree leads in a circle");
  visited.add(node.address);
  const cursor = cursorAt(file, node.address, "a B-tree node");
  cursor.signature(node.depth === 0 ? "BTLF" : "BTIN");
  cursor.version([0]);
  cursor.skip(1);
  const own = Array.from({ length: node.records }, () => cursor.take(shape.recordBytes));
  if (node.depth === 0) {
    cursor.checksum();
    for (const record of own) records.push(record);
    return;
  }
  const children = Array.from({ length: node.records + 1 }, () => takeChild(cursor, shape, node.depth - 1));
  cursor.checksum();
  children.forEach((child, i) => {
    visit(file, shape, child, records, visited);
    if (i < own.length) records.push(own[i]);
  });
}

function takeChild(
  cursor: Cursor,
  shape: Shape,
  depth: number,
): { address: number; records: number; depth: number } {
  const address = cursor.address();
  if (address === undefined) throw unreadable("a B-tree node lacks a child");
  const records = cursor.uint(shape.countBytes);
  cursor.skip(shape.totalBytes[depth]);
  return { address, records, depth };
}
