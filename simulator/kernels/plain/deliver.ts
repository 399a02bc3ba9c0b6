import { AXON, CORE, FORM, type KernelMemory } from "../tables.ts";

/** Views of `lists`. */
export interface ListViews {
  readonly bytes: Int8Array;
  readonly halves: Int16Array;
  readonly words: Int32Array;
}

export function listViews({ lists: { buffer, byteOffset, byteLength } }: KernelMemory): ListViews {
  return {
    bytes: new Int8Array(buffer, byteOffset, byteLength),
    halves: new Int16Array(buffer, byteOffset, byteLength >> 1),
    words: new Int32Array(buffer, byteOffset, byteLength >> 2),
  };
}

/** Adds the synapse list of an axon to the sums of its core. Integer sums do not depend on the order of events. */
export function deliverList(
  m: KernelMemory,
  views: ListViews,
  axon: number,
  core: number,
  step: number,
): void {
  const { axons, cores, sums } = m;
  const place = axon * AXON.count;
  const at = axons[place + AXON.at];
  const length = axons[place + AXON.length];
  const extra = axons[place + AXON.extra];
  const form = axons[place + AXON.form] & 255;
  const sumsBegin = cores[core + CORE.sumsBegin];
  const stride = cores[core + CORE.stride];
  const mask = cores[core + CORE.depthMask];
  const buffer = sumsBegin + ((step + (axons[place + AXON.form] >> 8)) & mask) * stride;
  switch (form) {
    case FORM.packed:
      packed(views.words, at, length, sums, buffer);
      break;
    case FORM.row8:
      row(views.bytes, 4 * at, length, sums, buffer + extra);
      break;
    case FORM.row16:
      row(views.halves, 2 * at, length, sums, buffer + extra);
      break;
    case FORM.sparseRow8:
      sparseRow(views.bytes, 4 * at, length, sums, buffer + extra);
      break;
    case FORM.sparseRow16:
      sparseRow(views.halves, 2 * at, length, sums, buffer + extra);
      break;
    case FORM.delayed:
      for (let i = 0; i < length; i++) {
        const word = views.words[at + i];
        const ring = sumsBegin + ((step + m.lists[4 * extra + i]) & mask) * stride;
        const s = ring + ((word & 0x7fff) >> 2);
        sums[s] = (sums[s] + (word >> 15)) | 1;
      }
      break;
    default:
      for (let i = 0; i < length; i++) {
        const ring = sumsBegin + ((step + m.lists[4 * extra + i]) & mask) * stride;
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
