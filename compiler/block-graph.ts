import type { BlockGraph, Net } from "#ir/block-graph";
import type { Workload } from "./encode/workload.ts";
import { blockOfNeuron, type MappedBlock } from "./partition/mapped-block.ts";

/**
 * Level 2: blocks, and a net for every pair of blocks that spikes go between (the chip sends a message of its
 * own to each core). The weight is the spikes per step of all neurons of the source that reach the sink.
 *
 * @param spikesPerStep expected spikes of each neuron, by population name, `[size]`; 1 where absent
 */
export function buildBlockGraph(
  workload: Workload,
  blocks: readonly MappedBlock[],
  spikesPerStep: Readonly<Record<string, Float64Array>> = {},
): BlockGraph {
  const { network } = workload;
  const sourceOf = blockOfNeuron(workload, blocks);
  network.inputs.forEach(({ population, drives }, port) => {
    if (drives === undefined) sourceOf[population].fill(-1 - port);
  });
  const rates = network.populations.map(({ name }) => spikesPerStep[name] as Float64Array | undefined);
  const nets: Net[] = [];
  blocks.forEach(({ measure }, sink) => {
    const bySource = new Map<number, number>();
    const { sourcePopulation, sourceNeuron } = measure.lists;
    for (let axon = 0; axon < sourceNeuron.length; axon++) {
      const source = sourceOf[sourcePopulation[axon]][sourceNeuron[axon]];
      const spikes = rates[sourcePopulation[axon]]?.[sourceNeuron[axon]] ?? 1;
      bySource.set(source, (bySource.get(source) ?? 0) + spikes);
    }
    for (const [source, spikes] of [...bySource].sort(([a], [b]) => a - b))
      nets.push({ source, sinks: Uint32Array.of(sink), spikesPerStep: spikes });
  });
  return { blocks: blocks.map(({ slices, demand }) => ({ slices, demand })), nets };
}
