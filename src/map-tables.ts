// What routers would hold where their tables copy packets on the way.
import type { CoreTraffic } from "#compiler/placement/core-traffic";
import type { Sites } from "#compiler/placement/sites";
import { assignFlowKeys, axonsOfFlows } from "#compiler/routing/flow-keys";
import { multicastTables } from "#compiler/routing/multicast-tables";
import { xyTree } from "#compiler/routing/xy-tree";
import type { TablesSection } from "#report/map-report";
import { invariant, type DiagnosticSink } from "#util/diagnostic";

/** Undefined, and a diagnostic in the sink, if keys have too few bits. */
export function tablesSection(
  traffic: CoreTraffic,
  sites: Sites,
  siteOf: ArrayLike<number>,
  sink: DiagnosticSink,
): TablesSection | undefined {
  const { flows, flowOf } = traffic;
  invariant(flowOf !== undefined, "traffic made from axons knows their flows");
  const keys = assignFlowKeys(traffic, axonsOfFlows(flows, flowOf), sites, siteOf, sink);
  if (keys === undefined) return undefined;
  const routing = xyTree.route(traffic, sites, siteOf);
  const { entries, fullest, unmerged } = multicastTables(traffic, sites, siteOf, routing, keys, sink);
  return { entries, fullest, unmerged: unmerged.reduce((a, b) => a + b, 0), keyBits: keys.keyBits };
}
