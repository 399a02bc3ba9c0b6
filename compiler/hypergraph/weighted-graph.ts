// Plain graphs with weights, and their coarsening: what quick divisions work on.
import type { Rng } from "#util/rng";
import { shuffle } from "./shuffle.ts";
import { membersOf, type Ties } from "./ties.ts";

/** Undirected: every edge stands at both of its ends. No weight is 0. */
export interface WeightedGraph {
  readonly nodes: number;
  /** `[nodes]`, neurons of a node. */
  readonly size: Uint32Array;
  /** `[nodes + 1]` into the next two. */
  readonly start: Uint32Array;
  readonly neighbour: Uint32Array;
  readonly weight: Float32Array;
}

/**
 * Joins nodes with the neighbours that most travels to, large ones last.
 *
 * @param maxSize neurons of a cluster
 * @returns `[nodes]`, cluster of each, from 0 on without gaps
 */
export function clusterGraph(
  { nodes, size, gather }: Ties,
  maxSize: number,
  rng: Rng,
): { readonly clusterOf: Uint32Array; readonly clusters: number } {
  // A node stands for its cluster by the number of the cluster's first node.
  const head = new Uint32Array(nodes).map((_, v) => v);
  const held = size.slice();
  const joined = new Uint8Array(nodes);
  const score = new Float64Array(nodes);
  const seen = new Uint32Array(nodes);
  const order = new Uint32Array(nodes).map((_, v) => v);
  shuffle(order, rng);
  for (const v of order) {
    if (joined[v] === 1) continue;
    const many = gather(v, head, score, seen, 0);
    let best = 0;
    let into = -1;
    for (let k = 0; k < many; k++) {
      const u = seen[k];
      const value = score[u] / held[u];
      score[u] = 0;
      if (value <= best || u === v || held[u] + held[v] > maxSize) continue;
      best = value;
      into = u;
    }
    if (into < 0) continue;
    head[v] = into;
    held[into] += held[v];
    joined[v] = joined[into] = 1;
  }
  const numberOf = new Int32Array(nodes).fill(-1);
  let clusters = 0;
  const clusterOf = Uint32Array.from(head, (u) => {
    if (numberOf[u] < 0) numberOf[u] = clusters++;
    return numberOf[u];
  });
  return { clusterOf, clusters };
}

/**
 * The graph of clusters: edges between the same two are one.
 *
 * @param mostEdges edges that there may be at both ends, those of the finer graph; memory is taken as it is filled
 */
export function contractGraph(
  { size, gather }: Ties,
  clusterOf: Uint32Array,
  clusters: number,
  mostEdges: number,
): WeightedGraph {
  const { first, member } = membersOf(clusterOf, clusters);
  const newStart = new Uint32Array(clusters + 1);
  const newSize = new Uint32Array(clusters);
  const newNeighbour = new Uint32Array(mostEdges);
  const newWeight = new Float32Array(mostEdges);
  const sums = new Float64Array(clusters);
  const seen = new Uint32Array(clusters);
  let end = 0;
  for (let c = 0; c < clusters; c++) {
    let many = 0;
    for (let m = first[c]; m < first[c + 1]; m++) {
      const v = member[m];
      newSize[c] += size[v];
      many = gather(v, clusterOf, sums, seen, many);
    }
    for (let k = 0; k < many; k++) {
      const to = seen[k];
      if (to !== c) {
        newNeighbour[end] = to;
        newWeight[end++] = sums[to];
      }
      sums[to] = 0;
    }
    newStart[c + 1] = end;
  }
  return {
    nodes: clusters,
    size: newSize,
    start: newStart,
    neighbour: newNeighbour.subarray(0, end),
    weight: newWeight.subarray(0, end),
  };
}

/**
 * Moves nodes one by one to the part that most of their weight goes to, in random order, as long as no part holds more than
 * `most` neurons. Changes `partOf`.
 */
export function smoothParts(
  { nodes, size, gather }: Ties,
  partOf: Uint32Array,
  parts: number,
  { most, passes, rng }: { readonly most: number; readonly passes: number; readonly rng: Rng },
): void {
  const held = new Float64Array(parts);
  for (let v = 0; v < nodes; v++) held[partOf[v]] += size[v];
  const tie = new Float64Array(parts);
  const seen = new Uint32Array(parts);
  const order = new Uint32Array(nodes).map((_, v) => v);
  for (let pass = 0; pass < passes; pass++) {
    shuffle(order, rng);
    let moved = 0;
    for (const v of order) {
      const many = gather(v, partOf, tie, seen, 0);
      const own = partOf[v];
      const isOver = held[own] > most;
      let best = isOver ? -Infinity : tie[own];
      let to = own;
      for (let k = 0; k < many; k++) {
        const p = seen[k];
        if (p !== own && tie[p] > best && held[p] + size[v] <= most) {
          best = tie[p];
          to = p;
        }
      }
      for (let k = 0; k < many; k++) tie[seen[k]] = 0;
      if (to === own) continue;
      held[own] -= size[v];
      held[to] += size[v];
      partOf[v] = to;
      moved++;
    }
    if (moved < 0.002 * nodes) break;
  }
}
