// `spinec run` as functions: model → map → run → report. The command line only reads, calls these, and prints.
import { hashOf } from "#formats/deployment-file/index";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import {
  buildRunReport,
  type AccuracySection,
  type Measured,
  type NeurobenchSection,
  type RunReport,
} from "#report/run-report";
import { accuracy, predictions } from "#simulator/accuracy";
import { priceRun } from "#simulator/energy";
import type { NeuroBenchColumns } from "#simulator/neurobench";
import { defaultTiming } from "#simulator/timing/default-timing";
import type { Profile, Target } from "#targets/target";
import { DiagnosticSink } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import { compareWithModel } from "./compare-model.ts";
import { mapModel, quantizationSection, type MapOptions, type MappedModel } from "./deploy.ts";
import { inModelNumbers } from "./removed-neurons.ts";
import { simulateHere } from "./simulate-here.ts";
import { simulateSamples, type SampleOptions, type SampleRun } from "./simulate-threads.ts";
import { GENERATOR } from "./version.ts";

export interface RunOptions extends MapOptions {
  readonly timing?: string;
  /** For timing models whose rates the profile lacks. */
  readonly rates?: Readonly<Record<string, number>>;
  readonly labels?: ArrayLike<number>;
  /** Run the float reference too: changed spikes, NeuroBench columns, the model's accuracy. Default true. */
  readonly reference?: boolean;
  /** Also map and run the network with every pruned weight stored as a zero. */
  readonly compareDense?: boolean;
}

export interface ThreadedRunOptions
  extends RunOptions, Pick<SampleOptions, "threads" | "workers" | "shouldStop"> {
  /** In place of `mapModel`: the same elsewhere, for instance in a thread that can be stopped. */
  readonly map?: MapModel;
}

/** `mapModel` that may take its time. */
export type MapModel = (...of: Parameters<typeof mapModel>) => MappedModel | Promise<MappedModel>;

export interface ModelRun {
  readonly mapped: MappedModel;
  readonly report: RunReport;
  /** Spikes of every neuron population, in model steps. */
  readonly spikes: Readonly<Record<string, SpikeData>>;
}

/** What both ways of running need. */
interface Task {
  readonly model: Network;
  readonly target: Target;
  readonly profile: Profile;
  readonly inputs: Readonly<Record<string, SpikeData>>;
  readonly options: RunOptions;
  readonly modelSteps: number;
  readonly onProgress: OnProgress | undefined;
}

/**
 * Compile, simulate, price and report in one go, in this thread.
 *
 * @param inputs by input port of the model
 * @throws ToolchainError with everything that was found at the first stage that found an error
 */
export function runModel(
  model: Network,
  target: Target,
  profile: Profile,
  inputs: Readonly<Record<string, SpikeData>>,
  options: RunOptions,
  sink: DiagnosticSink,
  onProgress?: OnProgress,
): ModelRun {
  const task = taskOf(model, target, profile, inputs, options, onProgress);
  const mapped = mapFor(task, false, sink);
  const done = simulateHere(...simulationOf(task, mapped, "all"));
  if (options.compareDense !== true) return finish(task, mapped, done);
  // The unpruned twin repeats what the sink already says.
  const twin = mapFor(task, true, new DiagnosticSink());
  return finish(
    task,
    mapped,
    done,
    measured(task, twin, simulateHere(...simulationOf(task, twin, "outputs"))),
  );
}

/**
 * The same, with the samples split over threads, and able to stop: the report is then about the samples that are finished, and
 * leaves out the float reference and the unpruned twin.
 *
 * @throws ToolchainError as `runModel`
 */
export async function runModelInThreads(
  model: Network,
  target: Target,
  profile: Profile,
  inputs: Readonly<Record<string, SpikeData>>,
  options: ThreadedRunOptions,
  sink: DiagnosticSink,
  onProgress?: OnProgress,
): Promise<ModelRun> {
  const task = taskOf(model, target, profile, inputs, options, onProgress);
  const simulateMapped = (mapped: MappedModel, record: "all" | "outputs"): Promise<SampleRun> => {
    const [deployment, , , , simulation] = simulationOf(task, mapped, record);
    const { threads, workers, shouldStop } = options;
    const threading: SampleOptions = {
      ...simulation,
      floorline: true,
      ...(threads !== undefined && { threads }),
      ...(workers !== undefined && { workers }),
      ...(shouldStop !== undefined && { shouldStop }),
    };
    return simulateSamples(deployment, target, profile, inputs, threading, onProgress);
  };
  const { map = mapModel, ...own } = options;
  const mappedFor = (keepZeros: boolean, into: DiagnosticSink): MappedModel | Promise<MappedModel> =>
    map(model, target, { ...own, steps: task.modelSteps, keepZeros }, into, onProgress);
  const mapped = await mappedFor(false, sink);
  const done = await simulateMapped(mapped, "all");
  const isStopped = (): boolean => options.shouldStop?.() === true;
  if (isStopped() || options.compareDense !== true) return finish(task, mapped, done, undefined, isStopped());
  const twin = await mappedFor(true, new DiagnosticSink());
  const dense = await simulateMapped(twin, "outputs");
  // Half a twin compares with nothing.
  if (isStopped()) return finish(task, mapped, done, undefined, true);
  return finish(task, mapped, done, measured(task, twin, dense));
}

function taskOf(
  model: Network,
  target: Target,
  profile: Profile,
  inputs: Readonly<Record<string, SpikeData>>,
  options: RunOptions,
  onProgress: OnProgress | undefined,
): Task {
  const modelSteps = options.steps ?? Math.max(...Object.values(inputs).map((data) => data.steps));
  return { model, target, profile, inputs, options, modelSteps, onProgress };
}

function mapFor(
  { model, target, options, modelSteps, onProgress }: Task,
  keepZeros: boolean,
  sink: DiagnosticSink,
): MappedModel {
  return mapModel(model, target, { ...options, steps: modelSteps, keepZeros }, sink, onProgress);
}

function simulationOf(
  { target, profile, inputs, options, modelSteps, onProgress }: Task,
  { compiled }: MappedModel,
  record: "all" | "outputs",
): Parameters<typeof simulateHere> {
  const { timing, rates } = options;
  const simulation = {
    record,
    steps: modelSteps,
    ...(timing !== undefined && { timing }),
    ...(rates !== undefined && { rates }),
  };
  return [compiled.deployment, target, profile, inputs, simulation, onProgress];
}

function measured({ profile, target }: Task, { compiled }: MappedModel, { run }: SampleRun): Measured {
  const { deployment, utilization } = compiled;
  return { deployment, map: utilization, run, energy: priceRun(run, profile, target) };
}

function finish(
  task: Task,
  mapped: MappedModel,
  done: SampleRun,
  dense?: Measured,
  isStopped = false,
): ModelRun {
  const { model, target, profile, inputs, options, modelSteps } = task;
  const { run, floorline } = done;
  const { deployment } = mapped.compiled;
  const { outputs, populations } = deployment;
  const outputName = outputs.length === 1 ? populations[outputs[0].population].name : undefined;
  const compared =
    options.reference === false || isStopped
      ? undefined
      : compareWithModel(
          model,
          inputs,
          modelSteps,
          run.spikes,
          mapped.quantized,
          outputName,
          task.onProgress,
        );
  const quantization = quantizationSection(mapped.quantization);
  const report = buildRunReport({
    ...measured(task, mapped, done),
    generator: GENERATOR,
    deploymentHash: hashOf(deployment),
    model,
    folded: mapped.folded,
    target,
    profile,
    timing: options.timing ?? defaultTiming(profile, options.rates),
    modelSteps,
    quantization:
      compared === undefined ? quantization : { ...quantization, changedSpikes: compared.changedSpikes },
    ...(floorline !== undefined && { floorline }),
    ...(compared !== undefined && { neurobench: neurobenchSection(compared.neurobench) }),
    ...(options.labels !== undefined &&
      outputName !== undefined && {
        accuracy: accuracySection(
          finishedLabels(options.labels, run),
          run.spikes[outputName],
          compared?.output,
        ),
      }),
    ...(dense !== undefined && { dense }),
  });
  return { mapped, report, spikes: inModelNumbers(mapped.quantized, run.spikes) };
}

/** Of the samples that are finished; all, unless the run was stopped. */
export function finishedLabels(
  labels: ArrayLike<number>,
  { stoppedAfter }: SampleRun["run"],
): ArrayLike<number> {
  return stoppedAfter === undefined ? labels : Array.from(labels).slice(0, stoppedAfter);
}

function neurobenchSection(columns: NeuroBenchColumns): NeurobenchSection {
  const { synopsPerSample } = columns;
  return {
    footprintBytes: columns.footprintBytes,
    parameters: columns.parameters,
    connectionSparsityShare: columns.connectionSparsity,
    activationSparsityShare: columns.activationSparsity,
    effectiveAcs: synopsPerSample.effectiveAcs,
    effectiveMacs: synopsPerSample.effectiveMacs,
    denseOperations: synopsPerSample.dense,
    membraneUpdates: columns.membraneUpdatesPerSample,
  };
}

function accuracySection(
  labels: ArrayLike<number>,
  chip: SpikeData,
  model: SpikeData | undefined,
): AccuracySection {
  const chipShare = accuracy(chip, labels);
  if (model === undefined) return { samples: labels.length, chipShare };
  const ofModel = predictions(model);
  const agreeing = predictions(chip).reduce((count, label, s) => count + (label === ofModel[s] ? 1 : 0), 0);
  return {
    samples: labels.length,
    chipShare,
    modelShare: accuracy(model, labels),
    agreeingShare: labels.length === 0 ? 0 : agreeing / labels.length,
  };
}
