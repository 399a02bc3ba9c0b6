import { wordTable, type CoreCapacity } from "./capacity.ts";
import { Frontier } from "./frontier.ts";
import type { Level } from "./level.ts";

export interface GreedyOptions {
  /** Overlap is divided by (spikes a node takes in) to this power: 0 likes nodes with many inputs, 1 those with few new ones. */
  readonly alpha: number;
  /** What it counts that a source of a node is in the core already, against an input axon that is there already. */
  readonly sourceCredit: number;
  /** Share of every wall that is filled. */
  readonly fill: number;
  /** Axons count by their spikes; else all alike, which saves memory where that binds. */
  readonly byRate: boolean;
}

/** Candidates that do not fit are passed over so often before a core is closed. */
const PATIENCE = 200;
/** In place of where a node's score is: it has none yet; it will have none any more. */
const UNSEEN = -1;
const DONE = -2;
/** Nodes that are chosen among by their score of the moment before all are looked at again. */
const MOST_GATHERED = 32;

/**
 * Fills one core after the other with the node that shares most input axons with what is there.
 *
 * @returns `[nodes]` cores, without gaps; walls hold but for output entries, which depend on everybody's place
 */
export function greedyOverlap(
  level: Level,
  capacity: CoreCapacity,
  { alpha, sourceCredit, fill, byRate }: GreedyOptions,
): { readonly coreOf: Uint16Array; readonly cores: number } {
  const { nodes, nets, size, netStart, pin, pinCount, axons, inStart, inNet, inCount, source } = level;
  const rate = byRate ? level.rate : Float64Array.from(axons);
  const { outStart, outNet } = level;
  let longest = 1;
  for (let net = 0; net < nets; net++) {
    let total = 0;
    for (let p = netStart[net]; p < netStart[net + 1]; p++) total += pinCount === undefined ? 1 : pinCount[p];
    longest = Math.max(longest, total);
  }
  const table = wordTable(capacity, longest);
  const coreOf = new Uint16Array(nodes);
  const placed = new Uint8Array(nodes);
  const weight = new Float64Array(nodes);
  // Where a node's score is; DONE for nodes that are placed, or have no inputs and come last.
  const slot = new Int32Array(nodes).fill(UNSEEN);
  for (let v = 0; v < nodes; v++) {
    let taken = 0;
    for (let i = inStart[v]; i < inStart[v + 1]; i++) taken += rate[inNet[i]];
    weight[v] = taken === 0 ? 1 : taken ** -alpha;
    if (inStart[v + 1] === inStart[v]) slot[v] = DONE;
  }
  // Nodes with a score: spikes of what the core takes in already. Side by side, as all are looked at again and again.
  const touched = new Uint32Array(nodes);
  const score = new Float64Array(nodes);
  const weightAt = new Float64Array(nodes);
  let many = 0;
  const candidates: number[] = [];
  const passedIn = new Int32Array(nodes).fill(-1);
  const count = new Uint16Array(nets);
  const touchedNets: number[] = [];
  const limits = {
    neurons: capacity.neurons * fill,
    axonsIn: capacity.axonsIn * fill,
    words: capacity.synapseWords * fill,
  };
  // Nodes by how many spikes of other cores they share: where the next core begins.
  const frontier = new Frontier(nodes);
  const valueOf = (v: number): number => score[slot[v]] * weight[v];
  let left = 0;
  for (let v = 0; v < nodes; v++) {
    if (inStart[v + 1] === inStart[v]) continue;
    frontier.set(v, -v * 1e-9);
    left++;
  }
  let core = 0;
  while (left > 0) {
    let neurons = 0;
    let axonsIn = 0;
    let words = 0;
    let passed = 0;
    let raises = 0;
    candidates.length = 0;
    const fits = (v: number): boolean => {
      if (neurons + size[v] > limits.neurons) return false;
      let newAxons = 0;
      let newWords = 0;
      for (let i = inStart[v]; i < inStart[v + 1]; i++) {
        const net = inNet[i];
        const c = count[net];
        if (c === 0) newAxons += axons[net];
        newWords += axons[net] * (table[c + (inCount === undefined ? 1 : inCount[i])] - table[c]);
      }
      return axonsIn + newAxons <= limits.axonsIn && words + newWords <= limits.words;
    };
    const raise = (u: number, by: number): void => {
      let k = slot[u];
      if (k === DONE) return;
      if (k === UNSEEN) {
        k = slot[u] = many++;
        touched[k] = u;
        weightAt[k] = weight[u];
        score[k] = 0;
      }
      score[k] += by;
    };
    /** The best few by score. */
    const gather = (most: number): void => {
      candidates.length = 0;
      let least = 0;
      for (let k = 0; k < many; k++) {
        const value = score[k] * weightAt[k];
        if (value <= least) continue;
        const u = touched[k];
        if (passedIn[u] === core) continue;
        let at = candidates.length < most ? candidates.push(u) - 1 : most - 1;
        for (; at > 0 && valueOf(candidates[at - 1]) < value; at--) candidates[at] = candidates[at - 1];
        candidates[at] = u;
        if (candidates.length === most) least = valueOf(candidates[most - 1]);
      }
    };
    /** The best of those gathered, as scores are now; -1 if there is none left. */
    const take = (): number => {
      let best = -1;
      for (let k = 0; k < candidates.length; k++)
        if (best < 0 || valueOf(candidates[k]) > valueOf(candidates[best])) best = k;
      if (best < 0) return -1;
      const v = candidates[best];
      candidates[best] = candidates[candidates.length - 1];
      candidates.pop();
      return v;
    };
    const put = (v: number): void => {
      placed[v] = 1;
      // Never the best again.
      if (slot[v] !== UNSEEN) score[slot[v]] = 0;
      slot[v] = DONE;
      coreOf[v] = core;
      left--;
      frontier.remove(v);
      neurons += size[v];
      for (let i = inStart[v]; i < inStart[v + 1]; i++) {
        const net = inNet[i];
        const c = count[net];
        const more = inCount === undefined ? 1 : inCount[i];
        words += axons[net] * (table[c + more] - table[c]);
        count[net] = c + more;
        if (c > 0) continue;
        touchedNets.push(net);
        axonsIn += axons[net];
        const w = rate[net];
        if (w === 0) continue;
        for (let p = netStart[net]; p < netStart[net + 1]; p++) raise(pin[p], w);
        raises += netStart[net + 1] - netStart[net];
        if (sourceCredit > 0) raise(source[net], sourceCredit * w);
      }
      if (sourceCredit === 0) return;
      for (let i = outStart[v]; i < outStart[v + 1]; i++) {
        const net = outNet[i];
        if (rate[net] === 0) continue;
        for (let p = netStart[net]; p < netStart[net + 1]; p++) raise(pin[p], sourceCredit * rate[net]);
      }
    };
    put(frontier.pop().node);
    while (passed < PATIENCE) {
      // All are looked at when that costs about as much as what has been added since the last time.
      if (2 * raises >= many || candidates.length === 0) {
        gather(MOST_GATHERED);
        raises = 0;
      }
      const v = take();
      if (v < 0) {
        if (neurons >= limits.neurons || left === 0) break;
        const { node: next, key } = frontier.pop();
        if (next < 0) break;
        if (fits(next)) {
          put(next);
          continue;
        }
        frontier.set(next, key);
        break;
      }
      if (fits(v)) put(v);
      else {
        passed++;
        passedIn[v] = core;
      }
    }
    for (const net of touchedNets) count[net] = 0;
    touchedNets.length = 0;
    for (let k = 0; k < many; k++) {
      const u = touched[k];
      if (slot[u] === DONE) continue;
      frontier.set(u, frontier.keyOf(u) + score[k] * weightAt[k]);
      slot[u] = UNSEEN;
    }
    many = 0;
    core++;
  }
  const cores = placeSources(level, capacity, coreOf, core, placed);
  return { coreOf, cores };
}

/** Nodes without inputs need no memory: each goes where most of its targets are, if there is room for it and its entries. */
function placeSources(
  { nodes, size, netStart, pin, pinCount, axons, outStart, outNet, inStart, source, nets }: Level,
  capacity: CoreCapacity,
  coreOf: Uint16Array,
  cores: number,
  placed: Uint8Array,
): number {
  const neurons = new Uint32Array(nodes + 1);
  const entries = new Uint32Array(nodes + 1);
  for (let v = 0; v < nodes; v++) if (placed[v] === 1) neurons[coreOf[v]] += size[v];
  const reach = new Map<number, number>();
  const reached = (net: number): Map<number, number> => {
    reach.clear();
    for (let p = netStart[net]; p < netStart[net + 1]; p++) {
      const c = coreOf[pin[p]];
      reach.set(c, (reach.get(c) ?? 0) + (pinCount === undefined ? 1 : pinCount[p]));
    }
    return reach;
  };
  for (let net = 0; net < nets; net++)
    if (placed[source[net]] === 1) entries[coreOf[source[net]]] += axons[net] * reached(net).size;
  let last = cores;
  for (let v = 0; v < nodes; v++) {
    if (inStart[v + 1] > inStart[v]) continue;
    const wanted = new Map<number, number>();
    let mine = 0;
    for (let i = outStart[v]; i < outStart[v + 1]; i++) {
      for (const [c, targets] of reached(outNet[i])) wanted.set(c, (wanted.get(c) ?? 0) + targets);
      mine += axons[outNet[i]] * reach.size;
    }
    const room = (c: number): boolean =>
      neurons[c] + size[v] <= capacity.neurons && entries[c] + mine <= capacity.axonsOut;
    let chosen = [...wanted].sort(([a, x], [b, y]) => y - x || a - b).find(([c]) => room(c))?.[0];
    if (chosen === undefined) {
      chosen = 0;
      while (chosen < last && !room(chosen)) chosen++;
      if (chosen === last) last++;
    }
    coreOf[v] = chosen;
    neurons[chosen] += size[v];
    entries[chosen] += mine;
  }
  return last;
}
