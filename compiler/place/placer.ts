import type { BlockGraph, Placement } from "#ir/block-graph";
import { routeHops } from "#targets/route";
import type { Profile, Target } from "#targets/target";
import type { Rng } from "#util/rng";

/** Puts every block on a core of its own. Same arguments, same result: randomness only from `rng`. */
export interface Placer {
  readonly name: string;
  readonly summary: string;
  /** @param chips cores of the first `chips` chips may be used; the caller has checked that the blocks fit in. */
  place(graph: BlockGraph, target: Target, chips: number, rng: Rng, context?: PlaceContext): Placement;
}

/** What placers may heed. */
export interface PlaceContext {
  readonly effort?: "fast" | "default" | "best";
  /** `energy` goes by the prices of links; the time of a step hardly depends on hops, so `step-time` places by them too. */
  readonly objective?: "hops" | "step-time" | "energy";
  readonly profile?: Profile;
  /** Asked often; once it says yes, the best placement so far is returned. */
  readonly shouldStop?: (() => boolean) | undefined;
}

/**
 * Sum over nets of links x spikes per step, one message per sink; a chip border counts as one link. Spikes from
 * outside do not count: where they enter the mesh is not public.
 *
 * @param coreOfBlock `[blocks]`
 */
export function placementCost(graph: BlockGraph, target: Target, coreOfBlock: Uint32Array): number {
  let cost = 0;
  for (const { source, sinks, spikesPerStep } of graph.nets) {
    if (source < 0) continue;
    for (const sink of sinks) {
      const hops = routeHops(target, coreOfBlock[source], coreOfBlock[sink]);
      cost += spikesPerStep * (hops.eastWest + hops.northSouth + hops.chips);
    }
  }
  return cost;
}
