import { DiagnosticSink } from "#util/diagnostic";
import { feedbackMoved, notRepaired } from "./diagnostics-write.ts";
import { feedbackPairs } from "./feedback.ts";
import { floatsOf, isArray, sameShape, sizeOf, spread, type Shape } from "./fields.ts";
import { convolutionOf, flattenedAxes, perAxis } from "./geometry.ts";
import type { NirField, NirFile, NirNode } from "./graph.ts";
import type { FlatNode } from "./inline.ts";
import { analyseNir, type NirAnalysis } from "./lower.ts";
import { nodeType } from "./nodes.ts";
import { repairedConvolution } from "./repair-convolution.ts";
import { flatten } from "./write-map.ts";
import { floats, integer, integers, node } from "./write-node.ts";

/**
 * The same network as a file that says everything: nested graphs inlined, Input and Output at every end,
 * each edge once, parameters in the full shape of their layer, windows with explicit padding and shapes,
 * and no construct that the reference reader misreads (groups, oblong kernels, "same").
 *
 * Values stay in the file's own units; conventions that the file does not hold are not added.
 *
 * @returns undefined if the file has faults that no repair can guess; the sink then has them
 */
export function repairedFile(file: NirFile, sink: DiagnosticSink): NirFile | undefined {
  const own = new DiagnosticSink();
  const analysis = analyseNir(file, {}, own);
  for (const diagnostic of own.diagnostics) sink.report(diagnostic);
  if (own.hasErrors) return undefined;
  const repair = new Repair(analysis, sink);
  const { nodes, edges } = repair.run();
  const { metadata } = file.root;
  const repaired: NirFile = {
    ...(file.version === undefined ? {} : { version: file.version }),
    root: { nodes: nodes.sort((a, b) => (a.name < b.name ? -1 : 1)), edges, metadata },
  };
  reportMovedFeedback(analysis, repair, repaired, sink);
  return repaired;
}

/** Cycles are cut in the order of names, and a repair may have to change names. */
function reportMovedFeedback(
  analysis: NirAnalysis,
  repair: Repair,
  repaired: NirFile,
  sink: DiagnosticSink,
): void {
  const before = feedbackPairs(analysis, (index) => repair.nameOf(index));
  if (before.length === 0) return;
  const again = analyseNir(repaired, {}, new DiagnosticSink());
  const after = feedbackPairs(again, (index) => {
    const { name } = again.graph.nodes[index];
    return repair.isAdded(name) ? undefined : name;
  });
  if (before.join() !== after.join()) sink.report(feedbackMoved({ before, after }));
}

class Repair {
  readonly #analysis: NirAnalysis;
  readonly #sink: DiagnosticSink;
  readonly #nodes = new Map<string, NirNode>();
  readonly #names: (string | undefined)[] = [];
  readonly #edges = new Map<string, [string, string]>();
  readonly #added = new Set<string>();

  constructor(analysis: NirAnalysis, sink: DiagnosticSink) {
    this.#analysis = analysis;
    this.#sink = sink;
  }

  run(): { nodes: NirNode[]; edges: [string, string][] } {
    const { graph } = this.#analysis;
    const { pairs, bypassed } = bypassInnerPorts(this.#analysis);
    const connected = new Set(pairs.flat());
    graph.nodes.forEach((flat, index) => {
      if (bypassed.has(index)) return;
      // A node without edges has no effect, and the reference reader would give it ports of its own.
      if (!connected.has(index)) return;
      const name = this.#name(flat.name);
      this.#names[index] = name;
      this.#nodes.set(name, this.#repaired(flat, name, index));
    });
    for (const [from, to] of pairs) this.#join(from, to);
    return { nodes: [...this.#nodes.values()], edges: [...this.#edges.values()] };
  }

  /** Name of a node in the repaired file; undefined if it is bypassed or left out. */
  nameOf(index: number): string | undefined {
    return this.#names[index];
  }

  /** True for a Flatten that joins two layers. */
  isAdded(name: string): boolean {
    return this.#added.has(name);
  }

  /** Names without "/", which HDF5 keeps for itself. */
  #name(wanted: string): string {
    const base = wanted.replaceAll("/", ".");
    let name = base;
    for (let i = 0; this.#nodes.has(name); i++) name = `${base}_${i}`;
    return name;
  }

  #shape(index: number, side: "input" | "output"): Shape {
    return this.#analysis.shapes[index][side] ?? [];
  }

  #join(from: number, to: number): void {
    const source = this.#names[from] as string;
    const sink = this.#names[to] as string;
    const output = this.#shape(from, "output");
    const input = this.#shape(to, "input");
    if (sameShape(output, input)) {
      this.#edge(source, sink);
    } else if (input.length === 1) {
      const name = this.#name(`${source}_flatten`);
      const reused = [...this.#edges.values()].find(
        ([a, b]) => a === source && b.startsWith(`${source}_flatten`),
      );
      const flat = reused?.[1] ?? name;
      if (reused === undefined) this.#nodes.set(flat, flatten(flat, output));
      this.#added.add(flat);
      this.#edge(source, flat);
      this.#edge(flat, sink);
    } else {
      this.#sink.report(notRepaired({ from: source, to: sink, output, input }));
      this.#edge(source, sink);
    }
  }

  #edge(from: string, to: string): void {
    this.#edges.set(`${from}\n${to}`, [from, to]);
  }

  #repaired(flat: FlatNode, name: string, index: number): NirNode {
    const input = this.#shape(index, "input");
    const definition = nodeType(flat.type);
    const extra = Object.entries(flat.fields).filter(
      ([field]) => definition?.fields.every((spec) => spec.name !== field) === true,
    );
    const metadata = { ...Object.fromEntries(extra), ...flat.metadata };
    switch (flat.type) {
      case "Input":
      case "Output":
        if (flat.role === "inner") return node(name, "Scale", { scale: ones(input) }, metadata);
        return node(name, flat.type, { shape: integers(input) }, metadata);
      case "Linear":
        return node(name, flat.type, pick(flat, ["weight"]), metadata);
      case "Affine":
        return node(name, flat.type, { ...pick(flat, ["weight"]), bias: affineBias(flat) }, metadata);
      case "Conv1d":
      case "Conv2d": {
        const window = convolutionOf(flat);
        if (window === undefined || !isArray(flat.fields.weight))
          return node(name, flat.type, flat.fields, metadata);
        return node(name, flat.type, repairedConvolution(flat, window, input), metadata);
      }
      case "SumPool2d":
      case "AvgPool2d": {
        const pair = (field: string): NirField => integers(perAxis(flat.fields[field], 2, 0) ?? [0, 0]);
        const fields = { kernel_size: pair("kernel_size"), stride: pair("stride"), padding: pair("padding") };
        return node(name, flat.type, fields, metadata);
      }
      case "Flatten": {
        const [start, end] = flattenedAxes(flat, input) ?? [0, -1];
        const fields = { input_type: integers(input), start_dim: integer(start), end_dim: integer(end) };
        return node(name, "Flatten", fields, metadata);
      }
      default:
        return node(name, flat.type, fullParameters(flat, input), metadata);
    }
  }
}

const ones = (shape: Shape): NirField => floats(new Float64Array(sizeOf(shape)).fill(1), shape);

function pick(flat: FlatNode, names: readonly string[]): Record<string, NirField> {
  return Object.fromEntries(names.map((name) => [name, flat.fields[name]]));
}

function affineBias({ fields: { bias, weight } }: FlatNode): NirField {
  const outs = isArray(weight) ? weight.shape[weight.shape.length - 2] : 0;
  if (!isArray(bias)) return floats(new Float64Array(outs), [outs]);
  if (bias.data.length === 1 && outs !== 1) return floats(new Float64Array(outs).fill(bias.data[0]), [outs]);
  return bias.data.length === outs ? floats(floatsOf(bias), [outs]) : bias;
}

/** Every parameter of a neuron, Scale or Delay in the layer's full shape; absent ones at their default. */
function fullParameters(flat: FlatNode, shape: Shape): Record<string, NirField> {
  const size = sizeOf(shape);
  const fields: Record<string, NirField> = {};
  for (const { name, fallback } of nodeType(flat.type)?.fields ?? []) {
    const field = flat.fields[name];
    if (!isArray(field)) {
      fields[name] = floats(new Float64Array(size).fill(Number(fallback)), shape);
      continue;
    }
    const values = spread(field.data, field.shape, shape) ?? Float64Array.from(field.data);
    const full = values.length === size ? values : new Float64Array(size).fill(values[0]);
    fields[name] = floats(field.data instanceof Float32Array ? Float32Array.from(full) : full, shape);
  }
  return fields;
}

/**
 * Joins what leads into a port of a nested graph with what it leads to. A port stays (as a Scale by 1) where
 * joining would make the same edge twice, for two equal edges count once.
 *
 * @returns edges in the order in which their ends meet them in the file, so that sums keep their order
 */
function bypassInnerPorts({ graph }: NirAnalysis): {
  pairs: [number, number][];
  bypassed: ReadonlySet<number>;
} {
  const next: Set<number>[] = graph.nodes.map(() => new Set());
  const previous: Set<number>[] = graph.nodes.map(() => new Set());
  // Positions in the edge list: of the last part of a joined edge first.
  const places = new Map<string, readonly number[]>();
  const key = (from: number, to: number): string => `${from} ${to}`;
  const placesOf = (from: number, to: number): readonly number[] => places.get(key(from, to)) ?? [];
  graph.edges.from.forEach((from, edge) => {
    const to = graph.edges.to[edge];
    next[from].add(to);
    previous[to].add(from);
    places.set(key(from, to), [edge]);
  });
  const bypassed = new Set<number>();
  graph.nodes.forEach(({ role }, port) => {
    if (role !== "inner" || next[port].has(port)) return;
    const clash = [...previous[port]].some((from) => [...next[port]].some((to) => next[from].has(to)));
    if (clash) return;
    for (const from of previous[port])
      for (const to of next[port]) {
        next[from].add(to);
        previous[to].add(from);
        places.set(key(from, to), [...placesOf(port, to), ...placesOf(from, port)]);
      }
    for (const from of previous[port]) next[from].delete(port);
    for (const to of next[port]) previous[to].delete(port);
    next[port].clear();
    bypassed.add(port);
  });
  const pairs = next.flatMap((sinks, from) => [...sinks].map((to): [number, number] => [from, to]));
  pairs.sort((a, b) => comparePlaces(placesOf(...a), placesOf(...b)));
  return { pairs, bypassed };
}

function comparePlaces(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}
