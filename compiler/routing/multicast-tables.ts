import { invariant, type DiagnosticSink } from "#util/diagnostic";
import type { CoreTraffic } from "../placement/core-traffic.ts";
import { meshExtent, type Sites } from "../placement/sites.ts";
import { Findings } from "../verify/findings.ts";
import { acrossLink } from "./check-routing.ts";
import { tableFull } from "./diagnostics.ts";
import type { FlowKeys } from "./flow-keys.ts";
import { coverByPrefixes, type KeyBlock, type TableEntry } from "./prefix-cover.ts";
import type { Routing } from "./routing.ts";

/** Links are bits 0 to 3 of an action, the cores of a router the bits above. */
const FIRST_CORE_BIT = 4;
const CORES_PER_ROUTER = 26;

export interface MulticastTables {
  /**
   * `[routers]`, the first match counts; a packet without a match goes straight on. Actions: bit d for the link of
   * direction d, bit 4 + i for the i-th core of the router, by core id.
   */
  readonly tables: readonly (readonly TableEntry[])[];
  /** `[routers]`, entries without merging: one for each flow that comes by and does not go straight on. */
  readonly unmerged: Uint32Array;
  readonly entries: number;
  readonly fullest: number;
}

export interface TableOptions {
  /** Entries of a router; no limit if absent. */
  readonly entriesPerRouter?: number;
}

/**
 * Tables that send packets along given trees. Flows with the same action at a router share entries where a key and a mask can
 * name them together; a table has the fewest entries that blocks of keys allow.
 *
 * @param routing one packet to each flow, as of `xyTree`
 * @param into gets `routing/table-full` for routers over the limit; their tables are made all the same
 */
export function multicastTables(
  { cores, flows, source }: CoreTraffic,
  sites: Sites,
  siteOf: ArrayLike<number>,
  { packetStart, linkStart, link, coreStart, core }: Routing,
  keys: FlowKeys,
  into: DiagnosticSink,
  { entriesPerRouter = Infinity }: TableOptions = {},
): MulticastTables {
  const { columns, rows } = meshExtent(sites);
  const routerOf = Uint32Array.from({ length: cores }, (_, c) => routerAt(sites, siteOf[c], columns));
  const bitOf = coreBits(routerOf, columns * rows);
  const blocks: KeyBlock[][] = Array.from({ length: columns * rows }, () => []);
  const byKey = Uint32Array.from({ length: flows }, (_, f) => f).sort((a, b) => keys.key[a] - keys.key[b]);
  const action = new Int32Array(columns * rows);
  const arrival = new Int8Array(columns * rows);
  for (const flow of byKey) {
    invariant(packetStart[flow + 1] - packetStart[flow] === 1, "a flow is one packet where tables copy it");
    const packet = packetStart[flow];
    const seen = [routerOf[source[flow]]];
    action[seen[0]] = 0;
    arrival[seen[0]] = -1;
    for (let i = linkStart[packet]; i < linkStart[packet + 1]; i++) {
      const to = acrossLink(link[i], columns, rows);
      action[Math.floor(link[i] / 4)] |= 1 << (link[i] % 4);
      action[to] = 0;
      arrival[to] = link[i] % 4;
      seen.push(to);
    }
    for (let i = coreStart[packet]; i < coreStart[packet + 1]; i++)
      action[routerOf[core[i]]] |= 1 << bitOf[core[i]];
    for (const router of seen)
      blocks[router].push({
        key: keys.key[flow],
        bits: keys.bits[flow],
        action: action[router],
        free: arrival[router] >= 0 && action[router] === 1 << arrival[router],
      });
  }
  const tables = blocks.map(coverByPrefixes);
  const findings = new Findings(into);
  tables.forEach(({ length }, router) => {
    if (length > entriesPerRouter)
      findings.report(tableFull({ router, needed: length, available: entriesPerRouter }));
  });
  return {
    tables,
    unmerged: Uint32Array.from(blocks, (list) => list.filter(({ free }) => !free).length),
    entries: tables.reduce((sum, { length }) => sum + length, 0),
    fullest: tables.reduce((most, { length }) => Math.max(most, length), 0),
  };
}

function routerAt({ x, y }: Sites, site: number, columns: number): number {
  return y[site] * columns + x[site];
}

/** `[cores]`, bit of each in the actions of its router. */
function coreBits(routerOf: Uint32Array, routers: number): Uint8Array {
  const count = new Uint32Array(routers);
  return Uint8Array.from(routerOf, (router) => {
    invariant(count[router] < CORES_PER_ROUTER, `a router has at most ${CORES_PER_ROUTER} cores`);
    return FIRST_CORE_BIT + count[router]++;
  });
}
