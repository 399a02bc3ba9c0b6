import type { Target } from "#targets/target";
import type { Link } from "../timing.ts";
import { DIRECTIONS, NocMesh } from "./mesh.ts";

/** Messages from one core to others. */
export interface Flow {
  /** Core id, as are the entries of `to`. */
  readonly from: number;
  /** Unicast: each entry gets messages of its own. Multicast: one packet for all, which forks where ways part. */
  readonly to: ArrayLike<number>;
  /** To each of `to`. */
  readonly messages: number;
}

export interface LinkLoad extends Link {
  /** Messages that crossed the link in this direction, on all networks. */
  readonly messages: number;
}

/**
 * What every link carries, by counting alone: messages go X first, then Y, and a packet for several cores (if
 * `target.noc.cast` is "multicast") crosses each link of its tree once. Time plays no part, so the loads of a whole run
 * follow from the number of spikes of each neuron.
 *
 * @returns links with traffic only, by the column, the row and the direction that they start from
 */
export function linkLoads(target: Target, flows: Iterable<Flow>): { links: LinkLoad[] } {
  const list = [...flows];
  const mesh = new NocMesh(
    target,
    list.flatMap(({ from, to }) => [from, ...Array.from(to)]),
  );
  const messages = new Float64Array(mesh.routers * DIRECTIONS.length);
  const isMulticast = target.noc?.cast === "multicast";
  /** By link, the flow that was counted there last. */
  const countedFor = new Int32Array(messages.length).fill(-1);
  list.forEach((flow, number) => {
    const start = mesh.routerOf(flow.from);
    for (let i = 0; i < flow.to.length; i++) {
      const end = mesh.routerOf(flow.to[i]);
      for (let at = start, way = mesh.towards(at, end); way >= 0; way = mesh.towards(at, end)) {
        const link = at * DIRECTIONS.length + way;
        if (!isMulticast || countedFor[link] !== number) messages[link] += flow.messages;
        countedFor[link] = number;
        at = mesh.neighbour(at, way);
      }
    }
  });
  const links: LinkLoad[] = [];
  messages.forEach((count, link) => {
    if (count === 0) return;
    const router = Math.floor(link / DIRECTIONS.length);
    links.push({ ...mesh.link(router, link % DIRECTIONS.length), messages: count });
  });
  return { links };
}
