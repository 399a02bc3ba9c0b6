import type { Network } from "#ir/network";
import { DiagnosticSink, ToolchainError, type Diagnostic } from "#util/diagnostic";
import { planGraph, type GraphPlan } from "../graph.ts";
import type { TrainedModel } from "../trained-model.ts";
import { trainedFaults } from "./check.ts";
import {
  exportAnalogInput,
  exportInputCoding,
  exportInputDeviation,
  exportRateEncoded,
} from "./export-diagnostics.ts";
import { LayerExporter } from "./layer-exporter.ts";

export interface ExportOptions {
  readonly name: string;
  /**
   * What the input population sends, for models that were trained on images as they are (direct coding).
   * `analog`, the default: the normalised values, in every step, exactly as in training. `rate-encode`: the spikes of the
   * raw pixels, (x / 255 - mean) / deviation being folded into the first weights: an approximation.
   */
  readonly input?:
    | { readonly coding: "analog" }
    | { readonly coding: "rate-encode"; readonly mean: number; readonly deviation: number };
  /** The data are 0 and 1 only: lets a max-pool layer read them. Default false. */
  readonly inputIsBinary?: boolean;
}

export interface ExportedNetwork {
  readonly network: Network;
  readonly notes: readonly Diagnostic[];
}

/**
 * The trained model as level 1 of the compiler: the spikes of the training engine's evaluation, up to the order of sums.
 *
 * One population for each layer that computes, named after it: neurons, and relays for maps. Batch normalisation is part of the
 * weights before it (of those behind it, where there are none before, else a relay); dropout and flatten leave
 * nothing; behind a concatenation a layer has one population, or one set of weights, for each part (`conv.0`, `conv.1`). Layers that
 * the output does not depend on are left out.
 *
 * @throws ToolchainError `train/graph-…`, `train/trained-value-…`, `train/export-…`, all at once
 */
export function trainedModelToNetwork(model: TrainedModel, options: ExportOptions): ExportedNetwork {
  const plan = planGraph(model.graph, model.staticInput);
  const faults = [...trainedFaults(plan, model), ...inputFaults(model, options)];
  if (faults.length > 0) throw new ToolchainError(faults);

  const sink = new DiagnosticSink();
  const note = inputNote(plan, options);
  if (note !== undefined) sink.report(note);
  const network = new LayerExporter(plan, model, sink, {
    isBinary: options.inputIsBinary ?? false,
    normalisation: options.input?.coding === "rate-encode" ? options.input : undefined,
  }).run(options.name);
  sink.throwIfErrors();
  return { network, notes: sink.diagnostics };
}

function inputFaults({ staticInput }: TrainedModel, { name, input }: ExportOptions): Diagnostic[] {
  if (input?.coding !== "rate-encode") return [];
  const { mean, deviation } = input;
  const faults: Diagnostic[] = [];
  if (!staticInput) faults.push(exportInputCoding({ model: name }));
  if (!Number.isFinite(mean) || !(deviation > 0 && deviation < Infinity))
    faults.push(exportInputDeviation({ mean, deviation }));
  return faults;
}

function inputNote(
  { graph, staticInput }: GraphPlan,
  { name, input }: ExportOptions,
): Diagnostic | undefined {
  if (!staticInput) return undefined;
  if (input?.coding === "rate-encode") {
    const { mean, deviation } = input;
    return exportRateEncoded({ model: name, mean, deviation });
  }
  return exportAnalogInput({ model: name, values: graph.inputShape.reduce((a, b) => a * b, 1) });
}
