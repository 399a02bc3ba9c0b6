import type { Rng } from "#util/rng";
import type { Assignment } from "./assignment.ts";
import { shuffle } from "./shuffle.ts";

export interface CoreColumnsAndRows {
  /** `[cores]` */
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

export interface ShortenOptions {
  /** What a spike that leaves its core costs, wherever it goes. */
  readonly cutLinks: number;
  /** Column and row of every core: a spike costs the links between, too. Absent: all cores are equally far. */
  readonly places?: CoreColumnsAndRows;
  readonly rounds: number;
  readonly rng: Rng;
  readonly shouldStop?: () => boolean;
}

/** A round that saves less than this share is the last. */
const WORTHWHILE = 0.001;

/**
 * Moves nodes, and swaps pairs of them, where that makes ways shorter: cost is rate x (`cutLinks` + links), summed over the other
 * cores that axons go to.
 * All walls hold before and after. Where cores are full hardly any node can move, but many can change places.
 */
export function shorten(state: Assignment, options: ShortenOptions): void {
  state.setWalls(1);
  if (state.overload > 0 || state.cores < 2) return;
  const { level, coreOf } = state;
  const { rounds, rng, shouldStop } = options;
  const ways = new Ways(state, options);
  const order = new Uint32Array(level.nodes).map((_, v) => v);
  let cost = ways.cost();
  for (let round = 0; round < rounds; round++) {
    shuffle(order, rng);
    let saved = 0;
    ways.gatherGains();
    for (const v of order) {
      if (shouldStop?.() === true) return;
      const from = coreOf[v];
      const { to, partner, gain } = ways.bestChange(v);
      if (gain <= 1e-6) continue;
      saved += ways.tryChange(v, to, partner);
      if (coreOf[v] !== from) ways.forget(v, partner);
    }
    if (saved < WORTHWHILE * cost) return;
    cost -= saved;
  }
}

class Ways {
  readonly #state: Assignment;
  readonly #distance: Float32Array;
  readonly #cores: number;
  /** `[nodes x cores]`, what a move saves, when it was last counted; -Infinity where it is. */
  readonly #gains: Float32Array;
  /** `[cores x cores]`: of the nodes of one core, the one that would lose least by a move to the other; -1 if there is none. */
  readonly #partner: Int32Array;
  readonly #gain: Float64Array;
  /** Of one node, what it exchanges with every core, and with every column and row of cores. */
  readonly #pull: Float64Array;
  readonly #columns: Axis;
  readonly #rows: Axis;
  readonly #cutLinks: number;

  constructor(state: Assignment, { cutLinks, places }: ShortenOptions) {
    const { cores, level } = state;
    this.#state = state;
    this.#cutLinks = cutLinks;
    this.#cores = cores;
    this.#columns = new Axis(places?.x, cores);
    this.#rows = new Axis(places?.y, cores);
    this.#distance = distances(this.#columns.at, this.#rows.at, cutLinks);
    this.#gains = new Float32Array(level.nodes * cores);
    this.#partner = new Int32Array(cores * cores);
    this.#gain = new Float64Array(cores);
    this.#pull = new Float64Array(cores);
  }

  cost(): number {
    const { level, lambda, slotCore, ownCore } = this.#state;
    let sum = 0;
    for (let net = 0; net < level.nets; net++) {
      const row = ownCore[net] * this.#cores;
      const begin = level.netStart[net];
      for (let s = begin; s < begin + lambda[net]; s++)
        sum += level.rate[net] * this.#distance[row + slotCore[s]];
    }
    return sum;
  }

  gatherGains(): void {
    const { level, coreOf } = this.#state;
    const cores = this.#cores;
    const partner = this.#partner.fill(-1);
    const gains = this.#gains;
    for (let v = 0; v < level.nodes; v++) {
      this.#count(v);
      const row = v * cores;
      gains.set(this.#gain, row);
      const from = coreOf[v];
      gains[row + from] = -Infinity;
      for (let c = 0; c < cores; c++) {
        const known = partner[from * cores + c];
        if (c !== from && (known < 0 || gains[row + c] > gains[known * cores + c]))
          partner[from * cores + c] = v;
      }
    }
  }

  /** A move to a core, or a change of places with a node there, by gains as they were at the beginning of the round. */
  bestChange(v: number): { readonly to: number; readonly partner: number; readonly gain: number } {
    const { coreOf } = this.#state;
    const cores = this.#cores;
    const row = v * cores;
    const from = coreOf[v];
    let gain = 0;
    let to = -1;
    for (let c = 0; c < cores; c++) {
      const partner = this.#partner[c * cores + from];
      // A node that gains nothing may stay where it is, if there is room.
      const back = partner < 0 ? 0 : this.#gains[partner * cores + from];
      const value = this.#gains[row + c] + (back === -Infinity ? 0 : back);
      if (value <= gain) continue;
      gain = value;
      to = c;
    }
    return { to, partner: to < 0 ? -1 : this.#partner[to * cores + from], gain };
  }

  /** Those that have moved are nobody's partner any more in this round. */
  forget(...nodes: number[]): void {
    const cores = this.#cores;
    for (const v of nodes) {
      if (v < 0) continue;
      this.#gains.fill(-Infinity, v * cores, (v + 1) * cores);
    }
  }

  /** Makes the change if it saves anything and breaks no wall; returns what it saved. */
  tryChange(v: number, to: number, partner: number): number {
    const state = this.#state;
    const from = state.coreOf[v];
    if (to === from) return 0;
    this.#count(v);
    const first = this.#gain[to];
    if (first > 1e-6 && state.fits(v, to)) {
      state.move(v, to);
      return first;
    }
    if (partner < 0 || state.coreOf[partner] !== to || partner === v) return 0;
    state.move(v, to);
    this.#count(partner);
    const saved = first + this.#gain[from];
    if (saved > 1e-6) {
      state.move(partner, from);
      if (state.overload === 0) return saved;
      state.move(partner, to);
    }
    state.move(v, from);
    return 0;
  }

  /** What moving a node to each core saves; nothing for those that send to themselves. */
  #count(v: number): void {
    const { level, coreOf, slotCore, slotCount, lambda, ownCore } = this.#state;
    const { inStart, inNet, inCount, outStart, outNet, netStart, source, rate } = level;
    const cores = this.#cores;
    const distance = this.#distance;
    const gain = this.#gain.fill(0);
    const pull = this.#pull.fill(0);
    const from = coreOf[v];
    let leaving = 0;
    for (let i = inStart[v]; i < inStart[v + 1]; i++) {
      const net = inNet[i];
      if (source[net] === v) {
        gain.fill(-Infinity);
        return;
      }
      const count = inCount === undefined ? 1 : inCount[i];
      const w = rate[net];
      const own = ownCore[net];
      const row = own * cores;
      pull[own] += w;
      const begin = netStart[net];
      for (let s = begin; s < begin + lambda[net]; s++) {
        const core = slotCore[s];
        if (core !== from) gain[core] += w * distance[row + core];
        else if (slotCount[s] === count) leaving += w * distance[row + from];
      }
    }
    for (let i = outStart[v]; i < outStart[v + 1]; i++) {
      const net = outNet[i];
      const w = rate[net];
      const begin = netStart[net];
      for (let s = begin; s < begin + lambda[net]; s++) {
        pull[slotCore[s]] += w;
        leaving += w * distance[from * cores + slotCore[s]];
      }
    }
    // The ways to all that it exchanges spikes with, along columns and rows: sums over cores are sums over these.
    const columns = this.#columns.pulls(pull);
    const rows = this.#rows.pulls(pull);
    const { at: x } = this.#columns;
    const { at: y } = this.#rows;
    let all = 0;
    for (let c = 0; c < cores; c++) all += pull[c];
    for (let c = 0; c < cores; c++)
      gain[c] += leaving - this.#cutLinks * (all - pull[c]) - columns[x[c]] - rows[y[c]];
    gain[from] = -Infinity;
  }
}

/** Columns of cores, or rows. */
class Axis {
  /** `[cores]`, from 0 on */
  readonly at: Uint16Array;
  readonly #weight: Float64Array;
  readonly #pulls: Float64Array;

  constructor(places: ArrayLike<number> | undefined, cores: number) {
    const first = places === undefined ? 0 : Array.from(places).reduce((a, b) => Math.min(a, b), Infinity);
    this.at = Uint16Array.from({ length: cores }, (_, c) => (places === undefined ? 0 : places[c] - first));
    const length = this.at.reduce((a, b) => Math.max(a, b), 0) + 1;
    this.#weight = new Float64Array(length);
    this.#pulls = new Float64Array(length);
  }

  /** By place along the axis: pulls of all cores, each times how far it is. */
  pulls(pull: Float64Array): Float64Array {
    const weight = this.#weight.fill(0);
    const sums = this.#pulls;
    const { at } = this;
    for (let c = 0; c < at.length; c++) weight[at[c]] += pull[c];
    let before = 0;
    let sum = 0;
    let after = 0;
    for (let k = 0; k < weight.length; k++) {
      sum += k * weight[k];
      after += weight[k];
    }
    for (let k = 0; k < weight.length; k++) {
      sums[k] = sum;
      before += weight[k];
      after -= weight[k];
      sum += before - after;
    }
    return sums;
  }
}

/** `[cores x cores]`, what a spike from one core to another costs; 0 to itself. */
function distances(x: Uint16Array, y: Uint16Array, cutLinks: number): Float32Array {
  const cores = x.length;
  const distance = new Float32Array(cores * cores);
  for (let a = 0; a < cores; a++)
    for (let b = 0; b < cores; b++)
      if (a !== b) distance[a * cores + b] = cutLinks + Math.abs(x[a] - x[b]) + Math.abs(y[a] - y[b]);
  return distance;
}
