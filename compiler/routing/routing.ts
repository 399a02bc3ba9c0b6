import type { CoreTraffic } from "../placement/core-traffic.ts";
import type { Sites } from "../placement/sites.ts";

/**
 * The ways of all flows. A link is 4 x router + direction (east, west, south, north), directed; a router is row x columns +
 * column.
 */
export interface Routing {
  /** `[flows + 1]` into packets: what one spike of a flow sends out. */
  readonly packetStart: Uint32Array;
  /** `[packets + 1]` into `link`: every link of a packet after the one that leads to its router. */
  readonly linkStart: Uint32Array;
  readonly link: Uint32Array;
  /** `[packets + 1]` into `core`: cores that get the packet. */
  readonly coreStart: Uint32Array;
  readonly core: Uint32Array;
}

/** Lays the ways of flows between placed cores. Same arguments, same result. */
export interface FlowRouter {
  readonly name: string;
  readonly summary: string;
  /** @param siteOf `[cores]` */
  route(traffic: CoreTraffic, sites: Sites, siteOf: ArrayLike<number>): Routing;
}
