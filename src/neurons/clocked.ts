import type { ParamSpec } from "./neuron.ts";
import { register } from "./params.ts";

// What the two real-valued neurons of chips share: both are visited in every step, in 64-bit floating point.

/** What a neuron did in a step; a chip pays an access for each, an update for the second, a spike on top for the third. */
export const STATUS = { idle: 0, updated: 1, fired: 2 } as const;
export type NeuronStatus = (typeof STATUS)[keyof typeof STATUS];

/** Values of the parameters `resetMode` and `reverseMode`. */
export const CLOCKED_RESETS = ["hard", "soft", "none", "saturate"] as const;
export const HARD = 0;
export const SOFT = 1;
export const NONE = 2;
export const SATURATE = 3;

/** Stored weights are whole numbers of this. */
export const CLOCKED_WEIGHT_UNIT: number = 1 / 64;

/** A parameter in 64-bit floating point; finite, for it goes into files. */
export function clockedReal(name: string, fallback: number): ParamSpec {
  return {
    name,
    unit: "weight",
    min: -Number.MAX_VALUE,
    max: Number.MAX_VALUE,
    default: fallback,
    isReal: true,
  };
}

export function clockedMode(name: string, fallback: number): ParamSpec {
  return register(name, 0, CLOCKED_RESETS.length - 1, fallback);
}

export const ALWAYS_UPDATED: ParamSpec = register("alwaysUpdated", 0, 1, 0);

/** State and parameters of a population: one array per name of the model's, in its order. */
export interface ClockedNeurons {
  readonly state: readonly Float64Array[];
  readonly params: readonly (Int32Array | Float64Array)[];
}
