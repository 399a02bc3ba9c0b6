import { readBTree2 } from "./b-tree-2.ts";
import { Cursor, cursorAt, decodeText, type Hdf5Bytes } from "./cursor.ts";
import { unreadable } from "./fault.ts";
import { heapObject, readFractalHeap } from "./fractal-heap.ts";
import { MESSAGE, type Message } from "./object-header.ts";

/** Name of a member, and the address of its object header; undefined for a soft or external link. */
export type Links = ReadonlyMap<string, number | undefined>;

/** Members of the group whose header has these messages; undefined if it is no group. */
export function readLinks(file: Hdf5Bytes, messages: readonly Message[]): Links | undefined {
  const symbolTable = messages.find(({ type }) => type === MESSAGE.symbolTable);
  if (symbolTable) return readSymbolTable(file, symbolTable.body);
  const info = messages.find(({ type }) => type === MESSAGE.linkInfo);
  if (!info) return undefined;
  const links = new Map<string, number | undefined>();
  for (const { type, body } of messages) if (type === MESSAGE.link) addLink(file, body, links);
  addDenseLinks(file, info.body, links);
  return links;
}

/** Source: HDF5 File Format Specification 3.0, IV.A.2.g. */
function addLink(file: Hdf5Bytes, body: Uint8Array, links: Map<string, number | undefined>): void {
  const cursor = new Cursor(body, file, "a link");
  cursor.version([1]);
  const flags = cursor.u8();
  const isHard = flags & 0x08 ? cursor.u8() === 0 : true;
  if (flags & 0x04) cursor.skip(8);
  if (flags & 0x10) cursor.skip(1);
  const name = cursor.text(cursor.uint(1 << (flags & 3)));
  links.set(name, isHard ? cursor.address() : undefined);
}

/** More than about eight links are put in a fractal heap, with a B-tree that sorts them by the hash of their names. */
function addDenseLinks(file: Hdf5Bytes, linkInfo: Uint8Array, links: Map<string, number | undefined>): void {
  const cursor = new Cursor(linkInfo, file, "a link info message");
  cursor.version([0]);
  if (cursor.u8() & 1) cursor.skip(8);
  const heapAddress = cursor.address();
  const treeAddress = cursor.address();
  if (heapAddress === undefined || treeAddress === undefined) return;
  const heap = readFractalHeap(file, heapAddress);
  for (const record of readBTree2(file, treeAddress)) {
    addLink(file, heapObject(file, heap, record.subarray(HASH_BYTES)), links);
  }
}

const HASH_BYTES = 4;

/** Groups of the first file format: a B-tree of symbol-table nodes, names in a local heap. */
function readSymbolTable(file: Hdf5Bytes, body: Uint8Array): Links {
  const cursor = new Cursor(body, file, "a symbol table message");
  const tree = cursor.address();
  const heap = cursor.address();
  if (tree === undefined || heap === undefined) throw unreadable("a group has no symbol table");
  const names = readLocalHeap(file, heap);
  const links = new Map<string, number | undefined>();
  visitTree(file, tree, names, links, new Set());
  return links;
}

/** Source: HDF5 File Format Specification 3.0, III.D. */
function readLocalHeap(file: Hdf5Bytes, address: number): Uint8Array {
  const cursor = cursorAt(file, address, "a local heap");
  cursor.signature("HEAP");
  cursor.version([0]);
  cursor.skip(3);
  const bytes = cursor.length();
  cursor.length();
  const data = cursor.address();
  if (data === undefined) throw unreadable("a local heap has no data");
  return cursorAt(file, data, "the data of a local heap", bytes).take(bytes);
}

/** Source: HDF5 File Format Specification 3.0, III.A.1 and III.B. */
function visitTree(
  file: Hdf5Bytes,
  address: number,
  names: Uint8Array,
  links: Map<string, number | undefined>,
  visited: Set<number>,
): void {
  if (visited.has(address)) throw unreadable("the B-tree of a group leads in a circle");
  visited.add(address);
  const cursor = cursorAt(file, address, "the B-tree of a group");
  cursor.signature("TREE");
  if (cursor.u8() !== 0) throw unreadable("the B-tree of a group is one of chunks");
  const level = cursor.u8();
  const entries = cursor.u16();
  cursor.address();
  cursor.address();
  for (let e = 0; e < entries; e++) {
    cursor.length();
    const child = cursor.address();
    if (child === undefined) throw unreadable("the B-tree of a group lacks a child");
    if (level > 0) visitTree(file, child, names, links, visited);
    else visitSymbols(file, child, names, links);
  }
}

function visitSymbols(
  file: Hdf5Bytes,
  address: number,
  names: Uint8Array,
  links: Map<string, number | undefined>,
): void {
  const cursor = cursorAt(file, address, "a symbol table node");
  cursor.signature("SNOD");
  cursor.version([1]);
  cursor.skip(1);
  const symbols = cursor.u16();
  for (let s = 0; s < symbols; s++) {
    const nameOffset = cursor.address();
    const header = cursor.address();
    const isSoft = cursor.u32() === 2;
    cursor.skip(20);
    if (nameOffset === undefined || nameOffset >= names.length) {
      throw unreadable("the name of a group member lies outside its heap");
    }
    links.set(decodeText(names.subarray(nameOffset)), isSoft ? undefined : header);
  }
}
