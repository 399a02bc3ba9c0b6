import type { SiteGrid } from "./site-grid.ts";
import type { PlacementState } from "./state.ts";

export interface DescentOptions {
  /** Columns and rows around a core. */
  readonly radius: number;
  /** Memory reads at most, as `workPerChange` counts them. */
  readonly work: number;
  readonly shouldStop?: (() => boolean) | undefined;
}

/**
 * Core by core, the best swap with a site at most `radius` away, as long as there is one that lowers the cost.
 *
 * @returns whether it came to an end, where no swap helps, rather than to the end of its work or to a stop
 */
export function swapDescent(
  state: PlacementState,
  grid: SiteGrid,
  { radius, work, shouldStop }: DescentOptions,
): boolean {
  const { siteOf } = state.board;
  let left = work / state.workPerChange;
  for (;;) {
    let swapped = false;
    // Sums of other orders round differently: what is smaller than this is no gain.
    const least = -1e-9 * Math.abs(state.cost);
    for (let core = 0; core < siteOf.length; core++) {
      if (left <= 0) return false;
      let best = least;
      let bestSite = -1;
      grid.forEachNear(siteOf[core], radius, (site) => {
        if (site === siteOf[core]) return;
        left--;
        const change = state.change(core, site);
        if (change < best) {
          best = change;
          bestSite = site;
        }
      });
      if (bestSite < 0) continue;
      state.swap(core, bestSite, best);
      swapped = true;
    }
    if (!swapped) return true;
    if (shouldStop?.() === true) return false;
  }
}
