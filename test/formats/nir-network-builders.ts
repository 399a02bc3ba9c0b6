// Builders of NIR files as data: they keep the set-up of a test to a line. Nothing is checked here.
import { lowerNir } from "#formats/nir/lower";
import type { NirArray, NirField, NirFile, NirGraph, NirNode } from "#formats/nir/graph";
import type { ImportOptions } from "#formats/format";
import type { Network, Population, Projection } from "#ir/network";
import { DiagnosticSink, type Diagnostic } from "#util/diagnostic";

/** A field: numbers with their shape (default: a vector), text as it is. */
export type Value = number | string | readonly number[] | NirArray;

export function array(values: readonly number[], shape: readonly number[] = [values.length]): NirArray {
  return { data: Float64Array.from(values), shape, dtype: "float64" };
}

export function filled(value: number, shape: readonly number[]): NirArray {
  const size = shape.reduce((a, b) => a * b, 1);
  return { data: new Float64Array(size).fill(value), shape, dtype: "float64" };
}

function field(value: Value): NirField {
  if (typeof value === "number") return { data: Float64Array.of(value), shape: [], dtype: "float64" };
  if (typeof value === "string") return value;
  return Array.isArray(value) ? array(value as readonly number[]) : (value as NirArray);
}

export type Nodes = Readonly<
  Record<string, readonly [type: string, fields?: Readonly<Record<string, Value>>] | NirGraph>
>;
export type Edges = readonly (readonly [from: string, to: string])[];

export function graph(nodes: Nodes, edges: Edges, path = "/node"): NirGraph {
  const list = Object.entries(nodes).map(([name, content]): NirNode => {
    const own = `${path}/nodes/${name}`;
    if ("nodes" in content)
      return { name, path: own, type: "NIRGraph", fields: {}, metadata: {}, graph: rebased(content, own) };
    const [type, fields = {}] = content;
    const entries = Object.entries(fields).map(([key, value]) => [key, field(value)] as const);
    return { name, path: own, type, fields: Object.fromEntries(entries), metadata: {} };
  });
  return { nodes: list.sort((a, b) => (a.name < b.name ? -1 : 1)), edges, metadata: {} };
}

function rebased(inner: NirGraph, path: string): NirGraph {
  const nodes = inner.nodes.map((node): NirNode => {
    const own = `${path}/nodes/${node.name}`;
    return { ...node, path: own, ...(node.graph === undefined ? {} : { graph: rebased(node.graph, own) }) };
  });
  return { ...inner, nodes };
}

export function file(nodes: Nodes, edges: Edges): NirFile {
  return { version: "1.0", root: graph(nodes, edges) };
}

/** A chain "input" -> the nodes in order -> "output", with the input's shape. */
export function chain(
  inputShape: readonly number[],
  nodes: Nodes,
  outputShape: readonly number[] = [1],
): NirFile {
  const names = ["input", ...Object.keys(nodes), "output"];
  const ends = {
    input: ["Input", { shape: inputShape }],
    output: ["Output", { shape: outputShape }],
  } as const;
  return file(
    { ...nodes, ...ends },
    names.slice(1).map((name, i) => [names[i], name] as const),
  );
}

/** LIF parameters for a layer of this shape, as snnTorch writes them. */
export function lif(shape: readonly number[], tau = 1e-3): readonly ["LIF", Record<string, Value>] {
  const all = (value: number): NirArray => filled(value, shape);
  return ["LIF", { tau: all(tau), r: all(tau * 1e4), v_leak: all(0), v_threshold: all(1), v_reset: all(0) }];
}

export interface Lowered {
  readonly network: Network | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Codes of warnings and errors, sorted. */
  readonly codes: readonly string[];
}

export function lower(nir: NirFile, options: ImportOptions = {}): Lowered {
  const sink = new DiagnosticSink();
  const network = lowerNir(nir, options, sink);
  const codes = sink.diagnostics.filter(({ severity }) => severity !== "note").map(({ code }) => code);
  return { network, diagnostics: sink.diagnostics, codes: codes.sort() };
}

/** The network of a file that must load. */
export function network(nir: NirFile, options: ImportOptions = {}): Network {
  const { network: result, diagnostics } = lower(nir, options);
  if (result === undefined)
    throw new Error(diagnostics.map(({ code, message }) => `${code}: ${message}`).join("\n"));
  return result;
}

export function population(net: Network, name: string): Population {
  const found = net.populations.find((candidate) => candidate.name === name);
  if (found === undefined)
    throw new Error(`no population "${name}" among ${net.populations.map((p) => p.name).join(", ")}`);
  return found;
}

/** The projections into a population, by name of their source. */
export function into(net: Network, name: string): Readonly<Record<string, Projection>> {
  const post = net.populations.indexOf(population(net, name));
  const own = net.projections.filter((projection) => projection.post === post);
  return Object.fromEntries(own.map((projection) => [net.populations[projection.pre].name, projection]));
}
