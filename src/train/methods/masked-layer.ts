import { type ArrayOptimizer, createOptimizer } from "../optimizer.ts";
import type { Parameter } from "../parameters.ts";
import type { StateTree } from "../state.ts";
import type { MethodContext } from "./method.ts";

/** A weight array of which some entries are held at zero. */
export interface MaskedLayer {
  readonly parameter: Parameter;
  /** One entry per weight, 1: lives. */
  readonly mask: Uint8Array;
  /** Number of ones in `mask`. */
  liveCount(): number;
  /** A new mask; entries that fall out become zero, weight and moments. */
  setMask(mask: Uint8Array): void;
  /** One optimizer step of the live entries; `n` from 0. */
  step(rate: number, n: number): void;
  save(): StateTree;
  restore(state: StateTree): void;
}

/** All entries live. While they do, `step` is a step of dense training, bit by bit. */
export function createMaskedLayer(context: MethodContext, parameter: Parameter): MaskedLayer {
  const { value, gradient } = parameter;
  const mask = new Uint8Array(value.length).fill(1);
  const optimizer: ArrayOptimizer = createOptimizer(context.optimizer, context.backend, value.length);
  const { firstMoment, secondMoment } = optimizer;
  let live = value.length;

  // Moments would revive a masked weight, so they go too; what they gather from the next gradient goes after that step.
  const applyMask = (): void => {
    if (live === mask.length) return;
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] !== 0) continue;
      value[i] = 0;
      firstMoment[i] = 0;
      if (secondMoment !== undefined) secondMoment[i] = 0;
    }
  };
  const setMask = (next: Uint8Array): void => {
    mask.set(next);
    live = mask.reduce((sum, one) => sum + one, 0);
    applyMask();
  };

  return {
    parameter,
    mask,
    liveCount: () => live,
    setMask,
    step(rate, n) {
      optimizer.step(value, gradient, rate, n + 1);
      applyMask();
    },
    save: () => ({ value: value.slice(), mask: mask.slice(), optimizer: optimizer.save() }),
    restore(state) {
      value.set(state.value as Float32Array);
      optimizer.restore(state.optimizer as StateTree);
      setMask(state.mask as Uint8Array);
    },
  };
}
