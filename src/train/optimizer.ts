import type { Backend, Floats } from "./engine/backend.ts";
import type { StateTree } from "./state.ts";

export type OptimizerSpec =
  | {
      readonly name: "adam";
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      /** Decoupled (AdamW). */
      readonly weightDecay: number;
    }
  | { readonly name: "sgd"; readonly momentum: number; readonly weightDecay: number };

export const ADAM: OptimizerSpec = { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

/** The optimizer of one array; owns its moments. */
export interface ArrayOptimizer {
  /** One step on `value` along `gradient`. `k`: steps done, this one included, from 1. */
  step(value: Floats, gradient: Floats, rate: number, k: number): void;
  /** First and second moment (Adam), or the momentum buffer (SGD; second is undefined): methods clear entries of them. */
  readonly firstMoment: Floats;
  readonly secondMoment?: Floats;
  save(): StateTree;
  restore(state: StateTree): void;
}

export function createOptimizer(spec: OptimizerSpec, backend: Backend, length: number): ArrayOptimizer {
  const firstMoment = backend.allocate(length);
  if (spec.name === "sgd") {
    return {
      firstMoment,
      step: (weight, gradient, rate) =>
        backend.sgd({
          weight,
          gradient,
          momentumBuffer: firstMoment,
          rate,
          momentum: spec.momentum,
          weightDecay: spec.weightDecay,
        }),
      save: () => ({ firstMoment: firstMoment.slice() }),
      restore: (state) => firstMoment.set(state.firstMoment as Floats),
    };
  }
  const secondMoment = backend.allocate(length);
  const { beta1, beta2, epsilon, weightDecay } = spec;
  return {
    firstMoment,
    secondMoment,
    step: (weight, gradient, rate, k) =>
      backend.adam({
        weight,
        gradient,
        firstMoment,
        secondMoment,
        rate,
        beta1,
        beta2,
        epsilon,
        weightDecay,
        k,
      }),
    save: () => ({ firstMoment: firstMoment.slice(), secondMoment: secondMoment.slice() }),
    restore: (state) => {
      firstMoment.set(state.firstMoment as Floats);
      secondMoment.set(state.secondMoment as Floats);
    },
  };
}
