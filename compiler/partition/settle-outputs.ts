import type { Slice } from "#ir/block-graph";
import { available } from "../encode/measure.ts";
import type { Workload } from "../encode/workload.ts";
import type { Misfits } from "./misfits.ts";
import { blockOfNeuron, mapBlock, withOutputEntries, type MappedBlock } from "./mapped-block.ts";

/**
 * Splits blocks until no core needs more output-table entries than it has.
 *
 * A neuron takes one entry for each core that its spikes go to (its own included), and more where the way leads to
 * another chip. Every split of a block adds destinations to the neurons before it, so this repeats until nothing
 * changes; blocks only get smaller, so it ends. A neuron that needs too many entries by itself goes to `misfits`, and so do
 * neurons that reach more places than the chip lets them.
 *
 * @param options.maxBlocks   splitting stops beyond this number: some networks only get worse by it
 * @param options.chipOfBlock `[blocks]`, once the blocks have been placed; before that, all count as on one chip
 * @returns the same blocks with `demand.axonsOut`, `destinationsOfNeuron` and `destinationCores` filled in, or more and
 * smaller ones
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
    if (current.length > maxBlocks) return withDestinations(workload, current, byBlock);
    let changed = false;
    const next = current.flatMap((block, b) => {
      if (byBlock[b] <= limit) return [block];
      const pieces = cutByEntries(block.slices, byNeuron, byBlock[b], limit);
      reportWideNeurons(block.slices, byNeuron, limit, misfits);
      if (pieces.length === 1) return [block];
      changed = true;
      return pieces.map((slices) => mapBlock(workload, slices));
    });
    if (!changed) {
      const settled = withDestinations(workload, current, byBlock);
      reportDestinations(workload, settled, misfits);
      return settled;
    }
    current = next;
    // After a split the old placement says nothing any more: the caller places again and comes back.
    if (chips !== undefined) return current;
  }
}

function withDestinations(
  workload: Workload,
  blocks: readonly MappedBlock[],
  entries: Float64Array,
): MappedBlock[] {
  const { ofNeuron, cores } = destinations(workload, blocks);
  return withOutputEntries(blocks, entries).map((block, b): MappedBlock => ({
    ...block,
    demand: {
      ...block.demand,
      destinationsOfNeuron: mostOf(block.slices, ofNeuron),
      destinationCores: cores[b].size,
    },
  }));
}

/** Input axons that each neuron sends to, `[size]` by population, and blocks that each block sends to. */
function destinations(
  workload: Workload,
  blocks: readonly MappedBlock[],
): { ofNeuron: readonly Uint32Array[]; cores: readonly ReadonlySet<number>[] } {
  const blockOf = blockOfNeuron(workload, blocks);
  const ofNeuron = workload.network.populations.map(({ size }) => new Uint32Array(size));
  const cores = blocks.map(() => new Set<number>());
  blocks.forEach(({ measure }, sink) => {
    const { sourcePopulation, sourceNeuron } = measure.lists;
    for (let axon = 0; axon < sourceNeuron.length; axon++) {
      const [population, neuron] = [sourcePopulation[axon], sourceNeuron[axon]];
      const source = blockOf[population][neuron];
      if (source < 0) continue;
      ofNeuron[population][neuron]++;
      cores[source].add(sink);
    }
  });
  return { ofNeuron, cores };
}

function mostOf(slices: readonly Slice[], counts: readonly Uint32Array[]): number {
  let most = 0;
  for (const { population, begin, end } of slices)
    for (let n = begin; n < end; n++) most = Math.max(most, counts[population][n]);
  return most;
}

/** Of a cut that is complete: what could not be placed has no destinations yet. */
function reportDestinations(workload: Workload, blocks: readonly MappedBlock[], misfits: Misfits): void {
  if (misfits.all.length > 0) return;
  const limits = available(workload);
  if (!Number.isFinite(limits.destinationsOfNeuron) && !Number.isFinite(limits.destinationCores)) return;
  const { ofNeuron } = destinations(workload, blocks);
  for (const { slices, demand } of blocks) {
    for (const resource of ["destinationsOfNeuron", "destinationCores"] as const) {
      if (demand[resource] <= limits[resource]) continue;
      const facts = { resource, needed: demand[resource], available: limits[resource] };
      const { population, begin } = slices[0];
      const most = slices.find((slice) => mostOf([slice], ofNeuron) === demand.destinationsOfNeuron);
      if (resource === "destinationCores" || most === undefined)
        misfits.add({ population, neuron: begin, ...facts });
      else
        misfits.add({
          population: most.population,
          neuron: ofNeuron[most.population].indexOf(demand.destinationsOfNeuron, most.begin),
          ...facts,
        });
    }
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
export function cutByEntries(
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
