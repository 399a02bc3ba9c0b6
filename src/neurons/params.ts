import type { ParamSpec } from "./neuron.ts";

// Parameters that several models share, each described once.

/** A time constant must be positive; there is no smallest one. */
const POSITIVE = Number.MIN_VALUE;

export const R: ParamSpec = real("r", "none");
export const V_LEAK: ParamSpec = real("vLeak", "weight");
export const V_THRESHOLD: ParamSpec = real("vThreshold", "weight");
export const V_RESET: ParamSpec = { ...real("vReset", "weight"), default: 0 };
export const W_IN: ParamSpec = { ...real("wIn", "none"), default: 1 };

/** A time constant in steps: tau / dt. */
export function timeConstant(name: string): ParamSpec {
  return { name, unit: "steps", min: POSITIVE, max: Infinity };
}

/** Any real number. */
export function real(name: string, unit: ParamSpec["unit"]): ParamSpec {
  return { name, unit, min: -Infinity, max: Infinity };
}

/** A whole number in a register of the chip. */
export function register(name: string, min: number, max: number, fallback?: number): ParamSpec {
  const unit = name.endsWith("Steps") ? "steps" : "none";
  return { name, unit, min, max, ...(fallback === undefined ? {} : { default: fallback }) };
}
