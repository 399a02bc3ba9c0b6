import { DiagnosticSink } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";
import type { CoreTraffic } from "./core-traffic.ts";
import { tooFewSites } from "./diagnostics.ts";
import { placementLowerBound } from "./lower-bound.ts";
import { SEED_PLACERS } from "./placers.ts";
import {
  placementProblem,
  type LinkPrices,
  type PlacementEffort,
  type PlacementObjective,
  type PlacementProblem,
} from "./problem.ts";
import { rowMajorSeed } from "./row-major.ts";
import { PlacementSearch, type SearchOptions } from "./search.ts";
import { squareMesh, type Sites } from "./sites.ts";
import { spectralSeed } from "./spectral.ts";

export interface PlacementProgress {
  /** `seed spectral`, `anneal 2 of 3`, ... */
  readonly stage: string;
  /** Share of the stage that is done, 0 to 1. */
  readonly done: number;
  /** Of the best placement so far, in the unit of the objective. */
  readonly cost: number;
  readonly lowerBound: number;
}

export interface PlaceOptions {
  /** `default` if absent. */
  readonly effort?: PlacementEffort;
  /** Share of the effort's annealing to do, for callers who place again and again; 1 if absent. */
  readonly workShare?: number;
  /** For what is drawn at random; 1 if absent. */
  readonly seed?: number;
  /** `hops` if absent. */
  readonly objective?: PlacementObjective;
  /** For `energy`: pJ of a link along a row and along a column; equal if absent. */
  readonly prices?: LinkPrices;
  /** Told how it goes; called often. */
  readonly onProgress?: ((progress: PlacementProgress) => void) | undefined;
  /** Asked now and then; once it says yes, the best placement so far is returned. */
  readonly shouldStop?: (() => boolean) | undefined;
}

export interface CorePlacement {
  /** `[cores]`, each another site. */
  readonly siteOf: Uint32Array;
  /** In the unit of the objective: spikes x links, spikes over the busiest link, or pJ. */
  readonly cost: number;
  /** No placement is below. */
  readonly lowerBound: number;
}

/** How much an effort may do. Work is counted in memory reads rather than in seconds, so that results repeat. */
interface Budget {
  readonly restarts: number;
  readonly proposalsPerCore: number;
  readonly workOf: (cores: number) => number;
}

const DEFAULT: Budget = {
  restarts: 8,
  proposalsPerCore: 20_000,
  workOf: (cores) => Math.max(2e6 * cores, Math.min(5e8, 4.5e6 * cores)),
};
const BEST: Budget = { restarts: 8, proposalsPerCore: 60_000, workOf: (cores) => 4e7 * cores };

/** One after the other, so that by hops more effort never ends worse. */
const BUDGETS: Readonly<Record<PlacementEffort, readonly Budget[]>> = {
  fast: [],
  default: [DEFAULT],
  best: [DEFAULT, BEST],
};

/** Every restart begins at the best placement before annealing; some keep most of it, some hardly any. */
const ACCEPTANCES = [0.3, 0.8, 0.3, 0.5];
/** What has been placed by hops is mended for another objective, not thrown away. */
const MENDING_ACCEPTANCES = [0.05, 0.2];

/**
 * Puts cores on sites: the best of several first placements, made better by swaps, then by annealing with restarts.
 * Same arguments, same result. Never worse than cores in order along the rows.
 *
 * @throws ToolchainError `placement/too-few-sites`
 */
export function placeCores(traffic: CoreTraffic, sites: Sites, options: PlaceOptions = {}): CorePlacement {
  const {
    effort = "default",
    workShare = 1,
    seed = 1,
    objective = "hops",
    prices,
    onProgress,
    shouldStop,
  } = options;
  const budgets = BUDGETS[effort].map(({ workOf, ...rest }): Budget => ({
    ...rest,
    workOf: (cores) => workShare * workOf(cores),
  }));
  if (traffic.cores > sites.count) {
    const sink = new DiagnosticSink();
    sink.report(tooFewSites({ cores: traffic.cores, sites: sites.count }));
    sink.throwIfErrors();
  }
  const rng = createRng(seed);
  const lowerBound = placementLowerBound(traffic, sites, objective, prices);
  const report = (stage: string, cost: number, done: number): void =>
    onProgress?.({ stage, cost, done, lowerBound });
  if (objective === "hops" || objective === "energy") {
    const problem = placementProblem(traffic, sites, objective, prices);
    const search = searchHops(problem, rng, budgets, { onProgress: report, shouldStop });
    return { siteOf: search.siteOf, cost: search.cost, lowerBound };
  }
  const problem = placementProblem(traffic, sites);
  const byHops = searchHops(problem, rng, budgets, { shouldStop });
  const search = new PlacementSearch({ ...problem, objective }, rowMajorSeed(problem), {
    onProgress: report,
    shouldStop,
  });
  search.offer(byHops.siteOf);
  if (!search.stopped) search.descend();
  annealWithin(search, rng, budgets, traffic.cores, MENDING_ACCEPTANCES);
  return { siteOf: search.siteOf, cost: search.cost, lowerBound };
}

function searchHops(
  problem: PlacementProblem,
  rng: Rng,
  budgets: readonly Budget[],
  options: SearchOptions,
): PlacementSearch {
  const search = new PlacementSearch(problem, rowMajorSeed(problem), options);
  for (const { name, place } of SEED_PLACERS) {
    if (search.stopped) return search;
    const siteOf = place(problem, rng);
    search.offer(siteOf);
    search.descend(siteOf);
    options.onProgress?.(`seed ${name}`, search.cost, 1);
  }
  annealWithin(search, rng, budgets, problem.traffic.cores, ACCEPTANCES);
  return search;
}

function annealWithin(
  search: PlacementSearch,
  rng: Rng,
  budgets: readonly Budget[],
  cores: number,
  acceptances: readonly number[],
): void {
  if (cores < 2) return;
  for (const { restarts, proposalsPerCore, workOf } of budgets)
    if (!search.stopped) search.anneal(rng, { restarts, proposalsPerCore, work: workOf(cores), acceptances });
}

/**
 * An estimate of what partitions cost once they are placed, in spikes x links on a nearly square mesh: the spectral placement
 * with swaps. For comparing partitions, thousands of times cheaper than making one.
 */
export function quickHops(traffic: CoreTraffic): number {
  const problem = placementProblem(traffic, squareMesh(traffic.cores));
  const search = new PlacementSearch(problem, spectralSeed(problem, createRng(1)), {});
  search.descend();
  return search.cost;
}
