import { timeNs } from "#targets/quantity";
import type { PricedAction, Profile } from "#targets/target";

/** What a core does first: visit its neurons and send. */
export const GENERATION: readonly PricedAction[] = [
  "neuronAccess",
  "neuronUpdate",
  "spikeOut",
  "messageOut",
  "inputAccess",
  "inputUpdate",
  "inputSpike",
];

/** And then: take messages in and serve their synapse lists. */
export const RECEPTION: readonly PricedAction[] = [
  "messageIn",
  "synapseDense",
  "synapseSparse",
  "synapseRunLength",
  "synapseConv",
  "synapseWordRead",
];

/** For models that calculate in seconds. */
export const NS_PER_SECOND = 1e9;

/** Of one event; 0 if another price contains it, NaN if the profile has no time for it. */
export function priceNs(profile: Profile, action: PricedAction): number {
  const quantity = profile.time[action];
  if (quantity !== null) return timeNs(quantity);
  return profile.inside?.[action] === undefined ? NaN : 0;
}

/** Those of `actions` that have no time. */
export function withoutTime(profile: Profile, actions: readonly PricedAction[]): PricedAction[] {
  return actions.filter((action) => Number.isNaN(priceNs(profile, action)));
}

/** Entry of the barrier table with the largest key not above `tilesOn`, or the first; NaN for an empty table. */
export function barrierNs(profile: Profile, tilesOn: number): number {
  const entry = profile.barrier.findLast(({ tiles }) => tiles <= tilesOn) ?? profile.barrier[0];
  return entry === undefined ? NaN : timeNs(entry.time);
}
