import type { BlockGraph } from "#ir/block-graph";
import { energyPj } from "#targets/quantity";
import { coresPerChip, type PricedAction, type Profile, type Target } from "#targets/target";
import type { CoreTraffic } from "../placement/core-traffic.ts";
import { placeCores, type PlaceOptions } from "../placement/place.ts";
import type { PlacementEffort } from "../placement/problem.ts";
import { targetSites } from "../placement/sites.ts";
import { placementCost, type PlaceContext, type Placer } from "./placer.ts";

/** Compiling places several times where blocks are split for output entries: below `best`, a part of the annealing does. */
const WORK_SHARE = 0.15;

/** Seeds of `placeCores` are whole numbers. */
const SEEDS = 2 ** 31;

/** Where spikes go between blocks, first and mended by swaps. */
export const spectral: Placer = byTraffic(
  "spectral",
  "blocks that talk to each other side by side: the traffic's slowest vibrations, mended by swaps",
  "fast",
);

export const anneal: Placer = byTraffic(
  "anneal",
  "as spectral, then by simulated annealing: fewer links, and a second of time for hundreds of cores",
  "default",
);

/** `placeCores` on as few chips as hold the blocks. */
function byTraffic(name: string, summary: string, effort: PlacementEffort): Placer {
  return {
    name,
    summary,
    place(graph, target, chips, rng, context = {}) {
      const needed = Math.max(1, Math.ceil(graph.blocks.length / coresPerChip(target)));
      const sites = targetSites(target, Math.min(chips, needed));
      const seed = Math.floor(rng() * SEEDS);
      // Sites are numbered as cores are.
      const { siteOf: coreOfBlock } = placeCores(blockTraffic(graph), sites, {
        effort,
        workShare: context.effort === "best" ? 1 : WORK_SHARE,
        seed,
        shouldStop: context.shouldStop,
        ...linkPricing(target, context),
      });
      return { coreOfBlock, cost: placementCost(graph, target, coreOfBlock) };
    },
  };
}

/** For energy, what a link costs by direction; hops alone where the profile has no price for links. */
function linkPricing(
  target: Target,
  { objective, profile }: PlaceContext,
): Pick<PlaceOptions, "objective" | "prices"> {
  if (objective !== "energy" || profile === undefined) return {};
  const prices = linkPrices(target, profile);
  return prices === undefined ? {} : { objective: "energy", prices };
}

/** pJ that a message costs on a link along x and along y; undefined where a profile has no price for links. */
export function linkPrices(target: Target, profile: Profile): { x: number; y: number } | undefined {
  const mean = (actions: readonly PricedAction[]): number | undefined => {
    const prices = actions.flatMap((action) => profile.energy[action] ?? []);
    return prices.length < actions.length
      ? undefined
      : prices.reduce((sum, price) => sum + energyPj(price), 0) / prices.length;
  };
  const isDirected = target.mesh.hopClasses === "directions";
  const x = mean(isDirected ? ["hopEast", "hopWest"] : ["hopEastWest"]);
  const y = mean(isDirected ? ["hopNorth", "hopSouth"] : ["hopNorthSouth"]);
  return x === undefined || y === undefined ? undefined : { x, y };
}

/** Nets as flows. Spikes from outside come from no core, and those that a block sends to itself stay there. */
export function blockTraffic({ blocks, nets }: BlockGraph): CoreTraffic {
  const flows = nets
    .map(({ source, sinks, spikesPerStep }) => ({
      source,
      sinks: sinks.filter((sink) => sink !== source),
      spikesPerStep,
    }))
    .filter(({ source, sinks }) => source >= 0 && sinks.length > 0);
  const sinkStart = new Uint32Array(flows.length + 1);
  flows.forEach(({ sinks }, f) => (sinkStart[f + 1] = sinkStart[f] + sinks.length));
  const sink = new Uint32Array(sinkStart[flows.length]);
  flows.forEach(({ sinks }, f) => sink.set(sinks, sinkStart[f]));
  return {
    cores: blocks.length,
    flows: flows.length,
    source: Uint32Array.from(flows, ({ source }) => source),
    spikes: Float64Array.from(flows, ({ spikesPerStep }) => spikesPerStep),
    sinkStart,
    sink,
  };
}
