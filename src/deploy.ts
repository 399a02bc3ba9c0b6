// The whole flow as functions: model → map → run → report. The command line only reads, calls these, and prints.
import { compile, type CompileOptions, type CompileResult } from "#compiler/compile";
import { verify, type VerifyReport } from "#compiler/verify";
import { runPasses } from "#compiler/pass";
import { PIPELINES } from "#compiler/passes/index";
import { quantize, type QuantizationReport, type QuantizeOptions } from "#compiler/passes/quantize";
import { hashOf } from "#formats/deployment-file/index";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import {
  buildRunReport,
  type AccuracySection,
  type Measured,
  type NeurobenchSection,
  type QuantizationSection,
  type RunReport,
} from "#report/run-report";
import { buildCompileReport, type CompileReport } from "#report/compile-report";
import { accuracy, predictions } from "#simulator/accuracy";
import { priceRun } from "#simulator/energy";
import type { NeuroBenchColumns } from "#simulator/neurobench";
import { simulate } from "#simulator/simulate";
import { TIMING_MODELS } from "#simulator/timing/index";
import type { Profile, Target } from "#targets/target";
import { DiagnosticSink } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import { compareWithModel } from "./compare-model.ts";
import { GENERATOR } from "./version.ts";

export interface MapOptions
  extends
    Pick<CompileOptions, "packer" | "chips" | "share" | "rules" | "seed">,
    Pick<QuantizeOptions, "weightBits" | "decayLevels"> {
  /** Store pruned weights as zeros: what the unpruned network would cost. */
  readonly keepZeros?: boolean;
  /** Model steps of one inference, where known: bounds how far sums without leak can run. */
  readonly steps?: number;
}

/** A model on a chip, with every level it went through. */
export interface MappedModel {
  /** Neurons joined directly, real weights. */
  readonly folded: Network;
  /** Integer weights and parameters, start steps set. */
  readonly quantized: Network;
  readonly quantization: QuantizationReport;
  readonly compiled: CompileResult;
  readonly verified: VerifyReport;
}

/**
 * Lowers a model onto a target: fold, quantize, align, compile, and verify by reading the result back.
 *
 * @throws ToolchainError with everything that was found at the first stage that found an error
 */
export function mapModel(
  model: Network,
  target: Target,
  options: MapOptions,
  sink: DiagnosticSink,
  onProgress?: OnProgress,
): MappedModel {
  const { folded, quantized, quantization } = prepareModel(model, target, options, sink);
  const compiled = compile(quantized, target, options, sink, onProgress);
  const verified = verify(compiled.deployment, quantized, target, sink, onProgress);
  sink.throwIfErrors();
  return { folded, quantized, quantization, compiled, verified };
}

/**
 * The part of `mapModel` that is about the network alone: fold, quantize, align.
 *
 * @throws ToolchainError with everything that was found at the first stage that found an error
 */
export function prepareModel(
  model: Network,
  target: Target,
  options: MapOptions,
  sink: DiagnosticSink,
): Pick<MappedModel, "folded" | "quantized" | "quantization"> {
  const { keepZeros = false } = options;
  const context = { target, sink };
  const folded = runPasses(model, keepZeros ? PIPELINES["keep-zeros"] : PIPELINES.default, context);
  const { network, report } = quantize(
    folded,
    target,
    {
      keepZeros,
      ...(options.weightBits !== undefined && { weightBits: options.weightBits }),
      ...(options.decayLevels !== undefined && { decayLevels: options.decayLevels }),
      ...(options.rules !== undefined && { rules: options.rules }),
      ...(options.steps !== undefined && { horizonSteps: options.steps }),
    },
    sink,
  );
  sink.throwIfErrors();
  const quantized = runPasses(network, PIPELINES["after-quantize"], context);
  return { folded, quantized, quantization: report };
}

export interface RunOptions extends MapOptions {
  readonly timing?: string;
  readonly labels?: ArrayLike<number>;
  /** Run the float reference too: changed spikes, NeuroBench columns, the model's accuracy. Default true. */
  readonly reference?: boolean;
  /** Also map and run the network with every pruned weight stored as a zero. */
  readonly compareDense?: boolean;
}

export interface ModelRun {
  readonly mapped: MappedModel;
  readonly report: RunReport;
  /** Spikes of every neuron population, in model steps. */
  readonly spikes: Readonly<Record<string, SpikeData>>;
}

/**
 * Compile, simulate, price and report in one go.
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
  const modelSteps = options.steps ?? Math.max(...Object.values(inputs).map((data) => data.steps));
  const measure = (keepZeros: boolean, into: DiagnosticSink): Measured & { mapped: MappedModel } => {
    const mapped = mapModel(model, target, { ...options, steps: modelSteps, keepZeros }, into, onProgress);
    const { deployment, utilization } = mapped.compiled;
    const run = simulate(
      deployment,
      target,
      profile,
      inputs,
      {
        record: keepZeros ? "outputs" : "all",
        steps: modelSteps,
        ...(options.timing !== undefined && { timing: options.timing }),
      },
      onProgress,
    );
    return { mapped, deployment, map: utilization, run, energy: priceRun(run, profile, target) };
  };

  const { mapped, ...pruned } = measure(false, sink);
  const outputs = mapped.compiled.deployment.outputs;
  const outputName =
    outputs.length === 1 ? mapped.compiled.deployment.populations[outputs[0].population].name : undefined;
  const compared =
    options.reference === false
      ? undefined
      : compareWithModel(model, inputs, modelSteps, pruned.run.spikes, outputName, onProgress);
  const quantization = quantizationSection(mapped.quantization);
  const report = buildRunReport({
    ...pruned,
    generator: GENERATOR,
    deploymentHash: hashOf(mapped.compiled.deployment),
    model,
    folded: mapped.folded,
    target,
    timing: options.timing ?? TIMING_MODELS[0].name,
    modelSteps,
    quantization:
      compared === undefined ? quantization : { ...quantization, changedSpikes: compared.changedSpikes },
    ...(compared !== undefined && { neurobench: neurobenchSection(compared.neurobench) }),
    ...(options.labels !== undefined &&
      outputName !== undefined && {
        accuracy: accuracySection(options.labels, pruned.run.spikes[outputName], compared?.output),
      }),
    // The unpruned twin repeats what the sink already says.
    ...(options.compareDense === true && { dense: measure(true, new DiagnosticSink()) }),
  });
  return { mapped, report, spikes: pruned.run.spikes };
}

/** What reports say of the step to integers. */
export function quantizationSection({ projections }: QuantizationReport): QuantizationSection {
  return {
    projections: projections.map(({ name, weightBits, signMode, weightExponent, snrDb, zerosCreated }) => ({
      name,
      weightBits,
      signMode,
      weightExponent,
      snrDb: Number.isFinite(snrDb) ? snrDb : null,
      zerosCreated,
    })),
  };
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

/** What `spinec compile` has to say of a mapped model. */
export function compileReport(
  model: Network,
  mapped: MappedModel,
  target: Target,
  deploymentBytes: number,
): CompileReport {
  const { deployment, utilization } = mapped.compiled;
  return buildCompileReport({
    generator: GENERATOR,
    deploymentHash: hashOf(deployment),
    deploymentBytes,
    model,
    folded: mapped.folded,
    quantization: quantizationSection(mapped.quantization),
    deployment,
    map: utilization,
    target,
  });
}
