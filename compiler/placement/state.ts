import type { Board } from "./board.ts";
import { HopsState } from "./hops-state.ts";
import { LinkState } from "./link-state.ts";
import type { PlacementProblem } from "./problem.ts";
import { TreeState } from "./tree-state.ts";

/** A placement and its cost, kept up to date move by move: what searches work on. */
export interface PlacementState {
  readonly board: Board;
  /** Of the objective, or of a smooth stand-in that falls with it. */
  readonly cost: number;
  /** Rough number of memory reads of one `change`. */
  readonly workPerChange: number;
  /** What `cost` would grow by if the core went to this site, and the core that stands there to its own. */
  change(core: number, site: number): number;
  /** Does it. @param change what `change` has just said */
  swap(core: number, site: number, change: number): void;
}

/** @param siteOf `[cores]`, where to start; copied */
export function createState(problem: PlacementProblem, siteOf: Uint32Array): PlacementState {
  switch (problem.objective) {
    case "hops":
    case "energy":
      return new HopsState(problem.graph, problem.sites, siteOf, problem.prices);
    case "tree":
      return new TreeState(problem.traffic, problem.sites, siteOf);
    case "busiest-link":
      return new LinkState(problem.traffic, problem.sites, siteOf);
  }
}
