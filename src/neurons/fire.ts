import type { Dynamics } from "#ir/network";

/** State that every firing model keeps: the membrane, and how many spikes it gave in the step before. */
export interface FiringState {
  readonly v: Float64Array;
  readonly fired: Float64Array;
}

/** Threshold and reset value of one neuron, in membrane units. */
export interface FiringLevels {
  readonly threshold: number;
  readonly reset: number;
}

/** Whether a value is over a threshold, by the comparison that the network asks for. */
export function exceeds(value: number, threshold: number, compare: Dynamics["compare"]): boolean {
  return compare === ">" ? value > threshold : value >= threshold;
}

/**
 * Ends a neuron's step: compares the integrated membrane with the threshold, resets it, clamps it from
 * below, and stores it. `ResetMode` in `#ir/network` says what each mode means.
 *
 * @param integrated membrane after this step's integration; `state.v[i]` still holds the one before
 * @returns number of spikes; above 1 only in mode `multi-subtract`
 */
export function fireAndReset(
  state: FiringState,
  i: number,
  integrated: number,
  { threshold, reset }: FiringLevels,
  dynamics: Dynamics,
): number {
  const { compare, vMinThresholds } = dynamics;
  let v = integrated;
  let spikes = 0;
  switch (dynamics.reset) {
    case "value":
      if (exceeds(v, threshold, compare)) {
        spikes = 1;
        v = reset;
      }
      break;
    case "subtract":
      if (exceeds(v, threshold, compare)) {
        spikes = 1;
        v -= threshold;
      }
      break;
    case "multi-subtract":
      if (exceeds(v, threshold, compare)) {
        spikes = threshold > 0 ? Math.floor(v / threshold) : 1;
        v -= spikes * threshold;
      }
      break;
    case "snntorch-subtract": {
      const wasOver = exceeds(state.v[i], threshold, compare);
      if (wasOver) v -= threshold;
      if (exceeds(v, threshold, compare)) spikes = 1;
      if (spikes === 1 && !wasOver) v -= threshold;
      else if (spikes === 0 && wasOver) v += threshold;
      break;
    }
    case "delayed-value":
      if (state.fired[i] > 0) v = reset;
      if (exceeds(v, threshold, compare)) spikes = 1;
      break;
    case "delayed-subtract":
      if (state.fired[i] > 0) v -= threshold;
      if (exceeds(v, threshold, compare)) spikes = 1;
      break;
  }
  if (vMinThresholds !== undefined) v = Math.max(v, vMinThresholds * threshold);
  state.v[i] = v;
  state.fired[i] = spikes;
  return spikes;
}
