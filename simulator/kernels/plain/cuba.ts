import { GROUP, STATE_EVENT, type KernelMemory } from "../tables.ts";

const STATE_MAX = 8_388_607;
const STATE_SPAN = 16_777_216;
/** With inputs and currents up to these, no sum below leaves 32 bits. */
const INPUT_MAX = 16_777_215;
const REGISTER_MAX = 1_073_741_823;
/** Products with it are exact, and `| 0` rounds toward zero. */
const SHARE = 1 / 4096;

const KINDS = STATE_EVENT.kinds;

/** What became of a group in a step. */
export interface GroupStep {
  updated: number;
  /** -1, or the compartment whose current left 31 bits. */
  tooLarge: number;
}

/**
 * One step of a group of `loihi-cuba` neurons by Lava's rules: unlimited sums, one wrap of u into (-2^23, 2^23], v clipped
 * to vMin .. 2^23 - 1. Neurons at rest are skipped: nothing of theirs can change, because thresholds are never negative
 * and lower clamps never positive. Reads and clears the sums; fired compartments are written from `firedAt` on.
 *
 * @param group  first column of the group in `m.groups`
 * @param sumsAt where the sum of its first compartment is
 * @returns where the next fired compartment goes
 */
export function stepLava(
  m: KernelMemory,
  group: number,
  sumsAt: number,
  firedAt: number,
  withStatus: boolean,
  out: GroupStep,
): number {
  const { u, v, sums, params, groups: g, fired, status, stateEvents: events } = m;
  const end = g[group + GROUP.end];
  let bias = g[group + GROUP.bias];
  let uKeep = g[group + GROUP.uKeep];
  let vKeep = g[group + GROUP.vKeep];
  let threshold = g[group + GROUP.threshold];
  let vMin = g[group + GROUP.vMin];
  const [toBias, toU, toV, toThreshold, toMin] = [
    g[group + GROUP.bias + 1],
    g[group + GROUP.uKeep + 1],
    g[group + GROUP.vKeep + 1],
    g[group + GROUP.threshold + 1],
    g[group + GROUP.vMin + 1],
  ];
  let updated = 0;
  out.tooLarge = -1;
  for (
    let n = g[group + GROUP.begin], s = sumsAt;
    n < end;
    n++, s++, bias += toBias, uKeep += toU, vKeep += toV, threshold += toThreshold, vMin += toMin
  ) {
    const sum = sums[s];
    let current = u[n];
    let membrane = v[n];
    if ((sum | current | membrane | params[bias]) === 0) continue;
    sums[s] = 0;

    const input = sum >> 1;
    let fits = input <= INPUT_MAX && input >= -INPUT_MAX;
    current = (((current * params[uKeep] * SHARE) | 0) + (input << 6)) | 0;
    if (fits && current > STATE_MAX + 1) {
      note(events, STATE_EVENT.currentWrap, n);
      current = (current - STATE_SPAN) | 0;
      fits = current <= REGISTER_MAX;
    } else if (fits && current < -STATE_MAX) {
      note(events, STATE_EVENT.currentWrap, n);
      current = (current + STATE_SPAN) | 0;
      fits = current >= -REGISTER_MAX;
    }
    if (!fits) {
      out.tooLarge = n;
      return firedAt;
    }
    u[n] = current;

    membrane = (((membrane * params[vKeep] * SHARE) | 0) + ((current + params[bias]) | 0)) | 0;
    if (membrane > STATE_MAX) {
      note(events, STATE_EVENT.membraneHigh, n);
      membrane = STATE_MAX;
    } else if (membrane < params[vMin]) {
      note(events, STATE_EVENT.membraneLow, n);
      membrane = params[vMin];
    }
    const fires = membrane > params[threshold];
    if (fires) fired[firedAt++] = n;
    v[n] = fires ? 0 : membrane;
    if (withStatus) status[n] = fires ? 2 : 1;
    updated++;
  }
  out.updated = updated;
  return firedAt;
}

/**
 * The same by the rules of nengo-loihi's emulator: the sum of a step and u wrap in two's complement (22 and 24 bits), so
 * does u + bias; v is clipped to vMin .. 2^23 - 1; a refractory counter holds v at 0. The counter is set in the spike's
 * step and counts down at once.
 */
export function stepNengo(
  m: KernelMemory,
  group: number,
  sumsAt: number,
  firedAt: number,
  withStatus: boolean,
  out: GroupStep,
): number {
  const { u, v, waiting, sums, params, groups: g, fired, status, stateEvents: events } = m;
  const begin = g[group + GROUP.begin];
  const end = g[group + GROUP.end];
  const param = (which: number, n: number): number =>
    params[g[group + which] + (n - begin) * g[group + which + 1]];
  let updated = 0;
  for (let n = begin, s = sumsAt; n < end; n++, s++) {
    const sum = sums[s];
    let current = u[n];
    let membrane = v[n];
    let wait = waiting[n];
    const bias = param(GROUP.bias, n);
    const resting = (sum | current | membrane | bias) === 0;
    if (resting && wait === 0) continue;
    sums[s] = 0;

    // Left 6 for the chip's fixed shift, then 10 up and down: 22 bits remain.
    const input = ((sum >> 1) << 16) >> 16;
    if (input !== sum >> 1) note(events, STATE_EVENT.inputWrap, n);
    const unlimited = (((current * param(GROUP.uKeep, n) * SHARE) | 0) + (input << 6)) | 0;
    current = (unlimited << 8) >> 8;
    if (current !== unlimited) note(events, STATE_EVENT.currentWrap, n);
    u[n] = current;
    const drive = ((current + bias) << 8) >> 8;
    if (drive !== current + bias) note(events, STATE_EVENT.driveWrap, n);

    membrane = (((membrane * param(GROUP.vKeep, n) * SHARE) | 0) + drive) | 0;
    const lowest = param(GROUP.vMin, n);
    if (membrane > STATE_MAX) {
      note(events, STATE_EVENT.membraneHigh, n);
      membrane = STATE_MAX;
    } else if (membrane < lowest) {
      note(events, STATE_EVENT.membraneLow, n);
      membrane = lowest;
    }
    if (wait > 0) membrane = 0;
    const fires = membrane > param(GROUP.threshold, n);
    if (fires) {
      fired[firedAt++] = n;
      wait = param(GROUP.refractory, n);
    }
    v[n] = fires ? 0 : membrane;
    waiting[n] = wait > 0 ? wait - 1 : 0;
    if (resting) continue;
    if (withStatus) status[n] = fires ? 2 : 1;
    updated++;
  }
  out.updated = updated;
  out.tooLarge = -1;
  return firedAt;
}

function note(events: Float64Array, kind: number, compartment: number): void {
  if (events[kind]++ > 0) return;
  events[KINDS + kind] = compartment;
  events[2 * KINDS]++;
}
