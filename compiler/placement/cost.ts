import { placementHops } from "./hops-state.ts";
import { LinkState } from "./link-state.ts";
import type { PlacementProblem } from "./problem.ts";
import { TreeState } from "./tree-state.ts";

/** What a placement costs, in the unit of the objective. @param siteOf `[cores]` */
export function placementCost(
  { traffic, graph, sites, objective, prices }: PlacementProblem,
  siteOf: Uint32Array,
): number {
  switch (objective) {
    case "hops":
    case "energy":
      return placementHops(graph, sites, siteOf, prices);
    case "tree":
      return new TreeState(traffic, sites, siteOf).cost;
    case "busiest-link":
      return new LinkState(traffic, sites, siteOf).busiest;
  }
}
