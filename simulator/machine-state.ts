import type { StepView } from "./activity.ts";
import type { Machine } from "./machine.ts";

/** Reads u or v of a neuron, wherever its core keeps it; NaN where its model has no such state. */
export function stateReader({ memory, neuronsOf, groups }: Machine): StepView["stateOf"] {
  const foreign = groups.filter(({ stepper }) => stepper !== undefined);
  return (population, state, index) => {
    const place = neuronsOf[population][index];
    const group = foreign.find(({ begin, end }) => begin <= place && place < end);
    return group === undefined ? memory[state][place] : (group.stepper![state]?.[place - group.begin] ?? NaN);
  };
}

/** All that is summed up over the samples of a run, as before the first. */
export function clearTotals({ memory }: Machine): void {
  for (const sums of [memory.totals, memory.spikes, memory.updates, memory.stateEvents]) sums.fill(0);
  memory.logLength.fill(0);
}
