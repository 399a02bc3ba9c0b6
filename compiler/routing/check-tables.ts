import type { DiagnosticSink } from "#util/diagnostic";
import type { CoreTraffic } from "../placement/core-traffic.ts";
import { meshExtent, type Sites } from "../placement/sites.ts";
import { Findings } from "../verify/findings.ts";
import { acrossLink, type RoutingCounts } from "./check-routing.ts";
import { brokenWay, deadEnd, loop, sinkMissed, sinkTwice, sinkUnasked } from "./diagnostics.ts";
import type { FlowKeys } from "./flow-keys.ts";
import type { MulticastTables } from "./multicast-tables.ts";

/**
 * Sends a packet for every axon of every flow through the tables, as the routers would, and looks where it comes out: at each
 * sink once, nowhere else, never at a router twice. Counts are those of the first axon, times the spikes of the flow.
 */
export function checkTables(
  { cores, flows, source, spikes, sinkStart, sink }: CoreTraffic,
  sites: Sites,
  siteOf: ArrayLike<number>,
  { tables }: MulticastTables,
  keys: FlowKeys,
  into: DiagnosticSink,
): RoutingCounts {
  const { columns, rows } = meshExtent(sites);
  const findings = new Findings(into);
  const coresAt: number[][] = tables.map(() => []);
  const routerOf = (core: number): number => sites.y[siteOf[core]] * columns + sites.x[siteOf[core]];
  for (let c = 0; c < cores; c++) coresAt[routerOf(c)].push(c);
  const linkSpikes = new Float64Array(4 * columns * rows);
  let hops = 0;
  let packets = 0;

  const send = (flow: number, key: number, counted: boolean): void => {
    const got = new Map<number, number>();
    const start = routerOf(source[flow]);
    const reached = new Set([start]);
    // Routers that the packet has come to, and the direction it came in; -1 at its core.
    const waiting: [router: number, direction: number][] = [[start, -1]];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [router, direction] = next;
      const match = tables[router].find((entry) => key >= entry.key && key < entry.key + 2 ** entry.bits);
      const action = match?.action ?? (direction < 0 ? 0 : 1 << direction);
      if (action === 0) findings.report(deadEnd({ flow, router }));
      coresAt[router].forEach((core, i) => {
        if ((action >> (4 + i)) & 1) got.set(core, (got.get(core) ?? 0) + 1);
      });
      for (let d = 0; d < 4; d++) {
        if (((action >> d) & 1) === 0) continue;
        const link = 4 * router + d;
        const to = acrossLink(link, columns, rows);
        if (to < 0) {
          findings.report(brokenWay({ flow, link, what: "leaves the mesh" }));
          continue;
        }
        if (counted) {
          linkSpikes[link] += spikes[flow];
          hops += spikes[flow];
        }
        if (reached.has(to)) {
          findings.report(loop({ flow, router: to }));
          continue;
        }
        reached.add(to);
        waiting.push([to, d]);
      }
    }
    for (let s = sinkStart[flow]; s < sinkStart[flow + 1]; s++) {
      const times = got.get(sink[s]) ?? 0;
      if (times === 0) findings.report(sinkMissed({ flow, core: sink[s] }));
      if (times > 1) findings.report(sinkTwice({ flow, core: sink[s] }));
      got.delete(sink[s]);
    }
    for (const core of got.keys()) findings.report(sinkUnasked({ flow, core }));
  };
  for (let flow = 0; flow < flows; flow++) {
    packets += spikes[flow];
    for (let axon = 0; axon < keys.axons[flow]; axon++) send(flow, keys.key[flow] + axon, axon === 0);
  }
  return {
    packets,
    hops,
    busiestLink: linkSpikes.reduce((a, b) => Math.max(a, b), 0),
    linkSpikes,
    violations: findings.counts,
  };
}
