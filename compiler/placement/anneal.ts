import type { Rng } from "#util/rng";
import type { SiteGrid } from "./site-grid.ts";
import type { PlacementState } from "./state.ts";

export interface AnnealOptions {
  readonly rng: Rng;
  /** Swaps that are tried, over the whole schedule. */
  readonly proposals: number;
  /** Share of swaps of median rise that the first temperature lets pass; small where the start is good already. */
  readonly startAcceptance: number;
  /** Columns and rows that a swap reaches at the beginning; the whole mesh if absent. */
  readonly window?: number;
  readonly onRound?: ((round: number, rounds: number, bestCost: number) => void) | undefined;
  readonly shouldStop?: (() => boolean) | undefined;
}

/** The last temperature, as a share of the median rise: found by trying others on three stored partitions; nearby values do about as well. */
const COOLED = 2e-3;

/**
 * Simulated annealing over swaps of two sites (either may be empty), with a window that shrinks as fewer swaps are
 * accepted, as in VPR (Betz, Rose and Marquardt 1999); the temperature falls by a fixed share from round to round.
 *
 * @param state changed in place; need not end at the best placement that was seen
 * @returns that one, `[cores]` sites
 */
export function anneal(
  state: PlacementState,
  grid: SiteGrid,
  { rng, proposals, startAcceptance, window: firstWindow, onRound, shouldStop }: AnnealOptions,
): Uint32Array {
  const { siteOf } = state.board;
  const cores = siteOf.length;
  let best = state.cost;
  let bestSites = siteOf.slice();
  if (cores === 0 || state.board.sites.count < 2) return bestSites;
  let window = Math.min(grid.edge, firstWindow ?? grid.edge);
  const rise = medianRise(state, grid, Math.max(1, Math.round(window)), rng);
  if (rise === 0) return bestSites;

  let temperature = rise / -Math.log(startAcceptance);
  const rounds = Math.max(8, Math.min(400, Math.round(proposals / Math.max(100, 10 * cores ** (4 / 3)))));
  const each = Math.ceil(proposals / rounds);
  const cool = ((COOLED * rise) / temperature) ** (1 / rounds);
  for (let round = 0; round < rounds; round++) {
    const reach = Math.max(1, Math.round(window));
    let accepted = 0;
    for (let i = 0; i < each; i++) {
      const core = Math.floor(rng() * cores);
      const site = grid.near(siteOf[core], reach, rng);
      if (site === siteOf[core]) continue;
      const change = state.change(core, site);
      if (change <= 0 || rng() < Math.exp(-change / temperature)) {
        state.swap(core, site, change);
        accepted++;
      }
    }
    if (state.cost < best) {
      best = state.cost;
      bestSites = siteOf.slice();
    }
    onRound?.(round + 1, rounds, best);
    if (shouldStop?.() === true) break;
    window = Math.min(grid.edge, Math.max(1, window * (1 - 0.44 + accepted / each)));
    temperature *= cool;
  }
  return bestSites;
}

/** Of random swaps that make it worse; 0 if none does. */
function medianRise(state: PlacementState, grid: SiteGrid, window: number, rng: Rng): number {
  const { siteOf } = state.board;
  const cores = siteOf.length;
  const rises: number[] = [];
  for (let i = 0; i < Math.max(200, Math.min(2 * cores, 2000)); i++) {
    const core = Math.floor(rng() * cores);
    const site = grid.near(siteOf[core], window, rng);
    if (site === siteOf[core]) continue;
    const change = state.change(core, site);
    if (change > 0) rises.push(change);
  }
  rises.sort((a, b) => a - b);
  return rises.length === 0 ? 0 : rises[rises.length >> 1];
}
