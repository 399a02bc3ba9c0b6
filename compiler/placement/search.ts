import type { Rng } from "#util/rng";
import { anneal } from "./anneal.ts";
import { placementCost } from "./cost.ts";
import type { PlacementProblem } from "./problem.ts";
import { siteGrid, type SiteGrid } from "./site-grid.ts";
import { createState } from "./state.ts";
import { swapDescent } from "./swap-descent.ts";

/** Columns and rows that a descent looks around, and its work for each core at most. */
const RADIUS = 3;
const DESCENT_WORK = 5e5;
/** After annealing, up to so many sites, it looks everywhere. */
const EVERYWHERE = 512;

export interface SearchOptions {
  /** Told the best cost so far and the share of the present stage that is done. */
  readonly onProgress?: ((stage: string, cost: number, done: number) => void) | undefined;
  readonly shouldStop?: (() => boolean) | undefined;
}

/** The best placement so far, and ways to look for a better one. */
export class PlacementSearch {
  readonly #problem: PlacementProblem;
  readonly #grid: SiteGrid;
  readonly #options: SearchOptions;
  #siteOf: Uint32Array;
  #cost: number;
  #stopped = false;

  /** @param siteOf `[cores]`, where to start */
  constructor(problem: PlacementProblem, siteOf: Uint32Array, options: SearchOptions) {
    this.#problem = problem;
    this.#grid = siteGrid(problem.sites);
    this.#options = options;
    this.#siteOf = siteOf;
    this.#cost = placementCost(problem, siteOf);
  }

  /** Of the best, in the unit of the objective. */
  get cost(): number {
    return this.#cost;
  }

  /** `[cores]` */
  get siteOf(): Uint32Array {
    return this.#siteOf;
  }

  /** Whether the caller wanted an end. */
  get stopped(): boolean {
    this.#stopped ||= this.#options.shouldStop?.() === true;
    return this.#stopped;
  }

  /** Keeps the placement if it is better than the best. */
  offer(siteOf: Uint32Array): void {
    const cost = placementCost(this.#problem, siteOf);
    if (cost >= this.#cost) return;
    this.#cost = cost;
    this.#siteOf = siteOf.slice();
  }

  /** Swaps with near sites until none helps. */
  descend(siteOf: Uint32Array = this.#siteOf, radius = RADIUS): void {
    const state = createState(this.#problem, siteOf);
    const shouldStop = (): boolean => this.stopped;
    swapDescent(state, this.#grid, { radius, work: DESCENT_WORK * siteOf.length, shouldStop });
    this.offer(state.board.siteOf);
  }

  /**
   * Anneals again and again from the best placement, each time from there, and descends from where that ends. The work is
   * shared out evenly: as many restarts as can make all their proposals, at least one.
   */
  anneal(rng: Rng, { restarts, proposalsPerCore, work, acceptances }: AnnealBudget): void {
    const start = this.#siteOf;
    const cores = start.length;
    const { workPerChange } = createState(this.#problem, start);
    const full = proposalsPerCore * cores * workPerChange;
    const times = Math.min(restarts, Math.max(1, Math.round(work / full)));
    const proposals = Math.ceil(Math.min(proposalsPerCore * cores, work / times / workPerChange));
    for (let time = 0; time < times && !this.stopped; time++) {
      const stage = `anneal ${time + 1} of ${times}`;
      const found = anneal(createState(this.#problem, start), this.#grid, {
        rng,
        proposals,
        startAcceptance: acceptances[time % acceptances.length],
        onRound: (round, rounds) => this.#options.onProgress?.(stage, this.#cost, round / rounds),
        shouldStop: () => this.stopped,
      });
      this.offer(found);
      const everywhere = this.#problem.sites.count <= EVERYWHERE;
      if (!this.#stopped) this.descend(found, everywhere ? this.#grid.edge : RADIUS);
    }
  }
}

export interface AnnealBudget {
  /** At most. */
  readonly restarts: number;
  readonly proposalsPerCore: number;
  /** Memory reads of all restarts, as `workPerChange` counts them. */
  readonly work: number;
  /** Of the restarts, in turn: `startAcceptance` of `anneal`. */
  readonly acceptances: readonly number[];
}
