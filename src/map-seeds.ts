// The first partitions of `mapConnectivity`, made apart from it: in other threads, for instance.
import { makeSeed, seedProblem, seedTasks, type NamedCut } from "#compiler/hypergraph/choose-seed";
import type { AxonGraph } from "#ir/axon-graph";
import { capacityOf } from "./core-profile.ts";
import { layersOf } from "./map-layers.ts";
import type { ConnectivityMapOptions } from "./map-connectivity.ts";

export interface SeedShare {
  /** Every so many of the first partitions: `index`, `index` + `of`, ... */
  readonly index: number;
  readonly of: number;
}

/**
 * Makes a share of the first partitions that `mapConnectivity` would make with these options. Given back to it as `seeds`, all shares together
 * or only some of them, they change nothing but the time.
 *
 * Throws `ToolchainError` where a neuron alone is more than a core holds, as `mapConnectivity` does.
 */
export function makeMapSeeds(
  graph: AxonGraph,
  options: Pick<ConnectivityMapOptions, "core" | "effort" | "cores" | "shapes">,
  { index, of }: SeedShare,
  shouldStop?: () => boolean,
): NamedCut[] {
  const shapes = layersOf(options.shapes, graph.neurons);
  const problem = seedProblem(graph, capacityOf(options.core), {
    ...(options.cores !== undefined && { cores: options.cores }),
    ...(shapes !== undefined && { shapes }),
  });
  const made: NamedCut[] = [];
  for (const [number, name] of seedTasks(problem, options.effort ?? "default").entries()) {
    if (number % of !== index) continue;
    if (shouldStop?.() === true) break;
    const cut = makeSeed(problem, name);
    if (cut !== undefined) made.push(cut);
  }
  return made;
}
