// A trained network as plain data: what an export, a checkpoint and an exact shrink all start from.
import { ToolchainError } from "#util/diagnostic";
import type { LayerGraph, GraphPlan } from "./graph.ts";
import type { Parameters } from "./parameters.ts";
import { trainedValueMissing, trainedValueShape } from "./trained-model-diagnostics.ts";

export interface TrainedModel {
  readonly graph: LayerGraph;
  /** True: one image for all steps (direct coding), as in `planGraph`. */
  readonly staticInput: boolean;
  /** By `layer.role`, flat, in the shape of the parameter. */
  readonly values: Readonly<Record<string, Float32Array>>;
  /** Running statistics, by batch-norm layer. */
  readonly statistics: Readonly<Record<string, ChannelStatistics>>;
}

export interface ChannelStatistics {
  /** `[channels]` */
  readonly mean: Float32Array;
  /** `[channels]`, unbiased. */
  readonly variance: Float32Array;
}

/** A copy of the visible values: later training does not change it. */
export function trainedModelOf(plan: GraphPlan, parameters: Parameters): TrainedModel {
  return {
    graph: plan.graph,
    staticInput: plan.staticInput,
    values: Object.fromEntries(parameters.list.map((p) => [p.name, Float32Array.from(p.value)])),
    statistics: Object.fromEntries(
      parameters.statistics.map(({ layer, mean, variance }) => [
        layer,
        { mean: Float32Array.from(mean), variance: Float32Array.from(variance) },
      ]),
    ),
  };
}

/**
 * Writes the model's values into parameters made for its graph.
 *
 * @throws ToolchainError `train/trained-value-…`, all at once; nothing is written then
 */
export function loadTrainedModel(model: TrainedModel, parameters: Parameters): void {
  const pairs = [
    ...parameters.list.map((p) => ({ name: p.name, to: p.value, from: model.values[p.name] })),
    ...parameters.statistics.flatMap(({ layer, mean, variance }) => [
      { name: `${layer}.mean`, to: mean, from: model.statistics[layer]?.mean },
      { name: `${layer}.variance`, to: variance, from: model.statistics[layer]?.variance },
    ]),
  ];
  const faults = pairs.flatMap(({ name, to, from }) => {
    if (from === undefined) return [trainedValueMissing({ name, length: to.length })];
    return from.length === to.length
      ? []
      : [trainedValueShape({ name, needed: to.length, found: from.length })];
  });
  if (faults.length > 0) throw new ToolchainError(faults);
  for (const { to, from } of pairs) to.set(from);
}
