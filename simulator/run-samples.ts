import type { Deployment } from "#ir/deployment";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import { coresPerChip } from "#targets/target";
import { type Diagnostic, ToolchainError } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import type { StepActivity, StepView } from "./activity.ts";
import { currentTooLarge } from "./diagnostics.ts";
import { injectSpikes, wantSpikes, type Feed } from "./feed.ts";
import { countHops } from "./hops.ts";
import { heldOf } from "./input-feed.ts";
import type { RunLength } from "./inputs.ts";
import { stateReader } from "./machine-state.ts";
import { groupAt, resetMachine, type Machine, type MachinePort } from "./machine.ts";
import { EventRecorder } from "./recorder.ts";
import type { RunResult } from "./result.ts";
import { stepNeurons, writeBiases } from "./run-step.ts";
import type { SimulationRunOptions } from "./simulate.ts";
import { SpikeLog } from "./spike-log.ts";
import { StateEventLog } from "./state-events.ts";
import type { StepTime, StepTimer, TimingContext } from "./timing/timing.ts";

/** What runs the samples, and what was checked of it. */
export interface SampleRunner {
  /** Totals are 0 (`clearTotals`). */
  readonly machine: Machine;
  readonly deployment: Deployment;
  readonly context: TimingContext;
  readonly timer: StepTimer;
  /** Someone looks at messages. */
  readonly withMessages: boolean;
  /** Known populations. */
  readonly record: "outputs" | "all" | readonly string[];
  /** From the input to the last output (`pipelineSteps`). */
  readonly steps: number;
}

/**
 * The samples of a run, one after the other; see `simulate`.
 *
 * @throws ToolchainError `simulate/current-too-large`
 */
export function runSamples(
  { machine, deployment, context, timer, withMessages, record, steps: pipeline }: SampleRunner,
  inputs: Readonly<Record<string, SpikeData>>,
  length: RunLength,
  { observe, observeCounts, shouldStop }: SimulationRunOptions,
  onProgress?: OnProgress,
): RunResult {
  const { memory, kernels, tables, messages } = machine;
  const { target, coreIds, tilesOn } = context;
  const recorders = createRecorders(deployment, record);
  const isObserved = observe !== undefined || observeCounts !== undefined;
  const samples = length.to - length.from;
  const steps = length.steps + pipeline;
  const stepNs = new Float64Array(samples * steps);
  const bindingCore = new Int32Array(samples * steps);
  const bindingPhase = new Uint8Array(samples * steps);
  const stepTime: StepTime = { timeNs: NaN, core: -1, phase: 0 };
  const membranes = membraneOutputs(deployment);
  const stateOf = stateReader(machine);
  const stateEvents = new StateEventLog(machine);
  const spikeLog = new SpikeLog(machine, recorders, length.steps);
  const hostSpikes = machine.ports.map(({ lines }) => new Float64Array(lines));
  const activity: StepActivity = {
    rows: coreIds.length,
    counts: memory.counts,
    ...(withMessages ? { messages: messages! } : {}),
  };
  const { lastMessages, links } = timer;
  const followed = {
    ...(lastMessages === undefined ? {} : { messageTimes: lastMessages }),
    ...(links === undefined ? {} : { links }),
  };
  const isFollowed = lastMessages !== undefined || links !== undefined;

  let finished = 0;
  for (; finished < samples && shouldStop?.() !== true; finished++) {
    const sample = finished;
    onProgress?.("simulate", sample, samples);
    resetMachine(machine);
    const eventsOf = ({ name }: MachinePort): SpikeEvents => inputs[name].samples[length.from + sample];
    const feeds = machine.ports.flatMap((port, p): Feed[] =>
      port.biases === undefined ? [{ port, events: eventsOf(port), next: 0, sent: hostSpikes[p] }] : [],
    );
    const driven = feeds.filter(({ port }) => port.drives !== undefined);
    const sending = feeds.filter(({ port }) => port.drives === undefined);
    const biasFeeds = machine.ports.flatMap((port) => {
      const { biases, startStep, lines } = port;
      const held = heldOf(eventsOf(port), inputs[port.name].steps);
      return biases === undefined ? [] : [{ biases, startStep, held, mantissas: new Float64Array(lines) }];
    });
    for (let step = 0; step < steps; step++) {
      spikeLog.makeRoom();
      if (messages !== undefined) messages.hostMessages = 0;
      for (const { biases, startStep, held, mantissas } of biasFeeds)
        if (step >= startStep && held.hold(step - startStep, mantissas))
          writeBiases(machine, biases, mantissas);
      for (const feed of driven) if (step - feed.port.startStep < length.steps) wantSpikes(feed, step);
      const tooLarge = stepNeurons(machine, step);
      if (tooLarge >= 0) throw new ToolchainError([tooLargeAt(deployment, machine, tooLarge, step)]);
      stateEvents.endStep(length.from + sample, step);
      for (const { population, quantum } of membranes) {
        const modelStep = step - deployment.populations[population].startStep;
        if (modelStep >= 0 && modelStep < length.steps)
          recordMembranes(recorders[population]!, stateOf, population, quantum, modelStep, machine);
      }
      for (const feed of sending)
        if (step - feed.port.startStep < length.steps) injectSpikes(machine, feed, step);
      kernels.deliver(step);

      timer.time(activity, stepTime);
      const at = sample * steps + step;
      stepNs[at] = stepTime.timeNs;
      bindingCore[at] = stepTime.core;
      bindingPhase[at] = stepTime.phase;
      if (isObserved) {
        const { timeNs, core: bindingRow, phase } = stepTime;
        const counted = { sample, step, activity, tables, stateOf, timeNs, bindingRow, bindingPhase: phase };
        // A spread takes microseconds, a literal none.
        const view = isFollowed ? { ...counted, ...followed } : counted;
        observeCounts?.(view);
        observe?.(view);
      }
    }
    spikeLog.drain();
    for (const recorder of recorders) recorder?.endSample();
  }
  onProgress?.("simulate", finished, samples);

  const counts = memory.totals.slice();
  countHops(tables, target, coreIds, memory.spikes, counts);
  return {
    samples: finished,
    steps,
    coreIds,
    counts,
    tilesOn,
    chipsOn: distinct(coreIds, coresPerChip(target)),
    stepNs: stepNs.slice(0, finished * steps),
    bindingCore: bindingCore.slice(0, finished * steps),
    bindingPhase: bindingPhase.slice(0, finished * steps),
    spikes: recordings(deployment, recorders, length.steps),
    updatesOf: updatesByPopulation(deployment, machine),
    spikesOf: spikesByNeuron(deployment, machine, hostSpikes),
    stateEvents: stateEvents.events(),
    ...(finished < samples ? { stoppedAfter: finished } : {}),
  };
}

/** `[populations]`, a recorder for each that is to be kept. */
function createRecorders(
  { populations, outputs }: Deployment,
  record: SampleRunner["record"],
): (EventRecorder | undefined)[] {
  return populations.map(({ name, core }, population) => {
    const ports = outputs.filter((port) => port.population === population);
    const isWanted = record === "all" ? core.length > 0 : typeof record === "object" && record.includes(name);
    if (ports.length === 0 && !isWanted) return undefined;
    return new EventRecorder(ports.some(({ readout }) => readout === "membrane"));
  });
}

function membraneOutputs(
  deployment: Deployment,
): readonly { readonly population: number; readonly quantum: Float64Array }[] {
  return deployment.outputs
    .filter(
      ({ readout, population }, i, all) =>
        readout === "membrane" && all.findIndex((port) => port.population === population) === i,
    )
    .map(({ population, membraneQuantum }) => ({
      population,
      quantum: membraneQuantum ?? Float64Array.of(1),
    }));
}

function recordMembranes(
  recorder: EventRecorder,
  stateOf: StepView["stateOf"],
  population: number,
  quantum: Float64Array,
  modelStep: number,
  { neuronsOf }: Machine,
): void {
  const { length } = neuronsOf[population];
  for (let i = 0; i < length; i++) {
    const membrane = stateOf(population, "v", i);
    if (membrane !== 0)
      recorder.addValue(modelStep, i, membrane * (quantum.length === 1 ? quantum[0] : quantum[i]));
  }
}

function tooLargeAt(
  { populations }: Deployment,
  { groups, memory }: Machine,
  compartment: number,
  step: number,
): Diagnostic {
  const { name } = populations[groups[groupAt(groups, compartment)].population];
  return currentTooLarge({ population: name, neuron: memory.indexOf[compartment], step });
}

function updatesByPopulation({ populations }: Deployment, { groups, memory }: Machine): Float64Array {
  const updates = new Float64Array(populations.length);
  groups.forEach(({ population }, g) => (updates[population] += memory.updates[g]));
  return updates;
}

/** `[populations][size]`: what the neurons fired, or (no compartments) what the host sent. */
function spikesByNeuron(
  { populations, inputs }: Deployment,
  { neuronsOf, memory }: Machine,
  hostSpikes: readonly Float64Array[],
): Float64Array[] {
  return populations.map((_, population) => {
    const port = inputs.findIndex((input) => input.population === population);
    if (neuronsOf[population].length === 0 && port >= 0) return hostSpikes[port];
    return Float64Array.from(neuronsOf[population], (place) => memory.spikes[place]);
  });
}

function recordings(
  deployment: Deployment,
  recorders: readonly (EventRecorder | undefined)[],
  steps: number,
): Record<string, SpikeData> {
  const spikes: Record<string, SpikeData> = {};
  recorders.forEach((recorder, population) => {
    if (recorder === undefined) return;
    const { name, shape } = deployment.populations[population];
    spikes[name] = { steps, shape, samples: recorder.samples };
  });
  return spikes;
}

/** Number of different values of floor(id / divisor). */
export function distinct(ids: Uint32Array, divisor: number): number {
  return new Set(Array.from(ids, (id) => Math.floor(id / divisor))).size;
}
