import { chunkCount, listChunks, type Chunk } from "./chunks.ts";
import { cursorAt, type Hdf5Bytes } from "./cursor.ts";
import { parseDatatype, type Datatype } from "./datatype.ts";
import { Hdf5Error, unreadable } from "./fault.ts";
import { checkFilters, undoFilters } from "./filters.ts";
import {
  parseDataspace,
  parseFillValue,
  parseFilters,
  parseLayout,
  type Filter,
  type Layout,
} from "./messages.ts";
import { findMessage, MESSAGE, type Message } from "./object-header.ts";

/** Elements of a dataset as they are stored, filters undone: C order, the file's byte order. */
export interface RawDataset {
  readonly bytes: Uint8Array;
  readonly type: Datatype;
  readonly shape: readonly number[];
}

/** Largest array that is read at all, in bytes. */
export const MAX_ARRAY_BYTES: number = 2 ** 30;

/** DEFLATE turns one byte into at most this many; no other filter that we undo does better. */
const MAX_EXPANSION = 1032;

/** Arrays up to this size are read whatever the file stores of them (the rest is fill value). */
const ALWAYS_BYTES = 2 ** 16;

/**
 * Reads a dataset from its header's messages. Type, filters and size are checked before anything is allocated.
 *
 * @throws Hdf5Error
 */
export async function readDataset(file: Hdf5Bytes, messages: readonly Message[]): Promise<RawDataset> {
  const body = (type: number): Uint8Array | undefined => findMessage(file, messages, type);
  const [typeBody, spaceBody, layoutBody] = [
    body(MESSAGE.datatype),
    body(MESSAGE.dataspace),
    body(MESSAGE.layout),
  ];
  if (!typeBody || !spaceBody || !layoutBody)
    throw unreadable("its header lacks a type, a shape or a layout");
  if (body(MESSAGE.externalFiles)) throw unreadable("its data are in other files");
  const shape = parseDataspace(file, spaceBody);
  if (!shape) throw unreadable("it has no value (null dataspace)");
  const type = parseDatatype(file, typeBody);
  if (type.kind === "other") throw new Hdf5Error({ kind: "dtype", dtype: type.dtype });
  const filterBody = body(MESSAGE.filters);
  const filters = filterBody ? parseFilters(file, filterBody) : [];
  checkFilters(filters);

  const layout = parseLayout(file, layoutBody);
  const neededBytes = shape.reduce((product, length) => product * length, type.size);
  const refuse = (storedBytes: number): void => {
    const enough =
      neededBytes <= Math.max(ALWAYS_BYTES, storedBytes * (filters.length > 0 ? MAX_EXPANSION : 1));
    if (!enough || neededBytes > MAX_ARRAY_BYTES) throw new Hdf5Error({ kind: "huge", shape, neededBytes });
  };
  if (layout.kind === "chunked") {
    const grid = gridOf(layout, shape, type.size);
    const chunks = neededBytes === 0 ? [] : listChunks(file, layout, grid, filters.length > 0);
    refuse(chunks.reduce((sum, chunk) => sum + chunk.bytes, 0));
    const bytes = filled(neededBytes, fillValue(file, messages, type.size));
    await copyChunks(file, chunks, { ...grid, elementBytes: type.size, filters }, bytes);
    return { bytes, type, shape };
  }
  const stored = storedBytes(file, layout);
  refuse(stored?.length ?? 0);
  if (!stored) return { bytes: filled(neededBytes, fillValue(file, messages, type.size)), type, shape };
  if (stored.length < neededBytes) {
    throw unreadable(`it stores ${stored.length} bytes and needs ${neededBytes}`);
  }
  return { bytes: stored.subarray(0, neededBytes), type, shape };
}

interface Grid {
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  readonly chunkBytes: number;
}

function gridOf(layout: Layout & { kind: "chunked" }, shape: readonly number[], elementBytes: number): Grid {
  const { chunkShape } = layout;
  if (chunkShape.length !== shape.length || chunkShape.includes(0)) {
    throw unreadable(`its chunks have the shape [${chunkShape.join(", ")}]`);
  }
  const chunkBytes = chunkShape.reduce((product, length) => product * length, elementBytes);
  if (chunkBytes > MAX_ARRAY_BYTES) {
    throw new Hdf5Error({ kind: "huge", shape: chunkShape, neededBytes: chunkBytes });
  }
  return { shape, chunkShape, chunkBytes };
}

function storedBytes(file: Hdf5Bytes, layout: Exclude<Layout, { kind: "chunked" }>): Uint8Array | undefined {
  if (layout.kind === "compact") return layout.data;
  if (layout.address === undefined) return undefined;
  if (layout.bytes === 0) return new Uint8Array(0);
  return cursorAt(file, layout.address, "its data", layout.bytes).take(layout.bytes);
}

function fillValue(
  file: Hdf5Bytes,
  messages: readonly Message[],
  elementBytes: number,
): Uint8Array | undefined {
  const body = findMessage(file, messages, MESSAGE.fillValue);
  const value = body ? parseFillValue(file, body) : undefined;
  return value?.length === elementBytes && value.some((byte) => byte !== 0) ? value : undefined;
}

function filled(byteLength: number, fill: Uint8Array | undefined): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  if (fill) for (let at = 0; at < byteLength; at += fill.length) bytes.set(fill, at);
  return bytes;
}

async function copyChunks(
  file: Hdf5Bytes,
  chunks: readonly Chunk[],
  how: Grid & { readonly elementBytes: number; readonly filters: readonly Filter[] },
  into: Uint8Array,
): Promise<void> {
  if (chunks.length > chunkCount(how)) throw unreadable("it has more chunks than its shape holds");
  for (let first = 0; first < chunks.length; first += CHUNKS_AT_ONCE) {
    const group = chunks.slice(first, first + CHUNKS_AT_ONCE);
    const unpacked = await Promise.all(group.map((chunk) => readChunk(file, chunk, how)));
    group.forEach((chunk, c) => copyChunk(unpacked[c], chunk.origin, how, into));
  }
}

/** Unpacking streams wait more than they work; together they wait once. */
const CHUNKS_AT_ONCE = 32;

async function readChunk(
  file: Hdf5Bytes,
  chunk: Chunk,
  how: Grid & { readonly elementBytes: number; readonly filters: readonly Filter[] },
): Promise<Uint8Array> {
  const isInside = chunk.origin.every((at, d) => at < how.shape[d] && at % how.chunkShape[d] === 0);
  if (!isInside) throw unreadable(`a chunk starts at [${chunk.origin.join(", ")}]`);
  // Checked before the filters run: few bytes cannot hold a large chunk.
  if (chunk.bytes * MAX_EXPANSION < how.chunkBytes) throw unreadable("a chunk is too short for its shape");
  const stored = cursorAt(file, chunk.address, "a chunk", chunk.bytes).take(chunk.bytes);
  return undoFilters(stored, how.filters, chunk.mask, how.chunkBytes, how.elementBytes);
}

/** Row by row; what of a chunk hangs over the edge of the dataset is left out. */
function copyChunk(
  chunk: Uint8Array,
  origin: readonly number[],
  {
    shape,
    chunkShape,
    elementBytes,
  }: { shape: readonly number[]; chunkShape: readonly number[]; elementBytes: number },
  into: Uint8Array,
): void {
  const last = shape.length - 1;
  const visit = (dimension: number, from: number, to: number): void => {
    const count = Math.min(chunkShape[dimension], shape[dimension] - origin[dimension]);
    const start = to * shape[dimension] + origin[dimension];
    if (dimension === last) {
      const first = from * chunkShape[dimension] * elementBytes;
      into.set(chunk.subarray(first, first + count * elementBytes), start * elementBytes);
      return;
    }
    for (let i = 0; i < count; i++) visit(dimension + 1, from * chunkShape[dimension] + i, start + i);
  };
  visit(0, 0, 0);
}
