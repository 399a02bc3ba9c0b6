import type { BlockGraph, Resource } from "#ir/block-graph";
import { coresPerChip } from "#targets/target";
import { available } from "./encode/measure.ts";
import type { Workload } from "./encode/workload.ts";
import { blockOfNeuron, type MappedBlock } from "./partition/mapped-block.ts";
import { blockTraffic } from "./place/by-traffic.ts";
import { placementLowerBound } from "./placement/lower-bound.ts";
import { targetSites } from "./placement/sites.ts";

/** How far a map is from what is possible. */
export interface MapBounds {
  /** Cores that any map of these neurons needs, by what binds; the largest of them is `cores`. */
  readonly byResource: Readonly<Partial<Record<Resource, number>>>;
  readonly cores: number;
  /** Cores that the lists, words and entries of this very map need, were they spread evenly. No bound for other maps. */
  readonly atFoundLists: number;
  /** Axons x cores other than their own that they reach. */
  readonly connectivity: number;
  /** Spikes x links of this placement, and what no placement of these blocks is below. */
  readonly hops: number;
  readonly hopsBound: number;
}

/** @param hops spikes x links of the placement found */
export function mapBounds(
  workload: Workload,
  blocks: readonly MappedBlock[],
  graph: BlockGraph,
  { chips, hops }: { readonly chips: number; readonly hops: number },
): MapBounds {
  const { network, mapped, target } = workload;
  const limits = available(workload);
  const total = (resource: Resource): number => blocks.reduce((sum, { demand }) => sum + demand[resource], 0);
  const needed = (load: number, limit: number): number =>
    Number.isFinite(limit) ? Math.ceil(load / limit) : 0;
  const sources = new Set<number>();
  const blockOf = blockOfNeuron(workload, blocks);
  const first = network.populations.map(() => 0);
  for (let p = 1; p < first.length; p++) first[p] = first[p - 1] + network.populations[p - 1].size;
  let connectivity = 0;
  let senders = 0;
  blocks.forEach(({ measure }, b) => {
    const { sourcePopulation, sourceNeuron } = measure.lists;
    for (let axon = 0; axon < sourceNeuron.length; axon++) {
      const [population, neuron] = [sourcePopulation[axon], sourceNeuron[axon]];
      if (blockOf[population][neuron] !== b) connectivity++;
      const id = first[population] + neuron;
      if (sources.has(id)) continue;
      sources.add(id);
      if (mapped[population]) senders++;
    }
  });
  const configs = (numbers: readonly Uint32Array[]): number =>
    new Set(numbers.flatMap((values, p) => (mapped[p] ? [...new Set(values)] : []))).size;
  const byResource = {
    neurons: needed(total("neurons"), limits.neurons),
    axonsIn: needed(sources.size, limits.axonsIn),
    axonsOut: needed(senders, limits.axonsOut),
    neuronConfigs: needed(configs(workload.neuronConfig), limits.neuronConfigs),
    thresholdConfigs: needed(configs(workload.thresholdConfig), limits.thresholdConfigs),
  };
  const cores = Math.max(blocks.length === 0 ? 0 : 1, ...Object.values(byResource));
  const atFoundLists = Math.max(
    cores,
    ...(["synapseWords", "axonsIn", "axonsOut"] as const).map((resource) =>
      needed(total(resource), limits[resource]),
    ),
  );
  const sites = targetSites(
    target,
    Math.min(chips, Math.max(1, Math.ceil(blocks.length / coresPerChip(target)))),
  );
  const hopsBound =
    blocks.length < 2 ? 0 : Math.min(hops, placementLowerBound(blockTraffic(graph), sites, "hops"));
  return { byResource, cores, atFoundLists, connectivity, hops, hopsBound };
}
