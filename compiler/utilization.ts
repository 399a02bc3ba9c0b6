import { RESOURCES, type BlockGraph, type Demand, type Placement, type Resource } from "#ir/block-graph";
import type { Deployment } from "#ir/deployment";
import { coresPerChip } from "#targets/target";
import { available } from "./encode/measure.ts";
import type { Workload } from "./encode/workload.ts";
import type { Router } from "./route/router.ts";

/** How full the chip is, and what goes between its cores. */
export interface Utilization {
  readonly cores: number;
  /** Tiles and chips that hold at least one of them. */
  readonly tiles: number;
  readonly chips: number;
  readonly neurons: number;
  /** Stored entries, zeros that dense lists or `keepZeros` store included. */
  readonly synapses: number;
  readonly synapseWords: number;
  /** Pairs of cores that spikes go between. */
  readonly nets: number;
  /** Output-table entries: messages if every neuron fires once. */
  readonly routes: number;
  /** Links that those messages cross, and the most that cross one link. */
  readonly routeLinks: number;
  readonly busiestLinkMessages: number;
  readonly byResource: Readonly<Record<Resource, ResourceUse>>;
  readonly byPopulation: readonly PopulationUse[];
}

/** Use of one resource over the cores in use. */
export interface ResourceUse {
  readonly total: number;
  readonly mean: number;
  readonly worst: number;
  /** The core with the most. */
  readonly worstCore: number;
  /** What a core has; null: no documented wall. */
  readonly available: number | null;
  readonly meanShare: number | null;
  readonly worstShare: number | null;
}

/** What the cores that hold neurons of a population need, the rest of a shared core included. */
export interface PopulationUse {
  readonly population: string;
  readonly neurons: number;
  readonly cores: number;
  readonly total: Demand;
}

export function utilizationOf(
  workload: Workload,
  { blocks, nets }: BlockGraph,
  { coreOfBlock }: Placement,
  deployment: Deployment,
  router: Router,
): Utilization {
  const { network, target } = workload;
  const limits = available(workload);
  const sum = (resource: Resource, of = blocks): number =>
    of.reduce((total, { demand }) => total + demand[resource], 0);
  const byResource = Object.fromEntries(
    RESOURCES.map((resource): [Resource, ResourceUse] => {
      const total = sum(resource);
      const mean = blocks.length === 0 ? 0 : total / blocks.length;
      let worst = 0;
      blocks.forEach(({ demand }, b) => {
        if (demand[resource] > blocks[worst].demand[resource]) worst = b;
      });
      const most = blocks.length === 0 ? 0 : blocks[worst].demand[resource];
      const limit = Number.isFinite(limits[resource]) ? limits[resource] : null;
      return [
        resource,
        {
          total,
          mean,
          worst: most,
          worstCore: blocks.length === 0 ? -1 : coreOfBlock[worst],
          available: limit,
          meanShare: limit === null ? null : mean / limit,
          worstShare: limit === null ? null : most / limit,
        },
      ];
    }),
  ) as Record<Resource, ResourceUse>;

  const byPopulation = network.populations.flatMap(({ name, size }, population): PopulationUse[] => {
    if (!workload.mapped[population]) return [];
    const own = blocks.filter(({ slices }) => slices.some((slice) => slice.population === population));
    const total = Object.fromEntries(RESOURCES.map((resource) => [resource, sum(resource, own)])) as Demand;
    return [{ population: name, neurons: size, cores: own.length, total }];
  });

  const distinct = (per: number): number =>
    new Set(Array.from(coreOfBlock, (core) => Math.floor(core / per))).size;
  return {
    cores: blocks.length,
    tiles: distinct(target.mesh.coresPerTile),
    chips: distinct(coresPerChip(target)),
    neurons: sum("neurons"),
    synapses: deployment.cores.reduce((total, core) => total + core.target.length, 0),
    synapseWords: sum("synapseWords"),
    nets: nets.length,
    ...linkUse(workload, deployment, router),
    byResource,
    byPopulation,
  };
}

function linkUse(
  { target }: Workload,
  deployment: Deployment,
  router: Router,
): Pick<Utilization, "routes" | "routeLinks" | "busiestLinkMessages"> {
  const links = new Map<string, number>();
  let routes = 0;
  let routeLinks = 0;
  for (const { core, routeCore } of deployment.cores) {
    const messages = new Map<number, number>();
    for (const to of routeCore) messages.set(to, (messages.get(to) ?? 0) + 1);
    routes += routeCore.length;
    for (const [to, count] of messages) {
      const path = router.path(target, core, to);
      routeLinks += count * (path.length - 1);
      for (let i = 1; i < path.length; i++) {
        const link = `${path[i - 1]} ${path[i]}`;
        links.set(link, (links.get(link) ?? 0) + count);
      }
    }
  }
  let busiestLinkMessages = 0;
  for (const count of links.values()) busiestLinkMessages = Math.max(busiestLinkMessages, count);
  return { routes, routeLinks, busiestLinkMessages };
}
