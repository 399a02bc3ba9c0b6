// What is rare in a step: neurons that fire, and registers that do not hold their values.
import { note } from "./events";
import * as m from "./memory";
import { neuron, OVERFLOW } from "./neuron";

/** Neurons updated one by one, and the place of the next fired compartment. */
export let updatedAlone: u32 = 0;
export let firedAt: usize = 0;

/** @param at where compartments that fire are written */
export function startGroup(at: usize): void {
  updatedAlone = 0;
  firedAt = at;
}

/** Updates one neuron. @returns false if its current left its register */
export function alone(nengo: bool, group: usize, n: u32, s: usize): bool {
  const did = neuron(nengo, group, n, s);
  if (did == OVERFLOW) return false;
  if (did & 2) fire(n);
  updatedAlone += did & 1;
  return true;
}
@inline
function fire(n: u32): void {
  store<u32>(firedAt, n);
  firedAt += 4;
}

/** A block whose registers do not hold their values. @returns -1, or the compartment whose current left its register */
export function oneByOne(nengo: bool, group: usize, n: u32, s: usize): i32 {
  for (let i: u32 = 0; i < 4; i++, s += 4) if (!alone(nengo, group, n + i, s)) return <i32>(n + i);
  return -1;
}

/** A block in which neurons fire, or are held at the lower clamp. @returns v after the step */
export function settle(n: u32, v1: v128, fires: v128, low: v128, vMin: v128): v128 {
  const lows = i32x4.bitmask(low);
  if (lows != 0) note(m.EVENT_MEMBRANE_LOW, n + ctz(lows), popcnt(lows));
  for (let bits = i32x4.bitmask(fires); bits != 0; bits &= bits - 1) fire(n + ctz(bits));
  return v128.andnot(v128.bitselect(vMin, v1, low), fires);
}
