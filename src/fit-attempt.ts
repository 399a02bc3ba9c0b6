// One compilation of `spinec fit`: a model on a chip with some settings, on as many chips as it takes.
import { compile, type CompileResult } from "#compiler/compile";
import { chipsWanted, withSettings, type FittingTrial, type Settings } from "#compiler/explain/index";
import type { QuantizationReport } from "#compiler/passes/quantize";
import { verify } from "#compiler/verify";
import { verifyRewrite } from "#compiler/verify-rewrite";
import type { Network } from "#ir/network";
import type { Target } from "#targets/target";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import { foldModel, lowerFolded, type MapOptions } from "./deploy.ts";
import { weightErrorShare } from "./fit-error.ts";

/** A model that fits, read back. */
export interface Fitted extends FittingTrial {
  /** Neurons joined directly, before channels were removed. */
  readonly folded: Network;
  readonly compiled: CompileResult;
}

/** Compiles one model again and again; what two settings have in common is done once. */
export class FitAttempts {
  readonly #model: Network;
  readonly #options: MapOptions;
  #prepared: { readonly key: string; readonly value: Prepared } | undefined;

  /** @param options `chips` is what may be used; absent: all that the target allows, and no more than it takes */
  constructor(model: Network, options: MapOptions) {
    this.#model = model;
    this.#options = options;
  }

  /** @throws ToolchainError with everything that was found at the first stage that found an error */
  map(target: Target, settings: Settings, onProgress?: OnProgress): Fitted {
    const options = this.optionsWith(settings);
    const prepared = this.#prepare(target, options);
    const compiled = onEnoughChips(prepared.quantized, target, options, onProgress);
    const sink = new DiagnosticSink();
    verify(compiled.deployment, compiled.network, target, sink, onProgress);
    if (compiled.network !== prepared.quantized) verifyRewrite(prepared.quantized, compiled.network, sink);
    sink.throwIfErrors();
    const { cores, chips } = compiled.utilization;
    return {
      fits: true,
      cores,
      chips,
      weightErrorShare: weightErrorShare(
        this.#model,
        options.edits,
        prepared.unshaped,
        prepared.folded,
        prepared.quantization,
      ),
      folded: prepared.unshaped,
      compiled,
    };
  }

  /** The folded model, or undefined if it does not come so far. */
  fold(target: Target): Network | undefined {
    try {
      return foldModel(this.#model, target, this.#options, new DiagnosticSink());
    } catch (error) {
      if (error instanceof ToolchainError) return undefined;
      throw error;
    }
  }

  /** Options for the target itself, or (`settings.target`) for another: packers and algorithms of one chip mean nothing to it. */
  optionsWith({ target, ...settings }: Settings): MapOptions {
    if (target === undefined) return { ...this.#options, ...withSettings(this.#options, settings) };
    const general = { ...this.#options };
    delete general.packer;
    delete general.partitioner;
    delete general.placer;
    delete general.profile;
    return general;
  }

  #prepare(target: Target, options: MapOptions): Prepared {
    const { packer, weightBits, decayLevels, edits } = options;
    const key = JSON.stringify([target.name, packer, weightBits, decayLevels, edits]);
    if (this.#prepared?.key === key) return this.#prepared.value;
    const sink = new DiagnosticSink();
    const unshaped = foldModel(this.#model, target, options, sink);
    const value = { unshaped, ...lowerFolded(unshaped, target, options, sink) };
    this.#prepared = { key, value };
    return value;
  }
}

interface Prepared {
  readonly unshaped: Network;
  readonly folded: Network;
  readonly quantized: Network;
  readonly quantization: QuantizationReport;
}

/** Rounds of "needs so many, and then a few more because ways between chips cost entries". */
const CHIP_ROUNDS = 6;

function onEnoughChips(
  network: Network,
  target: Target,
  options: MapOptions,
  onProgress: OnProgress | undefined,
): CompileResult {
  const max = target.mesh.maxChips.value;
  for (let chips = options.chips ?? 1, round = 1; ; round++) {
    try {
      return compile(network, target, { ...options, chips }, new DiagnosticSink(), onProgress);
    } catch (error) {
      if (options.chips !== undefined || !(error instanceof ToolchainError)) throw error;
      const wanted = Math.max(chipsWanted(error.diagnostics) ?? Infinity, chips + 1);
      if (wanted > max || round === CHIP_ROUNDS) throw error;
      chips = wanted;
    }
  }
}
