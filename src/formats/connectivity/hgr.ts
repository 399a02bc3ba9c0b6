import type { AxonGraph } from "#ir/axon-graph";
import type { DiagnosticSink } from "#util/diagnostic";
import { axonsOfEdges, type EdgeList } from "./axons.ts";
import {
  badHeader,
  badNumber,
  badRate,
  ratesScaled,
  selfTargetsLeftOut,
  targetOutOfRange,
  tooManyNeurons,
  truncated,
  vertexWeightsUnused,
} from "./diagnostics.ts";
import { believedNeurons, type ConnectivityFormat, type ConnectivityOptions } from "./format.ts";
import { NumberLines } from "./lines.ts";

/** Rates that are not whole numbers are scaled so that the highest has this weight. */
const HIGHEST_WEIGHT = 1e6;

/**
 * hMETIS hypergraphs: `edges vertices [format]`, then a line for each hyperedge with vertices from 1 on, before them its
 * weight where the format ends in 1; where it is 10 or 11, a line with the weight of each vertex follows.
 *
 * Hyperedges have no direction; the first pin (or the last, by option) is taken as the source, the others as its targets.
 * A line with one vertex is an axon without targets. Weights of vertices are not used, which is said.
 */
export const hgr: ConnectivityFormat = {
  name: "hgr",
  summary: "hypergraph as text (hMETIS, PaToH, KaHyPar); the first vertex of an edge is its source",
  extensions: [".hgr"],
  recognizes(bytes) {
    const lines = new NumberLines(bytes.subarray(0, 4096));
    return lines.nextLine() && headerOf(lines) !== undefined;
  },

  read(bytes, options, sink) {
    const lines = new NumberLines(bytes);
    const header = lines.nextLine() ? headerOf(lines) : undefined;
    if (header === undefined) {
      const reason = "its first line is not `edges vertices [0, 1, 10 or 11]`";
      sink.report(badHeader({ format: "hgr", reason, hint: "see the manual of hMETIS for the format." }));
      return undefined;
    }
    const limit = believedNeurons(bytes);
    if (header.neurons > limit) {
      sink.report(tooManyNeurons({ neurons: header.neurons, bytes: bytes.length, limit }));
      return undefined;
    }
    // A hyperedge takes two bytes at least.
    if (header.edges > bytes.length / 2) {
      sink.report(truncated({ format: "hgr", what: `its ${header.edges} edges` }));
      return undefined;
    }
    const edges = edgesOf(lines, header, options, sink);
    if (edges === undefined) return undefined;
    if (header.hasVertexWeights && !passVertexWeights(lines, header.neurons, sink)) return undefined;
    if (lines.nextLine()) {
      const expected = "the end of the file";
      sink.report(badNumber({ file: "hgr file", line: lines.line, found: quoted(lines), expected }));
      return undefined;
    }
    return axonsOfEdges(edges, sink);
  },

  write(graph, sink) {
    const factor = weightFactor(graph);
    if (factor !== 1) sink.report(ratesScaled({ factor }));
    const { neurons, axonStart, target, rate } = graph;
    const lines: string[] = [""];
    let withSelf = 0;
    for (let n = 0; n < neurons; n++) {
      const list = target.subarray(axonStart[n], axonStart[n + 1]);
      const others = Array.from(
        list.filter((other) => other !== n),
        (other) => other + 1,
      );
      if (others.length < list.length) withSelf++;
      if (others.length > 0) lines.push(`${weightOf(rate[n], factor)} ${n + 1} ${others.join(" ")}`);
    }
    if (withSelf > 0) sink.report(selfTargetsLeftOut({ axons: withSelf }));
    lines[0] = `${lines.length - 1} ${neurons} 1`;
    return new TextEncoder().encode(`${lines.join("\n")}\n`);
  },
};

interface Header {
  readonly edges: number;
  readonly neurons: number;
  readonly hasEdgeWeights: boolean;
  readonly hasVertexWeights: boolean;
}

function headerOf(lines: NumberLines): Header | undefined {
  const edges = lines.nextWhole();
  const neurons = lines.nextWhole();
  const format = lines.nextWhole() ?? 0;
  if (edges === undefined || neurons === undefined || lines.nextWhole() !== undefined) return undefined;
  if (!(edges >= 0 && neurons >= 0 && neurons < 2 ** 32 && [0, 1, 10, 11].includes(format))) return undefined;
  return { edges, neurons, hasEdgeWeights: format % 10 === 1, hasVertexWeights: format >= 10 };
}

function edgesOf(
  lines: NumberLines,
  { edges, neurons, hasEdgeWeights }: Header,
  options: ConnectivityOptions,
  sink: DiagnosticSink,
): EdgeList | undefined {
  const source = new Uint32Array(edges);
  const start = new Uint32Array(edges + 1);
  const rate = new Float64Array(edges).fill(1);
  let target = new Uint32Array(1024);
  let kept = 0;
  const isLast = options.source === "last";
  const wrong = (expected: string): undefined => {
    sink.report(badNumber({ file: "hgr file", line: lines.line, found: quoted(lines), expected }));
    return undefined;
  };
  for (let e = 0; e < edges; e++) {
    if (!lines.nextLine()) {
      sink.report(truncated({ format: "hgr", what: `edge ${e} of ${edges}` }));
      return undefined;
    }
    if (hasEdgeWeights) {
      const weight = lines.nextNumber();
      if (weight === undefined || Number.isNaN(weight)) return wrong("the weight of the edge");
      if (!(weight >= 0 && weight < Infinity)) {
        sink.report(badRate({ edge: e, rate: weight }));
        return undefined;
      }
      rate[e] = weight;
    }
    let pin = lines.nextWhole();
    if (pin === undefined) return wrong("a vertex, counted from 1");
    const begin = kept;
    for (; pin !== undefined; pin = lines.nextWhole()) {
      if (!(pin >= 1)) return wrong("a vertex, counted from 1");
      if (pin > neurons) {
        sink.report(targetOutOfRange({ edge: e, neuron: pin - 1, neurons }));
        return undefined;
      }
      if (kept === target.length) target = grown(target);
      target[kept++] = pin - 1;
    }
    kept--;
    if (isLast) source[e] = target[kept];
    else {
      source[e] = target[begin];
      target.copyWithin(begin, begin + 1, kept + 1);
    }
    start[e + 1] = kept;
  }
  return { neurons, source, start, target: target.subarray(0, kept), rate };
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * array.length);
  larger.set(array);
  return larger;
}

/** Reads over the weights of the vertices; false if there are too few. */
function passVertexWeights(lines: NumberLines, neurons: number, sink: DiagnosticSink): boolean {
  let others = 0;
  for (let v = 0; v < neurons; v++) {
    const weight = lines.nextLine() ? lines.nextNumber() : undefined;
    if (weight === undefined) {
      sink.report(truncated({ format: "hgr", what: `the weight of vertex ${v + 1} of ${neurons}` }));
      return false;
    }
    if (weight !== 1) others++;
  }
  if (others > 0) sink.report(vertexWeightsUnused({ others }));
  return true;
}

const quoted = (lines: NumberLines): string => {
  const word = lines.nextWord();
  return word === "" ? "nothing" : `"${word}"`;
};

function weightFactor({ rate }: AxonGraph): number {
  let highest = 0;
  let isWhole = true;
  for (const value of rate) {
    if (!Number.isInteger(value)) isWhole = false;
    if (value > highest) highest = value;
  }
  return isWhole || highest === 0 ? 1 : HIGHEST_WEIGHT / highest;
}

/** A rate that is not zero keeps a weight. */
const weightOf = (rate: number, factor: number): number =>
  rate === 0 ? 0 : Math.max(1, Math.round(rate * factor));
