import type { DiagnosticSink } from "#util/diagnostic";
import { readerTrap } from "../diagnostics-values.ts";
import { convolutionOf } from "../geometry.ts";
import type { NirFile, NirGraph, NirNode } from "../graph.ts";
import type { NirAnalysis } from "../lower.ts";
import { nodeType } from "../nodes.ts";
import { recurrentPairs } from "./checks.ts";
import type { ReaderName } from "./reader.ts";
import {
  cycleForm,
  dottedEdge,
  inputThroughRecurrence,
  leakLevel,
  mixedParameters,
  nestedGraph,
  optionalField,
  scalarWindow,
  severalInputs,
} from "./diagnostics-traps.ts";
import { distinct, rankOf } from "./values.ts";

/** Well-formed constructs that we read without a word, and other readers refuse or misread. */
export function reportTraps(file: NirFile, analysis: NirAnalysis, sink: DiagnosticSink): void {
  for (const node of analysis.graph.nodes) {
    const window = node.added || node.type !== "Conv2d" ? undefined : convolutionOf(node);
    if (window === undefined) continue;
    if (window.groups > 1)
      sink.report(readerTrap({ node, field: "groups", what: "takes the channels of one group for all" }));
    if (window.kernel[0] !== window.kernel[1])
      sink.report(readerTrap({ node, field: "weight", what: "takes the height of a kernel for its width" }));
  }
  inGraph(file.root, "/node", sink);
  const inputs = file.root.nodes.filter(({ type }) => type === "Input").map(({ name }) => name);
  if (inputs.length > 1) sink.report(severalInputs({ names: inputs }));
  reportCycles(file.root, analysis, sink);
}

function inGraph(graph: NirGraph, path: string, sink: DiagnosticSink): void {
  const names = new Set(graph.nodes.map(({ name }) => name));
  const nested = graph.nodes.filter((node) => node.graph !== undefined).map(({ name }) => name);
  graph.edges.forEach((edge, position) => {
    const dotted = edge.find(
      (name) => !names.has(name) && nested.some((prefix) => name.startsWith(`${prefix}.`)),
    );
    if (dotted !== undefined) sink.report(dottedEdge({ edge, position, path, name: dotted }));
  });
  for (const node of graph.nodes) {
    if (node.graph !== undefined) {
      sink.report(nestedGraph(node));
      if (sendsInputThroughWeights(node.graph)) sink.report(inputThroughRecurrence(node));
      inGraph(node.graph, node.path, sink);
    } else inNode(node, sink);
  }
}

function inNode(node: NirNode, sink: DiagnosticSink): void {
  const { fields, type } = node;
  if (type === "SumPool2d" || type === "AvgPool2d") {
    const scalars = ["kernel_size", "stride"].filter((field) => rankOf(fields[field]) === 0);
    const readers = ["nirtorch", "snntorch", "norse", ...(type === "SumPool2d" ? ["spikingjelly"] : [])];
    if (scalars.length > 0) sink.report(scalarWindow({ node, fields: scalars, readers }));
  }
  const definition = nodeType(type);
  for (const { name, presence, fallback } of definition?.fields ?? [])
    if (presence === "optional" && fields[name] === undefined)
      sink.report(optionalField({ node, field: name, value: fallback ?? "a default" }));
  if (definition?.kind !== "neuron") return;
  const mixed = definition.fields.map(({ name }) => name).filter((name) => distinct(fields[name]).length > 1);
  if (mixed.length > 0)
    sink.report(mixedParameters({ node, fields: mixed, readers: uniformReaders(type, mixed) }));
  const levels = distinct(fields.v_leak).filter((level) => level !== 0);
  if (levels.length > 0) sink.report(leakLevel({ node, example: levels[0] }));
}

/** Readers that take this type, and want one value of at least one of these fields. */
function uniformReaders(type: string, mixed: readonly string[]): readonly ReaderName[] {
  const wants = (fields: readonly string[]): boolean => fields.some((field) => mixed.includes(field));
  const isCuba = type.startsWith("Cuba");
  const leaky = ["tau", "r", "v_leak", "v_reset", "v_threshold"];
  const cuba = ["tau_mem", "tau_syn", "v_threshold"];
  const readers: readonly (readonly [ReaderName, boolean])[] = [
    [
      "snntorch",
      ["IF", "LIF", "CubaLIF"].includes(type) && wants(["v_threshold", ...(type === "IF" ? ["r"] : [])]),
    ],
    [
      "spikingjelly",
      (type === "LIF" && wants(leaky)) || (type === "IF" && wants(["v_threshold", "v_reset"])),
    ],
    ["lava", (type === "IF" && wants(["r", "v_threshold"])) || (type === "CubaLIF" && wants(cuba))],
    ["hxtorch", isCuba && wants([...cuba, "v_leak", "v_reset", "r"])],
  ];
  return readers.flatMap(([name, concerned]) => (concerned ? [name] : []));
}

/** Input -> weights -> neurons -> weights, and nothing from the Input to the neurons. */
function sendsInputThroughWeights(graph: NirGraph): boolean {
  const inputs = new Set(graph.nodes.filter(({ type }) => type === "Input").map(({ name }) => name));
  return recurrentPairsOf(graph).some(({ neuron, weights }) => {
    const into = (name: string): boolean => graph.edges.some(([from, to]) => inputs.has(from) && to === name);
    return into(weights) && !into(neuron);
  });
}

function recurrentPairsOf({ nodes, edges }: NirGraph): { neuron: string; weights: string }[] {
  const typeOf = new Map(nodes.map(({ name, type }) => [name, type]));
  const isNeuron = (name: string): boolean => ["LIF", "CubaLIF", "IF"].includes(typeOf.get(name) ?? "");
  const isWeights = (name: string): boolean => ["Affine", "Linear"].includes(typeOf.get(name) ?? "");
  return edges
    .filter(([from, to]) => isNeuron(from) && isWeights(to) && edges.some(([a, b]) => a === to && b === from))
    .map(([neuron, weights]) => ({ neuron, weights }));
}

/** Cycles of the top level that are no pair of neurons and recurrent weights. */
function reportCycles(root: NirGraph, { graph, search }: NirAnalysis, sink: DiagnosticSink): void {
  const pairs = recurrentPairs(root);
  const known = new Set(pairs.flatMap(({ neuron, weights }) => [neuron.name, weights.name]));
  const other = graph.edges.from.flatMap((from, edge): string[] => {
    const [a, b] = [graph.nodes[from].name, graph.nodes[graph.edges.to[edge]].name];
    const isNested = a.includes("/");
    return search.closesCycle[edge] && !isNested && !(known.has(a) && known.has(b)) ? [`${a} -> ${b}`] : [];
  });
  if (other.length > 0) sink.report(cycleForm({ edges: other }));
}
