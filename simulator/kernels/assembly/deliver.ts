// Synaptic events. A sum holds twice the summed weight, plus 1 as soon as any event has arrived; 0 means "nothing came".
import * as m from "./memory";
import { row16, rows8, sparseRow16, sparseRows8 } from "./rows";

/** Messages whose lists are touched before they are read: 64, whose lists the second cache holds. */
const CHUNK_BYTES: usize = 256;
/** Keeps the compiler from leaving the touching out. */
let touched: u32 = 0;

/** Serves the queue of a core and empties it; counts messages in, words read and synaptic events. */
export function deliverQueue(row: u32, step: u32): void {
  const core = m.cores + <usize>row * m.CORE_BYTES;
  const begin = m.queue + (<usize>load<u32>(core + m.CORE_QUEUE_BEGIN) << 2);
  const queuedAt = m.queued + (<usize>row << 2);
  const end = m.queue + (<usize>load<u32>(queuedAt) << 2);
  if (begin == end) return;
  store<u32>(queuedAt, load<u32>(core + m.CORE_QUEUE_BEGIN));
  for (let chunk = begin; chunk < end; chunk += CHUNK_BYTES) {
    const chunkEnd = min(chunk + CHUNK_BYTES, end);
    countMessages(row, chunk, chunkEnd);
    deliverChunk(core, chunk, chunkEnd, step);
  }
}

function deliverChunk(core: usize, begin: usize, end: usize, step: u32): void {
  const sums = m.sums + (<usize>load<u32>(core + m.CORE_SUMS_BEGIN) << 2);
  const stride = <usize>load<u32>(core + m.CORE_STRIDE) << 2;
  const mask = load<u32>(core + m.CORE_DEPTH_MASK);
  let q = begin;
  while (q < end) {
    const axon = m.axons + (<usize>load<u32>(q) << 4);
    const code = load<u32>(axon, m.AXON_FORM);
    const form = code & 255;
    const at = m.lists + (<usize>load<u32>(axon, m.AXON_AT) << 2);
    const length = load<u32>(axon, m.AXON_LENGTH);
    const buffer = sums + ((step + (code >> 8)) & mask) * <u32>stride;
    if (form == m.FORM_PACKED) {
      packed(at, length, buffer);
      q += 4;
    } else if (form == m.FORM_ROW8 || form == m.FORM_SPARSE_ROW8) {
      const first = load<u32>(axon, m.AXON_EXTRA);
      const rows = sameRows(q, end, code, length, first);
      const slots = buffer + (<usize>first << 2);
      if (form == m.FORM_ROW8) rows8(q, rows, at, length, slots);
      else sparseRows8(q, rows, at, length, slots);
      q += rows << 2;
    } else {
      const extra = load<u32>(axon, m.AXON_EXTRA);
      if (form == m.FORM_ROW16) row16(at, length, buffer + (<usize>extra << 2));
      else if (form == m.FORM_SPARSE_ROW16) sparseRow16(at, length, buffer + (<usize>extra << 2));
      else if (form == m.FORM_DELAYED) delayed(at, length, m.lists + (<usize>extra << 2), sums, stride, step, mask);
      else wide(at, length, m.lists + (<usize>extra << 2), sums, stride, step, mask);
      q += 4;
    }
  }
}

/** How many of the next four messages (this one included) have rows of the same form over the same slots: 4, or 1. */
function sameRows(q: usize, end: usize, code: u32, length: u32, first: u32): u32 {
  if (end - q < 16) return 1;
  for (let k: usize = 4; k < 16; k += 4) {
    const axon = m.axons + (<usize>load<u32>(q + k) << 4);
    if (
      load<u32>(axon, m.AXON_FORM) != code ||
      load<u32>(axon, m.AXON_LENGTH) != length ||
      load<u32>(axon, m.AXON_EXTRA) != first
    )
      return 1;
  }
  return 4;
}

/**
 * Counts the messages of a chunk, and touches the lists that they will read: these loads do not wait for each other, so
 * tables that are larger than the caches arrive side by side.
 */
function countMessages(row: u32, begin: usize, end: usize): void {
  let a = i64x2.splat(0);
  let b = i64x2.splat(0);
  let touch: u32 = 0;
  for (let q = begin; q < end; q += 4) {
    const facts = v128.load(m.axonTable + (<usize>load<u32>(q) << 4));
    a = i64x2.add(a, i64x2.extend_low_i32x4_u(facts));
    b = i64x2.add(b, i64x2.extend_high_i32x4_u(facts));
    const place = load<u32>(m.axons + (<usize>load<u32>(q) << 4), m.AXON_AT);
    touch |= load<u32>(m.lists + (<usize>place << 2));
  }
  touched = touch;
  m.count(row, m.messageIn, <f64>((end - begin) >> 2));
  m.count(row, m.synapseWordRead, <f64>i64x2.extract_lane(a, 0));
  m.count(row, m.synapseDense, <f64>i64x2.extract_lane(a, 1));
  m.count(row, m.synapseSparse, <f64>i64x2.extract_lane(b, 0));
  m.count(row, m.synapseRunLength, <f64>i64x2.extract_lane(b, 1));
}

/** `word >> 15` is twice the value, because bit 15 is clear. */
@inline
function add(word: i32, sums: usize): void {
  const at = sums + (word & 0x7fff);
  store<i32>(at, (load<i32>(at) + (word >> 15)) | 1);
}

function packed(p: usize, length: u32, sums: usize): void {
  const end = p + (<usize>length << 2);
  const most = p + (<usize>(length & ~3) << 2);
  for (; p < most; p += 16) {
    add(load<i32>(p), sums);
    add(load<i32>(p, 4), sums);
    add(load<i32>(p, 8), sums);
    add(load<i32>(p, 12), sums);
  }
  for (; p < end; p += 4) add(load<i32>(p), sums);
}

function delayed(
  p: usize,
  length: u32,
  delays: usize,
  sums: usize,
  stride: usize,
  step: u32,
  mask: u32,
): void {
  for (const end = p + (<usize>length << 2); p < end; p += 4, delays++)
    add(load<i32>(p), sums + ((step + load<u8>(delays)) & mask) * <u32>stride);
}

function wide(
  p: usize,
  length: u32,
  delays: usize,
  sums: usize,
  stride: usize,
  step: u32,
  mask: u32,
): void {
  for (const end = p + (<usize>length << 3); p < end; p += 8, delays++) {
    const at = sums + ((step + load<u8>(delays)) & mask) * <u32>stride + (<usize>load<u32>(p) << 2);
    store<i32>(at, (load<i32>(at) + (load<i32>(p, 4) << 1)) | 1);
  }
}

/**
 * Moves the sums of a further plane into the first: adds them shifted right by `shift` (toward minus infinity), as Lava
 * does with the sum of a projection whose weight exponent is negative. Clears the plane.
 */
export function mergePlane(base: usize, plane: usize, neurons: u32, shift: i32): void {
  const most = base + (<usize>(neurons & ~3) << 2);
  const end = base + (<usize>neurons << 2);
  const zero = i32x4.splat(0);
  for (; base < most; base += 16, plane += 16) {
    const sum = v128.load(plane);
    if (!v128.any_true(sum)) continue;
    const more = i32x4.shl(i32x4.shr_s(sum, shift + 1), 1);
    const came = i32x4.shr_u(i32x4.ne(sum, zero), 31);
    v128.store(base, v128.or(i32x4.add(v128.load(base), more), came));
    v128.store(plane, zero);
  }
  for (; base < end; base += 4, plane += 4) {
    const sum = load<i32>(plane);
    if (sum == 0) continue;
    store<i32>(plane, 0);
    store<i32>(base, (load<i32>(base) + ((sum >> (shift + 1)) << 1)) | 1);
  }
}
