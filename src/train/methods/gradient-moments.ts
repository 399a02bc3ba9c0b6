import type { Floats } from "../engine/backend.ts";
import type { OptimizerSpec } from "../optimizer.ts";
import type { StateTree } from "../state.ts";

/**
 * Smoothed gradient of all entries, live or not: what the optimizer's own moments would be had they never been cleared.
 * (Cleared moments are no measure: after k steps |first| / √second of a steady gradient is (1 - beta1^k) / √(1 - beta2^k),
 * five times too large at k = 40, so that what was just pruned would come back.)
 */
export interface GradientMoments {
  update(gradient: Floats): void;
  /** First moment / √second moment of every entry, 0 where there never was a gradient. */
  signal(): Float64Array;
  save(): StateTree;
  restore(state: StateTree): void;
}

/** With the rates of the optimizer if it is Adam, else Adam's usual ones. */
export function createGradientMoments(length: number, optimizer: OptimizerSpec): GradientMoments {
  const { beta1, beta2 } = optimizer.name === "adam" ? optimizer : { beta1: 0.9, beta2: 0.999 };
  const first = new Float32Array(length);
  const second = new Float32Array(length);
  return {
    update(gradient) {
      for (let i = 0; i < length; i++) {
        const g = gradient[i];
        first[i] = beta1 * first[i] + (1 - beta1) * g;
        second[i] = beta2 * second[i] + (1 - beta2) * g * g;
      }
    },
    signal() {
      const signal = new Float64Array(length);
      for (let i = 0; i < length; i++) if (second[i] !== 0) signal[i] = first[i] / Math.sqrt(second[i]);
      return signal;
    },
    save: () => ({ first: first.slice(), second: second.slice() }),
    restore(state) {
      first.set(state.first as Float32Array);
      second.set(state.second as Float32Array);
    },
  };
}
