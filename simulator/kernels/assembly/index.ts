// The kernels of `Kernels` (../tables.ts).
import { stepCuba } from "./cuba";
import { countReceived, deliverQueue, deliverShort, mergePlane } from "./deliver";
import * as m from "./memory";

export { setup } from "./memory";

/** Place of the sums that act in a step. */
function sumsOf(core: usize, step: u32): usize {
  const buffer = (step & load<u32>(core + m.CORE_DEPTH_MASK)) * load<u32>(core + m.CORE_STRIDE);
  return m.sums + (<usize>(load<u32>(core + m.CORE_SUMS_BEGIN) + buffer) << 2);
}

export function begin(step: u32): void {
  memory.copy(m.counts, m.constantCounts, <usize>(m.rows * m.actions) << 3);
  let core = m.cores;
  for (let row: u32 = 0; row < m.rows; row++, core += m.CORE_BYTES) {
    store<u32>(m.firedEnd + (<usize>row << 2), load<u32>(core + m.CORE_NEURON_BEGIN));
    const planes = load<u32>(core + m.CORE_PLANES);
    if (planes == 0) continue;
    const neurons = load<u32>(core + m.CORE_NEURONS);
    const shifts = m.shifts + (<usize>load<u32>(core + m.CORE_SHIFT_BEGIN) << 2);
    const base = sumsOf(core, step);
    for (let p: u32 = 0; p < planes; p++)
      mergePlane(
        base,
        base + (<usize>((p + 1) * neurons) << 2),
        neurons,
        load<i32>(shifts + (<usize>p << 2)),
      );
  }
}

export function stepGroup(index: u32, step: u32): i32 {
  const group = m.groups + <usize>index * m.GROUP_BYTES;
  const begin = load<u32>(group + m.GROUP_BEGIN);
  const size = load<u32>(group + m.GROUP_END) - begin;
  const row = load<u32>(group + m.GROUP_ROW);
  const core = m.cores + <usize>row * m.CORE_BYTES;
  const sums = sumsOf(core, step) + (<usize>(begin - load<u32>(core + m.CORE_NEURON_BEGIN)) << 2);
  if (m.hasStatus != 0) memory.fill(m.status + begin, 0, size);
  const startStep = load<u32>(group + m.GROUP_START_STEP);
  if (step < startStep) {
    memory.fill(sums, 0, <usize>size << 2);
    return -1;
  }
  const modelStep = step - startStep;
  const interval = load<u32>(group + m.GROUP_RESET_INTERVAL);
  if (interval != 0 && modelStep % interval == load<u32>(group + m.GROUP_RESET_OFFSET)) {
    memory.fill(m.u + (<usize>begin << 2), 0, <usize>size << 2);
    memory.fill(m.v + (<usize>begin << 2), 0, <usize>size << 2);
    memory.fill(m.waiting + (<usize>begin << 2), 0, <usize>size << 2);
  }
  const firedFrom = load<u32>(m.firedEnd + (<usize>row << 2));
  const bad = stepCuba(index, group, sums);
  if (bad >= 0) return bad;
  const spikes = load<u32>(m.firedEnd + (<usize>row << 2)) - firedFrom;
  if (spikes > 0 && modelStep < load<u32>(group + m.GROUP_RECORD_STEPS))
    logSpikes(index, modelStep, firedFrom, spikes);
  return -1;
}

/** An entry of the log: group, model step, number of spikes, and the compartments. */
function logSpikes(group: u32, modelStep: u32, from: u32, spikes: u32): void {
  const length = load<u32>(m.logLength);
  const at = m.log + (<usize>length << 2);
  store<u32>(at, group);
  store<u32>(at, modelStep, 4);
  store<u32>(at, spikes, 8);
  memory.copy(at + 12, m.fired + (<usize>from << 2), <usize>spikes << 2);
  store<u32>(m.logLength, length + 3 + spikes);
}

/** Spikes whose lists are touched before they are served: 16, whose lists the first cache can hold. */
const SEND_CHUNK_BYTES: usize = 64;
/** Keeps the compiler from leaving the touching out. */
let touched: u32 = 0;

/** Loads the first bytes of all that spikes need, side by side. */
function touch(begin: usize, end: usize): void {
  let bits: u32 = 0;
  for (let f = begin; f < end; f += 4) {
    const n = <usize>load<u32>(f);
    const first = load<u32>(m.routeStart + (n << 2));
    if (first == load<u32>(m.routeStart + (n << 2), 4)) continue;
    const route = <usize>first << 2;
    const list = m.listAt(load<u32>(m.routeAt + route) >> 1);
    bits |= load<u32>(m.routeRow + route) | load<u32>(m.spikes + (n << 3));
    bits |= load<u32>(list) | load<u32>(list, 64) | load<u32>(list, 128);
  }
  touched = bits;
}

/** @returns messages */
@inline
function sendSpike(neuron: u32, step: u32): u32 {
  const spikes = m.spikes + (<usize>neuron << 3);
  store<f64>(spikes, load<f64>(spikes) + 1);
  const start = m.routeStart + (<usize>neuron << 2);
  const first = load<u32>(start);
  const last = load<u32>(start, 4);
  for (let r = first; r < last; r++) {
    const to = load<u32>(m.routeRow + (<usize>r << 2));
    const at = load<u32>(m.routeAt + (<usize>r << 2));
    if (at & 1) deliverShort(to, m.listAt(at >> 1), step);
    else enqueue(to, at >> 1);
  }
  return last - first;
}

export function send(step: u32): void {
  let core = m.cores;
  for (let row: u32 = 0; row < m.rows; row++, core += m.CORE_BYTES) {
    const begin = m.fired + (<usize>load<u32>(core + m.CORE_NEURON_BEGIN) << 2);
    const end = m.fired + (<usize>load<u32>(m.firedEnd + (<usize>row << 2)) << 2);
    if (begin == end) continue;
    let messages: u32 = 0;
    for (let chunk = begin; chunk < end; chunk += SEND_CHUNK_BYTES) {
      const chunkEnd = min(chunk + SEND_CHUNK_BYTES, end);
      touch(chunk, chunkEnd);
      for (let f = chunk; f < chunkEnd; f += 4) messages += sendSpike(load<u32>(f), step);
    }
    m.count(row, m.spikeOut, <f64>((end - begin) >> 2));
    m.count(row, m.messageOut, <f64>messages);
  }
}

@inline
function enqueue(row: u32, place: u32): void {
  const queued = m.queued + (<usize>row << 2);
  const next = load<u32>(queued);
  store<u32>(m.queue + (<usize>next << 2), place);
  store<u32>(queued, next + 1);
}

export function stepAll(step: u32): i32 {
  begin(step);
  if (m.rows == 0) return -1;
  const groups = load<u32>(m.cores + <usize>(m.rows - 1) * m.CORE_BYTES + m.CORE_GROUP_END);
  for (let group: u32 = 0; group < groups; group++) {
    const bad = stepGroup(group, step);
    if (bad >= 0) return bad;
  }
  send(step);
  return -1;
}

export function inject(events: u32, step: u32): void {
  for (let e: usize = 0; e < events; e++) {
    const line = m.lineStart + (<usize>load<u32>(m.hostLine + (e << 2)) << 2);
    const first = load<u32>(line);
    const last = load<u32>(line, 4);
    const spikes = load<u32>(m.hostSpikes + (e << 2));
    for (let k: u32 = 0; k < spikes; k++)
      for (let r = first; r < last; r++) {
        const row = load<u32>(m.lineRow + (<usize>r << 2));
        const at = load<u32>(m.lineAt + (<usize>r << 2));
        if (at & 1) deliverShort(row, m.listAt(at >> 1), step);
        else {
          const core = m.cores + <usize>row * m.CORE_BYTES;
          const queued = load<u32>(m.queued + (<usize>row << 2));
          if (queued == load<u32>(core, m.CORE_QUEUE_END)) deliverQueue(row, step);
          enqueue(row, at >> 1);
        }
        m.count(row, m.inputMessage, 1);
      }
  }
}

export function serve(step: u32): void {
  for (let row: u32 = 0; row < m.rows; row++) deliverQueue(row, step);
}

export function deliver(step: u32): void {
  for (let row: u32 = 0; row < m.rows; row++) {
    deliverQueue(row, step);
    countReceived(row);
  }
  const end = m.counts + (<usize>(m.rows * m.actions) << 3);
  let total = m.totals;
  for (let at = m.counts; at < end; at += 8, total += 8)
    store<f64>(total, load<f64>(total) + load<f64>(at));
}
