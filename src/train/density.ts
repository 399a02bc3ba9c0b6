import { nonzeroCount } from "./methods/method.ts";
import type { Parameter } from "./parameters.ts";

export interface DensityReport {
  /** Nonzero prunable weights / prunable weights, 0 to 1. */
  readonly total: number;
  readonly nonzero: number;
  readonly weights: number;
  readonly layers: readonly { readonly layer: string; readonly nonzero: number; readonly weights: number }[];
}

/** Counted from the visible weights; biases and normalisations are never counted. */
export function densityOf(prunable: readonly Parameter[]): DensityReport {
  const layers = prunable.map(({ layer, value }) => ({
    layer,
    nonzero: nonzeroCount(value),
    weights: value.length,
  }));
  const nonzero = layers.reduce((sum, l) => sum + l.nonzero, 0);
  const weights = layers.reduce((sum, l) => sum + l.weights, 0);
  return { total: weights === 0 ? 1 : nonzero / weights, nonzero, weights, layers };
}
