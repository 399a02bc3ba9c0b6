import type { NocMesh } from "./mesh.ts";
import type { MessageList } from "./network.ts";
import type { NocSettings } from "./settings.ts";

/**
 * Tells whether a message of a step has to take a hop whose latency is unknown. Undefined: all are known.
 *
 * @param coreIds `[rows]`
 */
export function unknownHop(
  mesh: NocMesh,
  { hopNs, chipHopNs, tileHopNs }: NocSettings,
  coreIds: Uint32Array,
): ((list: MessageList) => boolean) | undefined {
  if (!Number.isNaN(hopNs.reduce((sum, ns) => sum + ns, chipHopNs + tileHopNs))) return undefined;
  const routers = Int32Array.from(coreIds, (core) => mesh.routerOf(core));
  const isUnknown = (from: number, to: number): boolean => {
    if (from === to) return Number.isNaN(tileHopNs);
    let at = from;
    for (let way = mesh.towards(at, to); way >= 0; way = mesh.towards(at, to)) {
      if (Number.isNaN(mesh.crossesChip(at, way) ? chipHopNs : hopNs[way])) return true;
      at = mesh.neighbour(at, way);
    }
    return false;
  };
  // Routes repeat from step to step.
  const known = new Map<number, boolean>();
  return ({ begin, to }) => {
    for (let row = 0; row < coreIds.length; row++) {
      for (let message = begin[row]; message < begin[row + 1]; message++) {
        if (to[message] < 0) continue;
        const route = row * coreIds.length + to[message];
        let unknown = known.get(route);
        if (unknown === undefined) {
          unknown = isUnknown(routers[row], routers[to[message]]);
          known.set(route, unknown);
        }
        if (unknown) return true;
      }
    }
    return false;
  };
}
