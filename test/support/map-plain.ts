// What a map costs, by the slowest and plainest count: sets, and a walk for every message.
import type { CoreProfile } from "../../src/core-profile.ts";
import type { AxonGraph } from "#ir/axon-graph";
import { lists } from "./axon-graphs.ts";

export interface PlainCosts {
  readonly cores: number;
  readonly connectivity: number;
  readonly cutSpikes: number;
  /** By core. */
  readonly neurons: number[];
  readonly axonsIn: number[];
  readonly axonsOut: number[];
  readonly synapseWords: number[];
  readonly unicastHops: number;
  readonly treeHops: number;
  /** `x,y>x,y` to spikes. */
  readonly unicastLinks: Map<string, number>;
  readonly treeLinks: Map<string, number>;
}

/** @param x, y column and row by core */
export function plainCosts(
  graph: AxonGraph,
  coreOf: ArrayLike<number>,
  profile: CoreProfile,
  { x, y }: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> },
): PlainCosts {
  const cores = Math.max(0, ...Array.from(coreOf, (core) => core + 1));
  const zeros = (): number[] => Array.from({ length: cores }, () => 0);
  const costs = {
    cores,
    connectivity: 0,
    cutSpikes: 0,
    neurons: zeros(),
    axonsIn: zeros(),
    axonsOut: zeros(),
    synapseWords: zeros(),
    unicastHops: 0,
    treeHops: 0,
    unicastLinks: new Map<string, number>(),
    treeLinks: new Map<string, number>(),
  };
  const add = (links: Map<string, number>, link: string, spikes: number): void => {
    links.set(link, (links.get(link) ?? 0) + spikes);
  };
  lists(graph).forEach((targets, n) => {
    const own = coreOf[n];
    costs.neurons[own]++;
    const perCore = new Map<number, number>();
    for (const target of targets) perCore.set(coreOf[target], (perCore.get(coreOf[target]) ?? 0) + 1);
    const tree = new Set<string>();
    for (const [core, synapses] of perCore) {
      costs.axonsIn[core]++;
      costs.axonsOut[own]++;
      costs.synapseWords[core] += wordsOf(synapses, profile);
      if (core === own) continue;
      costs.connectivity++;
      costs.cutSpikes += graph.rate[n];
      for (const link of way(x[own], y[own], x[core], y[core])) {
        costs.unicastHops += graph.rate[n];
        add(costs.unicastLinks, link, graph.rate[n]);
        tree.add(link);
      }
    }
    costs.treeHops += graph.rate[n] * tree.size;
    for (const link of tree) add(costs.treeLinks, link, graph.rate[n]);
  });
  return costs;
}

function wordsOf(synapses: number, { bitsPerSynapse, headerBits }: CoreProfile): number {
  let words = 0;
  for (let left = synapses; left > 0; left -= 64)
    words += Math.ceil((bitsPerSynapse * Math.min(64, left) + headerBits) / 64);
  return words;
}

/** Along the row first, then along the column. */
function way(x: number, y: number, toX: number, toY: number): string[] {
  const links: string[] = [];
  while (x !== toX || y !== toY) {
    const from = `${x},${y}`;
    if (x !== toX) x += Math.sign(toX - x);
    else y += Math.sign(toY - y);
    links.push(`${from}>${x},${y}`);
  }
  return links;
}
