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
  const halving = new Halving(graph, rng);
  const divide = (nodes: Uint32Array, many: number, first: number): void => {
    if (many === 1 || nodes.length < 2) {
      for (const v of nodes) partOf[v] = first;
      return;
    }
    const fewer = many >> 1;
    const side = halving.cut(nodes, fewer / many);
    const here = nodes.filter((v) => side[v] === 0);
    const there = nodes.filter((v) => side[v] === 1);
    divide(here, fewer, first);
    divide(there, many - fewer, first + fewer);
  };
  divide(
    new Uint32Array(graph.nodes).map((_, v) => v),
    parts,
    0,
  );
  return partOf;
}

/** Side of the nodes that are not looked at. */
const ELSEWHERE = 2;

class Halving {
  readonly #graph: WeightedGraph;
  readonly #rng: Rng;
  /** `[nodes]`: 0, 1, or elsewhere. */
  readonly #side: Uint8Array;
  readonly #gain: Float64Array;
  readonly #heaps: readonly [NodeHeap, NodeHeap];
  readonly #locked: Uint8Array;

  constructor(graph: WeightedGraph, rng: Rng) {
    const { nodes } = graph;
    this.#graph = graph;
    this.#rng = rng;
    this.#side = new Uint8Array(nodes).fill(ELSEWHERE);
    this.#gain = new Float64Array(nodes);
    this.#heaps = [new NodeHeap(nodes), new NodeHeap(nodes)];
    this.#locked = new Uint8Array(nodes);
  }

  /** @returns `[nodes]`, 0 for `share` of the neurons, 1 for the others; valid until the next call */
  cut(nodes: Uint32Array, share: number): Uint8Array {
    const { size } = this.#graph;
    const side = this.#side;
    side.fill(ELSEWHERE);
    const total = nodes.reduce((sum, v) => sum + size[v], 0);
    const wanted = total * share;
    const slack = Math.max(1, SLACK * (total / nodes.length), 0.002 * total);
    let best: Uint8Array | undefined;
    let least = Infinity;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      this.#grow(nodes, wanted);
      const cost = this.#improve(nodes, wanted, slack, 2);
      if (cost < least) {
        least = cost;
        best = Uint8Array.from(nodes, (v) => side[v]);
      }
    }
    nodes.forEach((v, i) => (side[v] = best![i]));
    this.#improve(nodes, wanted, slack, PASSES);
    return side;
  }

  /** Half 0 grows from a node at random, always by the node most tied to it. */
  #grow(nodes: Uint32Array, wanted: number): void {
    const { size, start, neighbour, weight } = this.#graph;
    const side = this.#side;
    const heap = this.#heaps[0];
    for (const v of nodes) side[v] = 1;
    heap.clear();
    let held = 0;
    while (held < wanted) {
      let v = heap.pop();
      if (v < 0) {
        do v = nodes[Math.floor(this.#rng() * nodes.length)];
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
  #improve(nodes: Uint32Array, wanted: number, slack: number, passes: number): number {
    const { size, start, neighbour, weight } = this.#graph;
    const side = this.#side;
    const gain = this.#gain;
    const heaps = this.#heaps;
    let crossing = 0;
    let held = 0;
    for (const v of nodes) {
      if (side[v] === 0) held += size[v];
      for (let e = start[v]; e < start[v + 1]; e++)
        if (side[neighbour[e]] === 1 - side[v]) crossing += weight[e] / 2;
    }
    const patience = Math.max(50, nodes.length * 0.05);
    for (let pass = 0; pass < passes; pass++) {
      heaps[0].clear();
      heaps[1].clear();
      for (const v of nodes) {
        this.#locked[v] = 0;
        let here = 0;
        let there = 0;
        for (let e = start[v]; e < start[v + 1]; e++) {
          const s = side[neighbour[e]];
          if (s === side[v]) here += weight[e];
          else if (s !== ELSEWHERE) there += weight[e];
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
          if (side[u] === ELSEWHERE || this.#locked[u] === 1) continue;
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
