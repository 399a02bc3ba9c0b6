import type { Profile } from "#targets/target";
import type { StepActivity } from "./activity.ts";
import { BARRIER, WORK, type StepJudge, type StepVerdict } from "./bottleneck-retime.ts";
import { ACTIONS } from "./result.ts";
import { COLUMN } from "./result.ts";
import { barrierNs, GENERATION, priceNs, RECEPTION, withoutTime } from "./timing/prices.ts";

const MEMORY = WORK.indexOf("memory");
const COMPUTE = WORK.indexOf("compute");
const TRAFFIC = WORK.indexOf("traffic");

/**
 * What a `RetimingJudge` finds for the law `simple`, in one pass over the counts instead of six. Sums are added up in the
 * order of that law, so that its step times come out to the last bit.
 */
export class SimpleJudge implements StepJudge {
  readonly #barrierNs: number;
  /** `[ACTIONS]`, 0 for what the law does not look at. */
  readonly #priceNs: Float64Array;
  readonly #untimed: Uint32Array;

  constructor(profile: Profile, tilesOn: number) {
    const counted = [...GENERATION, ...RECEPTION];
    this.#barrierNs = barrierNs(profile, tilesOn);
    this.#priceNs = Float64Array.from(ACTIONS, (action) =>
      counted.includes(action) ? priceNs(profile, action) || 0 : 0,
    );
    this.#untimed = Uint32Array.from(withoutTime(profile, counted), (action) => COLUMN[action]);
  }

  judge({ counts }: StepActivity, out: StepVerdict): void {
    const p = this.#priceNs;
    const { liftedNs } = out;
    out.row = -1;
    out.bound = BARRIER;
    let longestNs = 0;
    // Of the deciding core and phase: work, and messages.
    let workNs = 0;
    let messagesNs = 0;
    let phaseBound = COMPUTE;
    // Largest over all cores.
    let computeNs = 0;
    let outNs = 0;
    let sendNs = 0;
    let memoryNs = 0;
    let inNs = 0;
    let receiveNs = 0;
    for (let at = 0, row = 0; at < counts.length; at += ACTIONS.length, row++) {
      if (this.#isUntimed(counts, at)) {
        out.timeNs = NaN;
        out.row = -1;
        liftedNs.fill(NaN);
        return;
      }
      const neurons =
        counts[at + COLUMN_ACCESS] * p[COLUMN_ACCESS] +
        counts[at + COLUMN_UPDATE] * p[COLUMN_UPDATE] +
        counts[at + COLUMN_SPIKE] * p[COLUMN_SPIKE];
      const access = counts[at + COLUMN_IN_ACCESS] * p[COLUMN_IN_ACCESS];
      const update = counts[at + COLUMN_IN_UPDATE] * p[COLUMN_IN_UPDATE];
      const spike = counts[at + COLUMN_IN_SPIKE] * p[COLUMN_IN_SPIKE];
      const sent = counts[at + COLUMN_OUT] * p[COLUMN_OUT];
      const compute = neurons + access + update + spike;
      const send = neurons + sent + access + update + spike;
      const memory =
        counts[at + COLUMN_DENSE] * p[COLUMN_DENSE] +
        counts[at + COLUMN_SPARSE] * p[COLUMN_SPARSE] +
        counts[at + COLUMN_RUN_LENGTH] * p[COLUMN_RUN_LENGTH] +
        counts[at + COLUMN_CONV] * p[COLUMN_CONV] +
        counts[at + COLUMN_WORD] * p[COLUMN_WORD];
      const taken = counts[at + COLUMN_IN] * p[COLUMN_IN];
      const receive = memory + taken;
      if (send > longestNs) {
        longestNs = send;
        out.row = row;
        workNs = compute;
        messagesNs = sent;
        phaseBound = COMPUTE;
      }
      if (receive > longestNs) {
        longestNs = receive;
        out.row = row;
        workNs = memory;
        messagesNs = taken;
        phaseBound = MEMORY;
      }
      if (compute > computeNs) computeNs = compute;
      if (sent > outNs) outNs = sent;
      if (send > sendNs) sendNs = send;
      if (memory > memoryNs) memoryNs = memory;
      if (taken > inNs) inNs = taken;
      if (receive > receiveNs) receiveNs = receive;
    }
    const barrier = this.#barrierNs;
    out.timeNs = longestNs + barrier;
    liftedNs[MEMORY] = Math.max(sendNs, inNs) + barrier;
    liftedNs[COMPUTE] = Math.max(outNs, receiveNs) + barrier;
    liftedNs[TRAFFIC] = Math.max(computeNs, memoryNs) + barrier;
    liftedNs[BARRIER] = longestNs;
    if (out.row >= 0 && Math.max(workNs, messagesNs) >= barrier)
      out.bound = workNs >= messagesNs ? phaseBound : TRAFFIC;
  }

  #isUntimed(counts: Float64Array, at: number): boolean {
    for (let i = 0; i < this.#untimed.length; i++) if (counts[at + this.#untimed[i]] > 0) return true;
    return false;
  }
}

// Constants, because property look-ups in the loop cost as much as its arithmetic.
const {
  neuronAccess: COLUMN_ACCESS,
  neuronUpdate: COLUMN_UPDATE,
  spikeOut: COLUMN_SPIKE,
  inputAccess: COLUMN_IN_ACCESS,
  inputUpdate: COLUMN_IN_UPDATE,
  inputSpike: COLUMN_IN_SPIKE,
  messageOut: COLUMN_OUT,
  messageIn: COLUMN_IN,
  synapseDense: COLUMN_DENSE,
  synapseSparse: COLUMN_SPARSE,
  synapseRunLength: COLUMN_RUN_LENGTH,
  synapseConv: COLUMN_CONV,
  synapseWordRead: COLUMN_WORD,
} = COLUMN;
