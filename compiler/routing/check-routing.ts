import type { DiagnosticSink } from "#util/diagnostic";
import type { CoreTraffic } from "../placement/core-traffic.ts";
import { meshExtent, type Sites } from "../placement/sites.ts";
import { Findings } from "../verify/findings.ts";
import { brokenWay, deadEnd, loop, sinkMissed, sinkTwice, sinkUnasked } from "./diagnostics.ts";
import type { Routing } from "./routing.ts";

/** What was counted on the way. All in spikes of the time that the rates are of. */
export interface RoutingCounts {
  readonly packets: number;
  /** Spikes x links. */
  readonly hops: number;
  readonly busiestLink: number;
  /** `[4 x routers]`, spikes over every link. */
  readonly linkSpikes: Float64Array;
  /** Violations by code, all of them; the sink has the first few of each. */
  readonly violations: Readonly<Record<string, number>>;
}

/**
 * Follows every packet link by link, without a word from the router that laid the way: each sink must get each flow exactly
 * once and nobody else may, no packet may come to a router twice or end where no core gets it.
 */
export function checkRouting(
  { cores, flows, source, spikes, sinkStart, sink }: CoreTraffic,
  sites: Sites,
  siteOf: ArrayLike<number>,
  { packetStart, linkStart, link, coreStart, core }: Routing,
  into: DiagnosticSink,
): RoutingCounts {
  const { columns, rows } = meshExtent(sites);
  const findings = new Findings(into);
  const routerOf = (which: number): number => sites.y[siteOf[which]] * columns + sites.x[siteOf[which]];
  const linkSpikes = new Float64Array(4 * columns * rows);
  const got = new Uint8Array(cores);
  let packets = 0;
  let hops = 0;
  for (let flow = 0; flow < flows; flow++) {
    got.fill(0);
    for (let p = packetStart[flow]; p < packetStart[flow + 1]; p++) {
      packets += spikes[flow];
      hops += spikes[flow] * (linkStart[p + 1] - linkStart[p]);
      const reached = new Set([routerOf(source[flow])]);
      const leftFor = new Set<number>();
      for (let i = linkStart[p]; i < linkStart[p + 1]; i++) {
        const from = Math.floor(link[i] / 4);
        const to = acrossLink(link[i], columns, rows);
        if (to < 0) {
          findings.report(brokenWay({ flow, link: link[i], what: "leaves the mesh" }));
          continue;
        }
        if (!reached.has(from))
          findings.report(brokenWay({ flow, link: link[i], what: "starts where the packet does not come" }));
        if (reached.has(to)) findings.report(loop({ flow, router: to }));
        reached.add(to);
        leftFor.add(from);
        linkSpikes[link[i]] += spikes[flow];
      }
      const served = new Set<number>();
      for (let i = coreStart[p]; i < coreStart[p + 1]; i++) {
        served.add(routerOf(core[i]));
        if (!reached.has(routerOf(core[i]))) continue;
        if (got[core[i]] < 2) got[core[i]]++;
      }
      for (const router of reached)
        if (!served.has(router) && !leftFor.has(router)) findings.report(deadEnd({ flow, router }));
    }
    for (let s = sinkStart[flow]; s < sinkStart[flow + 1]; s++) {
      if (got[sink[s]] === 0) findings.report(sinkMissed({ flow, core: sink[s] }));
      if (got[sink[s]] > 1) findings.report(sinkTwice({ flow, core: sink[s] }));
      got[sink[s]] = 0;
    }
    got.forEach((times, which) => {
      if (times > 0) findings.report(sinkUnasked({ flow, core: which }));
    });
  }
  return {
    packets,
    hops,
    busiestLink: linkSpikes.reduce((a, b) => Math.max(a, b), 0),
    linkSpikes,
    violations: findings.counts,
  };
}

/** Router at the far end; -1 beyond the edge. */
export function acrossLink(link: number, columns: number, rows: number): number {
  const router = Math.floor(link / 4);
  const column = router % columns;
  const row = Math.floor(router / columns);
  if (router >= columns * rows) return -1;
  switch (link % 4) {
    case 0:
      return column + 1 < columns ? router + 1 : -1;
    case 1:
      return column > 0 ? router - 1 : -1;
    case 2:
      return row + 1 < rows ? router + columns : -1;
    default:
      return row > 0 ? router - columns : -1;
  }
}
