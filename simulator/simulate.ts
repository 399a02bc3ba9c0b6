import type { Deployment } from "#ir/deployment";
import type { SpikeData } from "#ir/spikes";
import type { Profile, Target } from "#targets/target";
import { DiagnosticSink, invariant } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import type { Observer } from "./activity.ts";
import { checkDeployment, checkInputSizes } from "./check-run.ts";
import { recordUnknown, timingUnknown } from "./diagnostics.ts";
import { checkInputs, type RunLength } from "./inputs.ts";
import { clearTotals } from "./machine-state.ts";
import { createMachine, type Machine } from "./machine.ts";
import type { KernelChoice } from "./memory.ts";
import type { RunResult } from "./result.ts";
import { distinct, runSamples } from "./run-samples.ts";
import { defaultTiming } from "./timing/default-timing.ts";
import { findTiming, TIMING_MODELS } from "./timing/index.ts";
import type { StepTimer, TimingContext, TimingModel } from "./timing/timing.ts";

/** What holds for all runs of a machine. */
export interface PrepareOptions {
  /** Populations whose spikes are kept, besides those of the output ports. Default "outputs": no others. */
  readonly record?: "outputs" | "all" | readonly string[];
  /** Name of a timing model; by default what `defaultTiming` says. */
  readonly timing?: string;
  /** For timing models whose rates the profile lacks (`TimingContext.rates`). */
  readonly rates?: Readonly<Record<string, number>>;
  /** Default `compiled` (WebAssembly), wherever that can be had; results are the same. */
  readonly kernels?: KernelChoice;
}

export interface SimulationRunOptions {
  /** Model steps of one sample; default: the longest input's. Input beyond them is not used. */
  readonly steps?: number;
  /** Only samples [from, to) of the input. */
  readonly samples?: readonly [from: number, to: number];
  /** Called after every step. */
  readonly observe?: Observer;
  /** The same, for those who need no messages: `activity.messages` is there only if the timing model or `observe` wants it. */
  readonly observeCounts?: Observer;
  /** Asked before every sample; if true, the result holds the samples that are finished. */
  readonly shouldStop?: () => boolean;
}

export interface SimulateOptions extends PrepareOptions, SimulationRunOptions {}

/** A deployment that is ready to run, any number of times, one run after the other: each gives what `simulate` would. */
export interface Simulation {
  /** @throws ToolchainError `simulate/...` for everything wrong with inputs and options, all at once */
  run(
    inputs: Readonly<Record<string, SpikeData>>,
    options?: SimulationRunOptions,
    onProgress?: OnProgress,
  ): RunResult;
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
  const plan = planSimulation(deployment, target, profile, options, sink);
  const length = checkInputs(deployment, inputs, options, "spikes", sink);
  checkRecord(deployment, options, sink);
  sink.throwIfErrors();
  return run(build(plan!, options.observe !== undefined), inputs, length, options, onProgress);
}

/**
 * Builds the machine of a deployment once, for runs of parts of the samples: see `simulate`.
 *
 * @param options `messages`: runs may have `observe`; others pay nothing for what it sees
 * @throws ToolchainError `simulate/...` for everything wrong with options, all at once
 */
export function prepareSimulation(
  deployment: Deployment,
  target: Target,
  profile: Profile,
  options: PrepareOptions & { readonly messages?: boolean } = {},
): Simulation {
  const sink = new DiagnosticSink();
  const plan = planSimulation(deployment, target, profile, options, sink);
  checkRecord(deployment, options, sink);
  sink.throwIfErrors();
  const messages = options.messages ?? false;
  const ready = build(plan!, messages);
  return {
    run(inputs, runOptions = {}, onProgress) {
      invariant(messages || runOptions.observe === undefined, "observers need a machine with messages");
      const inputSink = new DiagnosticSink();
      const length = checkInputs(deployment, inputs, runOptions, "spikes", inputSink);
      inputSink.throwIfErrors();
      return run(ready, inputs, length, runOptions, onProgress);
    },
  };
}

/** Steps from the input to the last output: the largest start step of an output population. */
export function pipelineSteps(deployment: Deployment): number {
  return deployment.outputs.reduce(
    (depth, { population }) => Math.max(depth, deployment.populations[population].startStep),
    0,
  );
}

interface SimulationPlan {
  readonly deployment: Deployment;
  readonly timing: TimingModel;
  readonly context: TimingContext;
  readonly options: PrepareOptions;
}

interface ReadyMachine extends SimulationPlan {
  readonly machine: Machine;
  readonly timer: StepTimer;
  /** Someone looks at messages. */
  readonly withMessages: boolean;
}

/** @returns undefined if there is no such timing model; every fault is in the sink */
function planSimulation(
  deployment: Deployment,
  target: Target,
  profile: Profile,
  options: PrepareOptions,
  sink: DiagnosticSink,
): SimulationPlan | undefined {
  checkDeployment(deployment, target, profile, sink);
  const timing = findTiming(options.timing ?? defaultTiming(profile, options.rates));
  if (timing === undefined)
    sink.report(timingUnknown({ name: options.timing!, known: TIMING_MODELS.map(({ name }) => name) }));
  const coreIds = Uint32Array.from(deployment.cores, ({ core }) => core);
  const tilesOn = distinct(coreIds, target.mesh.coresPerTile);
  const { rates } = options;
  const context = { profile, target, coreIds, tilesOn, ...(rates === undefined ? {} : { rates }) };
  const refusal = timing?.refuses?.(context);
  if (refusal !== undefined) sink.report(refusal);
  return timing && { deployment, timing, context, options };
}

function checkRecord(
  { populations }: Deployment,
  { record = "outputs" }: PrepareOptions,
  sink: DiagnosticSink,
): void {
  if (typeof record === "string") return;
  const mapped = populations.filter(({ core }) => core.length > 0).map(({ name }) => name);
  for (const name of record)
    if (!mapped.includes(name)) sink.report(recordUnknown({ name, populations: mapped }));
}

function build(plan: SimulationPlan, observed: boolean): ReadyMachine {
  const { deployment, timing, context, options } = plan;
  const withMessages = timing.needs === "messages" || observed;
  const machine = createMachine(deployment, {
    messages: withMessages,
    ...(options.kernels === undefined ? {} : { kernels: options.kernels }),
  });
  const timer = timing.prepare(withMessages ? { ...context, tables: machine.tables } : context);
  return { ...plan, machine, timer, withMessages };
}

function run(
  { machine, deployment, context, timer, withMessages, options: { record = "outputs" } }: ReadyMachine,
  inputs: Readonly<Record<string, SpikeData>>,
  length: RunLength,
  options: SimulationRunOptions,
  onProgress: OnProgress | undefined,
): RunResult {
  const sink = new DiagnosticSink();
  checkInputSizes(machine, deployment, length, sink);
  sink.throwIfErrors();
  clearTotals(machine);
  return runSamples(
    { machine, deployment, context, timer, withMessages, record, steps: pipelineSteps(deployment) },
    inputs,
    length,
    options,
    onProgress,
  );
}
