import type { DiagnosticSink } from "#util/diagnostic";
import {
  numberOf,
  type AttributeProto,
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type ValueInfoProto,
} from "../proto.ts";
import {
  cycle,
  duplicateName,
  noGraph,
  opset,
  outputMissing,
  undefinedName,
  unsorted,
} from "./diagnostics.ts";
import { inlineFunctions } from "./functions.ts";
import { Refusal } from "./refusal.ts";
import {
  elementType,
  readSparseTensor,
  readTensor,
  type ElementType,
  type ExternalData,
  type Tensor,
} from "./tensor.ts";

/** A node with its names in order; an operand that is left out is "". */
export interface GraphNode {
  /** Its own name, or that of its first output. */
  readonly name: string;
  readonly operator: string;
  /** "" is ai.onnx. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeProto>;
}

export interface GraphPort {
  readonly name: string;
  readonly type: ElementType | undefined;
  /** Extents; names and "?" for those left open. Undefined where the file gives no shape. */
  readonly dims: readonly (number | string)[] | undefined;
}

/** A graph as data: names resolved, nodes in the order of their computation, constants read. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  /** Initializers; undefined for one that could not be read (and was reported). */
  readonly constants: ReadonlyMap<string, Tensor | undefined>;
}

export interface Model {
  readonly graph: Graph;
  readonly opset: number;
  readonly functions: readonly FunctionProto[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly producer: string;
}

/** Versions of ai.onnx that are read. */
export const OPSETS: readonly [number, number] = [7, 26];

/** Checks a decoded model as a whole; everything wrong with it goes to the sink. */
export function readModel(
  proto: ModelProto,
  external: ExternalData | undefined,
  sink: DiagnosticSink,
): Model | undefined {
  if (!proto.graph) {
    sink.report(noGraph({ missing: "graph" }));
    return undefined;
  }
  const imports = (proto.opsetImport ?? []).map(({ domain, version }) => ({
    domain: domain ?? "",
    version: numberOf(version),
  }));
  const version = imports.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version;
  if (version === undefined || !(version >= OPSETS[0] && version <= OPSETS[1])) {
    sink.report(opset({ domain: "ai.onnx", version, known: OPSETS }));
    return undefined;
  }
  const graph = readGraph(proto.graph, new Set(), proto.functions ?? [], external, sink);
  return {
    graph,
    opset: version,
    functions: proto.functions ?? [],
    metadata: new Map((proto.metadataProps ?? []).map(({ key, value }) => [key ?? "", value ?? ""])),
    producer: `${proto.producerName ?? ""} ${proto.producerVersion ?? ""}`.trim(),
  };
}

/**
 * One graph, or the body of a Scan.
 *
 * @param outer     names that the body may read from outside
 * @param functions written out wherever they are called
 */
export function readGraph(
  proto: GraphProto,
  outer: ReadonlySet<string>,
  functions: readonly FunctionProto[],
  external: ExternalData | undefined,
  sink: DiagnosticSink,
): Graph {
  const constants = new Map<string, Tensor | undefined>();
  const define = new Definitions();
  const read = (name: string, make: () => Tensor): void => {
    define.add(name, "initializer");
    constants.set(name, attempt(make, sink));
  };
  for (const tensor of proto.initializer ?? []) read(tensor.name ?? "", () => readTensor(tensor, external));
  for (const tensor of proto.sparseInitializer ?? [])
    read(tensor.values?.name ?? "", () => readSparseTensor(tensor, external));

  // Before IR 4 initializers were listed among the inputs too; the names of the two are one then.
  const listed = (proto.input ?? []).map(portOf);
  const seen = new Set<string>();
  for (const { name } of listed)
    if (!constants.has(name) || seen.has(name)) define.add(name, "input");
    else seen.add(name);
  const written = attempt(() => inlineFunctions(proto.node ?? [], functions), sink) ?? [];
  const nodes = written.map((node, i) => nodeOf(node, i));
  for (const node of nodes)
    for (const name of node.outputs) if (name !== "") define.add(name, `node ${node.name}`);
  define.report(sink);

  const outputs = (proto.output ?? []).map(portOf);
  for (const { name } of outputs)
    if (!define.has(name) && !outer.has(name)) sink.report(outputMissing({ output: name }));
  for (const node of nodes)
    for (const name of node.inputs)
      if (name !== "" && !define.has(name) && !outer.has(name))
        sink.report(undefinedName({ name, node: node.name }));
  return {
    name: proto.name ?? "",
    nodes: sorted(nodes, sink),
    inputs: listed.filter(({ name }) => !constants.has(name)),
    outputs,
    constants,
  };
}

/** The value, or undefined and a report if it was refused. */
export function attempt<T>(make: () => T, sink: DiagnosticSink): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    sink.report(error.diagnostic);
    return undefined;
  }
}

class Definitions {
  readonly #places = new Map<string, string[]>();

  add(name: string, where: string): void {
    const places = this.#places.get(name);
    if (places === undefined) this.#places.set(name, [where]);
    else places.push(where);
  }

  has(name: string): boolean {
    return this.#places.has(name);
  }

  report(sink: DiagnosticSink): void {
    for (const [name, places] of this.#places)
      if (places.length > 1) sink.report(duplicateName({ name, places }));
  }
}

function nodeOf(proto: NodeProto, position: number): GraphNode {
  const outputs = proto.output ?? [];
  return {
    name: proto.name || outputs.find((name) => name !== "") || `${proto.opType ?? "node"}#${position}`,
    operator: proto.opType ?? "",
    domain: proto.domain === "ai.onnx" ? "" : (proto.domain ?? ""),
    inputs: proto.input ?? [],
    outputs,
    attributes: new Map((proto.attribute ?? []).map((attribute) => [attribute.name ?? "", attribute])),
  };
}

function portOf({ name, type }: ValueInfoProto): GraphPort {
  const tensor = type?.tensorType;
  const dims = tensor?.shape?.dim?.map(({ dimValue, dimParam }) => {
    const extent = numberOf(dimValue ?? 0);
    return extent > 0 ? extent : dimParam || "?";
  });
  return { name: name ?? "", type: elementType(tensor?.elemType), dims };
}

/** Nodes after those they read from; the order of the file where that is one. */
function sorted(nodes: readonly GraphNode[], sink: DiagnosticSink): readonly GraphNode[] {
  const producer = new Map<string, number>();
  nodes.forEach(({ outputs }, n) => outputs.forEach((name) => name !== "" && producer.set(name, n)));
  const waiting = nodes.map(() => 0);
  const readers = nodes.map((): number[] => []);
  let inOrder = true;
  nodes.forEach(({ inputs }, n) => {
    for (const source of new Set(inputs.map((name) => producer.get(name)))) {
      if (source === undefined) continue;
      waiting[n]++;
      readers[source].push(n);
      if (source >= n) inOrder = false;
    }
  });
  if (inOrder) return nodes;
  const ready = nodes.flatMap((_, n) => (waiting[n] === 0 ? [n] : []));
  for (let i = 0; i < ready.length; i++)
    for (const reader of readers[ready[i]]) if (--waiting[reader] === 0) ready.push(reader);
  if (ready.length < nodes.length) {
    sink.report(cycle({ nodes: nodes.filter((_, n) => waiting[n] > 0).map(({ name }) => name) }));
    return [];
  }
  sink.report(unsorted({ nodes: nodes.length }));
  return ready.map((n) => nodes[n]);
}
