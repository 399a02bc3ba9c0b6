// `spinec simulate` as functions: a deployment on its chip, or a model on its reference.
import type { Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { energySection, runSection, timeSection } from "#report/run-report";
import type { SimulationReport } from "#report/simulation-text";
import { accuracy } from "#simulator/accuracy";
import { priceRun } from "#simulator/energy";
import { isIntegerNetwork, simulateModelReference } from "#simulator/reference-model";
import { simulate } from "#simulator/simulate";
import { TIMING_MODELS } from "#simulator/timing/index";
import type { Profile, Target } from "#targets/target";
import type { OnProgress } from "#util/progress";
import { GENERATOR } from "./version.ts";

export interface SimulationOptions {
  readonly steps?: number;
  readonly timing?: string;
  readonly labels?: ArrayLike<number>;
  /** Float reference only: shifts what is recorded. */
  readonly outDelaySteps?: number;
}

export interface SimulationOutcome {
  readonly report: SimulationReport;
  /** Of the output populations. */
  readonly spikes: Readonly<Record<string, SpikeData>>;
}

/** Runs a deployment on the machine it was compiled for. Throws `ToolchainError` for faults of inputs and options. */
export function simulateDeployment(
  deployment: Deployment,
  target: Target,
  profile: Profile,
  inputs: Readonly<Record<string, SpikeData>>,
  options: SimulationOptions,
  onProgress?: OnProgress,
): SimulationOutcome {
  const modelSteps = options.steps ?? longest(inputs);
  const timing = options.timing ?? TIMING_MODELS[0].name;
  const run = simulate(deployment, target, profile, inputs, { steps: modelSteps, timing }, onProgress);
  return {
    spikes: run.spikes,
    report: {
      ...outputSection(deployment.network, target.name, run.spikes, modelSteps, options.labels),
      run: runSection(run, modelSteps),
      energy: energySection(priceRun(run, profile, target)),
      time: timeSection(run, timing),
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
    { steps: modelSteps, record: "outputs", outDelaySteps: options.outDelaySteps ?? 0 },
    onProgress,
  );
  return {
    spikes: recorded,
    report: outputSection(network.name, on, recorded, modelSteps, options.labels),
  };
}

function outputSection(
  name: string,
  on: string,
  spikes: Readonly<Record<string, SpikeData>>,
  modelSteps: number,
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
      spikesPerInference:
        data.samples.reduce((sum, events) => sum + events.index.length, 0) / Math.max(1, samples),
    })),
    ...(labels !== undefined && outputs.length === 1 && { accuracyShare: accuracy(outputs[0][1], labels) }),
  };
}

const longest = (inputs: Readonly<Record<string, SpikeData>>): number =>
  Math.max(...Object.values(inputs).map((data) => data.steps));
