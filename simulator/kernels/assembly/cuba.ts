// One step of a group of `loihi-cuba` neurons, four at a time. Blocks in which something unusual happens (a register that
// cannot hold its value) are left to `neuron`, one neuron at a time; spikes and the lower clamp stay here.
import * as m from "./memory";
import { alone, firedAt, oneByOne, settle, startGroup, updatedAlone } from "./spikes";
import { stepSteady } from "./steady";

/** x * keep / 4096, rounded toward zero, for |x| <= 2^23 and 0 <= keep <= 4096: in two halves of 12 bits. */
@inline
function kept(x: v128, keep: v128): v128 {
  const low = v128.and(x, i32x4.splat(4095));
  const high = i32x4.shr_s(x, 12);
  const up = i32x4.shr_u(i32x4.shr_s(x, 31), 20);
  const rest = i32x4.shr_u(i32x4.add(i32x4.dot_i16x8_s(low, keep), up), 12);
  return i32x4.add(i32x4.dot_i16x8_s(high, keep), rest);
}

/** Four neurons' values of a parameter: place, and bytes to the next four (0 if all share the value). */
@inline
function place(group: usize, param: usize): usize {
  return m.params + (<usize>load<u32>(group + param) << 2);
}
@inline
function stride(group: usize, param: usize): usize {
  return <usize>load<u32>(group + param + 4) << 4;
}

const STATE_MAX: i32 = 8388607;
/** Result of `blocks`. */
let updatedBy: u32 = 0;

/** Lanes in which a register of 24 bits does not hold the current; or, by nengo's rules, current and bias. */
@inline
function beyond(nengo: bool, u1: v128, drive: v128, edge: v128): v128 {
  const far = i32x4.add(u1, edge);
  return v128.and(nengo ? v128.or(far, i32x4.add(drive, edge)) : far, i32x4.splat(0xff000000));
}

/** Lanes whose sum 16 bits do not hold. */
@inline
function large(sum: v128): v128 {
  return v128.and(i32x4.add(sum, i32x4.splat(65536)), i32x4.splat(0xfffe0000));
}

/**
 * @param noCurrentMemory uKeep is 0: u is the input of the step
 * @param noLeak          vKeep is 4096
 * @param steady          every neuron is updated in every step, none has a refractory time, sums are small, nobody asks
 *                        for `status`
 * @param n               first compartment; neurons [n, end) are updated, a multiple of 4
 * @param s               place of the sum of the first
 * @returns -1, or the compartment whose current left its register
 */
@inline
function blocks(
  nengo: bool,
  noCurrentMemory: bool,
  noLeak: bool,
  steady: bool,
  group: usize,
  n: u32,
  end: u32,
  s: usize,
  small: bool,
): i32 {
  const flags = load<u32>(group + m.GROUP_FLAGS);
  const always = steady || (flags & m.FLAG_ALWAYS_UPDATED) != 0;
  const waits = nengo && !steady && (flags & m.FLAG_WAITS) != 0;
  const withStatus = !steady && m.hasStatus != 0;
  let pb = place(group, m.GROUP_BIAS);
  let pc = place(group, m.GROUP_U_KEEP);
  let pk = place(group, m.GROUP_V_KEEP);
  let pt = place(group, m.GROUP_THRESHOLD);
  let pm = place(group, m.GROUP_V_MIN);
  let pr = place(group, m.GROUP_REFRACTORY);
  const db = stride(group, m.GROUP_BIAS);
  const dc = stride(group, m.GROUP_U_KEEP);
  const dk = stride(group, m.GROUP_V_KEEP);
  const dt = stride(group, m.GROUP_THRESHOLD);
  const dm = stride(group, m.GROUP_V_MIN);
  const dr = stride(group, m.GROUP_REFRACTORY);
  const zero = i32x4.splat(0);
  const edge = i32x4.splat(nengo ? 8388608 : 8388607);
  const first = n;
  let pu = m.u + (<usize>n << 2);
  let pv = m.v + (<usize>n << 2);
  let pw = m.waiting + (<usize>n << 2);
  let idle: v128 = zero;
  let skipped: u32 = 0;

  for (; n < end; n += 4, s += 16, pu += 16, pv += 16) {
    const sum = v128.load(s);
    const bias = v128.load(pb);
    const v0 = v128.load(pv);
    const vMin = v128.load(pm);
    const threshold = v128.load(pt);
    const uKeep = noCurrentMemory ? zero : v128.load(pc);
    const vKeep = noLeak ? zero : v128.load(pk);
    pb += db;
    pm += dm;
    pt += dt;
    if (!noCurrentMemory) pc += dc;
    if (!noLeak) pk += dk;
    const u0 = noCurrentMemory && steady ? zero : v128.load(pu);
    let wait = zero;
    let refractory = zero;
    if (waits) {
      wait = v128.load(pw);
      refractory = v128.load(pr);
      pw += 16;
      pr += dr;
    }
    let rest = zero;
    if (!steady && !always) {
      const any = v128.or(v128.or(sum, bias), v128.or(v0, u0));
      if (!v128.any_true(v128.or(any, wait))) {
        skipped += 4;
        continue;
      }
      rest = i32x4.eq(any, zero);
    }
    const input = i32x4.shl(v128.and(sum, i32x4.splat(-2)), 5);
    const u1 = noCurrentMemory ? input : i32x4.add(kept(u0, uKeep), input);
    const drive = i32x4.add(u1, bias);
    const v1 = i32x4.add(noLeak ? v0 : kept(v0, vKeep), drive);
    let v2 = v1;
    if (waits) v2 = v128.andnot(v1, i32x4.gt_s(wait, zero));
    const fires = i32x4.gt_s(v2, threshold);
    const low = i32x4.lt_s(v1, vMin);
    let strange = v128.or(fires, low);
    if (!noCurrentMemory) strange = v128.or(strange, beyond(nengo, u1, drive, edge));
    if (!steady && !small) strange = v128.or(strange, large(sum));
    if (waits) strange = v128.or(strange, i32x4.gt_s(v1, i32x4.splat(STATE_MAX)));

    if (v128.any_true(strange)) {
      // Thresholds are below the largest membrane, so one that is held there also fires.
      let outside = i32x4.gt_s(v1, i32x4.splat(STATE_MAX));
      if (!noCurrentMemory) outside = v128.or(outside, beyond(nengo, u1, drive, edge));
      if (!steady && !small) outside = v128.or(outside, large(sum));
      if (v128.any_true(outside)) {
        const bad = oneByOne(nengo, group, n, s);
        if (bad >= 0) return bad;
        skipped += 4;
        continue;
      }
      v2 = settle(n, v2, fires, low, vMin);
      if (waits) v2 = v128.andnot(v2, i32x4.gt_s(wait, zero));
    }
    v128.store(pu, u1);
    v128.store(pv, v2);
    v128.store(s, zero);
    if (waits) {
      const next = v128.bitselect(refractory, wait, fires);
      v128.store(pw - 16, i32x4.max_s(i32x4.sub(next, i32x4.splat(1)), zero));
    }
    if (!steady) {
      idle = i32x4.sub(idle, rest);
      if (withStatus) {
        // 1 + rest (-1 if at rest) - fires (-1 if it fires), then the low bytes side by side.
        const words = i32x4.sub(i32x4.add(i32x4.splat(1), rest), fires);
        const halves = i16x8.narrow_i32x4_s(words, words);
        store<u32>(m.status + n, i32x4.extract_lane(i8x16.narrow_i16x8_s(halves, halves), 0));
      }
    }
  }
  const idleNeurons =
    i32x4.extract_lane(idle, 0) +
    i32x4.extract_lane(idle, 1) +
    i32x4.extract_lane(idle, 2) +
    i32x4.extract_lane(idle, 3);
  updatedBy = end - first - skipped - idleNeurons;
  return -1;
}

// Each way is compiled by itself.
function lava(group: usize, n: u32, end: u32, s: usize, small: bool): i32 {
  return blocks(false, false, false, false, group, n, end, s, small);
}
function lavaSteady(group: usize, n: u32, end: u32, s: usize): i32 {
  return blocks(false, false, false, true, group, n, end, s, true);
}
function lavaNoCurrent(group: usize, n: u32, end: u32, s: usize, small: bool): i32 {
  return blocks(false, true, false, false, group, n, end, s, small);
}
function lavaNoCurrentSteady(group: usize, n: u32, end: u32, s: usize): i32 {
  return blocks(false, true, false, true, group, n, end, s, true);
}
function nengo(group: usize, n: u32, end: u32, s: usize, small: bool): i32 {
  return blocks(true, false, false, false, group, n, end, s, small);
}
function nengoNoCurrent(group: usize, n: u32, end: u32, s: usize, small: bool): i32 {
  return blocks(true, true, false, false, group, n, end, s, small);
}
function nengoNoCurrentSteady(group: usize, n: u32, end: u32, s: usize): i32 {
  return blocks(true, true, false, true, group, n, end, s, true);
}

/** The shortest way that a group allows. */
function stepBlocks(group: usize, n: u32, end: u32, s: usize, small: bool): i32 {
  const flags = load<u32>(group + m.GROUP_FLAGS);
  const noCurrent = (flags & m.FLAG_NO_CURRENT_MEMORY) != 0;
  const steady =
    small && m.hasStatus == 0 && (flags & (m.FLAG_ALWAYS_UPDATED | m.FLAG_WAITS)) == m.FLAG_ALWAYS_UPDATED;
  if (steady && noCurrent && (flags & m.FLAG_NO_LEAK) != 0 && shares(group)) {
    const eights = n + ((end - n) & ~7);
    updatedBy = stepSteady(group, n, eights, s);
    if (eights == end) return -1;
    return oneByOne(m.isNengo != 0, group, eights, s + (<usize>(eights - n) << 2));
  }
  if (m.isNengo != 0) {
    if (!noCurrent) return nengo(group, n, end, s, small);
    return steady ? nengoNoCurrentSteady(group, n, end, s) : nengoNoCurrent(group, n, end, s, small);
  }
  if (!noCurrent) return steady ? lavaSteady(group, n, end, s) : lava(group, n, end, s, small);
  return steady ? lavaNoCurrentSteady(group, n, end, s) : lavaNoCurrent(group, n, end, s, small);
}

/** All neurons have the same threshold and lower clamp. */
function shares(group: usize): bool {
  return (load<u32>(group + m.GROUP_THRESHOLD + 4) | load<u32>(group + m.GROUP_V_MIN + 4)) == 0;
}

/** All of a group, which has started. @returns -1, or the compartment whose current left its register */
export function stepCuba(index: u32, group: usize, s: usize): i32 {
  const begin = load<u32>(group + m.GROUP_BEGIN);
  const end = load<u32>(group + m.GROUP_END);
  const row = load<u32>(group + m.GROUP_ROW);
  const small = load<u32>(m.cores + <usize>row * m.CORE_BYTES + m.CORE_SMALL_SUMS) != 0;
  const endAt = m.firedEnd + (<usize>row << 2);
  startGroup(m.fired + (<usize>load<u32>(endAt) << 2));
  const blocksEnd = begin + ((end - begin) & ~3);
  updatedBy = 0;
  if (begin < blocksEnd) {
    const bad = stepBlocks(group, begin, blocksEnd, s, small);
    if (bad >= 0) return bad;
  }
  s += <usize>(blocksEnd - begin) << 2;
  const nengoRules = m.isNengo != 0;
  for (let n = blocksEnd; n < end; n++, s += 4) if (!alone(nengoRules, group, n, s)) return <i32>n;
  store<u32>(endAt, <u32>((firedAt - m.fired) >> 2));
  const updated = <f64>(updatedBy + updatedAlone);
  m.count(row, m.neuronUpdate, updated);
  const updates = m.updates + (<usize>index << 3);
  store<f64>(updates, load<f64>(updates) + updated);
  return -1;
}
