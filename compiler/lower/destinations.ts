import type { Slice } from "#ir/block-graph";
import { coreLists, type CoreLists } from "../encode/core-lists.ts";
import type { Workload } from "../encode/workload.ts";

/** Some neurons that will share a core, and what reaches them. */
export interface Piece {
  readonly slices: readonly Slice[];
  readonly lists: CoreLists;
}

export function pieceOf(workload: Workload, slices: readonly Slice[]): Piece {
  return { slices, lists: coreLists(workload, slices) };
}

/** Input axons that each neuron and input line has to reach: `[size]` by population. */
export function countDestinations({ network }: Workload, pieces: readonly Piece[]): readonly Uint32Array[] {
  const counts = network.populations.map(({ size }) => new Uint32Array(size));
  for (const { lists } of pieces)
    for (let axon = 0; axon < lists.sourceNeuron.length; axon++)
      counts[lists.sourcePopulation[axon]][lists.sourceNeuron[axon]]++;
  return counts;
}

/** Whether anything that a population sends comes back to it, by population. */
export function populationsInLoops({ network }: Pick<Workload, "network">): readonly boolean[] {
  const next = network.populations.map((): number[] => []);
  for (const { pre, post } of network.projections) next[pre].push(post);
  return next.map((_, start) => {
    const seen = new Set<number>();
    const open = [...next[start]];
    for (let p = open.pop(); p !== undefined; p = open.pop()) {
      if (p === start) return true;
      if (seen.has(p)) continue;
      seen.add(p);
      open.push(...next[p]);
    }
    return false;
  });
}
