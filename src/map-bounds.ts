// How few cores could do.
import { coreBounds } from "#compiler/hypergraph/bounds";
import type { CoreCapacity } from "#compiler/hypergraph/capacity";
import type { PartitionMetrics } from "#compiler/hypergraph/evaluate";
import type { AxonGraph } from "#ir/axon-graph";
import { MAP_RESOURCES, type CoresBound } from "#report/map-report";

/** Cores that any map needs, by resource; and those that the lists and words of this map need, were they spread evenly. */
export function coreBoundsOf(
  graph: AxonGraph,
  capacity: CoreCapacity,
  metrics: PartitionMetrics,
): CoresBound[] {
  const total = (used: Uint32Array): number => used.reduce((a, b) => a + b, 0);
  const always = coreBounds(graph, capacity, total(metrics.axonsIn));
  return [
    ...MAP_RESOURCES.map((resource) => ({ resource, cores: always[resource], always: true })),
    ...(["synapseWords", "axonsIn", "axonsOut"] as const).map((resource) => ({
      resource,
      cores: Math.ceil(total(metrics[resource]) / capacity[resource]),
      always: false,
    })),
  ];
}
