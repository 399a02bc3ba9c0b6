import { routeHops } from "#targets/route";
import { tileOf, type Target } from "#targets/target";
import type { MachineTables } from "./activity.ts";
import { ACTIONS, COLUMN, type Action } from "./result.ts";

/**
 * Adds the hops of a run to its counts, at the sender: how far a message goes never changes, so the spikes of each
 * neuron say it all. Messages inside a tile count `hopTile`. Chips whose hops are told apart by direction
 * (`mesh.hopClasses`) count four, others two.
 *
 * @param spikes `[compartments]`
 * @param counts `[rows, ACTIONS.length]`, added to
 */
export function countHops(
  tables: MachineTables,
  target: Target,
  coreIds: Uint32Array,
  spikes: Float64Array,
  counts: Float64Array,
): void {
  const { neuronBegin, routeStart, routeRow } = tables;
  const rows = coreIds.length;
  const messages = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    messages.fill(0);
    for (let n = neuronBegin[row]; n < neuronBegin[row + 1]; n++) {
      if (spikes[n] === 0) continue;
      for (let r = routeStart[n]; r < routeStart[n + 1]; r++) messages[routeRow[r]] += spikes[n];
    }
    for (let to = 0; to < rows; to++) {
      if (messages[to] === 0) continue;
      for (const [action, hops] of hopsOf(target, coreIds[row], coreIds[to]))
        counts[row * ACTIONS.length + COLUMN[action]] += messages[to] * hops;
    }
  }
}

/** What one message between two cores (by id) counts as on its way. */
export function hopsOf(target: Target, from: number, to: number): readonly (readonly [Action, number])[] {
  const hops = routeHops(target, from, to);
  const directed = target.mesh.hopClasses === "directions";
  const a = tileOf(target, from);
  const b = tileOf(target, to);
  const isEast = a.chip < b.chip || (a.chip === b.chip && a.x < b.x);
  return [
    [directed ? (isEast ? "hopEast" : "hopWest") : "hopEastWest", hops.eastWest],
    [directed ? (a.y < b.y ? "hopNorth" : "hopSouth") : "hopNorthSouth", hops.northSouth],
    ["hopChip", hops.chips],
    ["hopTile", hops.withinTile],
  ];
}
