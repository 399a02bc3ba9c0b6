// `spinec simulate` as functions: a deployment on its chip, or a model on its reference.
import type { Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { findNeuronModel } from "#neurons/index";
import { inputModel } from "#neurons/input";
import { loihiCubaModel } from "#neurons/loihi-cuba";
import { relayModel } from "#neurons/relay";
import { recordedSection, type Carries } from "#report/recorded";
import { detailSections } from "#report/detail-sections";
import { energySection, runSection, timeSection } from "#report/run-report";
import type { SimulationReport } from "#report/simulation-text";
import { accuracy } from "#simulator/accuracy";
import { priceRun } from "#simulator/energy";
import { isIntegerNetwork, simulateModelReference } from "#simulator/reference-model";
import { defaultTiming } from "#simulator/timing/default-timing";
import type { MembraneRecord, TraceSummary } from "#simulator/trace/index";
import type { Profile, Target } from "#targets/target";
import type { OnProgress } from "#util/progress";
import { finishedLabels } from "./run-model.ts";
import { simulateHere } from "./simulate-here.ts";
import { simulateSamples, type SampleOptions, type SampleRun } from "./simulate-threads.ts";
import { GENERATOR } from "./version.ts";

export interface SimulationOptions {
  readonly steps?: number;
  readonly timing?: string;
  /** For timing models whose rates the profile lacks. */
  readonly rates?: Readonly<Record<string, number>>;
  /** Populations whose spikes are kept, besides the outputs. Default "outputs": no others. */
  readonly record?: "outputs" | "all" | readonly string[];
  readonly labels?: ArrayLike<number>;
  /** Float reference only: shifts what is recorded. */
  readonly outDelaySteps?: number;
}

export interface ThreadedSimulationOptions
  extends
    SimulationOptions,
    Pick<SampleOptions, "threads" | "workers" | "watch" | "onTrace" | "shouldStop"> {}

export interface SimulationOutcome {
  readonly report: SimulationReport;
  /** Of the output populations, and of those that were asked for. */
  readonly spikes: Readonly<Record<string, SpikeData>>;
  readonly membranes?: readonly MembraneRecord[];
  readonly trace?: TraceSummary;
}

/**
 * Runs a deployment on the machine it was compiled for, in this thread. Throws `ToolchainError` for faults of inputs and
 * options.
 */
export function simulateDeployment(
  deployment: Deployment,
  target: Target,
  profile: Profile,
  inputs: Readonly<Record<string, SpikeData>>,
  options: SimulationOptions,
  onProgress?: OnProgress,
): SimulationOutcome {
  const simulation = simulationOf(profile, inputs, options);
  const done = simulateHere(deployment, target, profile, inputs, simulation, onProgress);
  return outcomeOf(deployment, target, profile, done, simulation, options);
}

/**
 * The same, with the samples split over threads, a close look at some of them, and able to stop: the report is then about
 * the samples that are finished. Throws `ToolchainError` for faults of inputs and options.
 */
export async function simulateDeploymentInThreads(
  deployment: Deployment,
  target: Target,
  profile: Profile,
  inputs: Readonly<Record<string, SpikeData>>,
  options: ThreadedSimulationOptions,
  onProgress?: OnProgress,
): Promise<SimulationOutcome> {
  const { threads, workers, watch, onTrace, shouldStop } = options;
  const simulation = simulationOf(profile, inputs, options);
  const threading: SampleOptions = {
    ...simulation,
    floorline: true,
    ...(threads !== undefined && { threads }),
    ...(workers !== undefined && { workers }),
    ...(watch !== undefined && { watch }),
    ...(onTrace !== undefined && { onTrace }),
    ...(shouldStop !== undefined && { shouldStop }),
  };
  const done = await simulateSamples(deployment, target, profile, inputs, threading, onProgress);
  return outcomeOf(deployment, target, profile, done, simulation, options);
}

interface Simulation {
  readonly steps: number;
  readonly timing: string;
  readonly record: NonNullable<SimulationOptions["record"]>;
  readonly rates?: Readonly<Record<string, number>>;
}

function simulationOf(
  profile: Profile,
  inputs: Readonly<Record<string, SpikeData>>,
  { steps, timing, record, rates }: SimulationOptions,
): Simulation {
  return {
    steps: steps ?? longest(inputs),
    timing: timing ?? defaultTiming(profile, rates),
    record: record ?? "outputs",
    ...(rates !== undefined && { rates }),
  };
}

function outcomeOf(
  deployment: Deployment,
  target: Target,
  profile: Profile,
  { run, floorline, membranes, trace }: SampleRun,
  { steps, timing }: Simulation,
  { labels }: SimulationOptions,
): SimulationOutcome {
  const { network, outputs, populations } = deployment;
  const outputNames = new Set(outputs.map(({ population }) => populations[population].name));
  const ofOutputs = Object.entries(run.spikes).filter(([name]) => outputNames.has(name));
  return {
    spikes: run.spikes,
    ...(membranes !== undefined && { membranes }),
    ...(trace !== undefined && { trace }),
    report: {
      ...outputSection(
        network,
        target.name,
        Object.fromEntries(ofOutputs),
        steps,
        carriesOnChip,
        labels && finishedLabels(labels, run),
      ),
      run: runSection(run, steps),
      energy: energySection(priceRun(run, profile, target)),
      time: timeSection(run, timing, { profile, timestepNs: deployment.timestepNs }),
      ...detailSections(run, deployment, target, profile, floorline),
    },
  };
}

/** Runs a model in real numbers, or in the integers it is in. Throws `ToolchainError` for faults of inputs and options. */
export function simulateModel(
  network: Network,
  inputs: Readonly<Record<string, SpikeData>>,
  options: SimulationOptions,
  onProgress?: OnProgress,
): SimulationOutcome {
  const modelSteps = options.steps ?? longest(inputs);
  const on = isIntegerNetwork(network) ? "integer reference" : "float reference";
  const recorded = simulateModelReference(
    network,
    inputs,
    {
      steps: modelSteps,
      record: recordOf(network, options.record),
      outDelaySteps: options.outDelaySteps ?? 0,
    },
    onProgress,
  );
  const outputs = new Set(network.outputs.map(({ population }) => network.populations[population].name));
  const ofOutputs = Object.fromEntries(Object.entries(recorded).filter(([name]) => outputs.has(name)));
  return {
    spikes: recorded,
    report: outputSection(network.name, on, ofOutputs, modelSteps, carriesIn(network), options.labels),
  };
}

/** As on chips: the outputs in any case. */
function recordOf(
  { outputs, populations }: Network,
  record: SimulationOptions["record"] = "outputs",
): "outputs" | "all" | readonly string[] {
  if (typeof record === "string") return record;
  return [...new Set([...outputs.map(({ population }) => populations[population].name), ...record])];
}

function outputSection(
  name: string,
  on: string,
  spikes: Readonly<Record<string, SpikeData>>,
  modelSteps: number,
  carries: (output: string, data: SpikeData) => Carries,
  labels: ArrayLike<number> | undefined,
): SimulationReport {
  const outputs = Object.entries(spikes);
  const samples = outputs[0]?.[1].samples.length ?? 0;
  return {
    schema: "spinec/simulate/1",
    generator: GENERATOR,
    name,
    on,
    samples,
    modelSteps,
    outputs: outputs.map(([output, data]) => ({
      name: output,
      ...recordedSection(data, carries(output, data)),
    })),
    ...(labels !== undefined && outputs.length === 1 && { accuracyShare: accuracy(outputs[0][1], labels) }),
  };
}

/** The machine gives values to what it reads the membrane of, and to nothing else. */
const carriesOnChip = (_output: string, { samples }: SpikeData): Carries =>
  samples.some(({ value }) => value !== undefined) ? "values" : "spikes";

/** Of a model: neurons fire, integrators do not, and relays pass on what they get. */
const carriesIn =
  ({ populations }: Network) =>
  (output: string, { samples }: SpikeData): Carries => {
    const model = populations.find(({ name }) => name === output)?.model;
    if (model === relayModel.name || model === inputModel.name) return "unknown";
    // The chip's own neurons fire once at most; a readout of them gives membranes.
    if (model === loihiCubaModel.name)
      return samples.some(({ value }) => value !== undefined) ? "values" : "spikes";
    return findNeuronModel(model ?? "")?.output ?? "unknown";
  };

const longest = (inputs: Readonly<Record<string, SpikeData>>): number =>
  Math.max(...Object.values(inputs).map((data) => data.steps));
