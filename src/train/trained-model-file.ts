// The project's own file for a trained network: graph and numbers, in the container of the checkpoints.
import { DiagnosticSink, type Diagnostic } from "#util/diagnostic";
import { trainedModelField } from "./checkpoint-diagnostics.ts";
import { decodeState, encodeState } from "./checkpoint.ts";
import { planGraph, type LayerGraph } from "./graph.ts";
import type { StateTree, StateValue } from "./state.ts";
import type { ChannelStatistics, TrainedModel } from "./trained-model.ts";

/** The model as a part of a larger state. */
export function trainedModelToState(model: TrainedModel): StateTree {
  return {
    graph: JSON.stringify(model.graph),
    staticInput: model.staticInput,
    values: model.values,
    statistics: Object.fromEntries(
      Object.entries(model.statistics).map(([layer, { mean, variance }]) => [layer, { mean, variance }]),
    ),
  };
}

/** @throws ToolchainError `train/trained-model-field`, every fault at once; `train/graph-…` */
export function trainedModelFromState(state: StateTree): TrainedModel {
  const sink = new DiagnosticSink();
  const { staticInput } = state;
  const graph = graphOf(state.graph);
  const values = isTree(state.values) ? state.values : {};
  const statistics = isTree(state.statistics) ? state.statistics : {};
  const need = (holds: boolean, field: string, needed: string): void => {
    if (!holds) sink.report(fault(field, needed));
  };
  need(graph !== undefined, "graph", "a network as JSON");
  need(typeof staticInput === "boolean", "staticInput", "true or false");
  need(isTree(state.values), "values", "a group of arrays");
  need(isTree(state.statistics), "statistics", "a group of arrays");
  for (const [name, value] of Object.entries(values))
    need(value instanceof Float32Array, `values["${name}"]`, "an array of float32 numbers");
  for (const [layer, part] of Object.entries(statistics))
    need(isStatistics(part), `statistics["${layer}"]`, "two arrays of float32 numbers, mean and variance");
  sink.throwIfErrors();
  const isStatic = staticInput === true;
  planGraph(graph as LayerGraph, isStatic);
  return {
    graph: graph as LayerGraph,
    staticInput: isStatic,
    values: values as Record<string, Float32Array>,
    statistics: statistics as Record<string, StateTree & ChannelStatistics>,
  };
}

export function encodeTrainedModel(model: TrainedModel): Uint8Array {
  return encodeState(trainedModelToState(model), "trained model");
}

/** @throws ToolchainError `train/checkpoint-…` if the file is damaged or another; `train/trained-model-field` */
export function decodeTrainedModel(bytes: Uint8Array): TrainedModel {
  return trainedModelFromState(decodeState(bytes, "trained model"));
}

function graphOf(text: StateValue | undefined): LayerGraph | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const graph = JSON.parse(text) as Partial<LayerGraph> | null;
    return Array.isArray(graph?.layers) && Array.isArray(graph.inputShape)
      ? (graph as LayerGraph)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const fault = (field: string, needed: string): Diagnostic => trainedModelField({ field, needed });

function isTree(value: StateValue | undefined): value is StateTree {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function isStatistics(value: StateValue): boolean {
  return isTree(value) && value.mean instanceof Float32Array && value.variance instanceof Float32Array;
}
