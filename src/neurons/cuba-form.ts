import type { Dynamics } from "#ir/network";
import type { CubaForm } from "./neuron.ts";

/** What a model puts into a `CubaForm`, neuron by neuron, before membranes are shifted. */
export interface CubaTerms {
  readonly uDecay: number;
  readonly vDecay: number;
  readonly gain: number;
  /** Added to v in every step, in unshifted membrane units. */
  readonly bias: number;
  readonly threshold: number;
  readonly reset: number;
  readonly u0?: number;
}

/**
 * Builds a form from the terms of each neuron.
 *
 * The circuit resets to 0, so membranes are shifted by the reset value: w = v - reset obeys
 * w <- (1 - d) w + u + (bias - d · reset), fires above threshold - reset and starts at -reset. Where the
 * lower clamp is above the reset value, the clamp is what neurons are reset to.
 */
export function cubaForm(size: number, dynamics: Dynamics, terms: (i: number) => CubaTerms): CubaForm {
  const form = {
    uDecay: new Float64Array(size),
    vDecay: new Float64Array(size),
    gain: new Float64Array(size),
    bias: new Float64Array(size),
    threshold: new Float64Array(size),
    u0: new Float64Array(size),
    v0: new Float64Array(size),
    vMin: new Float64Array(size),
  };
  let fires = false;
  for (let i = 0; i < size; i++) {
    const { uDecay, vDecay, gain, bias, threshold, reset, u0 = 0 } = terms(i);
    const lowest = lowestLevel(threshold, dynamics);
    const zero = Math.max(reset, lowest);
    form.uDecay[i] = uDecay;
    form.vDecay[i] = vDecay;
    form.gain[i] = gain;
    form.bias[i] = bias - vDecay * zero;
    form.threshold[i] = threshold - zero;
    form.u0[i] = u0;
    form.v0[i] = -zero;
    form.vMin[i] = lowest - zero;
    if (threshold < Infinity) fires = true;
  }
  return { ...form, deviations: fires ? firingDeviations(dynamics) : [] };
}

function lowestLevel(threshold: number, { vMinThresholds }: Dynamics): number {
  return vMinThresholds === undefined || threshold === Infinity ? -Infinity : vMinThresholds * threshold;
}

/** The conventions of firing that the circuit does not have; each begins with the name of the convention. */
function firingDeviations(dynamics: Dynamics): string[] {
  const deviations: string[] = [];
  if (dynamics.reset !== "value")
    deviations.push(
      `reset: the model resets by "${dynamics.reset}", the circuit sets the membrane to the reset value.`,
    );
  if (dynamics.compare !== ">")
    deviations.push(`compare: the model fires at the threshold, the circuit only above it.`);
  return deviations;
}

/** A model that never fires: values go out, and the circuit has no level to compare with. */
export const NEVER_FIRES = { threshold: Infinity, reset: 0 } as const;
