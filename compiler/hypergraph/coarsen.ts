import type { Rng } from "#util/rng";
import { contract } from "./contract.ts";
import type { Level } from "./level.ts";
import { shuffle } from "./shuffle.ts";

export interface CoarsenOptions {
  /** Neurons that a cluster may hold. */
  readonly maxSize: number;
  /** Input axons that a cluster may have, by the sum over what it is made of. */
  readonly maxAxonsIn: number;
  readonly rng: Rng;
  /** A level ends when so few clusters are left, as a share of the nodes. */
  readonly share: number;
  /** `[nodes]`: nodes of different parts are never joined. */
  readonly parts?: Uint16Array;
}

export interface Coarser {
  readonly level: Level;
  /** `[nodes of the finer level]`, its node in the coarser one. */
  readonly clusterOf: Uint32Array;
}

/** Of a node with more nets, and of a net with more pins, a sample is rated. */
const SAMPLED_NETS = 32;
const SAMPLED_PINS = 16;

/**
 * Joins every node with the neighbour that it shares most with: rate / pins summed over shared nets, the source
 * of a net counting as a pin of it, and large clusters counting less.
 */
export function coarsen(level: Level, options: CoarsenOptions): Coarser {
  const { nodes, size } = level;
  const { maxSize, maxAxonsIn, rng, share, parts } = options;
  const cluster = new Int32Array(nodes).fill(-1);
  const clusterSize = new Uint32Array(nodes);
  const clusterAxons = new Uint32Array(nodes);
  const axonsIn = axonsInOf(level);
  const rating = new Rating(level, rng);
  const order = new Uint32Array(nodes).map((_, v) => v);
  shuffle(order, rng);
  // A node that is in no cluster yet stands for itself: scores are kept by node for those, else by the cluster's first node.
  const first = new Uint32Array(nodes);
  let clusters = 0;
  let left = nodes;
  const goal = Math.ceil(nodes * share);
  const { score, seen } = rating;
  for (const v of order) {
    if (cluster[v] >= 0) continue;
    if (left <= goal) break;
    const count = rating.rate(v, cluster, first);
    let best = 0;
    let partner = -1;
    for (let k = 0; k < count; k++) {
      const u = seen[k];
      const into = cluster[u];
      const there = into < 0 ? size[u] : clusterSize[into];
      const value = score[u] / there;
      score[u] = 0;
      if (value <= best || there + size[v] > maxSize) continue;
      if ((into < 0 ? axonsIn[u] : clusterAxons[into]) + axonsIn[v] > maxAxonsIn) continue;
      if (parts !== undefined && parts[u] !== parts[v]) continue;
      best = value;
      partner = u;
    }
    if (partner < 0) continue;
    if (cluster[partner] < 0) {
      first[clusters] = partner;
      clusterSize[clusters] = size[partner];
      clusterAxons[clusters] = axonsIn[partner];
      cluster[partner] = clusters++;
    }
    const into = cluster[partner];
    cluster[v] = into;
    clusterSize[into] += size[v];
    clusterAxons[into] += axonsIn[v];
    left--;
  }
  for (let v = 0; v < nodes; v++) {
    if (cluster[v] >= 0) continue;
    clusterSize[clusters] = size[v];
    cluster[v] = clusters++;
  }
  const clusterOf = Uint32Array.from(cluster);
  return { clusterOf, level: contract(level, clusterOf, clusters) };
}

function axonsInOf({ nodes, inStart, inNet, axons }: Level): Uint32Array {
  const axonsIn = new Uint32Array(nodes);
  for (let v = 0; v < nodes; v++)
    for (let i = inStart[v]; i < inStart[v + 1]; i++) axonsIn[v] += axons[inNet[i]];
  return axonsIn;
}

/** What a node shares with others; the caller sets the scores back to 0. */
class Rating {
  readonly score: Float64Array;
  readonly seen: Uint32Array;
  readonly #level: Level;
  readonly #rng: Rng;
  #count = 0;

  constructor(level: Level, rng: Rng) {
    this.#level = level;
    this.#rng = rng;
    this.score = new Float64Array(level.nodes);
    this.seen = new Uint32Array(level.nodes);
  }

  /** @returns how many nodes have a score; they are in `seen` */
  rate(v: number, cluster: Int32Array, first: Uint32Array): number {
    const { inStart, inNet, outStart, outNet } = this.#level;
    this.#count = 0;
    this.#rateNets(v, inNet, inStart[v], inStart[v + 1], cluster, first);
    this.#rateNets(v, outNet, outStart[v], outStart[v + 1], cluster, first);
    return this.#count;
  }

  #rateNets(
    v: number,
    nets: Uint32Array,
    begin: number,
    end: number,
    cluster: Int32Array,
    first: Uint32Array,
  ): void {
    const many = end - begin;
    const taken = Math.min(many, SAMPLED_NETS);
    const step = many / taken;
    const shift = many > taken ? this.#rng() : 0;
    for (let k = 0; k < taken; k++)
      this.#rateNet(v, nets[begin + Math.floor((k + shift) * step)], cluster, first);
  }

  #rateNet(v: number, net: number, cluster: Int32Array, first: Uint32Array): void {
    const { netStart, pin, source, rate } = this.#level;
    const begin = netStart[net];
    const pins = netStart[net + 1] - begin;
    const w = rate[net] / (pins + 1);
    if (w === 0) return;
    this.#add(v, source[net], w, cluster, first);
    const taken = Math.min(pins, SAMPLED_PINS);
    const step = pins / taken;
    const shift = pins > taken ? this.#rng() : 0;
    for (let k = 0; k < taken; k++)
      this.#add(v, pin[begin + Math.floor((k + shift) * step)], w * step, cluster, first);
  }

  #add(v: number, u: number, w: number, cluster: Int32Array, first: Uint32Array): void {
    if (u === v) return;
    const to = cluster[u] < 0 ? u : first[cluster[u]];
    if (this.score[to] === 0) this.seen[this.#count++] = to;
    this.score[to] += w;
  }
}
