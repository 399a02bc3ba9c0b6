import { expand } from "#ir/connectivity";
import type { Connectivity } from "#ir/network";
import { filterEntries } from "#ir/sparse";

/** Synapses that share a delay beyond the step that every spike takes. */
export interface Delayed {
  readonly waitSteps: number;
  readonly connectivity: Connectivity;
}

/**
 * Splits a projection by the delays of its targets, ascending; one delay for all leaves it as it is.
 *
 * @param delays `[targets]`, or `[1]`: the same for all
 */
export function byDelay(connectivity: Connectivity, delays: Float64Array): Delayed[] {
  const distinct = [...new Set(delays)].sort((a, b) => a - b);
  if (distinct.length === 1) return [{ waitSteps: distinct[0], connectivity }];
  const synapses = expand(connectivity, { keepZeros: true });
  return distinct.map((waitSteps) => ({
    waitSteps,
    connectivity: filterEntries(synapses, (_value, _row, target) => delays[target] === waitSteps),
  }));
}
