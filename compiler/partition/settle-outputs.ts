import type { Slice } from "#ir/block-graph";
import type { Workload } from "../encode/workload.ts";
import type { Misfits } from "./misfits.ts";
import { blockOfNeuron, mapBlock, withOutputEntries, type MappedBlock } from "./mapped-block.ts";

/**
 * Splits blocks until no core needs more output-table entries than it has.
 *
 * A neuron takes one entry for each core that its spikes go to (its own included), and more where the way leads to
 * another chip. Every split of a block adds destinations to the neurons before it, so this repeats until nothing
 * changes; blocks only get smaller, so it ends. A neuron that needs too many entries by itself goes to `misfits`.
 *
 * @param options.maxBlocks   splitting stops beyond this number: some networks only get worse by it
 * @param options.chipOfBlock `[blocks]`, once the blocks have been placed; before that, all count as on one chip
 * @returns the same blocks with `demand.axonsOut` filled in, or more and smaller ones
 */
export function settleOutputs(
  workload: Workload,
  blocks: readonly MappedBlock[],
  misfits: Misfits,
  options: { readonly maxBlocks?: number; readonly chipOfBlock?: Uint32Array } = {},
): MappedBlock[] {
  const limit = workload.target.walls.axonsOut?.value ?? Infinity;
  const maxBlocks = options.maxBlocks ?? Infinity;
  let current = [...blocks];
  for (let chips = options.chipOfBlock; ; chips = undefined) {
    const { byNeuron, byBlock } = outputEntries(workload, current, chips);
    if (current.length > maxBlocks) return withOutputEntries(current, byBlock);
    let changed = false;
    const next = current.flatMap((block, b) => {
      if (byBlock[b] <= limit) return [block];
      const pieces = cutByEntries(block.slices, byNeuron, byBlock[b], limit);
      reportWideNeurons(block.slices, byNeuron, limit, misfits);
      if (pieces.length === 1) return [block];
      changed = true;
      return pieces.map((slices) => mapBlock(workload, slices));
    });
    if (!changed) return withOutputEntries(current, byBlock);
    current = next;
    // After a split the old placement says nothing any more: the caller places again and comes back.
    if (chips !== undefined) return current;
  }
}

/** Output entries of every neuron, `[size]` by population, and of every block. */
function outputEntries(
  workload: Workload,
  blocks: readonly MappedBlock[],
  chipOfBlock: Uint32Array | undefined,
): { byNeuron: readonly Uint32Array[]; byBlock: Float64Array } {
  const crossing = workload.target.mesh.chipCrossingEntries.value;
  const blockOf = blockOfNeuron(workload, blocks);
  const byNeuron = workload.network.populations.map(({ size }) => new Uint32Array(size));
  const byBlock = new Float64Array(blocks.length);
  blocks.forEach(({ measure }, sink) => {
    const { sourcePopulation, sourceNeuron } = measure.lists;
    for (let axon = 0; axon < sourceNeuron.length; axon++) {
      const [population, neuron] = [sourcePopulation[axon], sourceNeuron[axon]];
      const source = blockOf[population][neuron];
      if (source < 0) continue;
      const crosses = chipOfBlock !== undefined && chipOfBlock[source] !== chipOfBlock[sink];
      const entries = 1 + (crosses ? crossing : 0);
      byNeuron[population][neuron] += entries;
      byBlock[source] += entries;
    }
  });
  return { byNeuron, byBlock };
}

/** Cuts slices into runs of about equally many entries, each within the limit unless a neuron alone is over it. */
function cutByEntries(
  slices: readonly Slice[],
  byNeuron: readonly Uint32Array[],
  total: number,
  limit: number,
): Slice[][] {
  const share = total / Math.ceil(total / limit);
  const pieces: Slice[][] = [[]];
  let filled = 0;
  for (const { population, begin, end } of slices) {
    let from = begin;
    for (let n = begin; n < end; n++) {
      const entries = byNeuron[population][n];
      const full = filled >= share || filled + entries > limit;
      if (full && (n > from || pieces[pieces.length - 1].length > 0)) {
        if (n > from) pieces[pieces.length - 1].push({ population, begin: from, end: n });
        pieces.push([]);
        filled = 0;
        from = n;
      }
      filled += entries;
    }
    pieces[pieces.length - 1].push({ population, begin: from, end });
  }
  return pieces;
}

function reportWideNeurons(
  slices: readonly Slice[],
  byNeuron: readonly Uint32Array[],
  limit: number,
  misfits: Misfits,
): void {
  for (const { population, begin, end } of slices)
    for (let neuron = begin; neuron < end; neuron++) {
      const needed = byNeuron[population][neuron];
      if (needed > limit) misfits.add({ population, neuron, resource: "axonsOut", needed, available: limit });
    }
}
