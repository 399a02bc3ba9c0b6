import * as m from "./memory";

/** Counts what registers could not hold; see `STATE_EVENT` (../tables.ts). */
export function note(kind: usize, compartment: u32, by: u32): void {
  const at = m.stateEvents + (kind << 3);
  const before = load<f64>(at);
  store<f64>(at, before + <f64>by);
  if (before > 0) return;
  store<f64>(at + (m.EVENT_KINDS << 3), <f64>compartment);
  const kinds = m.stateEvents + (m.EVENT_KINDS << 4);
  store<f64>(kinds, load<f64>(kinds) + 1);
}
