import type { Dynamics } from "#ir/network";

/** One kind of neuron: its parameters, its arithmetic in real numbers, and its name in exchange formats. */
export interface NeuronModel {
  /** Registry key; also the word that targets list under `neuronModels`. */
  readonly name: string;
  readonly summary: string;
  readonly params: readonly ParamSpec[];
  /** State variables, in the order of `StepArgs.state`; all start at 0 unless `initial` says otherwise. */
  readonly state: readonly string[];
  /** No file of a network holds it and no reference computes it: it runs on the cores of targets that list it. */
  readonly isOnCoresOnly?: true;
  /** What leaves the population: 0/1 (or spike counts), or real numbers. */
  readonly output: "spikes" | "values";
  /**
   * One step in real numbers, forward Euler unless `dynamics` says otherwise; reads `input`, writes `output`.
   * Absent for models that exist in integers only.
   */
  readonly stepFloat?: (args: StepArgs<Float64Array>) => void;
  /**
   * The neuron written as the linear circuit that digital chips share (see `CubaForm`), or why it has none.
   * Absent for models that are not neurons (input, relay).
   */
  readonly toCuba?: (
    params: Readonly<Record<string, Float64Array>>,
    dynamics: Dynamics,
    size: number,
  ) => CubaForm;
  /** NIR node type, and which of its fields feeds which parameter. */
  readonly nir?: { readonly type: string; readonly fields: Readonly<Record<string, string>> };
}

export interface ParamSpec {
  readonly name: string;
  readonly unit: "steps" | "weight" | "share" | "none";
  /** Both ends included. */
  readonly min: number;
  readonly max: number;
  /** Used where a file leaves it out; absent: required. */
  readonly default?: number;
  /** Models that cores run as they are: a deployment keeps the parameter as a real number. Absent: as a whole one. */
  readonly isReal?: true;
}

export interface StepArgs<A extends Float64Array | Int32Array> {
  /** One array per name in `NeuronModel.state`, each of length `size`. */
  readonly state: readonly A[];
  /** One array per entry of `NeuronModel.params`, each of length `size` (already broadcast). */
  readonly params: readonly A[];
  readonly dynamics: Dynamics;
  /** `[size]`, summed input of this step, bias included. */
  readonly input: A;
  /** `[size]`, overwritten: 0/1 or spike counts, or the value of a non-spiking neuron. */
  readonly output: A;
  readonly size: number;
}

/**
 * A neuron as two leaky sums, per step and per neuron, in real numbers:
 *
 *     u <- (1 - uDecay) u + gain · x
 *     v <- (1 - vDecay) v + u + bias
 *     spike if v > threshold, then v = 0
 *
 * Every array has length `size`. Membranes are shifted so that the reset value is 0; `u0` and `v0` are the
 * state before the first step. A constant input is already in `bias` (and `u0`), not in x.
 */
export interface CubaForm {
  readonly uDecay: Float64Array;
  readonly vDecay: Float64Array;
  readonly gain: Float64Array;
  readonly bias: Float64Array;
  /** Infinity: never fires. */
  readonly threshold: Float64Array;
  readonly u0: Float64Array;
  readonly v0: Float64Array;
  /** Lower clamp of v; -Infinity: none. */
  readonly vMin: Float64Array;
  /** What the circuit cannot do as the model asks (soft reset, >=, ...); empty if it is exact. */
  readonly deviations: readonly string[];
}
