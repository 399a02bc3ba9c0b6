import type { DiagnosticSink } from "#util/diagnostic";
import { nearestName } from "#util/diagnostic";
import {
  ambiguousPort,
  drivenInput,
  duplicateEdge,
  flattenedSubgraph,
  missingPorts,
  nestedTooDeep,
  unconnectedNode,
  unknownEdgeNode,
} from "./diagnostics.ts";
import type { EdgeList } from "./depth-first.ts";
import type { NirField, NirGraph, NirNode } from "./graph.ts";

/** A node of the whole file, nested graphs taken apart. */
export interface FlatNode {
  /** Nested graphs join names with "/". */
  readonly name: string;
  /** HDF5 path, for messages. */
  readonly path: string;
  readonly type: string;
  readonly fields: Readonly<Record<string, NirField>>;
  readonly metadata: Readonly<Record<string, NirField>>;
  /** `input` and `output`: of the network; `inner`: a port of a nested graph; `node`: everything else. */
  readonly role: "input" | "output" | "inner" | "node";
  /** True for ports that the file lacks. */
  readonly added: boolean;
}

/** The file as one graph. Edges are indices into `nodes`, each pair once. */
export interface FlatGraph {
  readonly nodes: readonly FlatNode[];
  readonly edges: EdgeList;
}

/** Graphs inside graphs inside graphs: deeper than this is a mistake, or an attack. */
const MAX_DEPTH = 64;

interface Scope {
  readonly graph: NirGraph;
  readonly prefix: string;
  readonly path: string;
  readonly depth: number;
  /** Local name to flat index. */
  readonly nodes: Map<string, number>;
  readonly children: Map<string, Scope>;
  /** Flat indices of the ports; a nested graph without any gets them from its ends. */
  inputs: number[];
  outputs: number[];
}

/**
 * Takes nested graphs apart and adds the Input and Output nodes that the top level lacks.
 *
 * An edge to or from a nested graph goes to its only Input or comes from its only Output; "graph.node"
 * names one port, or any node inside. Reports every edge that leads nowhere.
 */
export function inlineGraph(root: NirGraph, sink: DiagnosticSink): FlatGraph {
  const builder = new Inliner(sink);
  return builder.run(root);
}

class Inliner {
  readonly #sink: DiagnosticSink;
  readonly #nodes: FlatNode[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  /** Edges seen, `from * 2^26 + to` (exact in a double). */
  readonly #seen = new Set<number>();

  constructor(sink: DiagnosticSink) {
    this.#sink = sink;
  }

  run(root: NirGraph): FlatGraph {
    const scopes = this.#collect(root);
    for (const scope of scopes.slice(1).reverse()) this.#completePorts(scope);
    for (const scope of scopes) this.#connect(scope);
    this.#completeTop(scopes[0]);
    return { nodes: this.#nodes, edges: { from: this.#from, to: this.#to } };
  }

  /** Every graph of the file, parents before children; nodes in file order, nested ones in place. */
  #collect(root: NirGraph): Scope[] {
    const top = newScope(root, "", "/node", 0);
    const scopes = [top];
    const stack = [{ scope: top, at: 0 }];
    while (stack.length > 0) {
      const frame = stack[stack.length - 1];
      if (frame.at === frame.scope.graph.nodes.length) {
        stack.pop();
        continue;
      }
      const { scope } = frame;
      const node = scope.graph.nodes[frame.at++];
      if (node.graph === undefined) {
        this.#addNode(scope, node);
      } else if (scope.depth + 1 > MAX_DEPTH) {
        this.#sink.report(nestedTooDeep({ node, limit: MAX_DEPTH }));
      } else {
        const child = newScope(node.graph, `${scope.prefix}${node.name}/`, node.path, scope.depth + 1);
        scope.children.set(node.name, child);
        scopes.push(child);
        stack.push({ scope: child, at: 0 });
      }
    }
    return scopes;
  }

  #addNode(scope: Scope, node: NirNode): void {
    const isPort = node.type === "Input" || node.type === "Output";
    const inner = scope.depth > 0;
    const role = !isPort ? "node" : inner ? "inner" : node.type === "Input" ? "input" : "output";
    const index = this.#push({
      name: scope.prefix + node.name,
      path: node.path,
      type: node.type,
      fields: node.fields,
      metadata: node.metadata,
      role,
      added: false,
    });
    scope.nodes.set(node.name, index);
    if (node.type === "Input") scope.inputs.push(index);
    if (node.type === "Output") scope.outputs.push(index);
  }

  #push(node: FlatNode): number {
    return this.#nodes.push(node) - 1;
  }

  /** A nested graph without Input or Output gets them at its ends, as the reference reader does. */
  #completePorts(scope: Scope): void {
    if (scope.inputs.length > 0 && scope.outputs.length > 0) return;
    const sources = new Set(scope.graph.edges.map(([from]) => from));
    const sinks = new Set(scope.graph.edges.map(([, to]) => to));
    for (const type of ["Input", "Output"] as const) {
      const ports = type === "Input" ? scope.inputs : scope.outputs;
      if (ports.length > 0) continue;
      const busy = type === "Input" ? sinks : sources;
      for (const { name } of scope.graph.nodes) {
        const own = scope.nodes.get(name);
        if (busy.has(name) || own === undefined) continue;
        const port = this.#addPort(scope, type, name);
        ports.push(port);
        if (type === "Input") this.#addEdge(port, own);
        else this.#addEdge(own, port);
      }
    }
  }

  #addPort(scope: Scope, type: "Input" | "Output", nodeName: string): number {
    const base = `${type.toLowerCase()}_${nodeName}`;
    let name = base;
    for (let i = 0; scope.nodes.has(name) || scope.children.has(name); i++) name = `${base}_${i}`;
    const role = scope.depth > 0 ? "inner" : type === "Input" ? "input" : "output";
    const path = `${scope.path}/nodes/${name}`;
    const index = this.#push({
      name: scope.prefix + name,
      path,
      type,
      fields: {},
      metadata: {},
      role,
      added: true,
    });
    scope.nodes.set(name, index);
    return index;
  }

  #connect(scope: Scope): void {
    const flattened = new Set<string>();
    scope.graph.edges.forEach(([from, to], position) => {
      const place = { edge: [from, to] as const, position, path: scope.path };
      const source = this.#resolve(scope, from, "from", place, flattened);
      const target = this.#resolve(scope, to, "to", place, flattened);
      if (source === undefined || target === undefined) return;
      if (!this.#addEdge(source, target)) this.#sink.report(duplicateEdge(place));
    });
  }

  /** The flat node that one end of an edge means; reports and gives undefined if there is none. */
  #resolve(
    scope: Scope,
    name: string,
    side: "from" | "to",
    place: EdgePlace,
    flattened: Set<string>,
  ): number | undefined {
    let current = scope;
    let rest = name;
    for (;;) {
      const own = current.nodes.get(rest);
      if (own !== undefined) return own;
      const child = current.children.get(rest);
      if (child !== undefined) return this.#portOf(child, rest, side, place);
      const inside = childPrefix(current, rest);
      if (inside === undefined) break;
      current = inside.child;
      rest = inside.rest;
    }
    const port = current.nodes.get(`${rest}.${side === "to" ? "input" : "output"}`);
    if (port !== undefined) {
      if (!flattened.has(name)) this.#sink.report(flattenedSubgraph({ name, path: place.path }));
      flattened.add(name);
      for (const inner of [`${rest}.input`, `${rest}.output`]) this.#makeInner(current, inner);
      return port;
    }
    const known = [...current.nodes.keys(), ...current.children.keys()];
    const nearest = nearestName(rest, known);
    this.#sink.report(unknownEdgeNode({ ...place, name, ...(nearest === undefined ? {} : { nearest }) }));
    return undefined;
  }

  #portOf(child: Scope, name: string, side: "from" | "to", place: EdgePlace): number | undefined {
    const ports = side === "to" ? child.inputs : child.outputs;
    if (ports.length === 1) return ports[0];
    const names = ports.map((port) => this.#nodes[port].name.slice(child.prefix.length));
    this.#sink.report(ambiguousPort({ ...place, name, side, ports: names }));
    return undefined;
  }

  /** Ports of a nested graph that a writer has flattened into this one are not ports of the network. */
  #makeInner(scope: Scope, name: string): void {
    const index = scope.nodes.get(name);
    if (index === undefined) return;
    this.#nodes[index] = { ...this.#nodes[index], role: "inner" };
    scope.inputs = scope.inputs.filter((port) => port !== index);
    scope.outputs = scope.outputs.filter((port) => port !== index);
  }

  /** False if the edge was there already. */
  #addEdge(from: number, to: number): boolean {
    const key = from * 2 ** 26 + to;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    this.#from.push(from);
    this.#to.push(to);
    return true;
  }

  /** Gives the top level the Input and Output nodes that it lacks, and names what is connected to nothing. */
  #completeTop(top: Scope): void {
    const hasInput = new Set(this.#to);
    const hasOutput = new Set(this.#from);
    const added: { port: string; node: string }[] = [];
    const add = (type: "Input" | "Output", node: number, label: string): void => {
      const port = this.#addPort(top, type, label);
      added.push({ port: this.#nodes[port].name, node: this.#nodes[node].name });
      if (type === "Input") this.#addEdge(port, node);
      else this.#addEdge(node, port);
    };
    const ownNodes = [...top.nodes];
    for (const index of top.inputs.filter((port) => hasInput.has(port))) {
      const { name } = this.#nodes[index];
      this.#sink.report(drivenInput(this.#nodes[index]));
      this.#makeInner(top, name);
      add("Input", index, name);
    }
    const single = top.graph.nodes.length === 1;
    for (const [name, index] of ownNodes) {
      const node = this.#nodes[index];
      const isolated = !hasInput.has(index) && !hasOutput.has(index);
      if (isolated && !(single && node.role === "node")) {
        this.#sink.report(unconnectedNode(node));
        continue;
      }
      if (!hasInput.has(index) && node.type !== "Input") add("Input", index, name);
      if (!hasOutput.has(index) && node.type !== "Output") add("Output", index, name);
    }
    for (const [name, child] of top.children) {
      const label = (ports: readonly number[], port: number): string =>
        ports.length === 1 ? name : `${name}.${this.#nodes[port].name.slice(child.prefix.length)}`;
      for (const port of child.inputs) if (!hasInput.has(port)) add("Input", port, label(child.inputs, port));
      if (!child.outputs.some((port) => hasOutput.has(port)))
        for (const port of child.outputs) add("Output", port, label(child.outputs, port));
    }
    if (added.length > 0) this.#sink.report(missingPorts({ added }));
  }
}

export interface EdgePlace {
  readonly edge: readonly [from: string, to: string];
  readonly position: number;
  /** Of the graph that holds the edge. */
  readonly path: string;
}

function newScope(graph: NirGraph, prefix: string, path: string, depth: number): Scope {
  return { graph, prefix, path, depth, nodes: new Map(), children: new Map(), inputs: [], outputs: [] };
}

/** Splits "graph.rest" at a dot after which the name of a nested graph ends. */
function childPrefix(scope: Scope, name: string): { child: Scope; rest: string } | undefined {
  for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
    const child = scope.children.get(name.slice(0, dot));
    if (child !== undefined) return { child, rest: name.slice(dot + 1) };
  }
  return undefined;
}
