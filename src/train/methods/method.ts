import type { z } from "zod";
import type { Backend, Floats } from "../engine/backend.ts";
import type { GraphPlan } from "../graph.ts";
import type { OptimizerSpec } from "../optimizer.ts";
import type { Parameter, Parameters } from "../parameters.ts";
import type { Random } from "../random.ts";
import type { StateTree } from "../state.ts";

/**
 * A way to learn a sparse network. The trainer computes the dense gradient of the visible weights; the method owns
 * everything behind them (spine sizes, masks, thresholds, moments) and moves the weights.
 */
export interface SparseMethod<Options = unknown> {
  readonly name: string;
  readonly summary: string;
  /** The paper, or "ours" with a pointer to the decision. */
  readonly source: string;
  /** How density comes about: `exact` takes `density` as an option, `emergent` has a knob that a search turns, `none` stays dense. */
  readonly density: DensityControl;
  /** Strict object with defaults for everything that has a sensible one. */
  readonly options: z.ZodType<Options>;
  /** Called once, before the first step, with the initial values in `parameters`. May change them. */
  create(context: MethodContext, options: Options): MethodRun;
}

export type DensityControl =
  | { readonly kind: "none" }
  /** An option of this name is the final density (or share of parameters) itself. */
  | { readonly kind: "exact"; readonly option: string }
  /** Density falls as the option `knob` rises; `start` is a first guess, given mean |w0| and the sum of all learning rates. */
  | {
      readonly kind: "emergent";
      readonly knob: string;
      readonly start: (facts: { meanAbsoluteWeight: number; rateSum: number }) => number;
    };

export interface MethodContext {
  /** Weights the method is to prune, in the order of the graph: a part of `parameters.list`, role `weight`. */
  readonly prunable: readonly Parameter[];
  readonly parameters: Parameters;
  readonly plan: GraphPlan;
  readonly backend: Backend;
  /** The method's own stream; save its state in `save`. */
  readonly random: Random;
  readonly optimizer: OptimizerSpec;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  /** Learning rate of step n, from 0. */
  readonly rateOf: (n: number) => number;
}

export interface MethodRun {
  /**
   * After the backward pass of step n (from 0): reads `gradient` of the prunable weights, updates what is hidden, writes
   * `value`. Afterwards `value` is what an evaluation would use (thresholds of step n + 1 applied). All other parameters
   * have been moved before; a method that also rules some of them (a gated gamma) writes over them, and that stands.
   */
  step(n: number): void;
  /** After the last step of epoch e (from 0), before evaluation. */
  endEpoch?(epoch: number): void;
  /** Once, after the last epoch: for methods with a final cut. */
  finish?(): void;
  /** For logs and progress: threshold, drop fraction, pruned and regrown since last asked, …; numbers with telling names. */
  facts(): Readonly<Record<string, number>>;
  save(): StateTree;
  /** Puts everything back, visible weights included. */
  restore(state: StateTree): void;
}

/** Entries that are not exactly zero (the -0 of a negative spine is zero too). */
export function nonzeroCount(values: Floats): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) count++;
  return count;
}
