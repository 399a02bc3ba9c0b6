import { PRICED_ACTIONS, type PricedAction, type Profile } from "#targets/target";
import type { StepActivity } from "../activity.ts";
import { barrierNs, GENERATION, priceNs, RECEPTION, withoutTime } from "./prices.ts";
import { refuseAnyRates } from "./rates.ts";
import { PHASE, setUntimed, type StepTime, type StepTimer, type TimingModel } from "./timing.ts";

export { barrierNs } from "./prices.ts";

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
  needs: "counts",
  refuses: (context) => refuseAnyRates("simple", context),
  prepare: ({ profile, tilesOn }) => prepareSimple(profile, tilesOn),
};

/** Times a single step; for many steps, `simple.prepare` once. */
export function simpleStepTime(counts: Float64Array, profile: Profile, tilesOn: number): StepTime {
  const out: StepTime = { timeNs: NaN, core: -1, phase: 0 };
  prepareSimple(profile, tilesOn).time({ rows: counts.length / PRICED_ACTIONS.length, counts }, out);
  return out;
}

function prepareSimple(profile: Profile, tilesOn: number): StepTimer {
  const barrier = barrierNs(profile, tilesOn);
  const generationNs = pricesNs(profile, GENERATION);
  const receptionNs = pricesNs(profile, RECEPTION);
  return {
    barrierNs: barrier,
    untimed: withoutTime(profile, [...GENERATION, ...RECEPTION]),
    time({ rows, counts }: StepActivity, out: StepTime): void {
      timeSimple(counts, rows, generationNs, receptionNs, barrier, out);
    },
  };
}

/** `[ACTIONS]`: 0 for what does not belong to the phase, NaN for what does and has no time. */
function pricesNs(profile: Profile, phase: readonly PricedAction[]): Float64Array {
  return Float64Array.from(PRICED_ACTIONS, (action) =>
    phase.includes(action) ? priceNs(profile, action) : 0,
  );
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
  out.phase = PHASE.barrier;
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
      out.phase = PHASE.generation;
    }
    if (receiveNs > longestNs) {
      longestNs = receiveNs;
      out.core = core;
      out.phase = PHASE.reception;
    }
    if (Number.isNaN(sendNs + receiveNs)) {
      setUntimed(out);
      return;
    }
  }
  out.timeNs = longestNs + barrier;
}
