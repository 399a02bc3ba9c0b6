import { timeNs } from "#targets/quantity";
import { PRICED_ACTIONS, type PricedAction, type Profile } from "#targets/target";
import type { StepTime, StepTimer, TimingModel } from "./timing.ts";

/** What a core does first: visit its neurons and send. */
const GENERATION: readonly PricedAction[] = ["neuronAccess", "neuronUpdate", "spikeOut", "messageOut"];
/** And then: take messages in and serve their synapse lists. */
const RECEPTION: readonly PricedAction[] = [
  "messageIn",
  "synapseDense",
  "synapseSparse",
  "synapseRunLength",
  "synapseConv",
  "synapseWordRead",
];

/**
 * The busiest core decides: a step lasts as long as the slowest core's generation or the slowest core's
 * reception, whichever is longer, and the barrier. Messages in flight cost no time, so this is a lower bound
 * where the mesh is congested.
 *
 * Source: the "simple" model of SANA-FE (J. A. Boyle et al., IEEE TCAD 44(8), 2025).
 */
export const simple: TimingModel = {
  name: "simple",
  summary: "the busiest core's generation or reception, plus the barrier; no contention on the mesh",
  prepare: prepareSimple,
};

/** Times a single step; for many steps, `simple.prepare` once. */
export function simpleStepTime(counts: Float64Array, profile: Profile, tilesOn: number): StepTime {
  const out: StepTime = { timeNs: NaN, core: -1, phase: 0 };
  prepareSimple(profile, tilesOn).time(counts, counts.length / PRICED_ACTIONS.length, out);
  return out;
}

/** Entry of the barrier table with the largest key not above `tilesOn`, or the first; NaN for an empty table. */
export function barrierNs(profile: Profile, tilesOn: number): number {
  const entry = profile.barrier.findLast(({ tiles }) => tiles <= tilesOn) ?? profile.barrier[0];
  return entry === undefined ? NaN : timeNs(entry.time);
}

function prepareSimple(profile: Profile, tilesOn: number): StepTimer {
  const barrier = barrierNs(profile, tilesOn);
  const generationNs = pricesNs(profile, GENERATION);
  const receptionNs = pricesNs(profile, RECEPTION);
  return {
    barrierNs: barrier,
    untimed: [...GENERATION, ...RECEPTION].filter((action) => Number.isNaN(priceNs(profile, action))),
    time(counts, cores, out) {
      timeSimple(counts, cores, generationNs, receptionNs, barrier, out);
    },
  };
}

/** `[ACTIONS]`: 0 for what does not belong to the phase, NaN for what does and has no time. */
function pricesNs(profile: Profile, phase: readonly PricedAction[]): Float64Array {
  return Float64Array.from(PRICED_ACTIONS, (action) =>
    phase.includes(action) ? priceNs(profile, action) : 0,
  );
}

function priceNs(profile: Profile, action: PricedAction): number {
  const quantity = profile.time[action];
  if (quantity !== null) return timeNs(quantity);
  return profile.inside?.[action] === undefined ? NaN : 0;
}

function timeSimple(
  counts: Float64Array,
  cores: number,
  generationNs: Float64Array,
  receptionNs: Float64Array,
  barrier: number,
  out: StepTime,
): void {
  const actions = generationNs.length;
  let longestNs = 0;
  out.core = -1;
  out.phase = 0;
  for (let core = 0; core < cores; core++) {
    let sendNs = 0;
    let receiveNs = 0;
    for (let action = 0; action < actions; action++) {
      const count = counts[core * actions + action];
      if (count === 0) continue;
      sendNs += count * generationNs[action];
      receiveNs += count * receptionNs[action];
    }
    if (sendNs > longestNs) {
      longestNs = sendNs;
      out.core = core;
      out.phase = 0;
    }
    if (receiveNs > longestNs) {
      longestNs = receiveNs;
      out.core = core;
      out.phase = 1;
    }
    if (Number.isNaN(sendNs + receiveNs)) {
      out.timeNs = NaN;
      out.core = -1;
      out.phase = 0;
      return;
    }
  }
  out.timeNs = longestNs + barrier;
}
