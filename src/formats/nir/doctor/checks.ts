import { isArray } from "../fields.ts";
import type { NirGraph, NirNode } from "../graph.ts";
import {
  constructorRefuses,
  dimensionsDropped,
  duplicateEdgesDropped,
  flattensBatch,
  nestedRefused,
  notHomogeneous,
  severalPorts,
  unsupportedNode,
  valueRefused,
} from "./diagnostics.ts";
import type { FileView, Report } from "./reader.ts";
import { reportStrictFaults } from "./strict.ts";
import { distinct, notClose, rankOf } from "./values.ts";

// What several readers have in common. Nodes are looked at in name order, as readers meet them.

/** Calls `visit` for every node that is no graph, nested ones included. */
export function eachNode(graph: NirGraph, visit: (node: NirNode) => void): void {
  for (const node of graph.nodes) {
    if (node.graph === undefined) visit(node);
    else eachNode(node.graph, visit);
  }
}

/** Every importer written in Python begins with `nir.read`. */
export function readsThroughNir({ file }: FileView, reader: string, report: Report): void {
  reportStrictFaults(file.root, reader, true, report);
}

const PYTHON_MODULES: Readonly<Record<string, string>> = {
  Conv1d: "conv",
  Conv2d: "conv",
  Linear: "linear",
  Affine: "linear",
  Scale: "linear",
  SumPool2d: "pooling",
  AvgPool2d: "pooling",
  Flatten: "flatten",
  Delay: "delay",
  Threshold: "threshold",
  NIRGraph: "graph",
};

/** The class of a node as Python prints it. */
export function pythonClass(type: string): string {
  return `<class 'nir.ir.${PYTHON_MODULES[type] ?? "neuron"}.${type}'>`;
}

/** A node's name as PyTorch may call a module. */
export const moduleName = (name: string): string => name.replaceAll(".", "_");

/** Reports every node of another type than `takes`; Input and Output are always taken. */
export function onlyTypes(
  { file }: FileView,
  reader: string,
  takes: readonly string[],
  says: (node: NirNode) => string,
  report: Report,
): void {
  eachNode(file.root, (node) => {
    if (takes.includes(node.type) || node.type === "Input" || node.type === "Output") return;
    report(unsupportedNode({ reader, node, takes: takes.join(", "), says: says(node) }));
  });
}

/** Types that NIRTorch maps by itself for every importer built on `nir_to_torch`. */
export const NIRTORCH_DEFAULTS = [
  "Affine",
  "AvgPool2d",
  "Conv1d",
  "Conv2d",
  "Flatten",
  "Linear",
  "SumPool2d",
] as const;

export const unknownToNirtorch = ({ type }: NirNode): string => `Unknown node type ${pythonClass(type)}`;

/** Graphs inside the graph stop every importer built on `nirtorch.nir_to_torch` 2.0. */
export function noNesting({ file }: FileView, reader: string, says: string, report: Report): void {
  for (const node of file.root.nodes) {
    if (node.graph === undefined) continue;
    const why = "NIRTorch 2.0 cannot build the state of a graph inside a graph";
    report(nestedRefused({ reader, node, why, says }));
  }
}

export const NESTED_STATE = "'GraphModule' object has no attribute 'items'";

/** Pools whose kernel or stride is a scalar, which PyTorch importers try to make a tuple of. */
export function scalarWindows(
  view: FileView,
  reader: string,
  types: readonly string[],
  report: Report,
): void {
  eachNode(view.file.root, (node) => {
    if (!types.includes(node.type)) return;
    const scalar = ["kernel_size", "stride", "padding"].filter((field) => rankOf(node.fields[field]) === 0);
    if (scalar.length === 0) return;
    const problem = `${scalar.join(" and ")} are single numbers where it wants two`;
    report(constructorRefuses({ reader, node, problem, says: "'numpy.int64' object is not iterable" }));
  });
}

/** Zeros around a summing pool, which the PyTorch importers do not add. */
export function sumPoolPadding({ file }: FileView, reader: string, report: Report): void {
  eachNode(file.root, (node) => {
    if (node.type !== "SumPool2d" || distinct(node.fields.padding).every((zeros) => zeros === 0)) return;
    const value = isArray(node.fields.padding) ? `[${node.fields.padding.data.join(", ")}]` : "text";
    report(dimensionsDropped({ reader, node, field: "padding", value }));
  });
}

/** One value of a field for all neurons of a layer. */
export function uniform(node: NirNode, reader: string, field: string, says: string, report: Report): void {
  const values = distinct(node.fields[field]).length;
  if (values > 1) report(notHomogeneous({ reader, node, field, values, says }));
}

/** All values of a field close to one number. */
export function allClose(
  node: NirNode,
  reader: string,
  { field, wanted, says }: { field: string; wanted: number; says: string },
  report: Report,
): void {
  const wrong = notClose(node.fields[field], wanted);
  if (wrong === 0) return;
  const values = distinct(node.fields[field]);
  const found = `${values[0]}${values.length > 1 ? ` to ${values[values.length - 1]}` : ""}`;
  report(valueRefused({ reader, node, field, needs: String(wanted), found, says }));
}

export function oneInput(
  { file }: FileView,
  reader: string,
  severity: "error" | "warning",
  says: string,
  report: Report,
): void {
  const names = file.root.nodes.filter(({ type }) => type === "Input").map(({ name }) => name);
  if (names.length > 1) report(severalPorts({ reader, type: "Input", names, severity, says }));
}

/** Flatten from the first axis, where the reader adds a batch axis and does not count it. */
export function unshiftedFlatten({ file }: FileView, reader: string, report: Report): void {
  eachNode(file.root, (node) => {
    const startDim = node.type === "Flatten" ? (distinct(node.fields.start_dim)[0] ?? 1) : 1;
    if (startDim === 0) report(flattensBatch({ reader, node, startDim }));
  });
}

export function countsEdgesOnce({ file }: FileView, reader: string, report: Report): void {
  const seen = new Set(file.root.edges.map((edge) => edge.join("\n")));
  const edges = file.root.edges.length - seen.size;
  if (edges > 0) report(duplicateEdgesDropped({ reader, edges }));
}

/** Neurons and weights that feed each other: nothing else leads to or from the weights. */
export function recurrentPairs({ nodes, edges }: NirGraph): { neuron: NirNode; weights: NirNode }[] {
  const unique = new Map(edges.map((edge) => [edge.join("\n"), edge]));
  const pairs = [...unique.values()];
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return pairs.flatMap(([from, to]) => {
    const neuron = byName.get(from);
    const weights = byName.get(to);
    if (neuron === undefined || weights === undefined || !unique.has(`${to}\n${from}`)) return [];
    if (!["LIF", "CubaLIF"].includes(neuron.type) || !["Affine", "Linear"].includes(weights.type)) return [];
    const alone =
      pairs.filter((edge) => edge[0] === to).length === 1 &&
      pairs.filter((edge) => edge[1] === to).length === 1;
    return alone ? [{ neuron, weights }] : [];
  });
}

/** The neuron and the recurrent weights of a nested graph of four nodes, if it is one. */
export function recurrentLayer(graph: NirGraph): { neuron: NirNode; weights: NirNode } | undefined {
  const one = (types: readonly string[]): NirNode | undefined =>
    graph.nodes.find(({ type }) => types.includes(type));
  const neuron = one(["LIF", "CubaLIF", "IF"]);
  const weights = one(["Affine", "Linear"]);
  const ports = one(["Input"]) !== undefined && one(["Output"]) !== undefined;
  return graph.nodes.length === 4 && ports && neuron !== undefined && weights !== undefined
    ? { neuron, weights }
    : undefined;
}
