// Learnt arrays whose rows are multiplied by something that belongs to a group of channels.
import type { Floats } from "../engine/backend.ts";
import { type ArrayOptimizer, createOptimizer } from "../optimizer.ts";
import type { Parameter } from "../parameters.ts";
import type { StateTree } from "../state.ts";
import type { MethodContext } from "./method.ts";

/** What every group of channels has at the moment. */
export interface GroupState {
  /** `[groups]`, 1: alive. */
  readonly live: Uint8Array;
  /** `[groups]`: factor of the rows; 0 if dead. */
  readonly factor: Float64Array;
}

/**
 * - `scale`: visible = hidden · factor, and the gradient likewise; the gradient of the factor is collected.
 * - `shrink`: visible = hidden · factor; the gradient passes straight through.
 * - `mask`: visible = hidden, or 0 for a dead group; no gradient then.
 */
export type Gating = "scale" | "shrink" | "mask";

export interface GroupedArray {
  readonly parameter: Parameter;
  /** `[rows]`: group of every row (first axis). */
  readonly ofRow: Int32Array;
  /** What is learnt behind the visible value. */
  readonly hidden: Floats;
  /** Adds dLoss/dfactor of every group, from the visible gradient, before `step`. */
  collectFactorGradient(sums: Floats): void;
  step(state: GroupState, rate: number, k: number): void;
  /** Writes the visible value. */
  show(state: GroupState): void;
  save(): StateTree;
  restore(state: StateTree): void;
}

export function createGroupedArray(
  context: MethodContext,
  parameter: Parameter,
  ofRow: Int32Array,
  gating: Gating,
): GroupedArray {
  const { backend } = context;
  const { value, gradient } = parameter;
  const rowSize = value.length / ofRow.length;
  const hidden = backend.allocate(value.length);
  const hiddenGradient = backend.allocate(value.length);
  hidden.set(value);
  // As the trainer does: only weights decay.
  const spec = parameter.role === "weight" ? context.optimizer : { ...context.optimizer, weightDecay: 0 };
  const optimizer: ArrayOptimizer = createOptimizer(spec, backend, value.length);
  const multiply = (state: GroupState, from: Floats, to: Floats): void => {
    for (let row = 0; row < ofRow.length; row++) {
      const group = ofRow[row];
      const factor = gating === "mask" ? state.live[group] : state.factor[group];
      for (let i = row * rowSize; i < (row + 1) * rowSize; i++) to[i] = from[i] * factor;
    }
  };
  return {
    parameter,
    ofRow,
    hidden,
    collectFactorGradient(sums) {
      if (gating !== "scale") return;
      for (let row = 0; row < ofRow.length; row++) {
        let sum = 0;
        for (let i = row * rowSize; i < (row + 1) * rowSize; i++) sum += gradient[i] * hidden[i];
        sums[ofRow[row]] += sum;
      }
    },
    step(state, rate, k) {
      if (gating === "shrink") optimizer.step(hidden, gradient, rate, k);
      else {
        multiply(state, gradient, hiddenGradient);
        optimizer.step(hidden, hiddenGradient, rate, k);
      }
    },
    show: (state) => multiply(state, hidden, value),
    save: () => ({ hidden: hidden.slice(), optimizer: optimizer.save() }),
    restore(saved) {
      hidden.set(saved.hidden as Floats);
      optimizer.restore(saved.optimizer as StateTree);
    },
  };
}
