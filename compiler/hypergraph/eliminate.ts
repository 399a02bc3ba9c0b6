import type { Assignment } from "./assignment.ts";

/**
 * Dissolves the emptiest cores until `wanted` are left: their nodes go to where they cost least inside the walls
 * times `relax`. Ends at the first core whose nodes find no room, and leaves that as it was.
 */
export function eliminate(state: Assignment, wanted: number, relax: number): void {
  state.setWalls(relax);
  while (state.cores > Math.max(1, wanted)) {
    if (!dissolve(state, state.emptiestCore())) return;
  }
}

function dissolve(state: Assignment, core: number): boolean {
  const { coreOf, level } = state;
  const log: number[] = [];
  for (let v = 0; v < level.nodes; v++) {
    if (coreOf[v] !== core) continue;
    const to = bestCore(state, v);
    if (to < 0) {
      for (const node of log.reverse()) state.move(node, core);
      return false;
    }
    state.move(v, to);
    log.push(v);
  }
  const last = state.cores - 1;
  if (core !== last) for (let v = 0; v < level.nodes; v++) if (coreOf[v] === last) state.move(v, core);
  state.cores--;
  return true;
}

/** The core where a node costs least, of those that have room. */
function bestCore(state: Assignment, node: number): number {
  state.offersFor(node);
  const near = state.bestOffer(node);
  const to = near >= 0 ? near : state.bestOffer(node, true);
  state.releaseOffers();
  return to >= 0 && state.fits(node, to) ? to : -1;
}
