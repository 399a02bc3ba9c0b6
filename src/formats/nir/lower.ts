import { identity } from "#ir/connectivity";
import type { Network, NetworkPort, Population, Projection } from "#ir/network";
import { DiagnosticSink, invariant } from "#util/diagnostic";
import type { ImportOptions } from "../format.ts";
import { checkNodes } from "./check-nodes.ts";
import { resolveConventions, type Conventions } from "./conventions.ts";
import { depthFirst, type DepthFirst } from "./depth-first.ts";
import { delayRounded, tauBelowStep } from "./diagnostics-values.ts";
import { emptyGraph, noPort, unreachable } from "./diagnostics.ts";
import { isArray, sizeOf, spread, type Shape } from "./fields.ts";
import type { NirFile } from "./graph.ts";
import { inlineGraph, type FlatGraph, type FlatNode } from "./inline.ts";
import { biasOf, delaySteps, fractionalDelays, mapParts } from "./lower-map.ts";
import { nodeType, type ParamRole } from "./nodes.ts";
import { inferShapes, type NodeShapes } from "./shapes.ts";
import { detectWriter, stepsMetadata, type WriterFingerprint } from "./writers.ts";

/** A file understood: one flat graph with shapes and conventions, and what its cycles are cut at. */
export interface NirAnalysis {
  readonly graph: FlatGraph;
  readonly search: DepthFirst;
  readonly shapes: readonly NodeShapes[];
  readonly writer: WriterFingerprint;
  readonly conventions: Conventions;
}

/**
 * Understands a file without building anything: nested graphs, shapes, cycles, writer.
 * Reports every fault and every assumption; a network can be built if none of them is an error.
 */
export function analyseNir(file: NirFile, options: ImportOptions, sink: DiagnosticSink): NirAnalysis {
  const writer = detectWriter(file);
  const graph = inlineGraph(file.root, sink);
  const broken = checkNodes(graph, sink);
  const roots = graph.nodes.flatMap(({ role }, index) => (role === "input" ? [index] : []));
  const search = depthFirst(graph.nodes.length, graph.edges, roots);
  checkEnds(file, graph, search, sink);
  const shapes = inferShapes(graph, search, broken, sink);
  const conventions = resolveConventions(graph, writer, options, sink);
  checkTimes(graph, broken, conventions, sink);
  return { graph, search, shapes, writer, conventions };
}

/**
 * NIR file → network: one population for each node, joined as the file joins them.
 *
 * Neurons become neuron populations and take their inputs one to one; every stateless node becomes a
 * `relay` that holds its output, fed by one projection with its map (a sum in front, "<node>/in", where
 * several edges meet). Cycles are cut at the edge that closes them, which then carries the previous step.
 *
 * @returns undefined if the sink received an error
 */
export function lowerNir(file: NirFile, options: ImportOptions, sink: DiagnosticSink): Network | undefined {
  const own = new DiagnosticSink();
  const analysis = analyseNir(file, options, own);
  for (const diagnostic of own.diagnostics) sink.report(diagnostic);
  return own.hasErrors ? undefined : new Lowering(analysis, options).run();
}

function checkEnds(file: NirFile, graph: FlatGraph, search: DepthFirst, sink: DiagnosticSink): void {
  if (file.root.nodes.length === 0) {
    sink.report(emptyGraph());
    return;
  }
  const has = (role: FlatNode["role"]): boolean => graph.nodes.some((node) => node.role === role);
  if (!has("input")) sink.report(noPort({ type: "Input" }));
  if (!has("output")) sink.report(noPort({ type: "Output" }));
  const connected = new Set([...graph.edges.from, ...graph.edges.to]);
  const lost = graph.nodes.filter((_, index) => !search.reached[index] && connected.has(index));
  if (lost.length > 0 && has("input")) sink.report(unreachable({ nodes: lost }));
}

function checkTimes(
  graph: FlatGraph,
  broken: ReadonlySet<number>,
  { stepInFileUnits, dynamicsOf }: Conventions,
  sink: DiagnosticSink,
): void {
  graph.nodes.forEach((node, index) => {
    if (broken.has(index)) return;
    if (node.type === "Delay") {
      const fractional = fractionalDelays(node, stepInFileUnits);
      if (fractional !== undefined) sink.report(delayRounded({ node, ...fractional }));
    }
    if (dynamicsOf(node)?.integrator === "exponential") return;
    for (const [field, , role] of nodeType(node.type)?.params ?? []) {
      const values = node.fields[field];
      if (role !== "time" || !isArray(values)) continue;
      const steps = Array.from(values.data, (value) => value / stepInFileUnits);
      const short = steps.filter((value) => value < 1 - 1e-6);
      if (short.length === 0) continue;
      const smallestSteps = short.reduce((a, b) => Math.min(a, b));
      sink.report(tauBelowStep({ node, field, neurons: short.length, of: steps.length, smallestSteps }));
    }
  });
}

class Lowering {
  readonly #analysis: NirAnalysis;
  readonly #options: ImportOptions;
  readonly #populations: Population[] = [];
  readonly #projections: Projection[] = [];
  /** Per flat node: its population, and the population that takes its inputs. */
  readonly #outlet: number[] = [];
  readonly #inlet: number[] = [];
  /** Per flat node: edges that lead to it. */
  readonly #incoming: number[][];

  constructor(analysis: NirAnalysis, options: ImportOptions) {
    this.#analysis = analysis;
    this.#options = options;
    const { nodes, edges } = analysis.graph;
    this.#incoming = nodes.map(() => []);
    edges.to.forEach((to, edge) => this.#incoming[to].push(edge));
  }

  run(): Network {
    const { graph, conventions } = this.#analysis;
    graph.nodes.forEach((node, index) => this.#addNode(node, index));
    graph.nodes.forEach((node, index) => this.#connect(node, index));
    const ports = (role: FlatNode["role"]): NetworkPort[] =>
      graph.nodes.flatMap((node, index) =>
        node.role === role ? [{ name: node.name, population: this.#outlet[index] }] : [],
      );
    const { dtSeconds } = conventions;
    return {
      name: this.#options.name ?? "network",
      ...(dtSeconds === undefined ? {} : { timestepNs: Number((dtSeconds * 1e9).toPrecision(12)) }),
      populations: this.#populations,
      projections: this.#projections,
      inputs: ports("input"),
      outputs: ports("output"),
    };
  }

  #shapes(index: number): { input: Shape; output: Shape } {
    const { input, output } = this.#analysis.shapes[index];
    invariant(input !== undefined && output !== undefined, "a graph without errors has all its shapes");
    return { input, output };
  }

  #addNode(node: FlatNode, index: number): void {
    const { input, output } = this.#shapes(index);
    if (this.#needsSum(node, index)) {
      this.#inlet[index] = this.#populations.length;
      this.#populations.push(relay(`${node.name}/in`, input));
    }
    this.#outlet[index] = this.#populations.length;
    this.#inlet[index] ??= this.#outlet[index];
    this.#populations.push(this.#population(node, index, output));
  }

  /** A map with several inputs sees their sum; so does a Delay behind the edge that closes a cycle. */
  #needsSum(node: FlatNode, index: number): boolean {
    if (nodeType(node.type)?.kind !== "map") return false;
    const edges = this.#incoming[index];
    if (edges.length > 1) return true;
    const closes = edges.some((edge) => this.#analysis.search.closesCycle[edge]);
    const step = this.#analysis.conventions.stepInFileUnits;
    return (
      closes && node.type === "Delay" && delaySteps(node, this.#shapes(index).input, step).some((d) => d > 0)
    );
  }

  #population(node: FlatNode, index: number, shape: Shape): Population {
    const definition = nodeType(node.type);
    if (definition?.kind === "neuron") return this.#neurons(node, shape);
    if (node.role === "input" && this.#incoming[index].length === 0)
      return { ...relay(node.name, shape), model: "input" };
    const bias = biasOf(node, shape);
    return bias === undefined ? relay(node.name, shape) : { ...relay(node.name, shape), bias };
  }

  #neurons(node: FlatNode, shape: Shape): Population {
    const { conventions } = this.#analysis;
    const definition = nodeType(node.type);
    invariant(definition?.model !== undefined, "every neuron node has a model");
    const params: Record<string, Float64Array> = {};
    for (const [field, param, role] of definition.params ?? []) {
      const spec = definition.fields.find(({ name }) => name === field);
      const array = node.fields[field];
      const values = isArray(array)
        ? spread(array.data, array.shape, shape)
        : Float64Array.of(Number(spec?.fallback));
      invariant(values !== undefined, "parameters have been checked to cover their neurons");
      params[param] = this.#inSteps(values, role);
      if (role !== "value") params[param] = this.#keptSteps(node, field, params[param]);
    }
    const dynamics = conventions.dynamicsOf(node);
    return {
      name: node.name,
      model: definition.model,
      shape,
      size: sizeOf(shape),
      params,
      ...(dynamics === undefined ? {} : { dynamics }),
    };
  }

  /** A field's numbers in the model's units: times in steps, gains per step. */
  #inSteps(values: Float64Array, role: ParamRole): Float64Array {
    const { stepInFileUnits, ifStep } = this.#analysis.conventions;
    if (role === "time") return values.map((value) => value / stepInFileUnits);
    if (role === "integrator-gain" && ifStep === "dt") return values.map((value) => value * stepInFileUnits);
    return values;
  }

  /** Numbers per step as our own writer has kept them, if they are the file's up to rounding. */
  #keptSteps(node: FlatNode, field: string, steps: Float64Array): Float64Array {
    const kept = node.metadata[stepsMetadata(field)];
    if (this.#analysis.writer.writer !== "spinec" || !isArray(kept) || kept.data.length !== steps.length)
      return steps;
    const agrees = steps.every((value, i) => Math.abs(kept.data[i] - value) <= 1e-12 * Math.abs(value));
    return agrees ? Float64Array.from(kept.data) : steps;
  }

  #connect(node: FlatNode, index: number): void {
    const { graph, conventions, search } = this.#analysis;
    const { input, output } = this.#shapes(index);
    const isMap = nodeType(node.type)?.kind === "map";
    const parts = isMap
      ? mapParts(node, input, output, conventions.stepInFileUnits)
      : [{ connectivity: identity(sizeOf(input)), delaySteps: 0 }];
    const inlet = this.#inlet[index];
    const outlet = this.#outlet[index];

    const addParts = (pre: number, closes: boolean): void =>
      parts.forEach(({ connectivity, delaySteps: delay }, part) => {
        const suffix = parts.length > 1 ? `#${part}` : "";
        this.#projections.push({
          name: `${this.#populations[pre].name}->${node.name}${suffix}`,
          pre,
          post: outlet,
          connectivity,
          weightScale: 1,
          ...this.#timing(delay, closes),
          ...layerOf(node),
        });
      });

    for (const edge of this.#incoming[index]) {
      const pre = this.#outlet[graph.edges.from[edge]];
      const closes = search.closesCycle[edge];
      if (inlet === outlet) {
        addParts(pre, closes);
        continue;
      }
      this.#projections.push({
        name: `${this.#populations[pre].name}->${this.#populations[inlet].name}`,
        pre,
        post: inlet,
        connectivity: identity(sizeOf(input)),
        weightScale: 1,
        ...this.#timing(0, closes),
      });
    }
    if (inlet !== outlet) addParts(inlet, false);
  }

  #timing(steps: number, closes: boolean): Pick<Projection, "delaySteps" | "beforeStart"> {
    if (!closes) return { delaySteps: steps };
    return { delaySteps: steps + 1, beforeStart: this.#analysis.conventions.feedbackT0 };
  }
}

function relay(name: string, shape: Shape): Population {
  return { name, model: "relay", shape, size: sizeOf(shape), params: {} };
}

function layerOf(node: FlatNode): Pick<Projection, "layer"> {
  switch (node.type) {
    case "Linear":
    case "Affine":
      return { layer: { node: node.name, kind: "linear" } };
    case "Conv1d":
    case "Conv2d":
      return { layer: { node: node.name, kind: "conv" } };
    default:
      return {};
  }
}
