import { coreNeighbours, type CoreNeighbours } from "./core-neighbours.ts";
import type { CoreTraffic } from "./core-traffic.ts";
import { sitesToFill, type Sites } from "./sites.ts";

/**
 * What placing makes small: `hops`, spikes x links with a message to each core; `tree`, spikes x links of the union of the XY
 * ways to all cores of a flow; `busiest-link`, spikes over the busiest link, with a message to each core.
 */
export type PlacementObjective = "hops" | "tree" | "busiest-link";

export type PlacementEffort = "fast" | "default" | "best";

/** What every placer is given. */
export interface PlacementProblem {
  readonly traffic: CoreTraffic;
  readonly graph: CoreNeighbours;
  readonly sites: Sites;
  /** Sites that first placements fill, at least as many as cores; see `sitesToFill`. */
  readonly fill: Uint32Array;
  readonly objective: PlacementObjective;
}

export function placementProblem(
  traffic: CoreTraffic,
  sites: Sites,
  objective: PlacementObjective = "hops",
): PlacementProblem {
  return {
    traffic,
    graph: coreNeighbours(traffic),
    sites,
    fill: sitesToFill(sites, traffic.cores),
    objective,
  };
}
