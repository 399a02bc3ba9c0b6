import type { Rng } from "#util/rng";
import type { CoreNeighbours } from "./core-neighbours.ts";
import type { PlacementProblem } from "./problem.ts";
import type { Sites } from "./sites.ts";

/** Steps of the averaging that orders cores along a cut: where nothing outside pulls yet, and where it does. */
const FREE_STEPS = 200;
const PULLED_STEPS = 40;
/** Rounds of swaps over each cut. */
const SWAP_ROUNDS = 4;

/** Cores that go to a set of sites, at least as many. */
interface Region {
  readonly cores: Uint32Array;
  readonly sites: Uint32Array;
}

/** Sites in two parts along one axis, with where cores are on it so far. */
interface Cut {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** Middle of either part. */
  readonly lowAt: number;
  readonly highAt: number;
  /** `[cores]` */
  readonly position: Float64Array;
}

/**
 * A first placement for many cores and for several chips: the sites are halved again and again, over chip borders first and
 * then across the longer edge. Cores are told apart by where their partners pull them (those of other regions from where
 * they are so far), and swapped over the cut as long as that shortens the ways.
 *
 * @returns `[cores]`, sites
 */
export function recursiveSeed({ graph, sites, fill }: PlacementProblem, rng: Rng): Uint32Array {
  const { cores } = graph;
  const siteOf = new Uint32Array(cores);
  // Where cores are so far: in the middle of their regions.
  const x = new Float64Array(cores);
  const y = new Float64Array(cores);
  // -1 and 1 in the region that is being halved, 0 outside.
  const side = new Int8Array(cores);
  const settle = (region: Region): void => {
    for (const core of region.cores) {
      x[core] = mean(region.sites, sites.x);
      y[core] = mean(region.sites, sites.y);
    }
  };
  let regions: Region[] = [{ cores: Uint32Array.from({ length: cores }, (_, c) => c), sites: fill }];
  while (regions.length > 0) {
    const halves: Region[] = [];
    for (const region of regions) {
      if (region.cores.length === 0) continue;
      if (region.sites.length === 1) {
        siteOf[region.cores[0]] = region.sites[0];
        continue;
      }
      const cut = cutSites(sites, region.sites, x, y);
      const [low, high] = halve(graph, region.cores, cut, side, rng);
      halves.push({ cores: low, sites: cut.low }, { cores: high, sites: cut.high });
      settle(halves[halves.length - 2]);
      settle(halves[halves.length - 1]);
    }
    regions = halves;
  }
  return siteOf;
}

/** Over the middle chip border, if there is one; else across the longer edge, between two columns or rows if there are several. */
function cutSites({ x, y, chip }: Sites, area: Uint32Array, atX: Float64Array, atY: Float64Array): Cut {
  const extent = (of: Int32Array): number =>
    area.reduce((a, s) => Math.max(a, of[s]), 0) - area.reduce((a, s) => Math.min(a, of[s]), Infinity);
  const chips = extent(chip) > 0;
  const along = chips || extent(x) >= extent(y) ? x : y;
  const key = chips ? chip : along;
  const order = area.slice().sort((a, b) => key[a] - key[b] || a - b);
  // The step between two keys that is nearest the middle; a heap of cores on one router is cut anywhere.
  let at = order.length >> 1;
  let off = Infinity;
  for (let i = 1; i < order.length; i++) {
    if (key[order[i]] === key[order[i - 1]] || Math.abs(2 * i - order.length) >= off) continue;
    off = Math.abs(2 * i - order.length);
    at = i;
  }
  const low = order.slice(0, at);
  const high = order.slice(at);
  return {
    low,
    high,
    lowAt: mean(low, along),
    highAt: mean(high, along),
    position: along === x ? atX : atY,
  };
}

/** @param side `[cores]`, all 0 before and after */
function halve(
  graph: CoreNeighbours,
  cores: Uint32Array,
  cut: Cut,
  side: Int8Array,
  rng: Rng,
): [Uint32Array, Uint32Array] {
  const sites = cut.low.length + cut.high.length;
  const share = Math.round((cores.length * cut.low.length) / sites);
  const inLow = Math.min(cut.low.length, Math.max(cores.length - cut.high.length, share));
  for (const core of cores) side[core] = 1;
  const order = orderAlong(graph, cores, cut, side, rng);
  for (let i = 0; i < inLow; i++) side[order[i]] = -1;
  if (cut.lowAt < cut.highAt) swapOver(graph, order, cut, side);
  const low = order.filter((core) => side[core] < 0);
  const high = order.filter((core) => side[core] > 0);
  for (const core of cores) side[core] = 0;
  return [low, high];
}

/** Cores by the mean of their partners' places, again and again: partners inside move along, the others stand still. */
function orderAlong(
  { start, neighbour, spikes, cores: all }: CoreNeighbours,
  cores: Uint32Array,
  { lowAt, highAt, position }: Cut,
  side: Int8Array,
  rng: Rng,
): Uint32Array {
  const half = Math.max(1e-9, (highAt - lowAt) / 2);
  const middle = (lowAt + highAt) / 2;
  const degree = new Float64Array(all);
  const pull = new Float64Array(all);
  let pulled = false;
  for (const core of cores)
    for (let i = start[core]; i < start[core + 1]; i++) {
      degree[core] += spikes[i];
      if (side[neighbour[i]] !== 0) continue;
      // From far away everything pulls alike: what counts is the side.
      pull[core] += spikes[i] * Math.min(1, Math.max(-1, (position[neighbour[i]] - middle) / half));
      pulled = true;
    }
  const value = new Float64Array(all);
  for (const core of cores) value[core] = rng() - 0.5;
  const next = new Float64Array(all);
  const steps = pulled ? PULLED_STEPS : FREE_STEPS;
  for (let step = 0; step < steps; step++) {
    let sum = 0;
    let weight = 0;
    for (const core of cores) {
      sum += degree[core] * value[core];
      weight += degree[core];
    }
    const centre = weight === 0 ? 0 : sum / weight;
    let square = 0;
    for (const core of cores) {
      let around = pull[core];
      for (let i = start[core]; i < start[core + 1]; i++)
        if (side[neighbour[i]] !== 0) around += spikes[i] * (value[neighbour[i]] - centre);
      next[core] = degree[core] === 0 ? 0 : 0.5 * (value[core] - centre + around / degree[core]);
      square += degree[core] * next[core] * next[core];
    }
    // Without a pull the values would die out; with one, their size against it is part of the answer.
    const scale = pulled || square === 0 ? 1 : Math.sqrt(weight / square);
    for (const core of cores) value[core] = scale * next[core];
  }
  return cores.slice().sort((a, b) => value[a] - value[b] || a - b);
}

/** Pairs of cores, one of either side, by how much crossing the cut would help each. */
function swapOver(
  { start, neighbour, spikes, cores: all }: CoreNeighbours,
  cores: Uint32Array,
  { lowAt, highAt, position }: Cut,
  side: Int8Array,
): void {
  const gain = new Float64Array(all);
  const span = highAt - lowAt;
  const far = (at: number, other: number): number => Math.abs(at - other);
  const gainOf = (core: number): number => {
    const here = side[core] < 0 ? lowAt : highAt;
    const there = side[core] < 0 ? highAt : lowAt;
    let sum = 0;
    for (let i = start[core]; i < start[core + 1]; i++) {
      const partner = neighbour[i];
      const at = side[partner] === 0 ? position[partner] : side[partner] < 0 ? lowAt : highAt;
      sum += spikes[i] * (far(here, at) - far(there, at));
    }
    return sum;
  };
  for (let round = 0; round < SWAP_ROUNDS; round++) {
    for (const core of cores) gain[core] = gainOf(core);
    const byGain = (which: number): Uint32Array =>
      cores.filter((core) => side[core] === which).sort((a, b) => gain[b] - gain[a] || a - b);
    const low = byGain(-1);
    const high = byGain(1);
    let swapped = 0;
    for (let i = 0; i < Math.min(low.length, high.length); i++) {
      const a = low[i];
      const b = high[i];
      if (gain[a] + gain[b] <= 0) break;
      // Earlier swaps of this round have changed the gains.
      const together = gainOf(a) + gainOf(b) - 2 * span * between(a, b);
      if (together <= 1e-9 * Math.abs(gain[a])) continue;
      side[a] = 1;
      side[b] = -1;
      swapped++;
    }
    if (swapped === 0) break;
  }

  function between(a: number, b: number): number {
    for (let i = start[a]; i < start[a + 1]; i++) if (neighbour[i] === b) return spikes[i];
    return 0;
  }
}

function mean(sites: Uint32Array, of: Int32Array): number {
  let sum = 0;
  for (const s of sites) sum += of[s];
  return sum / sites.length;
}
