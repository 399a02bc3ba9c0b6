import type { CubaForm } from "#neurons/neuron";
import type { Diagnostic } from "#util/diagnostic";
import { notFinite, thresholdNotPositive } from "../diagnostics.ts";

/** Deviations of resets and comparisons: they have messages of their own. */
export const HANDLED = /^(reset|compare)\b/;

/** What no chip can be given: thresholds at or below the reset, and numbers that are none. */
export function* formFaults(population: string, form: CubaForm): Generator<Diagnostic> {
  const neuron = form.threshold.findIndex((threshold) => threshold <= 0);
  if (neuron !== -1) yield thresholdNotPositive({ population, neuron, threshold: form.threshold[neuron] });
  for (const quantity of ["uDecay", "vDecay", "gain", "bias", "u0", "v0"] as const) {
    if (!form[quantity].every(Number.isFinite)) yield notFinite({ population, quantity });
  }
}
