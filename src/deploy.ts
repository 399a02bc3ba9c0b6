// From a model to a chip, as functions: fold, quantize, map, verify.
import { compile, DEFAULT_EFFORT, type CompileOptions, type CompileResult } from "#compiler/compile";
import { editFolded, editModel, type NetworkEdits } from "#compiler/edit/index";
import { verify, type VerifyReport } from "#compiler/verify";
import { verifyRewrite } from "#compiler/verify-rewrite";
import { runPasses, type PassContext } from "#compiler/pass";
import { removeDead } from "#compiler/normalise/remove-dead";
import { passesOf, PIPELINES } from "#compiler/passes/index";
import { quantize, type QuantizationReport, type QuantizeOptions } from "#compiler/passes/quantize";
import { hashOf } from "#formats/deployment-file/index";
import type { Deployment } from "#ir/deployment";
import { RESOURCES } from "#ir/block-graph";
import type { Network } from "#ir/network";
import { buildCompileReport, type CompileReport } from "#report/compile-report";
import type { QuantizationSection } from "#report/run-report";
import { caveats, reportOnly } from "#targets/diagnostics";
import { findPacker } from "#targets/index";
import type { Target } from "#targets/target";
import type { DiagnosticSink } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import { ratesOfMapped } from "./removed-neurons.ts";
import { GENERATOR } from "./version.ts";

export interface MapOptions
  extends
    Pick<
      CompileOptions,
      | "packer"
      | "partitioner"
      | "placer"
      | "chips"
      | "share"
      | "rules"
      | "seed"
      | "effort"
      | "objective"
      | "profile"
      | "spikesPerStep"
      | "shouldStop"
    >,
    Pick<QuantizeOptions, "weightBits" | "decayLevels"> {
  /** Store pruned weights as zeros: what the unpruned network would cost. */
  readonly keepZeros?: boolean;
  /** Keep neurons that never fire or that no output can hear. Chips with a way of their own keep them anyway. */
  readonly keepDead?: boolean;
  /** Model steps of one inference, where known: bounds how far sums without leak can run. */
  readonly steps?: number;
  /** Changes that make it fit: pruning, fewer or split channels, another reset. */
  readonly edits?: NetworkEdits;
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
  const { spikesPerStep } = options;
  const compiled = compile(
    quantized,
    target,
    {
      ...options,
      ...(spikesPerStep !== undefined && { spikesPerStep: ratesOfMapped(quantized, spikesPerStep) }),
    },
    sink,
    onProgress,
  );
  const verified = verify(compiled.deployment, compiled.network, target, sink, onProgress);
  if (compiled.network !== quantized) verifyRewrite(quantized, compiled.network, sink);
  sink.throwIfErrors();
  if (target.caveats !== undefined && target.caveats.length > 0)
    sink.report(
      caveats({ target: target.name, status: target.status ?? "supported", texts: target.caveats }),
    );
  return { folded, quantized, quantization, compiled, verified };
}

/**
 * The part of `mapModel` that is about the network alone: edit, fold, quantize, align.
 *
 * @throws ToolchainError with everything that was found at the first stage that found an error
 */
export function prepareModel(
  model: Network,
  target: Target,
  options: MapOptions,
  sink: DiagnosticSink,
): Pick<MappedModel, "folded" | "quantized" | "quantization"> {
  return lowerFolded(foldModel(model, target, options, sink), target, options, sink);
}

/** The first part of `prepareModel`: what is asked to change in the model itself, and neurons joined directly. */
export function foldModel(
  model: Network,
  target: Target,
  options: MapOptions,
  sink: DiagnosticSink,
): Network {
  const { keepZeros = false, edits } = options;
  const edited = edits === undefined ? model : editModel(model, edits, sink);
  const before = target.passes?.prepare;
  const passes = before === undefined ? PIPELINES.default : passesOf(before);
  return runPasses(
    edited,
    keepZeros ? passes.filter(({ name }) => name !== "drop-zero-synapses") : passes,
    passContext(target, options, sink),
  );
}

/** The second part: what is asked to change in populations, and the chip's integers. */
export function lowerFolded(
  unedited: Network,
  target: Target,
  options: MapOptions,
  sink: DiagnosticSink,
): Pick<MappedModel, "folded" | "quantized" | "quantization"> {
  const { edits } = options;
  const folded = edits === undefined ? unedited : editFolded(unedited, edits, sink);
  sink.throwIfErrors();
  const { network, report } = quantize(
    folded,
    target,
    {
      keepZeros: options.keepZeros ?? false,
      ...(options.weightBits !== undefined && { weightBits: options.weightBits }),
      ...(options.decayLevels !== undefined && { decayLevels: options.decayLevels }),
      ...(options.rules !== undefined && { rules: options.rules }),
      ...(options.steps !== undefined && { horizonSteps: options.steps }),
    },
    sink,
  );
  sink.throwIfErrors();
  const { legalize } = target.passes ?? {};
  const isWhole = options.keepDead === true || options.keepZeros === true;
  const after =
    legalize !== undefined
      ? passesOf(legalize)
      : [...(isWhole ? [] : [removeDead]), ...PIPELINES["after-quantize"]];
  const quantized = runPasses(network, after, passContext(target, options, sink));
  return { folded, quantized, quantization: report };
}

function passContext(target: Target, { packer: name }: MapOptions, sink: DiagnosticSink): PassContext {
  if (target.status === "report-only")
    sink.report(reportOnly({ target: target.name, reasons: target.caveats ?? [] }));
  const packer = findPacker(target, name, sink);
  sink.throwIfErrors();
  return { target, sink, ...(packer !== undefined && { packer }) };
}

/**
 * Proof that a deployment is a model: the model is lowered again, with the same options, and compared. Where the chip needs
 * copies of neurons, the compiler adds them again, and they are proved to be copies.
 *
 * @throws ToolchainError with everything that was found at the first stage that found an error
 */
export function verifyModel(
  deployment: Deployment,
  model: Network,
  target: Target,
  options: MapOptions,
  sink: DiagnosticSink,
  onProgress?: OnProgress,
): VerifyReport {
  const { quantized } = prepareModel(model, target, options, sink);
  const isRewritten = deployment.populations.length > quantized.populations.length;
  const mapped = isRewritten ? compile(quantized, target, options, sink, onProgress).network : quantized;
  if (mapped !== quantized) verifyRewrite(quantized, mapped, sink);
  const report = verify(deployment, mapped, target, sink, onProgress);
  sink.throwIfErrors();
  return report;
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
  { effort = DEFAULT_EFFORT, objective = "hops" }: Pick<MapOptions, "effort" | "objective"> = {},
): CompileReport {
  const { deployment, utilization, bounds, partitioner, placer } = mapped.compiled;
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
    search: {
      effort,
      objective,
      partitioner,
      placer,
      coreBounds: RESOURCES.flatMap((resource) => {
        const cores = bounds.byResource[resource];
        return cores === undefined ? [] : [{ resource, cores }];
      }),
      coreBound: bounds.cores,
      coresAtFoundLists: bounds.atFoundLists,
      connectivity: bounds.connectivity,
      hops: bounds.hops,
      hopsBound: bounds.hopsBound,
    },
  });
}
