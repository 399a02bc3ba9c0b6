import { Cursor, type Hdf5Bytes } from "./cursor.ts";
import { roundUp8 } from "./datatype.ts";
import { unreadable } from "./fault.ts";

// Bodies of the header messages that describe a dataset.
// Source: HDF5 File Format Specification 3.0, IV.A.2.

/** `[]`: a scalar; undefined: the null dataspace, no value at all. */
export function parseDataspace(file: Hdf5Bytes, body: Uint8Array): number[] | undefined {
  const cursor = new Cursor(body, file, "a dataspace");
  const version = cursor.version([1, 2]);
  const rank = cursor.u8();
  cursor.skip(1);
  if (version === 1) cursor.skip(5);
  else if (cursor.u8() === 2) return undefined;
  if (rank > 32) throw unreadable(`a dataspace has ${rank} dimensions, HDF5 knows 32`);
  return Array.from({ length: rank }, () => cursor.length());
}

/** Where a dataset's elements are. */
export type Layout =
  | { readonly kind: "compact"; readonly data: Uint8Array }
  /** address undefined: never written. */
  | { readonly kind: "contiguous"; readonly address: number | undefined; readonly bytes: number }
  | {
      readonly kind: "chunked";
      /** Same rank as the dataset. */
      readonly chunkShape: readonly number[];
      readonly index: ChunkIndex;
      /** undefined: no chunk was ever written. */
      readonly address: number | undefined;
    };

export type ChunkIndex =
  | { readonly kind: "b-tree-1" }
  | { readonly kind: "single"; readonly filtered?: { readonly bytes: number; readonly mask: number } }
  | { readonly kind: "implicit" }
  | { readonly kind: "fixed-array" }
  | { readonly kind: "b-tree-2" };

export function parseLayout(file: Hdf5Bytes, body: Uint8Array): Layout {
  const cursor = new Cursor(body, file, "a data layout");
  const version = cursor.version([3, 4]);
  const layoutClass = cursor.u8();
  switch (layoutClass) {
    case 0:
      return { kind: "compact", data: cursor.take(cursor.u16()) };
    case 1:
      return { kind: "contiguous", address: cursor.address(), bytes: cursor.length() };
    case 2:
      return version === 3 ? parseChunked3(cursor) : parseChunked4(cursor);
    case 3:
      throw unreadable("its data are put together from other datasets (virtual layout)");
    default:
      throw unreadable(`its data layout has the unknown class ${layoutClass}`);
  }
}

function parseChunked3(cursor: Cursor): Layout {
  const dimensions = cursor.u8();
  const address = cursor.address();
  const chunkShape = Array.from({ length: dimensions - 1 }, () => cursor.u32());
  return { kind: "chunked", chunkShape, index: { kind: "b-tree-1" }, address };
}

function parseChunked4(cursor: Cursor): Layout {
  const flags = cursor.u8();
  const dimensions = cursor.u8();
  const width = cursor.u8();
  const chunkShape = Array.from({ length: dimensions - 1 }, () => cursor.uint(width));
  cursor.uint(width);
  const index = parseIndex(cursor, (flags & 2) !== 0);
  return { kind: "chunked", chunkShape, index, address: cursor.address() };
}

function parseIndex(cursor: Cursor, filtered: boolean): ChunkIndex {
  const type = cursor.u8();
  switch (type) {
    case 1:
      if (!filtered) return { kind: "single" };
      return { kind: "single", filtered: { bytes: cursor.length(), mask: cursor.u32() } };
    case 2:
      return { kind: "implicit" };
    case 3:
      cursor.skip(1);
      return { kind: "fixed-array" };
    case 4:
      throw unreadable("its chunks are listed in an extensible array (it can grow), which is not read");
    case 5:
      cursor.skip(6);
      return { kind: "b-tree-2" };
    default:
      throw unreadable(`its chunks are listed in an index of unknown type ${type}`);
  }
}

export interface Filter {
  readonly id: number;
  /** As the writer called it; may be empty. */
  readonly name: string;
}

/** In the order in which they were applied when writing. */
export function parseFilters(file: Hdf5Bytes, body: Uint8Array): Filter[] {
  const cursor = new Cursor(body, file, "a filter pipeline");
  const version = cursor.version([1, 2]);
  const count = cursor.u8();
  if (version === 1) cursor.skip(6);
  return Array.from({ length: count }, () => {
    const id = cursor.u16();
    const nameBytes = version === 1 || id >= 256 ? cursor.u16() : 0;
    cursor.skip(2);
    const parameters = cursor.u16();
    const name = cursor.text(version === 1 ? roundUp8(nameBytes) : nameBytes);
    cursor.skip(4 * (version === 1 ? parameters + (parameters % 2) : parameters));
    return { id, name };
  });
}

/** Bytes of the element that stands for everything unwritten; undefined: zero. */
export function parseFillValue(file: Hdf5Bytes, body: Uint8Array): Uint8Array | undefined {
  const cursor = new Cursor(body, file, "a fill value");
  const version = cursor.version([1, 2, 3]);
  let isDefined: boolean;
  if (version === 3) {
    isDefined = (cursor.u8() & 0x20) !== 0;
  } else {
    cursor.skip(2);
    isDefined = cursor.u8() !== 0 || version === 1;
  }
  if (!isDefined) return undefined;
  const size = cursor.u32();
  return size === 0 ? undefined : cursor.take(size);
}

export interface AttributeParts {
  readonly name: string;
  readonly datatype: Uint8Array;
  readonly datatypeIsShared: boolean;
  readonly dataspace: Uint8Array;
  readonly data: Uint8Array;
}

export function parseAttribute(file: Hdf5Bytes, body: Uint8Array): AttributeParts {
  const cursor = new Cursor(body, file, "an attribute");
  const version = cursor.version([1, 2, 3]);
  const flags = cursor.u8();
  const sizes = [cursor.u16(), cursor.u16(), cursor.u16()];
  if (version === 3) cursor.skip(1);
  const [nameBytes, datatypeBytes, dataspaceBytes] = version === 1 ? sizes.map(roundUp8) : sizes;
  return {
    name: cursor.text(nameBytes),
    datatype: cursor.take(datatypeBytes),
    datatypeIsShared: version > 1 && (flags & 1) !== 0,
    dataspace: cursor.take(dataspaceBytes),
    data: cursor.take(cursor.left),
  };
}
