import * as m from "./memory";
import { oneByOne, settle } from "./spikes";

/**
 * The commonest neurons once more, by itself: no memory of currents, no leak, sums that stay small, all of them updated in
 * every step, with parameters that all share (the bias may differ). Eight at a time, with one question for all of them.
 *
 * @param n first compartment; neurons [n, end) are updated, a multiple of 8
 * @param s place of the sum of the first
 * @returns neurons updated, without those that were updated one by one
 */
export function stepSteady(group: usize, n: u32, end: u32, s: usize): u32 {
  let others: u32 = 0;
  let pb = m.params + (<usize>load<u32>(group + m.GROUP_BIAS) << 2);
  const db = <usize>load<u32>(group + m.GROUP_BIAS + 4) << 5;
  const second = db == 0 ? <usize>0 : <usize>16;
  const threshold = v128.load(m.params + (<usize>load<u32>(group + m.GROUP_THRESHOLD) << 2));
  const vMin = v128.load(m.params + (<usize>load<u32>(group + m.GROUP_V_MIN) << 2));
  const value = i32x4.splat(-2);
  const zero = i32x4.splat(0);
  const largest = i32x4.splat(8388607);
  let pu = m.u + (<usize>n << 2);
  let pv = m.v + (<usize>n << 2);
  const last = s + (<usize>(end - n) << 2);
  const first = s;
  for (; s < last; s += 32, pu += 32, pv += 32, pb += db) {
    const ua = i32x4.shl(v128.and(v128.load(s), value), 5);
    const ub = i32x4.shl(v128.and(v128.load(s, 16), value), 5);
    let va = i32x4.add(v128.load(pv), i32x4.add(ua, v128.load(pb)));
    let vb = i32x4.add(v128.load(pv, 16), i32x4.add(ub, v128.load(pb + second)));
    const firesA = i32x4.gt_s(va, threshold);
    const firesB = i32x4.gt_s(vb, threshold);
    const lowA = i32x4.lt_s(va, vMin);
    const lowB = i32x4.lt_s(vb, vMin);
    if (v128.any_true(v128.or(v128.or(firesA, lowA), v128.or(firesB, lowB)))) {
      const at = n + <u32>((s - first) >> 2);
      // Thresholds are below the largest membrane, so one that is held there also fires.
      if (v128.any_true(v128.or(i32x4.gt_s(va, largest), i32x4.gt_s(vb, largest)))) {
        oneByOne(m.isNengo != 0, group, at, s);
        oneByOne(m.isNengo != 0, group, at + 4, s + 16);
        others += 8;
        continue;
      }
      va = settle(at, va, firesA, lowA, vMin);
      vb = settle(at + 4, vb, firesB, lowB, vMin);
    }
    v128.store(pu, ua);
    v128.store(pu, ub, 16);
    v128.store(pv, va);
    v128.store(pv, vb, 16);
    v128.store(s, zero);
    v128.store(s, zero, 16);
  }
  return end - n - others;
}
