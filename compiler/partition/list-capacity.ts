import { blockedList, type CoreCapacity } from "../hypergraph/capacity.ts";
import { available } from "../encode/measure.ts";
import type { Workload } from "../encode/workload.ts";
import type { MappedBlock } from "./mapped-block.ts";

/** Bits in front of a run of 64 synapses: headers, start indices and what rounding to words leaves empty. */
const HEADER_BITS = 20;
/** Fewer and more bits than any list takes for a synapse. */
const BITS = { low: 1, high: 256 };
const HALVINGS = 20;

/**
 * A core as the hypergraph sees it: words of a list by its length alone, so that all lists of the blocks together take what
 * they really do. Single lists take more or less, hence blocks are measured afterwards.
 *
 * @param blocks    any way to cut the same neurons, measured
 * @param neurons   most neurons of a core, where fewer than it holds are wanted
 * @param wordShare share of the words that may be filled
 */
export function listCapacity(
  workload: Workload,
  blocks: readonly MappedBlock[],
  { neurons = Infinity, wordShare = 1 }: { readonly neurons?: number; readonly wordShare?: number } = {},
): CoreCapacity {
  const limits = available(workload);
  const finite = (limit: number): number => (Number.isFinite(limit) ? limit : 2 ** 30);
  return {
    name: workload.target.name,
    neurons: Math.max(1, Math.min(limits.neurons, neurons)),
    axonsIn: finite(limits.axonsIn),
    axonsOut: finite(limits.axonsOut),
    synapseWords: Math.floor(finite(limits.synapseWords) * wordShare),
    wordsOfList: blockedList(bitsPerSynapse(blocks), HEADER_BITS),
  };
}

/** By bisection. */
function bitsPerSynapse(blocks: readonly MappedBlock[]): number {
  const byLength = new Map<number, number>();
  let words = 0;
  for (const { measure, demand } of blocks) {
    words += demand.synapseWords;
    const { partStart, entryStart } = measure.lists;
    for (let axon = 0; axon + 1 < partStart.length; axon++) {
      const length = entryStart[partStart[axon + 1]] - entryStart[partStart[axon]];
      byLength.set(length, (byLength.get(length) ?? 0) + 1);
    }
  }
  let { low, high } = BITS;
  for (let step = 0; step < HALVINGS; step++) {
    const bits = (low + high) / 2;
    const wordsOf = blockedList(bits, HEADER_BITS);
    let estimate = 0;
    for (const [length, lists] of byLength) estimate += lists * wordsOf(length);
    if (estimate > words) high = bits;
    else low = bits;
  }
  return high;
}
