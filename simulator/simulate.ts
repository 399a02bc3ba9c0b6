import type { Deployment } from "#ir/deployment";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import { coresPerChip, type Profile, type Target } from "#targets/target";
import { type Diagnostic, DiagnosticSink, ToolchainError } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import type { Observer, StepActivity, StepView } from "./activity.ts";
import { checkDeployment, checkInputSizes } from "./check-run.ts";
import { currentTooLarge, recordUnknown, timingUnknown } from "./diagnostics.ts";
import { injectSpikes, wantSpikes, type Feed } from "./feed.ts";
import { countHops } from "./hops.ts";
import { heldOf } from "./input-feed.ts";
import { checkInputs } from "./inputs.ts";
import { stateReader } from "./machine-state.ts";
import { createMachine, groupAt, resetMachine, type Machine, type MachinePort } from "./machine.ts";
import type { KernelChoice } from "./memory.ts";
import { EventRecorder } from "./recorder.ts";
import type { RunResult } from "./result.ts";
import { stepNeurons, writeBiases } from "./run-step.ts";
import { SpikeLog } from "./spike-log.ts";
import { StateEventLog } from "./state-events.ts";
import { TIMING_MODELS } from "./timing/index.ts";
import type { StepTime } from "./timing/timing.ts";

export interface SimulateOptions {
  /** Model steps of one sample; default: the longest input's. Input beyond them is not used. */
  readonly steps?: number;
  /** Populations whose spikes are kept, besides those of the output ports. Default "outputs": no others. */
  readonly record?: "outputs" | "all" | readonly string[];
  /** Name of a timing model; default the first of `TIMING_MODELS`. */
  readonly timing?: string;
  /** Only samples [from, to) of the input. */
  readonly samples?: readonly [from: number, to: number];
  /** For timing models whose rates the profile lacks (`TimingContext.rates`). */
  readonly rates?: Readonly<Record<string, number>>;
  /** Called after every step. */
  readonly observe?: Observer;
  /** Asked before every sample; if true, the result holds the samples that are finished. */
  readonly shouldStop?: () => boolean;
  /** Default `compiled` (WebAssembly), wherever that can be had; results are the same. */
  readonly kernels?: KernelChoice;
}

/**
 * Runs a deployment on the event-driven integer machine: what the chip would compute, and the count of all it does.
 *
 * Every sample starts from the initial state. A spike of input step t is injected in step t (plus the start
 * step of the input) and acts `delaySteps` later. The chip runs as many steps as the model, plus the largest
 * start step among the output populations, so that the last of them ends its model steps. All spikes in the result
 * are in model steps. Ports that drive biases are no messages: the host writes registers, which nothing here counts.
 *
 * @param deployment a valid one (`validateDeployment`); it is not checked again
 * @param profile    gives times; prices are for `priceRun`
 * @param inputs     spikes by input port; the value k means k spikes
 * @throws ToolchainError `simulate/...` for everything wrong with inputs and options, all at once
 */
export function simulate(
  deployment: Deployment,
  target: Target,
  profile: Profile,
  inputs: Readonly<Record<string, SpikeData>>,
  options: SimulateOptions = {},
  onProgress?: OnProgress,
): RunResult {
  const sink = new DiagnosticSink();
  checkDeployment(deployment, target, profile, sink);
  const timing = TIMING_MODELS.find(({ name }) => name === (options.timing ?? TIMING_MODELS[0].name));
  if (timing === undefined)
    sink.report(timingUnknown({ name: options.timing!, known: TIMING_MODELS.map(({ name }) => name) }));
  const coreIds = Uint32Array.from(deployment.cores, ({ core }) => core);
  const tilesOn = distinct(coreIds, target.mesh.coresPerTile);
  const { rates } = options;
  const context = { profile, target, coreIds, tilesOn, ...(rates === undefined ? {} : { rates }) };
  const refusal = timing?.refuses?.(context);
  if (refusal !== undefined) sink.report(refusal);
  const length = checkInputs(deployment, inputs, options, "spikes", sink);
  const recorders = createRecorders(deployment, options.record ?? "outputs", sink);
  sink.throwIfErrors();

  const { observe } = options;
  const withMessages = timing!.needs === "messages" || observe !== undefined;
  const machine = createMachine(deployment, {
    messages: withMessages,
    ...(options.kernels === undefined ? {} : { kernels: options.kernels }),
  });
  checkInputSizes(machine, deployment, length, sink);
  sink.throwIfErrors();

  const { memory, kernels, tables, messages } = machine;
  const timer = timing!.prepare(withMessages ? { ...context, tables } : context);
  const samples = length.to - length.from;
  const steps = length.steps + pipelineSteps(deployment);
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

  let finished = 0;
  for (; finished < samples && options.shouldStop?.() !== true; finished++) {
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
      if (observe !== undefined) {
        const { timeNs, core: bindingRow, phase } = stepTime;
        const view = { sample, step, activity, tables, stateOf, timeNs, bindingRow, bindingPhase: phase };
        const { lastMessages } = timer;
        observe(lastMessages === undefined ? view : { ...view, messageTimes: lastMessages });
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

/** Steps from the input to the last output: the largest start step of an output population. */
export function pipelineSteps(deployment: Deployment): number {
  return deployment.outputs.reduce(
    (depth, { population }) => Math.max(depth, deployment.populations[population].startStep),
    0,
  );
}

/** `[populations]`, a recorder for each that is to be kept. */
function createRecorders(
  deployment: Deployment,
  record: "outputs" | "all" | readonly string[],
  sink: DiagnosticSink,
): (EventRecorder | undefined)[] {
  const { populations, outputs } = deployment;
  const mapped = populations.filter(({ core }) => core.length > 0).map(({ name }) => name);
  const names = record === "all" ? mapped : record === "outputs" ? [] : record;
  for (const name of names)
    if (!mapped.includes(name)) sink.report(recordUnknown({ name, populations: mapped }));
  return populations.map(({ name }, population) => {
    const ports = outputs.filter((port) => port.population === population);
    if (ports.length === 0 && !names.includes(name)) return undefined;
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
function distinct(ids: Uint32Array, divisor: number): number {
  return new Set(Array.from(ids, (id) => Math.floor(id / divisor))).size;
}
