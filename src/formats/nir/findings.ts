import { spreadOf, type Spread } from "#ir/summary";
import { DiagnosticSink, type Diagnostic } from "#util/diagnostic";
import type { ImportOptions } from "../format.ts";
import { withConcern } from "./doctor/concerns.ts";
import { reportTraps } from "./doctor/traps.ts";
import { isArray, sizeOf, type Shape } from "./fields.ts";
import type { NirFile } from "./graph.ts";
import type { FlatNode } from "./inline.ts";
import { analyseNir } from "./lower.ts";
import { nodeType } from "./nodes.ts";
import type { WriterFingerprint } from "./writers.ts";

/** One node of a file as `inspect` shows it. */
export interface NirNodeSummary {
  /** Nested graphs join names with "/". */
  readonly name: string;
  readonly type: string;
  /** Absent where it could not be found. */
  readonly input?: Shape;
  readonly output?: Shape;
  /** Nodes with a membrane only. */
  readonly neurons?: number;
  /** Nodes with a weight field only. */
  readonly weights?: number;
  readonly nonzeroWeights?: number;
  readonly densityShare?: number;
  readonly timeConstants: readonly TimeConstants[];
  /** Codes of the warnings and errors about this node. */
  readonly odd: readonly string[];
}

export interface TimeConstants {
  readonly field: string;
  /** As stored. */
  readonly inFile: Spread;
  readonly inSteps: Spread;
}

export interface NirInspection {
  /** The `/version` string, if there is one. */
  readonly version?: string;
  readonly writer: WriterFingerprint;
  readonly timeUnit: "s" | "ms" | "steps";
  readonly dtSeconds?: number;
  readonly nodes: readonly NirNodeSummary[];
  /** Edges, each pair once. */
  readonly edges: number;
  /** Edges that close a cycle, "from -> to". */
  readonly feedback: readonly string[];
  readonly findings: readonly Diagnostic[];
}

/** Everything that is odd about a file: what the importer says, and what other readers trip over. */
export function findingsOf(file: NirFile, options: ImportOptions = {}): readonly Diagnostic[] {
  return inspectNir(file, options).findings;
}

/** What is in a file, node by node, whether or not a network can be made of it. */
export function inspectNir(file: NirFile, options: ImportOptions = {}): NirInspection {
  const sink = new DiagnosticSink();
  const analysis = analyseNir(file, options, sink);
  const { graph, search, shapes, writer, conventions } = analysis;
  reportTraps(file, analysis, sink);
  const odd = codesByPath(sink.diagnostics);
  const { nodes, edges } = graph;
  return {
    ...(file.version === undefined ? {} : { version: file.version }),
    writer,
    timeUnit: conventions.timeUnit,
    ...(conventions.dtSeconds === undefined ? {} : { dtSeconds: conventions.dtSeconds }),
    nodes: nodes.map((node, index) => ({
      ...summarise(node, shapes[index].input, shapes[index].output, conventions.stepInFileUnits),
      odd: odd.get(node.path) ?? [],
    })),
    edges: edges.from.length,
    feedback: edges.from.flatMap((from, edge) =>
      search.closesCycle[edge] ? [`${nodes[from].name} -> ${nodes[edges.to[edge]].name}`] : [],
    ),
    findings: sink.diagnostics.map(withConcern),
  };
}

function summarise(
  node: FlatNode,
  input: Shape | undefined,
  output: Shape | undefined,
  step: number,
): Omit<NirNodeSummary, "odd"> {
  const definition = nodeType(node.type);
  const times = (definition?.params ?? []).filter(([, , role]) => role === "time").map(([field]) => field);
  if (node.type === "Delay") times.push("delay");
  const { weight } = node.fields;
  return {
    name: node.name,
    type: node.type,
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
    ...(definition?.kind === "neuron" && node.type !== "Threshold" && output !== undefined
      ? { neurons: sizeOf(output) }
      : {}),
    ...(isArray(weight) ? weightCounts(weight.data) : {}),
    timeConstants: times.flatMap((field) => {
      const values = node.fields[field];
      if (!isArray(values)) return [];
      const inFile = spreadOf(values.data);
      const inSteps = { min: inFile.min / step, median: inFile.median / step, max: inFile.max / step };
      return [{ field, inFile, inSteps }];
    }),
  };
}

function weightCounts(weights: ArrayLike<number>): {
  weights: number;
  nonzeroWeights: number;
  densityShare: number;
} {
  let nonzeroWeights = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i] !== 0) nonzeroWeights++;
  const densityShare = weights.length === 0 ? 1 : nonzeroWeights / weights.length;
  return { weights: weights.length, nonzeroWeights, densityShare };
}

/** Codes of warnings and errors, by the path of the node they are about. */
function codesByPath(diagnostics: readonly Diagnostic[]): Map<string, string[]> {
  const codes = new Map<string, string[]>();
  for (const { code, severity, subject } of diagnostics) {
    if (severity === "note" || subject === undefined) continue;
    const path = /^(?:\/node(?:\/nodes\/[^/]+)+)/.exec(subject)?.[0];
    if (path === undefined) continue;
    const known = codes.get(path) ?? [];
    if (!known.includes(code)) codes.set(path, [...known, code]);
  }
  return codes;
}
