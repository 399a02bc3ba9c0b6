// Synaptic events. A sum holds twice the summed weight, plus 1 as soon as any event has arrived; 0 means "nothing came".
import * as m from "./memory";
import { row16, rows8, sparseRow16, sparseRows8 } from "./rows";

/** Messages whose lists are touched before they are read: 64, whose lists the second cache holds. */
const CHUNK_BYTES: usize = 256;

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
    const head = m.listAt(load<u32>(q));
    const code = load<u32>(head, m.HEAD_CODE);
    const form = code & 255;
    const at = head + m.HEAD_BYTES;
    const length = load<u32>(head, m.HEAD_LENGTH);
    const buffer = sums + ((step + ((code >> 8) & 255)) & mask) * <u32>stride;
    const slots = buffer + (<usize>(code >> 16) << 2);
    if (form == m.FORM_PACKED) {
      packed(at, length, buffer);
      q += 4;
    } else if (form == m.FORM_ROW8 || form == m.FORM_SPARSE_ROW8) {
      const rows = sameRows(q, end, code, length);
      if (form == m.FORM_ROW8) rows8(q, rows, at, length, slots);
      else sparseRows8(q, rows, at, length, slots);
      q += rows << 2;
    } else {
      if (form == m.FORM_ROW16) row16(at, length, slots);
      else if (form == m.FORM_SPARSE_ROW16) sparseRow16(at, length, slots);
      else if (form == m.FORM_DELAYED) delayed(at, length, at + (<usize>length << 2), sums, stride, step, mask);
      else wide(at, length, at + (<usize>length << 3), sums, stride, step, mask);
      q += 4;
    }
  }
}

/** How many of the next four messages (this one included) have rows of the same form over the same slots: 4, or 1. */
function sameRows(q: usize, end: usize, code: u32, length: u32): u32 {
  if (end - q < 16) return 1;
  for (let k: usize = 4; k < 16; k += 4) {
    const head = m.listAt(load<u32>(q + k));
    if (load<u32>(head, m.HEAD_CODE) != code || load<u32>(head, m.HEAD_LENGTH) != length) return 1;
  }
  return 4;
}

/**
 * Counts the messages of a chunk. So it touches the lists that they will read: these loads do not wait for each other, and
 * lists that are in no cache arrive side by side.
 */
function countMessages(row: u32, begin: usize, end: usize): void {
  let sum = i32x4.splat(0);
  for (let q = begin; q < end; q += 4) sum = i32x4.add(sum, countsOf(m.listAt(load<u32>(q))));
  addCounts(row, (end - begin) >> 2, sum);
}

/** Words of a list, and its events of three kinds. */
@inline
function countsOf(head: usize): v128 {
  return i32x4.extend_low_i16x8_u(v128.load64_zero(head, m.HEAD_COUNTS));
}

function addCounts(row: u32, messages: u32, counts: v128): void {
  m.count(row, m.messageIn, <f64>messages);
  m.count(row, m.synapseWordRead, <f64>(<u32>i32x4.extract_lane(counts, 0)));
  const actions = m.cores + <usize>row * m.CORE_BYTES + m.CORE_ACTIONS;
  m.count(row, load<u32>(actions), <f64>(<u32>i32x4.extract_lane(counts, 1)));
  m.count(row, load<u32>(actions, 4), <f64>(<u32>i32x4.extract_lane(counts, 2)));
  m.count(row, load<u32>(actions, 8), <f64>(<u32>i32x4.extract_lane(counts, 3)));
}

/** Serves a short list. Lists of one sender follow each other, whatever cores they belong to. */
@inline
export function deliverShort(row: u32, head: usize, step: u32): void {
  const received = m.received + <usize>row * m.RECEIVED_BYTES;
  v128.store(received, i32x4.add(v128.load(received), countsOf(head)));
  store<u32>(received, load<u32>(received, m.RECEIVED_MESSAGES) + 1, m.RECEIVED_MESSAGES);
  const core = m.cores + <usize>row * m.CORE_BYTES;
  const delay = (load<u32>(head, m.HEAD_CODE) >> 8) & 255;
  const ring = ((step + delay) & load<u32>(core, m.CORE_DEPTH_MASK)) * load<u32>(core, m.CORE_STRIDE);
  const sums = m.sums + (<usize>(load<u32>(core, m.CORE_SUMS_BEGIN) + ring) << 2);
  packed(head + m.HEAD_BYTES, load<u32>(head, m.HEAD_LENGTH), sums);
}

/** Counts what `deliverShort` has noted of a core. */
export function countReceived(row: u32): void {
  const received = m.received + <usize>row * m.RECEIVED_BYTES;
  const messages = load<u32>(received, m.RECEIVED_MESSAGES);
  if (messages == 0) return;
  addCounts(row, messages, v128.load(received));
  v128.store(received, i32x4.splat(0));
  store<u32>(received, 0, m.RECEIVED_MESSAGES);
}

/** `word >> 15` is twice the value, because bit 15 is clear. */
@inline
function add(word: i32, sums: usize): void {
  const at = sums + (word & 0x7fff);
  store<i32>(at, (load<i32>(at) + (word >> 15)) | 1);
}

/** @param length a multiple of 4 */
@inline
function packed(p: usize, length: u32, sums: usize): void {
  for (const end = p + (<usize>length << 2); p < end; p += 16) {
    add(load<i32>(p), sums);
    add(load<i32>(p, 4), sums);
    add(load<i32>(p, 8), sums);
    add(load<i32>(p, 12), sums);
  }
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
