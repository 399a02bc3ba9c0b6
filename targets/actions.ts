import { PRICED_ACTIONS, type PricedAction, type Profile, type Target } from "./target.ts";

/** Hops by direction are counted instead of those by axis, where a mesh asks for it (`Mesh.hopClasses`). */
const BY_DIRECTION: readonly PricedAction[] = ["hopEast", "hopWest", "hopNorth", "hopSouth"];
const BY_AXIS: readonly PricedAction[] = ["hopEastWest", "hopNorthSouth"];
const OF_INPUT_NEURONS: readonly PricedAction[] = ["inputAccess", "inputUpdate", "inputSpike"];

/** Actions that target files did not have from the first: one that does not name them knows no price of theirs. */
export const LATER_ACTIONS: readonly PricedAction[] = [...BY_DIRECTION, ...OF_INPUT_NEURONS];

/** The actions that a chip can do, in the order of `PRICED_ACTIONS`. */
export function actionsOf({ mesh, neuronModels }: Target): readonly PricedAction[] {
  const never = new Set([
    ...(mesh.hopClasses === "directions" ? BY_AXIS : BY_DIRECTION),
    ...(neuronModels.includes("input") ? [] : OF_INPUT_NEURONS),
  ]);
  return PRICED_ACTIONS.filter((action) => !never.has(action));
}

/** The same, and whatever the profile says something about all the same. */
export function actionsOfProfile(target: Target, { energy, time, inside }: Profile): readonly PricedAction[] {
  const possible = actionsOf(target);
  return PRICED_ACTIONS.filter(
    (action) =>
      possible.includes(action) ||
      energy[action] !== null ||
      time[action] !== null ||
      inside?.[action] !== undefined,
  );
}
