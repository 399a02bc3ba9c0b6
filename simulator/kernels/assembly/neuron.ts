// One step of one `loihi-cuba` neuron: `src/neurons/loihi-cuba.ts` once more, with everything that registers cannot hold.
import { note } from "./events";
import * as m from "./memory";

/** The current left 31 bits. */
export const OVERFLOW: u32 = 4;

const STATE_MAX: i32 = 8388607;
const STATE_SPAN: i32 = 16777216;
/** With inputs and currents up to these, no sum below leaves 32 bits. */
const INPUT_MAX: i32 = 16777215;
const REGISTER_MAX: i32 = 1073741823;

@inline
function param(group: usize, which: usize, i: u32): i32 {
  const at = load<u32>(group + which) + i * load<u32>(group + which + 4);
  return load<i32>(m.params + (<usize>at << 2));
}

@inline
function kept(x: i32, keep: i32): i32 {
  return <i32>((<i64>x * keep) / 4096);
}

/** @param s place of its sum. @returns 1 if it was updated, plus 2 if it fired; or OVERFLOW */
export function neuron(nengo: bool, group: usize, n: u32, s: usize): u32 {
  const i = n - load<u32>(group + m.GROUP_BEGIN);
  const at = <usize>n << 2;
  const sum = load<i32>(s);
  let current = load<i32>(m.u + at);
  let membrane = load<i32>(m.v + at);
  const bias = param(group, m.GROUP_BIAS, i);
  let wait = nengo ? load<i32>(m.waiting + at) : 0;
  const resting = (sum | current | membrane | bias) == 0;
  if (resting && wait == 0) return 0;
  store<i32>(s, 0);

  const uKeep = param(group, m.GROUP_U_KEEP, i);
  let drive: i32;
  if (nengo) {
    // Left 6 for the chip's fixed shift, then 10 up and down: 22 bits remain.
    const input = ((sum >> 1) << 16) >> 16;
    if (input != sum >> 1) note(m.EVENT_INPUT_WRAP, n, 1);
    const unlimited = kept(current, uKeep) + (input << 6);
    current = (unlimited << 8) >> 8;
    if (current != unlimited) note(m.EVENT_CURRENT_WRAP, n, 1);
    drive = ((current + bias) << 8) >> 8;
    if (drive != current + bias) note(m.EVENT_DRIVE_WRAP, n, 1);
  } else {
    const input = sum >> 1;
    if (input > INPUT_MAX || input < -INPUT_MAX) return OVERFLOW;
    current = kept(current, uKeep) + (input << 6);
    if (current > STATE_MAX + 1) {
      note(m.EVENT_CURRENT_WRAP, n, 1);
      current -= STATE_SPAN;
      if (current > REGISTER_MAX) return OVERFLOW;
    } else if (current < -STATE_MAX) {
      note(m.EVENT_CURRENT_WRAP, n, 1);
      current += STATE_SPAN;
      if (current < -REGISTER_MAX) return OVERFLOW;
    }
    drive = current + bias;
  }
  store<i32>(m.u + at, current);

  membrane = kept(membrane, param(group, m.GROUP_V_KEEP, i)) + drive;
  const lowest = param(group, m.GROUP_V_MIN, i);
  if (membrane > STATE_MAX) {
    note(m.EVENT_MEMBRANE_HIGH, n, 1);
    membrane = STATE_MAX;
  } else if (membrane < lowest) {
    note(m.EVENT_MEMBRANE_LOW, n, 1);
    membrane = lowest;
  }
  if (wait > 0) membrane = 0;
  let did: u32 = resting ? 0 : 1;
  if (membrane > param(group, m.GROUP_THRESHOLD, i)) {
    membrane = 0;
    wait = nengo ? param(group, m.GROUP_REFRACTORY, i) : 0;
    did = 3;
  }
  store<i32>(m.v + at, membrane);
  if (nengo) store<i32>(m.waiting + at, wait > 0 ? wait - 1 : 0);
  if (m.hasStatus != 0) store<u8>(m.status + n, <u8>(did == 3 ? 2 : did));
  return did;
}
