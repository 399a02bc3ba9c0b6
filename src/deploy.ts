// From a model to a chip, as functions: fold, quantize, map, verify.
import { compile, type CompileOptions, type CompileResult } from "#compiler/compile";
import { verify, type VerifyReport } from "#compiler/verify";
import { runPasses } from "#compiler/pass";
import { passesOf, PIPELINES } from "#compiler/passes/index";
import { quantize, type QuantizationReport, type QuantizeOptions } from "#compiler/passes/quantize";
import { hashOf } from "#formats/deployment-file/index";
import type { Network } from "#ir/network";
import { buildCompileReport, type CompileReport } from "#report/compile-report";
import type { QuantizationSection } from "#report/run-report";
import { findPacker } from "#targets/index";
import type { Target } from "#targets/target";
import type { DiagnosticSink } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
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
  const verified = verify(compiled.deployment, compiled.network, target, sink, onProgress);
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
  const packer = findPacker(target, options.packer, sink);
  sink.throwIfErrors();
  const context = { target, sink, ...(packer !== undefined && { packer }) };
  const { prepare, legalize } = target.passes ?? {};
  const before = prepare === undefined ? PIPELINES.default : passesOf(prepare);
  const folded = runPasses(
    model,
    keepZeros ? before.filter(({ name }) => name !== "drop-zero-synapses") : before,
    context,
  );
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
  const after = legalize === undefined ? PIPELINES["after-quantize"] : passesOf(legalize);
  const quantized = runPasses(network, after, context);
  return { folded, quantized, quantization: report };
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
