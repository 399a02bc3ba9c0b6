import type { Parameter } from "../parameters.ts";
import type { StateTree } from "../state.ts";

/** Tells how many weights have become zero, and how many have come back, between two questions. */
export interface LiveWeights {
  /** Net changes since the last call (or the start): a weight that went and came back in between is in neither count. */
  changes(): { readonly pruned: number; readonly regrown: number };
  save(): StateTree;
  restore(state: StateTree): void;
}

/** Looks at the visible weights as they are now. Costs a pass over them per question, nothing per step. */
export function createLiveWeights(prunable: readonly Parameter[]): LiveWeights {
  const before = prunable.map(({ value }) => Uint8Array.from(value, (weight) => (weight !== 0 ? 1 : 0)));
  return {
    changes() {
      let pruned = 0;
      let regrown = 0;
      prunable.forEach(({ value }, p) => {
        const was = before[p];
        for (let i = 0; i < value.length; i++) {
          const is = value[i] !== 0 ? 1 : 0;
          if (is < was[i]) pruned++;
          else if (is > was[i]) regrown++;
          was[i] = is;
        }
      });
      return { pruned, regrown };
    },
    save: () => Object.fromEntries(prunable.map(({ name }, p) => [name, before[p].slice()])),
    restore: (state) => prunable.forEach(({ name }, p) => before[p].set(state[name] as Uint8Array)),
  };
}
