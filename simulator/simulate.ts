import type { Deployment } from "#ir/deployment";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import { coresPerChip, type Profile, type Target } from "#targets/target";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import {
  currentTooLarge,
  modelUnknown,
  profileOfOtherTarget,
  recordUnknown,
  sumTooLarge,
  targetDiffers,
  timingUnknown,
} from "./diagnostics.ts";
import { heldOf } from "./input-feed.ts";
import { checkInputs, type RunLength } from "./inputs.ts";
import { NEURON_FIELDS } from "./kernels/step-cuba.ts";
import { createMachine, resetMachine, type Machine, type MachinePort } from "./machine.ts";
import { EventRecorder } from "./recorder.ts";
import type { RunResult } from "./result.ts";
import { deliverMessages, injectSpikes, sendSpikes, stepNeurons, writeBiases } from "./run-step.ts";
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
}

/** Sums are kept doubled in 32 bits. */
const LARGEST_SUM = 2 ** 30;

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
  const length = checkInputs(deployment, inputs, options, "spikes", sink);
  const recorders = createRecorders(deployment, options.record ?? "outputs", sink);
  sink.throwIfErrors();

  const machine = createMachine(deployment, target);
  checkSums(machine, deployment, length, sink);
  sink.throwIfErrors();

  const rows = machine.cores.length;
  const coreIds = Uint32Array.from(deployment.cores, ({ core }) => core);
  const tilesOn = distinct(coreIds, target.mesh.coresPerTile);
  const timer = timing!.prepare(profile, tilesOn);
  const samples = length.to - length.from;
  const steps = length.steps + pipelineSteps(deployment);
  const counts = new Float64Array(machine.memory.counts.length);
  const stepNs = new Float64Array(samples * steps);
  const bindingCore = new Int32Array(samples * steps);
  const bindingPhase = new Uint8Array(samples * steps);
  const stepTime: StepTime = { timeNs: NaN, core: -1, phase: 0 };
  const membranes = membraneOutputs(deployment);

  for (let sample = 0; sample < samples; sample++) {
    onProgress?.("simulate", sample, samples);
    resetMachine(machine);
    const eventsOf = ({ name }: MachinePort): SpikeEvents => inputs[name].samples[length.from + sample];
    const feeds = machine.ports
      .filter(({ biases }) => biases === undefined)
      .map((port) => ({ port, events: eventsOf(port), next: 0 }));
    const biasFeeds = machine.ports.flatMap((port) => {
      const { biases, startStep, lines } = port;
      const held = heldOf(eventsOf(port), inputs[port.name].steps);
      return biases === undefined ? [] : [{ biases, startStep, held, mantissas: new Float64Array(lines) }];
    });
    for (let step = 0; step < steps; step++) {
      machine.memory.counts.fill(0);
      for (const { biases, startStep, held, mantissas } of biasFeeds)
        if (step >= startStep && held.hold(step - startStep, mantissas))
          writeBiases(machine, biases, mantissas);
      const overflow = stepNeurons(machine, step, (group, begin, end) => {
        const recorder = recorders[group.population];
        const modelStep = step - group.startStep;
        if (recorder?.withValues === false && modelStep < length.steps)
          recorder.addFired(modelStep, machine.memory.fired, begin, end, machine.memory.indexOf);
      });
      if (overflow !== undefined) {
        const { population } = overflow.group;
        const neuron = machine.memory.indexOf[overflow.compartment];
        const { name } = deployment.populations[population];
        throw new ToolchainError([currentTooLarge({ population: name, neuron, step })]);
      }
      for (const { population, quantum } of membranes) {
        const modelStep = step - deployment.populations[population].startStep;
        if (modelStep >= 0 && modelStep < length.steps)
          recordMembranes(recorders[population]!, machine, population, quantum, modelStep);
      }
      for (const recorder of recorders) recorder?.endStep();

      sendSpikes(machine);
      for (const feed of feeds) {
        const modelStep = step - feed.port.startStep;
        if (modelStep < length.steps)
          feed.next = inject(machine, feed.port, feed.events, feed.next, modelStep, step);
      }
      deliverMessages(machine, step);

      const { counts: stepCounts } = machine.memory;
      for (let i = 0; i < counts.length; i++) counts[i] += stepCounts[i];
      timer.time(stepCounts, rows, stepTime);
      const at = sample * steps + step;
      stepNs[at] = stepTime.timeNs;
      bindingCore[at] = stepTime.core;
      bindingPhase[at] = stepTime.phase;
    }
    for (const recorder of recorders) recorder?.endSample();
  }
  onProgress?.("simulate", samples, samples);

  return {
    samples,
    steps,
    coreIds,
    counts,
    tilesOn,
    chipsOn: distinct(coreIds, coresPerChip(target)),
    stepNs,
    bindingCore,
    bindingPhase,
    spikes: recordings(deployment, recorders, length.steps),
  };
}

/** Steps from the input to the last output: the largest start step of an output population. */
export function pipelineSteps(deployment: Deployment): number {
  return deployment.outputs.reduce(
    (depth, { population }) => Math.max(depth, deployment.populations[population].startStep),
    0,
  );
}

function checkDeployment(
  deployment: Deployment,
  target: Target,
  profile: Profile,
  sink: DiagnosticSink,
): void {
  if (deployment.target !== target.name)
    sink.report(targetDiffers({ deployment: deployment.target, target: target.name }));
  if (profile.target !== target.name)
    sink.report(
      profileOfOtherTarget({ profile: profile.name, profileTarget: profile.target, target: target.name }),
    );
  const unknown = new Map<number, string>();
  for (const { groups } of deployment.cores)
    for (const { population, model } of groups) if (model !== "loihi-cuba") unknown.set(population, model);
  for (const [population, model] of unknown)
    sink.report(modelUnknown({ population: deployment.populations[population].name, model }));
}

/** Even the largest input of this run must not take a sum out of its register. */
function checkSums(machine: Machine, deployment: Deployment, length: RunLength, sink: DiagnosticSink): void {
  const largestInput = length.largestValue.reduce((largest, value) => Math.max(largest, value), 1);
  for (const { row, largestValue, neuronRoutes, inputRoutes } of machine.cores) {
    const messages = neuronRoutes + inputRoutes * largestInput;
    if (messages * largestValue < LARGEST_SUM) continue;
    const { core } = deployment.cores[row];
    sink.report(sumTooLarge({ core, messages, largestValue, largestSum: LARGEST_SUM - 1 }));
  }
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
  machine: Machine,
  population: number,
  quantum: Float64Array,
  modelStep: number,
): void {
  const { neurons } = machine.memory;
  const places = machine.neuronsOf[population];
  for (let i = 0; i < places.length; i++) {
    const membrane = neurons[places[i] * NEURON_FIELDS.count + NEURON_FIELDS.v];
    if (membrane !== 0)
      recorder.addValue(modelStep, i, membrane * (quantum.length === 1 ? quantum[0] : quantum[i]));
  }
}

/** Injects the events of one model step, from event `next` on; returns the first event of a later step. */
function inject(
  machine: Machine,
  port: Machine["ports"][number],
  events: SpikeEvents,
  next: number,
  modelStep: number,
  step: number,
): number {
  const { length } = events.step;
  for (; next < length && events.step[next] <= modelStep; next++)
    injectSpikes(
      machine,
      port,
      events.index[next],
      events.value === undefined ? 1 : events.value[next],
      step,
    );
  return next;
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
