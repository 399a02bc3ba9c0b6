import type { AxonGraph } from "#ir/axon-graph";
import type { DiagnosticSink } from "#util/diagnostic";
import { edgesUnited, repeatedTargets } from "./diagnostics.ts";

/** Directed edges as files list them: any order, any number from one source. Every number is in range. */
export interface EdgeList {
  readonly neurons: number;
  /** `[edges]` */
  readonly source: Uint32Array;
  /** `[edges + 1]`: targets of edge e are entries start[e] .. start[e + 1] of `target`. */
  readonly start: Uint32Array;
  readonly target: Uint32Array;
  /** `[edges]`, finite, 0 or more. */
  readonly rate: Float64Array;
}

/**
 * One axon for each neuron: edges of the same source are united, targets sorted and taken once. Of different rates the
 * highest counts. What this changes is reported.
 */
export function axonsOfEdges(
  { neurons, source, start, target, rate }: EdgeList,
  sink: DiagnosticSink,
): AxonGraph {
  const edges = source.length;
  const first = new Uint32Array(neurons + 1);
  const axonRate = new Float64Array(neurons);
  const edgesOf = new Uint32Array(neurons);
  const isUneven = new Uint8Array(neurons);
  for (let e = 0; e < edges; e++) {
    const n = source[e];
    first[n + 1] += start[e + 1] - start[e];
    if (edgesOf[n]++ > 0 && rate[e] !== axonRate[n]) isUneven[n] = 1;
    if (rate[e] > axonRate[n]) axonRate[n] = rate[e];
  }
  for (let n = 0; n < neurons; n++) first[n + 1] += first[n];
  const all = new Uint32Array(target.length);
  const next = first.slice(0, neurons);
  for (let e = 0; e < edges; e++) {
    const n = source[e];
    all.set(target.subarray(start[e], start[e + 1]), next[n]);
    next[n] += start[e + 1] - start[e];
  }
  let several = 0;
  let theirEdges = 0;
  for (const count of edgesOf)
    if (count > 1) {
      several++;
      theirEdges += count;
    }
  if (several > 0)
    sink.report(
      edgesUnited({ sources: several, edges: theirEdges, rates: isUneven.reduce((a, b) => a + b, 0) }),
    );
  return sortedOnce({ neurons, axonStart: first, target: all, rate: axonRate }, sink);
}

/** Targets of every axon ascending, each once. Works in the arrays of the graph, and gives them back where nothing changed. */
export function sortedOnce(graph: AxonGraph, sink: DiagnosticSink): AxonGraph {
  const { neurons, axonStart, target } = graph;
  let kept = 0;
  let begin = 0;
  for (let n = 0; n < neurons; n++) {
    const end = axonStart[n + 1];
    const list = target.subarray(begin, end);
    if (!isAscending(list)) list.sort();
    const from = kept;
    for (let s = begin; s < end; s++)
      if (kept === from || target[s] !== target[kept - 1]) target[kept++] = target[s];
    begin = end;
    axonStart[n + 1] = kept;
  }
  if (kept === target.length) return graph;
  sink.report(repeatedTargets({ repeats: target.length - kept }));
  return { ...graph, target: target.slice(0, kept) };
}

function isAscending(list: Uint32Array): boolean {
  for (let i = 1; i < list.length; i++) if (list[i - 1] > list[i]) return false;
  return true;
}
