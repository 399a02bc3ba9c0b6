import { CORE, FORM, HEAD, LIST_WORDS, type KernelMemory } from "../tables.ts";

/** Views of `lists`. */
export interface ListViews {
  readonly bytes: Int8Array;
  readonly halves: Int16Array;
  /** Of the heads. */
  readonly counts: Uint16Array;
  readonly words: Int32Array;
}

export function listViews({ lists: { buffer, byteOffset, byteLength } }: KernelMemory): ListViews {
  return {
    bytes: new Int8Array(buffer, byteOffset, byteLength),
    halves: new Int16Array(buffer, byteOffset, byteLength >> 1),
    counts: new Uint16Array(buffer, byteOffset, byteLength >> 1),
    words: new Int32Array(buffer, byteOffset, byteLength >> 2),
  };
}

/** Adds the synapse list at a place to the sums of its core. Integer sums do not depend on the order of events. */
export function deliverList(
  m: KernelMemory,
  views: ListViews,
  place: number,
  core: number,
  step: number,
): void {
  const { cores, sums } = m;
  const head = place * LIST_WORDS;
  const code = views.words[head + HEAD.code];
  const length = views.words[head + HEAD.length];
  const at = head + HEAD.count;
  const form = code & 255;
  const sumsBegin = cores[core + CORE.sumsBegin];
  const stride = cores[core + CORE.stride];
  const mask = cores[core + CORE.depthMask];
  const buffer = sumsBegin + ((step + ((code >> 8) & 255)) & mask) * stride;
  const first = buffer + (code >>> 16);
  switch (form) {
    case FORM.packed:
      packed(views.words, at, length, sums, buffer);
      break;
    case FORM.row8:
      row(views.bytes, 4 * at, length, sums, first);
      break;
    case FORM.row16:
      row(views.halves, 2 * at, length, sums, first);
      break;
    case FORM.sparseRow8:
      sparseRow(views.bytes, 4 * at, length, sums, first);
      break;
    case FORM.sparseRow16:
      sparseRow(views.halves, 2 * at, length, sums, first);
      break;
    case FORM.delayed:
      for (let i = 0; i < length; i++) {
        const word = views.words[at + i];
        const ring = sumsBegin + ((step + m.lists[4 * (at + length) + i]) & mask) * stride;
        const s = ring + ((word & 0x7fff) >> 2);
        sums[s] = (sums[s] + (word >> 15)) | 1;
      }
      break;
    default:
      for (let i = 0; i < length; i++) {
        const ring = sumsBegin + ((step + m.lists[4 * (at + 2 * length) + i]) & mask) * stride;
        const s = ring + views.words[at + 2 * i];
        sums[s] = (sums[s] + (views.words[at + 2 * i + 1] << 1)) | 1;
      }
  }
}

function packed(words: Int32Array, from: number, length: number, sums: Int32Array, buffer: number): void {
  for (let i = from; i < from + length; i++) {
    const word = words[i];
    const s = buffer + ((word & 0x7fff) >> 2);
    // word >> 15 is twice the value, because bit 15 is clear.
    sums[s] = (sums[s] + (word >> 15)) | 1;
  }
}

function row(
  values: Int8Array | Int16Array,
  from: number,
  length: number,
  sums: Int32Array,
  first: number,
): void {
  for (let i = 0; i < length; i++) sums[first + i] = (sums[first + i] + (values[from + i] << 1)) | 1;
}

function sparseRow(
  coded: Int8Array | Int16Array,
  from: number,
  length: number,
  sums: Int32Array,
  first: number,
): void {
  for (let i = 0; i < length; i++) {
    const code = coded[from + i];
    if (code !== 0) sums[first + i] = (sums[first + i] + code - 1) | 1;
  }
}

/**
 * Moves the sums of one further plane into the first: adds them shifted right by `shift` (toward minus infinity), as Lava
 * does with the sum of a projection whose weight exponent is negative. Clears the plane.
 *
 * @param count compartments of the core
 */
export function mergePlane(
  sums: Int32Array,
  baseAt: number,
  planeAt: number,
  count: number,
  shift: number,
): void {
  for (let n = 0; n < count; n++) {
    const sum = sums[planeAt + n];
    if (sum === 0) continue;
    sums[planeAt + n] = 0;
    sums[baseAt + n] = (sums[baseAt + n] + ((sum >> (shift + 1)) << 1)) | 1;
  }
}
