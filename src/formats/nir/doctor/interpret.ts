import { isArray } from "../fields.ts";
import type { NirArray, NirFile, NirGraph, NirNode } from "../graph.ts";
import { nodeType } from "../nodes.ts";
import type { Interpretation } from "./reader.ts";
import { layerOf } from "./values.ts";

/** The file with the parameters that a reader works with, in the file's own fields. */
export function asRead(file: NirFile, interpretation: Interpretation): NirFile {
  return { ...file, root: readGraph(file.root, interpretation) };
}

function readGraph(graph: NirGraph, interpretation: Interpretation): NirGraph {
  return { ...graph, nodes: graph.nodes.map((node) => readNode(node, interpretation)) };
}

function readNode(node: NirNode, interpretation: Interpretation): NirNode {
  if (node.graph !== undefined) return { ...node, graph: readGraph(node.graph, interpretation) };
  const definition = nodeType(node.type);
  if (definition?.kind !== "neuron") return node;
  const layer = layerOf(node);
  const size = Math.max(0, ...Object.values(layer).map((values) => values.length));
  const shape = Object.values(node.fields).find(
    (field): field is NirArray => isArray(field) && field.data.length === size,
  )?.shape ?? [size];
  const replaced: Record<string, Float64Array> = {};
  for (let i = 0; i < size; i++)
    for (const [field, value] of Object.entries(interpretation.neuron(node.type, i, layer))) {
      if (layer[field] === undefined) continue;
      replaced[field] ??= new Float64Array(size);
      replaced[field][i] = value;
    }
  const fields = Object.entries(replaced).map(
    ([field, data]) => [field, { data, shape, dtype: "float64" }] as const,
  );
  return { ...node, fields: { ...node.fields, ...Object.fromEntries(fields) } };
}
