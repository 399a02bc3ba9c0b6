import type { PricedAction, Profile } from "#targets/target";
import type { MachineTables, StepActivity, StepMessages } from "./activity.ts";
import { ACTIONS, COLUMN } from "./result.ts";
import {
  PHASES,
  type Phase,
  type StepTime,
  type StepTimer,
  type TimingContext,
  type TimingModel,
} from "./timing/timing.ts";

/** The bounds that are work of cores and of the mesh. */
export const WORK = ["memory", "compute", "traffic"] as const;
export type Work = (typeof WORK)[number];
/** What can hold a step up; of equals, the first is named. */
export const BOUNDS = [...WORK, "barrier"] as const;
export type Bound = (typeof BOUNDS)[number];

/** What each kind of work consists of; hops are not counted step by step. */
export const WORK_ACTIONS: Readonly<Record<Work, readonly PricedAction[]>> = {
  memory: ["synapseDense", "synapseSparse", "synapseRunLength", "synapseConv", "synapseWordRead"],
  compute: ["neuronAccess", "neuronUpdate", "spikeOut", "inputAccess", "inputUpdate", "inputSpike"],
  traffic: ["messageOut", "messageIn", "inputMessage"],
};

/** What a core can be at in each phase. */
const PHASE_WORK: Readonly<Record<Phase, readonly (readonly [Work, readonly PricedAction[]])[]>> = {
  generation: [
    ["compute", WORK_ACTIONS.compute],
    ["traffic", ["messageOut"]],
  ],
  reception: [
    ["memory", WORK_ACTIONS.memory],
    ["traffic", ["messageIn", "inputMessage"]],
  ],
  network: [["traffic", WORK_ACTIONS.traffic]],
  barrier: [],
};

/** What a step waited for. */
export interface StepVerdict {
  /** NaN: untimed, and so is all the rest. */
  timeNs: number;
  /** Row of the deciding core; -1: none. */
  row: number;
  /** Index into `BOUNDS`: the largest part of the critical path. */
  bound: number;
  /** Length of the step without each of `BOUNDS`. */
  readonly liftedNs: Float64Array;
}

export interface StepJudge {
  /** @param out overwritten */
  judge(activity: StepActivity, out: StepVerdict): void;
}

const columnsOf = (actions: readonly PricedAction[]): Uint32Array =>
  Uint32Array.from(actions, (action) => COLUMN[action]);

/** By `WORK`. */
export const WORK_COLUMNS: readonly Uint32Array[] = WORK.map((work) => columnsOf(WORK_ACTIONS[work]));

const PHASE_COLUMNS = Object.fromEntries(
  Object.entries(PHASE_WORK).map(([phase, parts]) => [
    phase,
    parts.map(([work, actions]) => ({ bound: WORK.indexOf(work), columns: columnsOf(actions) })),
  ]),
) as Record<Phase, { bound: number; columns: Uint32Array }[]>;

/**
 * Times each step again as it was not: without a kind of work, without the barrier, and with nothing but some work of a
 * core. The law is a black box.
 */
export class RetimingJudge implements StepJudge {
  readonly #timer: StepTimer;
  /** The same law without a barrier. */
  readonly #freeTimer: StepTimer;
  readonly #rows: number;
  readonly #rest: Float64Array;
  /** All zeros between calls. */
  readonly #alone: Float64Array;
  readonly #quiet: Pick<StepMessages, "firedEnd" | "hostMessages">;
  readonly #out: StepTime = { timeNs: NaN, core: -1, phase: 0 };

  constructor(law: TimingModel, context: TimingContext & { readonly tables: MachineTables }) {
    const { profile, rates, tables, coreIds } = context;
    this.#timer = law.prepare(context);
    this.#freeTimer = law.prepare({
      ...context,
      profile: { ...profile, barrier: NO_BARRIER },
      rates: { ...rates, ...NO_BARRIER_RATES },
    });
    this.#rows = coreIds.length;
    this.#rest = new Float64Array(this.#rows * ACTIONS.length);
    this.#alone = new Float64Array(this.#rows * ACTIONS.length);
    this.#quiet = { firedEnd: tables.neuronBegin.slice(0, this.#rows), hostMessages: 0 };
  }

  judge({ counts, messages }: StepActivity, out: StepVerdict): void {
    out.timeNs = this.#time(this.#timer, counts, messages);
    const { core, phase } = this.#out;
    out.row = core;
    out.bound = BARRIER;
    if (Number.isNaN(out.timeNs)) {
      out.liftedNs.fill(NaN);
      return;
    }
    out.liftedNs[BARRIER] = this.#time(this.#freeTimer, counts, messages);
    WORK_COLUMNS.forEach((columns, w) => {
      const rest = this.#rest;
      rest.set(counts);
      for (let at = 0; at < rest.length; at += ACTIONS.length)
        for (let i = 0; i < columns.length; i++) rest[at + columns[i]] = 0;
      const others = WORK[w] === "traffic" ? this.#silenced(messages) : messages;
      out.liftedNs[w] = this.#time(this.#timer, rest, others);
    });
    if (core < 0) return;
    const barrierNs = out.timeNs - out.liftedNs[BARRIER];
    let longestNs = 0;
    for (const { bound, columns } of PHASE_COLUMNS[PHASES[phase]]) {
      // The messages of the network belong to no core.
      const ns =
        PHASES[phase] === "network"
          ? out.liftedNs[BARRIER]
          : this.#aloneNs(counts, core * ACTIONS.length, columns, messages);
      if (ns <= longestNs || ns < barrierNs) continue;
      longestNs = ns;
      out.bound = bound;
    }
  }

  #aloneNs(counts: Float64Array, at: number, columns: Uint32Array, messages?: StepMessages): number {
    const alone = this.#alone;
    for (let i = 0; i < columns.length; i++) alone[at + columns[i]] = counts[at + columns[i]];
    const ns = this.#time(this.#freeTimer, alone, this.#silenced(messages));
    for (let i = 0; i < columns.length; i++) alone[at + columns[i]] = 0;
    return ns;
  }

  #silenced(messages: StepMessages | undefined): StepMessages | undefined {
    return messages && { ...messages, ...this.#quiet };
  }

  #time(timer: StepTimer, counts: Float64Array, messages?: StepMessages): number {
    timer.time({ rows: this.#rows, counts, ...(messages && { messages }) }, this.#out);
    return this.#out.timeNs;
  }
}

export const BARRIER = BOUNDS.indexOf("barrier");
const NO_BARRIER: Profile["barrier"] = [
  { tiles: 1, time: { value: 0, unit: "ns", evidence: "assumed", src: [], note: "what if" } },
];
/** What the laws that go by rates call their barrier. */
const NO_BARRIER_RATES = { barrierNs: 0, tickNs: 0 };
