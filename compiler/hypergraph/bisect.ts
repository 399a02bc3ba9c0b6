import type { Rng } from "#util/rng";
import { NodeHeap } from "./heap.ts";
import type { WeightedGraph } from "./weighted-graph.ts";

/** Beginnings that are tried for each cut, and passes of improvement for the best. */
const TRIES = 2;
const PASSES = 4;
/** How far a half may be from its share, in neurons of its nodes' mean size. */
const SLACK = 1.5;

/**
 * Cuts a graph in two again and again, so that little weight crosses, until there are `parts` of about the same size.
 *
 * @returns `[nodes]`, part of each
 */
export function bisect(graph: WeightedGraph, parts: number, rng: Rng): Uint32Array {
  const partOf = new Uint32Array(graph.nodes);
  const divide = (piece: WeightedGraph, nodes: Uint32Array, many: number, first: number): void => {
    if (many === 1 || piece.nodes < 2) {
      for (const v of nodes) partOf[v] = first;
      return;
    }
    const fewer = many >> 1;
    const side = new Halving(piece, rng).cut(fewer / many);
    const inHalf = (half: number): Uint32Array => nodes.filter((_, v) => side[v] === half);
    divide(halfOf(piece, side, 0), inHalf(0), fewer, first);
    divide(halfOf(piece, side, 1), inHalf(1), many - fewer, first + fewer);
  };
  divide(
    graph,
    new Uint32Array(graph.nodes).map((_, v) => v),
    parts,
    0,
  );
  return partOf;
}

/** The nodes on one side, numbered in their order, and the edges between them. */
function halfOf(
  { nodes, size, start, neighbour, weight }: WeightedGraph,
  side: Uint8Array,
  half: number,
): WeightedGraph {
  const numberOf = new Uint32Array(nodes);
  let many = 0;
  let edges = 0;
  for (let v = 0; v < nodes; v++) {
    if (side[v] !== half) continue;
    numberOf[v] = many++;
    for (let e = start[v]; e < start[v + 1]; e++) if (side[neighbour[e]] === half) edges++;
  }
  const newStart = new Uint32Array(many + 1);
  const newNeighbour = new Uint32Array(edges);
  const newWeight = new Float32Array(edges);
  let at = 0;
  for (let v = 0; v < nodes; v++) {
    if (side[v] !== half) continue;
    for (let e = start[v]; e < start[v + 1]; e++) {
      if (side[neighbour[e]] !== half) continue;
      newNeighbour[at] = numberOf[neighbour[e]];
      newWeight[at++] = weight[e];
    }
    newStart[numberOf[v] + 1] = at;
  }
  return {
    nodes: many,
    size: size.filter((_, v) => side[v] === half),
    start: newStart,
    neighbour: newNeighbour,
    weight: newWeight,
  };
}

class Halving {
  readonly #graph: WeightedGraph;
  readonly #rng: Rng;
  /** `[nodes]`: 0 or 1. */
  readonly #side: Uint8Array;
  readonly #gain: Float64Array;
  readonly #heaps: readonly [NodeHeap, NodeHeap];
  readonly #locked: Uint8Array;

  constructor(graph: WeightedGraph, rng: Rng) {
    const { nodes } = graph;
    this.#graph = graph;
    this.#rng = rng;
    this.#side = new Uint8Array(nodes);
    this.#gain = new Float64Array(nodes);
    this.#heaps = [new NodeHeap(nodes), new NodeHeap(nodes)];
    this.#locked = new Uint8Array(nodes);
  }

  /** @returns `[nodes]`, 0 for `share` of the neurons, 1 for the others */
  cut(share: number): Uint8Array {
    const { size, nodes } = this.#graph;
    const side = this.#side;
    const total = size.reduce((sum, held) => sum + held, 0);
    const wanted = total * share;
    const slack = Math.max(1, SLACK * (total / nodes), 0.002 * total);
    let best: Uint8Array | undefined;
    let least = Infinity;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      this.#grow(wanted);
      const cost = this.#improve(wanted, slack, 2);
      if (cost < least) {
        least = cost;
        best = side.slice();
      }
    }
    if (best !== undefined) side.set(best);
    this.#improve(wanted, slack, PASSES);
    return side;
  }

  /** Half 0 grows from a node at random, always by the node most tied to it. */
  #grow(wanted: number): void {
    const { nodes, size, start, neighbour, weight } = this.#graph;
    const side = this.#side.fill(1);
    const heap = this.#heaps[0];
    heap.clear();
    let held = 0;
    while (held < wanted) {
      let v = heap.pop();
      if (v < 0) {
        do v = Math.floor(this.#rng() * nodes);
        while (side[v] === 0);
      }
      side[v] = 0;
      held += size[v];
      for (let e = start[v]; e < start[v + 1]; e++) {
        const u = neighbour[e];
        if (side[u] === 1) heap.set(u, (heap.has(u) ? heap.keyOf(u) : 0) + weight[e]);
      }
    }
  }

  /** Fiduccia-Mattheyses with two sides; returns the weight that crosses. */
  #improve(wanted: number, slack: number, passes: number): number {
    const { nodes, size, start, neighbour, weight } = this.#graph;
    const side = this.#side;
    const gain = this.#gain;
    const heaps = this.#heaps;
    let crossing = 0;
    let held = 0;
    for (let v = 0; v < nodes; v++) {
      if (side[v] === 0) held += size[v];
      for (let e = start[v]; e < start[v + 1]; e++)
        if (side[neighbour[e]] === 1 - side[v]) crossing += weight[e] / 2;
    }
    const patience = Math.max(50, nodes * 0.05);
    for (let pass = 0; pass < passes; pass++) {
      heaps[0].clear();
      heaps[1].clear();
      for (let v = 0; v < nodes; v++) {
        this.#locked[v] = 0;
        let here = 0;
        let there = 0;
        for (let e = start[v]; e < start[v + 1]; e++) {
          const s = side[neighbour[e]];
          if (s === side[v]) here += weight[e];
          else there += weight[e];
        }
        gain[v] = there - here;
        if (there > 0 || Math.abs(held - wanted) > slack) heaps[side[v]].set(v, gain[v]);
      }
      const log: number[] = [];
      let now = crossing;
      let best = crossing;
      let bestOff = Math.max(0, Math.abs(held - wanted) - slack);
      let bestLength = 0;
      for (;;) {
        // Only moves that end inside the slack, or bring the halves nearer to it.
        const from = this.#next(held, wanted, slack);
        if (from < 0) break;
        const v = heaps[from].pop();
        const after = held + (from === 0 ? -size[v] : size[v]);
        if (Math.abs(after - wanted) > Math.max(slack, Math.abs(held - wanted) - 1e-9)) continue;
        side[v] = 1 - from;
        held = after;
        now -= gain[v];
        this.#locked[v] = 1;
        log.push(v);
        for (let e = start[v]; e < start[v + 1]; e++) {
          const u = neighbour[e];
          if (this.#locked[u] === 1) continue;
          gain[u] += side[u] === from ? 2 * weight[e] : -2 * weight[e];
          heaps[side[u]].set(u, gain[u]);
        }
        const off = Math.max(0, Math.abs(held - wanted) - slack);
        if (off < bestOff || (off === bestOff && now < best - 1e-6)) {
          best = now;
          bestOff = off;
          bestLength = log.length;
        } else if (log.length - bestLength > patience) break;
      }
      for (let k = log.length - 1; k >= bestLength; k--) {
        const v = log[k];
        held += side[v] === 0 ? -size[v] : size[v];
        side[v] = 1 - side[v];
      }
      const saved = crossing - best;
      crossing = best;
      if (saved < 0.001 * crossing) break;
    }
    return crossing;
  }

  /** Half to take a node from; -1 if there is none. */
  #next(held: number, wanted: number, slack: number): number {
    const [zero, one] = this.#heaps;
    if (held - wanted > slack) return zero.size > 0 ? 0 : -1;
    if (wanted - held > slack) return one.size > 0 ? 1 : -1;
    if (zero.size === 0) return one.size === 0 ? -1 : 1;
    if (one.size === 0) return 0;
    return zero.topKey >= one.topKey ? 0 : 1;
  }
}
