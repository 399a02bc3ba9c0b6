import { wordTable, type CoreCapacity } from "./capacity.ts";
import { NodeHeap } from "./heap.ts";
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
  for (let v = 0; v < nodes; v++) {
    let taken = 0;
    for (let i = inStart[v]; i < inStart[v + 1]; i++) taken += rate[inNet[i]];
    weight[v] = taken === 0 ? 1 : taken ** alpha;
  }
  const score = new Float64Array(nodes);
  const heap = new NodeHeap(nodes);
  const count = new Uint16Array(nets);
  const touchedNets: number[] = [];
  const limits = {
    neurons: capacity.neurons * fill,
    axonsIn: capacity.axonsIn * fill,
    words: capacity.synapseWords * fill,
  };
  // Nodes by how many spikes of other cores they share: where the next core begins.
  const frontier = new NodeHeap(nodes);
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
    heap.clear();
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
      if (placed[u] === 1 || inStart[u + 1] === inStart[u]) return;
      score[u] += by / weight[u];
      heap.set(u, score[u]);
    };
    const put = (v: number): void => {
      placed[v] = 1;
      coreOf[v] = core;
      left--;
      heap.remove(v);
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
        for (let p = netStart[net]; p < netStart[net + 1]; p++) raise(pin[p], rate[net]);
        raise(source[net], sourceCredit * rate[net]);
      }
      for (let i = outStart[v]; i < outStart[v + 1]; i++) {
        const net = outNet[i];
        for (let p = netStart[net]; p < netStart[net + 1]; p++) raise(pin[p], sourceCredit * rate[net]);
      }
    };
    const seed = frontier.pop();
    put(seed);
    while (passed < PATIENCE) {
      const v = heap.size > 0 ? heap.pop() : -1;
      if (v < 0) {
        if (neurons >= limits.neurons || left === 0) break;
        const next = frontier.pop();
        if (next < 0) break;
        if (fits(next)) put(next);
        else {
          frontier.set(next, frontier.keyOf(next));
          break;
        }
        continue;
      }
      if (fits(v)) put(v);
      else passed++;
    }
    for (const net of touchedNets) {
      count[net] = 0;
      for (let p = netStart[net]; p < netStart[net + 1]; p++) {
        const u = pin[p];
        if (score[u] !== 0 && placed[u] === 0 && inStart[u + 1] > inStart[u])
          frontier.set(u, frontier.keyOf(u) + score[u]);
        score[u] = 0;
      }
      score[source[net]] = 0;
    }
    touchedNets.length = 0;
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
