import type { CoreTraffic } from "./core-traffic.ts";
import { hopsBetween, type Sites } from "./sites.ts";

/** What a placement costs, by an outsider's count. All in spikes of the time that the rates are of. */
export interface MeshMetrics {
  /** Spikes x links, a message to each core. */
  readonly unicastHops: number;
  /** Spikes x links of the union of the XY ways to all cores of an axon; in both, chip borders count `chipHops` more. */
  readonly treeHops: number;
  readonly meanHops: number;
  /** Spikes over the busiest link, for both. */
  readonly busiestLink: number;
  readonly busiestTreeLink: number;
}

/** @param siteOf `[cores]` */
export function meshMetrics(traffic: CoreTraffic, sites: Sites, siteOf: ArrayLike<number>): MeshMetrics {
  const { flows, source, spikes, sinkStart, sink } = traffic;
  const width = 1 + sites.x.reduce((a, b) => Math.max(a, b), 0);
  const height = 1 + sites.y.reduce((a, b) => Math.max(a, b), 0);
  const unicast = new Float64Array(4 * width * height);
  const tree = new Float64Array(4 * width * height);
  let unicastHops = 0;
  let treeHops = 0;
  let messages = 0;
  const used = new Set<number>();
  const chipOf = new Int32Array(width * height);
  for (let s = 0; s < sites.count; s++) chipOf[sites.y[s] * width + sites.x[s]] = sites.chip[s];
  // Only links along a row lead to another chip.
  const costs = (link: number): number => {
    const router = Math.floor(link / 4);
    const next = link % 4 === 0 ? router + 1 : link % 4 === 1 ? router - 1 : router;
    return 1 + sites.chipHops * Math.abs(chipOf[next] - chipOf[router]);
  };
  for (let f = 0; f < flows; f++) {
    used.clear();
    const from = siteOf[source[f]];
    for (let s = sinkStart[f]; s < sinkStart[f + 1]; s++) {
      const to = siteOf[sink[s]];
      unicastHops += spikes[f] * hopsBetween(sites, from, to);
      messages += spikes[f];
      for (const link of xyLinks(sites, from, to, width)) {
        unicast[link] += spikes[f];
        used.add(link);
      }
    }
    for (const link of used) {
      tree[link] += spikes[f];
      treeHops += spikes[f] * costs(link);
    }
  }
  return {
    unicastHops,
    treeHops,
    meanHops: messages === 0 ? 0 : unicastHops / messages,
    busiestLink: unicast.reduce((a, b) => Math.max(a, b), 0),
    busiestTreeLink: tree.reduce((a, b) => Math.max(a, b), 0),
  };
}

/** Directed links of the way along the row, then along the column: 4 x router + direction (east, west, south, north). */
export function xyLinks({ x, y }: Sites, from: number, to: number, width: number): number[] {
  const links: number[] = [];
  let column = x[from];
  let row = y[from];
  while (column !== x[to]) {
    const east = x[to] > column;
    links.push(4 * (row * width + column) + (east ? 0 : 1));
    column += east ? 1 : -1;
  }
  while (row !== y[to]) {
    const south = y[to] > row;
    links.push(4 * (row * width + column) + (south ? 2 : 3));
    row += south ? 1 : -1;
  }
  return links;
}
