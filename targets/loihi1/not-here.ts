import type { PricedAction } from "../target.ts";

/** Actions that this chip cannot do: it counts hops by axis, and its cores hold no input neurons. */
export const NOT_ON_LOIHI1 = {
  hopEast: null,
  hopWest: null,
  hopNorth: null,
  hopSouth: null,
  inputAccess: null,
  inputUpdate: null,
  inputSpike: null,
} as const satisfies Partial<Record<PricedAction, null>>;
