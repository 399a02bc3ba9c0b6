import { FIRED, IDLE } from "./activity.ts";
import type { NeuronStepper } from "./kernels/neuron-kernel.ts";
import { CORE, GROUP } from "./kernels/tables.ts";
import { logSpikes } from "./kernels/plain/kernels.ts";
import type { DrivenBiases, Machine, MachineGroup } from "./machine.ts";
import { ACTIONS, COLUMN } from "./result.ts";

// One step of the machine: `stepNeurons`, then `injectSpikes` (`feed.ts`), then the kernels' `deliver`. Nothing here
// depends on the order of cores, because a spike acts in a later step.

/**
 * Updates every neuron that has started, and turns spikes into messages; counts updates, spikes and messages out. Others
 * hold their state, and lose what arrives.
 *
 * @returns -1, or the compartment whose current left the registers; see `currentTooLarge`
 */
export function stepNeurons(machine: Machine, step: number): number {
  const { kernels, groups } = machine;
  if (!machine.hasSteppers) return kernels.stepAll(step);
  kernels.begin(step);
  for (let g = 0; g < groups.length; g++) {
    const { stepper } = groups[g];
    if (stepper !== undefined) stepForeign(machine, g, stepper, step);
    else {
      const tooLarge = kernels.stepGroup(g, step);
      if (tooLarge >= 0) return tooLarge;
    }
  }
  kernels.send(step);
  return -1;
}

/** A group of another model: the stepper says what became of each neuron, the rest is as in the kernels. */
function stepForeign({ memory, groups }: Machine, index: number, stepper: NeuronStepper, step: number): void {
  const { status, sums, fired, firedEnd, counts } = memory;
  const { begin, end, row, startStep, isInput }: MachineGroup = groups[index];
  const core = row * CORE.count;
  const ring = (step & memory.cores[core + CORE.depthMask]) * memory.cores[core + CORE.stride];
  const sumsAt = memory.cores[core + CORE.sumsBegin] + ring + begin - memory.cores[core + CORE.neuronBegin];
  if (step < startStep) status.fill(IDLE, begin, end);
  else stepper.step(step - startStep, sums, sumsAt, status, begin);
  sums.fill(0, sumsAt, sumsAt + end - begin);

  const from = firedEnd[row];
  let to = from;
  let updated = 0;
  for (let n = begin; n < end; n++) {
    if (status[n] === IDLE) continue;
    updated++;
    if (status[n] === FIRED) fired[to++] = n;
  }
  firedEnd[row] = to;
  memory.updates[index] += updated;
  const at = row * ACTIONS.length;
  counts[at + (isInput ? COLUMN.inputUpdate : COLUMN.neuronUpdate)] += updated;
  if (isInput) {
    counts[at + COLUMN.inputSpike] += to - from;
    // The kernels are to count them as any other.
    counts[at + COLUMN.spikeOut] -= to - from;
  }
  if (to > from && step - startStep < memory.groups[index * GROUP.count + GROUP.recordSteps])
    logSpikes(memory, index, step - startStep, from, to);
}

/** The host writes the biases of a population: `[size]` mantissas. */
export function writeBiases(
  { memory: { params } }: Machine,
  { scale, at }: DrivenBiases,
  mantissas: Float64Array,
): void {
  for (let i = 0; i < at.length; i++) params[at[i]] = Math.floor(mantissas[i] * scale[i]);
}
