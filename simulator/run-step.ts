import { FIRED, IDLE } from "./activity.ts";
import type { NeuronStepper } from "./kernels/neuron-kernel.ts";
import { CORE, GROUP } from "./kernels/tables.ts";
import { logSpikes } from "./kernels/plain/kernels.ts";
import type { DrivenBiases, Machine, MachineGroup, MoreSpikes } from "./machine.ts";
import type { MachineMemory } from "./memory.ts";
import { ACTIONS, COLUMN } from "./result.ts";
import { LOG_COUNT } from "./spike-log.ts";

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
  if (machine.more !== undefined) sendMore(machine, machine.more, step);
  return -1;
}

/** Sends what neurons fire beyond their first spike, round by round; who fired is then written down as before. */
function sendMore({ memory, kernels, cores }: Machine, more: MoreSpikes, step: number): void {
  const { fired, firedEnd } = memory;
  more.fired.set(fired);
  more.firedEnd.set(firedEnd);
  for (let spike = 2; ; spike++) {
    let left = false;
    cores.forEach(({ neuronBegin }, row) => {
      let to = neuronBegin;
      for (let f = neuronBegin; f < more.firedEnd[row]; f++)
        if (more.spikes[more.fired[f]] >= spike) fired[to++] = more.fired[f];
      firedEnd[row] = to;
      left ||= to > neuronBegin;
    });
    if (!left) break;
    // Queues have room for one message of each sender.
    kernels.serve(step);
    kernels.send(step);
  }
  fired.set(more.fired);
  firedEnd.set(more.firedEnd);
}

/** A group of another model: the stepper says what became of each neuron, the rest is as in the kernels. */
function stepForeign(
  { memory, groups, more }: Machine,
  index: number,
  stepper: NeuronStepper,
  step: number,
): void {
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
  if (more !== undefined)
    for (let f = from; f < to; f++) more.spikes[fired[f]] = stepper.spikes?.[fired[f] - begin] ?? 1;
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
    logGroup(memory, index, step - startStep, from, to, stepper.spikes === undefined ? undefined : more);
}

function logGroup(
  memory: MachineMemory,
  index: number,
  modelStep: number,
  from: number,
  to: number,
  more: MoreSpikes | undefined,
): void {
  const { log, logLength } = memory;
  logSpikes(memory, index, modelStep, from, to);
  if (more === undefined) return;
  for (let at = logLength[0] - (to - from); at < logLength[0]; at++)
    log[at] += (more.spikes[log[at]] - 1) * LOG_COUNT;
}

/** The host writes the biases of a population: `[size]` mantissas. */
export function writeBiases(
  { memory: { params } }: Machine,
  { scale, at }: DrivenBiases,
  mantissas: Float64Array,
): void {
  for (let i = 0; i < at.length; i++) params[at[i]] = Math.floor(mantissas[i] * scale[i]);
}
