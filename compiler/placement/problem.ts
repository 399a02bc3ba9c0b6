import { coreNeighbours, type CoreNeighbours } from "./core-neighbours.ts";
import type { CoreTraffic } from "./core-traffic.ts";
import { sitesToFill, type Sites } from "./sites.ts";

/**
 * What placing makes small: `hops`, spikes x links with a message to each core; `tree`, spikes x links of the union of the XY
 * ways to all cores of a flow; `busiest-link`, spikes over the busiest link, with a message to each core; `energy`, spikes x links,
 * each at its price.
 */
export type PlacementObjective = "hops" | "tree" | "busiest-link" | "energy";

/** What a link costs a message, along a row and along a column: in pJ for the objective `energy`, else 1. */
export interface LinkPrices {
  readonly x: number;
  readonly y: number;
}

export const EQUAL_PRICES: LinkPrices = { x: 1, y: 1 };

export type PlacementEffort = "fast" | "default" | "best";

/** What every placer is given. */
export interface PlacementProblem {
  readonly traffic: CoreTraffic;
  readonly graph: CoreNeighbours;
  readonly sites: Sites;
  /** Sites that first placements fill, at least as many as cores; see `sitesToFill`. */
  readonly fill: Uint32Array;
  readonly objective: PlacementObjective;
  /** Equal but for `energy`. */
  readonly prices: LinkPrices;
}

export function placementProblem(
  traffic: CoreTraffic,
  sites: Sites,
  objective: PlacementObjective = "hops",
  prices: LinkPrices = EQUAL_PRICES,
): PlacementProblem {
  return {
    traffic,
    graph: coreNeighbours(traffic),
    sites,
    fill: sitesToFill(sites, traffic.cores),
    objective,
    prices: objective === "energy" ? prices : EQUAL_PRICES,
  };
}
