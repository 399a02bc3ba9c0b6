import type { PeriodicReset } from "#ir/network";
import type { DrivenBiases, Machine, MachineCore, MachineGroup, MachinePort } from "./machine.ts";
import { deliver, deliverDelayed, deliverWide, mergePlane } from "./kernels/deliver.ts";
import { send, sumRows } from "./kernels/messages.ts";
import { NEURON_FIELDS, stepLava, stepNengo } from "./kernels/step-cuba.ts";
import { ACTIONS, type Action } from "./result.ts";

// One step of the machine: `stepNeurons` (all cores), `sendSpikes` (all cores), `injectSpikes` (input lines), then
// `deliverMessages`. Nothing here depends on the order of cores, because a spike acts in a later step.

/** Column of an action in the count arrays. */
export const COLUMN = Object.fromEntries(ACTIONS.map((action, column) => [action, column])) as Readonly<
  Record<Action, number>
>;

/** A neuron whose current left the registers, as a global compartment; see `currentTooLarge`. */
export interface Overflow {
  readonly group: MachineGroup;
  readonly compartment: number;
}

/**
 * Updates every neuron that has started; counts accesses, updates and spikes. Others hold their state, and lose what
 * arrives.
 *
 * @param onFired told of each group that fired: entries [begin, end) of `memory.fired` are its compartments
 */
export function stepNeurons(
  machine: Machine,
  step: number,
  onFired: (group: MachineGroup, begin: number, end: number) => void,
): Overflow | undefined {
  const { memory } = machine;
  for (const core of machine.cores) {
    const { row, neuronBegin, neurons, stride } = core;
    const sumsAt = core.sumsBegin + (step & (core.depth - 1)) * stride;
    core.shifts.forEach((shift, p) => {
      mergePlane(memory.sums, sumsAt, sumsAt + (p + 1) * neurons, neurons, shift);
    });

    let firedAt = neuronBegin;
    memory.updates[row] = 0;
    for (const group of core.groups) {
      const at = sumsAt + group.begin - neuronBegin;
      if (step < group.startStep) {
        memory.sums.fill(0, at, at + group.end - group.begin);
        continue;
      }
      if (group.periodicReset !== undefined) resetIfDue(machine, group, group.periodicReset, step);
      const fired = stepGroup(machine, group, at, firedAt, row);
      if (fired < 0) return { group, compartment: -1 - fired };
      if (fired > 0) onFired(group, firedAt, firedAt + fired);
      firedAt += fired;
    }
    memory.firedEnd[row] = firedAt;

    const at = row * ACTIONS.length;
    memory.counts[at + COLUMN.neuronAccess] += neurons;
    memory.counts[at + COLUMN.neuronUpdate] += memory.updates[row];
    memory.counts[at + COLUMN.spikeOut] += firedAt - neuronBegin;
  }
  return undefined;
}

function stepGroup(
  { memory: m, rules }: Machine,
  { begin, end }: MachineGroup,
  sumsAt: number,
  firedAt: number,
  row: number,
): number {
  return rules === "lava"
    ? stepLava(begin, end, m.neurons, m.sums, sumsAt, m.fired, firedAt, m.updates, row)
    : stepNengo(begin, end, m.neurons, m.refractory, m.sums, sumsAt, m.fired, firedAt, m.updates, row);
}

function resetIfDue(
  { memory: { neurons } }: Machine,
  { begin, end, startStep }: MachineGroup,
  { intervalSteps, offsetSteps }: PeriodicReset,
  step: number,
): void {
  if ((step - startStep) % intervalSteps !== offsetSteps) return;
  for (let at = begin * NEURON_FIELDS.count; at < end * NEURON_FIELDS.count; at += NEURON_FIELDS.count) {
    neurons[at + NEURON_FIELDS.u] = 0;
    neurons[at + NEURON_FIELDS.v] = 0;
    neurons[at + NEURON_FIELDS.waiting] = 0;
  }
}

/** The host writes the biases of a population: `[size]` mantissas. */
export function writeBiases(
  { memory, neuronsOf }: Machine,
  { population, scale }: DrivenBiases,
  mantissas: Float64Array,
): void {
  const places = neuronsOf[population];
  for (let i = 0; i < places.length; i++)
    memory.neurons[places[i] * NEURON_FIELDS.count + NEURON_FIELDS.bias] = Math.floor(
      mantissas[i] * scale[i],
    );
}

/** Turns the spikes of `stepNeurons` into messages; counts messages out and hops, at the sender. */
export function sendSpikes(machine: Machine): void {
  const { memory: m } = machine;
  const { counts, scratch } = m;
  for (const { row, neuronBegin } of machine.cores) {
    const firedEnd = m.firedEnd[row];
    if (firedEnd === neuronBegin) continue;
    const messages = send(
      m.fired,
      neuronBegin,
      firedEnd,
      m.routeStart,
      m.routeRow,
      m.routeAxon,
      m.queue,
      m.queueBegin,
      m.queued,
    );
    if (messages === 0) continue;
    sumRows(m.fired, neuronBegin, firedEnd, m.hopTable, scratch);
    const at = row * ACTIONS.length;
    counts[at + COLUMN.messageOut] += messages;
    counts[at + COLUMN.hopEastWest] += scratch[0];
    counts[at + COLUMN.hopNorthSouth] += scratch[1];
    counts[at + COLUMN.hopChip] += scratch[2];
    counts[at + COLUMN.hopTile] += scratch[3];
  }
}

/**
 * Messages from the host: `spikes` spikes on one input line. Call after `sendSpikes`. Counted at the receiver as input
 * messages (and, like any, as messages in); how far they travel on the chip nobody knows, so they make no hops.
 */
export function injectSpikes(
  machine: Machine,
  port: MachinePort,
  line: number,
  spikes: number,
  step: number,
): void {
  const { memory: m } = machine;
  const at = port.lineBegin + line;
  for (let r = m.lineStart[at]; r < m.lineStart[at + 1]; r++) {
    const row = m.lineRow[r];
    const core = machine.cores[row];
    for (let k = 0; k < spikes; k++) {
      if (m.queued[row] === core.queueCapacity) deliverQueue(machine, core, step);
      m.queue[m.queueBegin[row] + m.queued[row]++] = m.lineAxon[r];
    }
    m.counts[row * ACTIONS.length + COLUMN.inputMessage] += spikes;
  }
}

/** Serves all queued messages; counts messages in, words read and synaptic events, at the receiver. */
export function deliverMessages(machine: Machine, step: number): void {
  const { queued } = machine.memory;
  for (const core of machine.cores) if (queued[core.row] > 0) deliverQueue(machine, core, step);
}

function deliverQueue(machine: Machine, core: MachineCore, step: number): void {
  const { memory: m } = machine;
  const { row, depth, stride, sumsBegin, slotShift, delayShift } = core;
  const { counts, scratch } = m;
  const begin = m.queueBegin[row];
  const end = begin + m.queued[row];
  m.queued[row] = 0;

  sumRows(m.queue, begin, end, m.axonTable, scratch);
  const at = row * ACTIONS.length;
  counts[at + COLUMN.messageIn] += end - begin;
  counts[at + COLUMN.synapseWordRead] += scratch[0];
  counts[at + COLUMN.synapseDense] += scratch[1];
  counts[at + COLUMN.synapseSparse] += scratch[2];
  counts[at + COLUMN.synapseRunLength] += scratch[3];

  const mask = depth - 1;
  switch (core.mode) {
    case "packed":
      deliver(m.queue, begin, end, m.axonStart, m.words, m.sums, sumsBegin);
      break;
    case "delayed":
      deliverDelayed(
        m.queue,
        begin,
        end,
        m.axonStart,
        m.words,
        m.delaySteps,
        delayShift,
        m.sums,
        sumsBegin,
        stride,
        step,
        mask,
      );
      break;
    case "wide":
      deliverWide(
        m.queue,
        begin,
        end,
        m.axonStart,
        m.words,
        m.slots,
        slotShift,
        m.delaySteps,
        delayShift,
        m.sums,
        sumsBegin,
        stride,
        step,
        mask,
      );
      break;
  }
}
