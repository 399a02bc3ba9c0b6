// A tree of numbers, words and arrays as bytes, and back, bit by bit; a file cut short or changed is refused.
import { ToolchainError } from "#util/diagnostic";
import {
  checkpointDamaged,
  checkpointNotOurs,
  checkpointOtherKind,
  checkpointVersion,
} from "./checkpoint-diagnostics.ts";
import { crc32 } from "./crc32.ts";
import type { StateTree, StateValue } from "./state.ts";

/*
 * Little-endian throughout:
 *
 *     0   8 bytes  magic; its control characters do not survive a transfer as text
 *     8   u32      format version
 *    12   u32      length of the header in bytes
 *    16   f64      length of the whole file in bytes
 *    24            header: JSON, UTF-8, then zeros up to the next multiple of 8
 *                  the arrays, raw, in the order of the header, each on a multiple of 8
 *   end   u32      CRC-32 of everything before
 *
 * The header is `{ kind, tree }`. In the tree, numbers, texts, true, false and null stand for themselves; everything else is
 * an object with one field: `t` a tree, `l` a list of numbers, `n` a number that JSON has no word for ("-0", "NaN", …),
 * `a` an array as [type, byte offset from the end of the header, length].
 */
const MAGIC = Uint8Array.of(0x89, 0x53, 0x50, 0x4e, 0x54, 0x0d, 0x0a, 0x1a);
const VERSION = 1;
const PREFIX_BYTES = 24;
const CRC_BYTES = 4;

const ARRAYS = {
  f32: Float32Array,
  f64: Float64Array,
  i32: Int32Array,
  u32: Uint32Array,
  u8: Uint8Array,
} as const;
type ArrayCode = keyof typeof ARRAYS;
type StateArray = Extract<StateValue, ArrayBufferView>;

export type FileKind = "checkpoint" | "trained model";

/** @param kind kept in the header, so that one is not taken for the other */
export function encodeState(tree: StateTree, kind: FileKind): Uint8Array {
  const arrays: { array: StateArray; offset: number }[] = [];
  let dataBytes = 0;
  const headerValue = (value: StateValue): unknown => {
    if (typeof value === "number") return numberValue(value);
    if (typeof value !== "object" || value === null) return value;
    if (ArrayBuffer.isView(value)) {
      const offset = dataBytes;
      arrays.push({ array: value, offset });
      dataBytes = upToEight(dataBytes + value.byteLength);
      return { a: [codeOf(value), offset, value.length] };
    }
    if (Array.isArray(value)) return { l: (value as readonly number[]).map(numberValue) };
    const entries = Object.entries(value as StateTree);
    return { t: Object.fromEntries(entries.map(([name, part]) => [name, headerValue(part)])) };
  };
  const header = new TextEncoder().encode(JSON.stringify({ kind, tree: headerValue(tree) }));
  const dataStart = upToEight(PREFIX_BYTES + header.length);
  const bytes = new Uint8Array(dataStart + dataBytes + CRC_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, header.length, true);
  view.setFloat64(16, bytes.length, true);
  bytes.set(header, PREFIX_BYTES);
  for (const { array, offset } of arrays)
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), dataStart + offset);
  const end = bytes.length - CRC_BYTES;
  view.setUint32(end, crc32(bytes.subarray(0, end)), true);
  return bytes;
}

/**
 * @throws ToolchainError `train/checkpoint-not-ours`, `-version`, `-damaged` (cut short, or a byte changed), `-other-kind`
 */
export function decodeState(bytes: Uint8Array, kind: FileKind): StateTree {
  const fail = (reason: string): never => {
    throw new ToolchainError([checkpointDamaged({ kind, reason })]);
  };
  const seen = bytes.subarray(0, MAGIC.length);
  if (!seen.every((byte, i) => byte === MAGIC[i]))
    throw new ToolchainError([checkpointNotOurs({ kind, bytes: bytes.length })]);
  if (bytes.length < PREFIX_BYTES + CRC_BYTES) return fail(`it ends after ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (version !== VERSION)
    throw new ToolchainError([checkpointVersion({ kind, needed: VERSION, found: version })]);
  const length = view.getFloat64(16, true);
  if (length !== bytes.length) return fail(`it has ${bytes.length} bytes and says that it has ${length}`);
  const end = bytes.length - CRC_BYTES;
  if (crc32(bytes.subarray(0, end)) !== view.getUint32(end, true))
    return fail("its checksum does not fit its content");
  const headerEnd = PREFIX_BYTES + view.getUint32(12, true);
  const dataStart = upToEight(headerEnd);
  const header = headerOf(bytes.subarray(PREFIX_BYTES, headerEnd));
  if (header === undefined) return fail("its header is none");
  if (header.kind !== kind)
    throw new ToolchainError([checkpointOtherKind({ needed: kind, found: header.kind })]);
  const state = valueOf(header.tree, bytes.subarray(0, end), dataStart);
  return isTree(state) ? state : fail("its header describes no state");
}

function headerOf(bytes: Uint8Array): { readonly kind: string; readonly tree: unknown } | undefined {
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes)) as { kind?: unknown; tree?: unknown } | null;
    return typeof header?.kind === "string" ? { kind: header.kind, tree: header.tree } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

type HeaderNumber = number | { readonly n: string };

/** Undefined for what `encodeState` does not write. */
function valueOf(part: unknown, bytes: Uint8Array, dataStart: number): StateValue | undefined {
  if (typeof part === "number" || typeof part === "string" || typeof part === "boolean" || part === null)
    return part;
  const { t, l, n, a } = part as { t?: unknown; l?: unknown; n?: unknown; a?: unknown };
  if (typeof n === "string") return Number(n);
  if (Array.isArray(l)) return l.map(numberOf);
  if (Array.isArray(a)) return arrayOf(a, bytes, dataStart);
  if (typeof t !== "object" || t === null) return undefined;
  const entries = Object.entries(t).map(([name, value]) => [name, valueOf(value, bytes, dataStart)] as const);
  return entries.every((entry): entry is readonly [string, StateValue] => entry[1] !== undefined)
    ? Object.fromEntries(entries)
    : undefined;
}

function arrayOf(
  [code, offset, length]: readonly unknown[],
  bytes: Uint8Array,
  dataStart: number,
): StateArray | undefined {
  if (typeof code !== "string" || !Object.hasOwn(ARRAYS, code)) return undefined;
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length)) return undefined;
  const type = ARRAYS[code as ArrayCode];
  const start = dataStart + (offset as number);
  const stop = start + (length as number) * type.BYTES_PER_ELEMENT;
  return start >= dataStart && stop >= start && stop <= bytes.length
    ? // Not `slice`: a Buffer's shares its memory.
      new type(new Uint8Array(bytes.subarray(start, stop)).buffer)
    : undefined;
}

function isTree(value: StateValue | undefined): value is StateTree {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

const numberValue = (value: number): HeaderNumber =>
  Number.isFinite(value) && !Object.is(value, -0)
    ? value
    : { n: Object.is(value, -0) ? "-0" : String(value) };

const numberOf = (value: HeaderNumber): number => (typeof value === "number" ? value : Number(value.n));

const codeOf = (array: StateArray): ArrayCode =>
  (Object.keys(ARRAYS) as ArrayCode[]).find((code) => array instanceof ARRAYS[code]) ?? "u8";

const upToEight = (bytes: number): number => 8 * Math.ceil(bytes / 8);
