import type { Block, Slice } from "#ir/block-graph";
import { measureCore, type CoreMeasure } from "../encode/measure.ts";
import type { Workload } from "../encode/workload.ts";

/** A block on its way to a core, with the synapse lists it was measured by. */
export interface MappedBlock extends Block {
  readonly measure: CoreMeasure;
}

/** `demand.axonsOut` stays 0 until `withOutputEntries`. */
export function mapBlock(workload: Workload, slices: readonly Slice[]): MappedBlock {
  const measure = measureCore(workload, slices);
  return { slices, measure, demand: measure.demand };
}

export function withOutputEntries(blocks: readonly MappedBlock[], entries: Float64Array): MappedBlock[] {
  return blocks.map((block, b) => ({ ...block, demand: { ...block.demand, axonsOut: entries[b] } }));
}

/** Block of every neuron, `[size]` by population; -1 where a neuron is in none. */
export function blockOfNeuron(workload: Workload, blocks: readonly MappedBlock[]): readonly Int32Array[] {
  const blockOf = workload.network.populations.map(({ size }) => new Int32Array(size).fill(-1));
  blocks.forEach(({ slices }, b) => {
    for (const { population, begin, end } of slices) blockOf[population].fill(b, begin, end);
  });
  return blockOf;
}
