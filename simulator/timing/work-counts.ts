import type { PricedAction } from "#targets/target";
import { COLUMN } from "../result.ts";

/** Places of the actions that laws with few rates add up. */
export const NEURON_ACCESSES: readonly number[] = columns(["neuronAccess", "inputAccess"]);
export const SPIKES: readonly number[] = columns(["spikeOut", "inputSpike"]);
export const SYNAPTIC_EVENTS: readonly number[] = columns([
  "synapseDense",
  "synapseSparse",
  "synapseRunLength",
  "synapseConv",
]);

/** Sum of some columns of a row of the count array, which begins at `at`. */
export function sumOf(counts: Float64Array, at: number, of: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < of.length; i++) sum += counts[at + of[i]];
  return sum;
}

function columns(actions: readonly PricedAction[]): number[] {
  return actions.map((action) => COLUMN[action]);
}
