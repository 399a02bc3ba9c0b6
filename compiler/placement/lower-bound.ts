import { coreNeighbours, coreReceivers, coreSenders, type CoreNeighbours } from "./core-neighbours.ts";
import type { CoreTraffic } from "./core-traffic.ts";
import { EQUAL_PRICES, type LinkPrices, type PlacementObjective } from "./problem.ts";
import { meshExtent, pricedHops, type Sites } from "./sites.ts";

/** Distances are looked up on the mesh as it is up to this number of sites, else on a boundless one. */
const MAX_SITES = 1024;

/** What no placement can be below, in the unit of the objective. */
export function placementLowerBound(
  traffic: CoreTraffic,
  sites: Sites,
  objective: PlacementObjective,
  prices: LinkPrices = EQUAL_PRICES,
): number {
  switch (objective) {
    case "hops":
      return hopsLowerBound(traffic, sites);
    case "energy":
      return hopsLowerBound(traffic, sites, prices);
    case "tree":
      return treeLowerBound(traffic, sites);
    case "busiest-link":
      return busiestLinkLowerBound(traffic, sites);
  }
}

/**
 * As if every core sat in the middle of its partners, the busiest nearest: spikes x the smallest distances that the mesh
 * has. Counted over senders, over receivers, and over both (where every pair counts half at either end); the largest holds.
 */
export function hopsLowerBound(
  traffic: CoreTraffic,
  sites: Sites,
  prices: LinkPrices = EQUAL_PRICES,
): number {
  const links = smallestLinks(traffic.cores, sites, prices);
  return Math.max(
    nearestSum(coreReceivers(traffic), links),
    nearestSum(coreSenders(traffic), links),
    nearestSum(coreNeighbours(traffic), links) / 2,
  );
}

/** A tree to n other routers has at least n links; cores may share routers. */
export function treeLowerBound({ flows, spikes, sinkStart }: CoreTraffic, sites: Sites): number {
  const room = coresPerRouter(sites);
  let sum = 0;
  for (let f = 0; f < flows; f++)
    sum += spikes[f] * (Math.ceil((sinkStart[f + 1] - sinkStart[f] + 1) / room) - 1);
  return sum;
}

/** All links equally busy; or, where every core has a router of its own, all links of the busiest core. */
export function busiestLinkLowerBound(traffic: CoreTraffic, sites: Sites): number {
  const { columns, rows } = meshExtent(sites);
  const links = 2 * (columns * Math.max(0, rows - 1) + rows * Math.max(0, columns - 1));
  if (links === 0) return 0;
  const mean = hopsLowerBound(traffic, { ...sites, chipHops: 0 }) / links;
  if (coresPerRouter(sites) > 1) return mean;
  const ways = Math.min(2, columns - 1) + Math.min(2, rows - 1);
  const busiest = (lists: CoreNeighbours): number => {
    let most = 0;
    for (let c = 0; c < lists.cores; c++) {
      let sum = 0;
      for (let i = lists.start[c]; i < lists.start[c + 1]; i++) sum += lists.spikes[i];
      most = Math.max(most, sum);
    }
    return most / ways;
  };
  return Math.max(mean, busiest(coreReceivers(traffic)), busiest(coreSenders(traffic)));
}

function nearestSum({ cores, start, spikes }: CoreNeighbours, links: Float64Array): number {
  let sum = 0;
  for (let c = 0; c < cores; c++) {
    const busiestFirst = spikes
      .slice(start[c], start[c + 1])
      .sort()
      .reverse();
    busiestFirst.forEach((weight, i) => (sum += weight * links[i]));
  }
  return sum;
}

/** `[cores - 1]`: the distance of the nearest site, of the next, ..., from the site where each is smallest, at the links' prices. */
function smallestLinks(cores: number, sites: Sites, prices: LinkPrices): Float64Array {
  const links = new Float64Array(Math.max(0, cores - 1)).fill(Infinity);
  if (sites.count > MAX_SITES) {
    const room = coresPerRouter(sites);
    let at = Math.min(room - 1, links.length);
    links.fill(0, 0, at);
    for (let radius = 1; at < links.length; radius++) {
      const until = Math.min(links.length, at + 4 * radius * room);
      links.fill(radius * Math.min(prices.x, prices.y), at, until);
      at = until;
    }
    return links;
  }
  const fromHere = new Float64Array(sites.count);
  for (let a = 0; a < sites.count; a++) {
    for (let b = 0; b < sites.count; b++) fromHere[b] = pricedHops(sites, a, b, prices);
    fromHere.sort();
    // The first is the site itself.
    for (let i = 0; i < links.length; i++) links[i] = Math.min(links[i], fromHere[i + 1]);
  }
  return links;
}

function coresPerRouter(sites: Sites): number {
  const { columns } = meshExtent(sites);
  const count = new Map<number, number>();
  for (let s = 0; s < sites.count; s++) {
    const router = sites.y[s] * columns + sites.x[s];
    count.set(router, (count.get(router) ?? 0) + 1);
  }
  return [...count.values()].reduce((a, b) => Math.max(a, b), 1);
}
