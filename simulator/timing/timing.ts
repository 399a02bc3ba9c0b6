import type { PricedAction, Profile, Target } from "#targets/target";
import type { Diagnostic } from "#util/diagnostic";
import type { MachineTables, StepActivity } from "../activity.ts";

/** Says how long a step takes on the chip, from what every core did in it. */
export interface TimingModel {
  /** Registry key and value of `--timing`. */
  readonly name: string;
  readonly summary: string;
  /** "counts": what each core did. "messages": also who sent what to whom in which order (`StepActivity.messages`). */
  readonly needs: "counts" | "messages";
  /** Why the model cannot time a profile at all (it is of another kind of chip, or lacks the rates of the law); undefined: it can. */
  refuses?(context: TimingContext): Diagnostic | undefined;
  /** Looks prices up once, so that a step is arithmetic only. */
  prepare(context: TimingContext): StepTimer;
}

/** What a timer may know before the first step. */
export interface TimingContext {
  readonly profile: Profile;
  readonly target: Target;
  /** `[rows]`, core ids; a row is a place in `Deployment.cores`. */
  readonly coreIds: Uint32Array;
  /** Tiles that hold at least one core in use. */
  readonly tilesOn: number;
  /** Only for models that need messages. */
  readonly tables?: MachineTables;
  /** Rates that the user gives for a law whose rates nobody has published, by their name in the law. */
  readonly rates?: Readonly<Record<string, number>>;
}

export interface StepTimer {
  /** Synchronisation of all cores, part of every step. */
  readonly barrierNs: number;
  /** Actions of the law that have no time in the profile: a step in which one of them happens is untimed. */
  readonly untimed: readonly PricedAction[];
  /**
   * Times one step. Allocates nothing.
   *
   * @param out overwritten
   */
  time(activity: StepActivity, out: StepTime): void;
  /** Models that follow messages: what each did in the step timed last; for traces and tests. */
  readonly lastMessages?: MessageTimes;
  /** Models that follow messages from link to link. */
  readonly links?: LinkTraffic;
}

/** Names of `StepTime.phase`, in order. */
export const PHASES = ["generation", "reception", "network", "barrier"] as const;
export type Phase = (typeof PHASES)[number];

/** Place of a phase in `PHASES`. */
export const PHASE: Readonly<Record<Phase, number>> = {
  generation: 0,
  reception: 1,
  network: 2,
  barrier: 3,
};

/** A step that cannot be timed, because something happened in it that has no time. */
export function setUntimed(out: StepTime): void {
  out.timeNs = NaN;
  out.core = -1;
  out.phase = PHASE.generation;
}

/** One object for all steps; the timer overwrites it. */
export interface StepTime {
  /** Barrier included; NaN if an action without a time happened. */
  timeNs: number;
  /** Row of the core that decided the time (the first of equals), or -1: none worked, or untimed. */
  core: number;
  /** Index into `PHASES`: what the step waited for; `barrier` if nothing else took time. 0 if untimed. */
  phase: number;
}

/** Times of the messages of a step, in the order in which the model served them; entries [0, count) are valid. */
export interface MessageTimes {
  count: number;
  /** Rows; `from` is -1 for the host, `to` is -1 for what a core still does after its last message. */
  from: Int32Array;
  to: Int32Array;
  /** From the start of the step. */
  sendNs: Float64Array;
  receivedNs: Float64Array;
  processedNs: Float64Array;
  /** Share of the time above for which the sender was held up. */
  blockedNs: Float64Array;
}

/** What the links of the mesh carried. Entry i of the arrays is about `links[i]`. */
export interface LinkTraffic {
  /** Every link of the chips in use, one for each direction. */
  readonly links: readonly Link[];
  /** Messages in the step timed last. */
  readonly stepMessages: Float64Array;
  /** Messages in all steps so far; steps without a time are left out. */
  readonly messages: Float64Array;
  /** For how long a message occupies the link. Busy share: messages x busyNs / (time x networks). */
  readonly busyNs: Float64Array;
  /** Meshes side by side, whose links each entry stands for. */
  readonly networks: number;
}

/** A link from a tile to its neighbour. Tile ids count within their chip, in the target's tile order. */
export interface Link {
  readonly chip: number;
  readonly fromTile: number;
  /** Another chip than `chip` only for a link across a border. */
  readonly toChip: number;
  readonly toTile: number;
  readonly direction: "east" | "west" | "north" | "south";
}
