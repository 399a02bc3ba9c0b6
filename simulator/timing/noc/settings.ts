import { timeNs } from "#targets/quantity";
import type { Noc, PricedAction, Profile, Target } from "#targets/target";
import { hopActions } from "../mesh-places.ts";
import { priceNs } from "../prices.ts";

/** The network in plain numbers. Capacities are in messages, times in ns. */
export interface NocSettings {
  readonly isMulticast: boolean;
  readonly networks: number;
  /** Virtual channels of a link. */
  readonly channels: number;
  /** Messages that the buffer of one virtual channel holds, at least 1. */
  readonly bufferMessages: number;
  /** Messages that can wait at a busy core, at least 1. */
  readonly receiveMessages: number;
  /** For which a message occupies a link. */
  readonly messageNs: number;
  readonly chipMessageNs: number;
  /** From the arrival of a message's first flit to that of its last. */
  readonly tailNs: number;
  /** A last flit that comes in from another chip is later still, because that link is slower. */
  readonly chipTailNs: number;
  /** `[4]`: latency of a hop in each of `DIRECTIONS`; NaN: unknown. */
  readonly hopNs: Float64Array;
  readonly chipHopNs: number;
  readonly tileHopNs: number;
}

/** Undefined if the rate of the links is unknown. */
export function nocSettings(target: Target, profile: Profile): NocSettings | undefined {
  const { noc } = target;
  if (noc?.cycleNs === undefined || timeNs(noc.cycleNs) <= 0) return undefined;
  const cycleNs = timeNs(noc.cycleNs);
  const chipCycleNs = Math.max(noc.chipCycleNs === undefined ? cycleNs : timeNs(noc.chipCycleNs), cycleNs);
  const networks = noc.networks?.value ?? 1;
  const channels = noc.virtualChannels?.value ?? 1;
  const flits = noc.flitsPerMessage?.value ?? 1;
  const share =
    noc.flitsPerBuffer === undefined
      ? noc.bufferMessages.value / (networks * channels)
      : noc.flitsPerBuffer.value / flits;
  const bufferMessages = Math.max(1, Math.floor(share));
  const hop = (action: PricedAction): number => hopTimeNs(action, noc, profile, cycleNs);
  return {
    isMulticast: noc.cast === "multicast",
    networks,
    channels,
    bufferMessages,
    receiveMessages: noc.receiveMessages?.value ?? bufferMessages,
    messageNs: flits * cycleNs,
    chipMessageNs: flits * chipCycleNs,
    tailNs: (flits - 1) * cycleNs,
    chipTailNs: (flits - 1) * (chipCycleNs - cycleNs),
    hopNs: Float64Array.from(hopActions(target), hop),
    chipHopNs: hop("hopChip"),
    tileHopNs: hop("hopTile"),
  };
}

/** Hops whose latency is unknown. */
export function untimedHops(
  target: Target,
  { hopNs, chipHopNs, tileHopNs }: NocSettings,
  hasBorders: boolean,
): PricedAction[] {
  const unknown = new Set(hopActions(target).filter((_, direction) => Number.isNaN(hopNs[direction])));
  if (hasBorders && Number.isNaN(chipHopNs)) unknown.add("hopChip");
  if (Number.isNaN(tileHopNs)) unknown.add("hopTile");
  return [...unknown];
}

/** The profile's, or what the target says in cycles. Nothing stands in for the time of a link between chips. */
function hopTimeNs(action: PricedAction, noc: Noc, profile: Profile, cycleNs: number): number {
  const ns = priceNs(profile, action);
  if (!Number.isNaN(ns) || action === "hopChip" || noc.routerCycles === undefined) return ns;
  if (action === "hopTile") return noc.routerCycles.value * cycleNs;
  return noc.linkCycles === undefined ? NaN : (noc.routerCycles.value + noc.linkCycles.value) * cycleNs;
}
