import type { PricedAction, Profile } from "#targets/target";

/** Says how long a step takes on the chip, from what every core did in it. */
export interface TimingModel {
  /** Registry key and value of `--timing`. */
  readonly name: string;
  readonly summary: string;
  /** Looks prices up once, so that a step is arithmetic only. */
  prepare(profile: Profile, tilesOn: number): StepTimer;
}

export interface StepTimer {
  /** Synchronisation of all cores, part of every step. */
  readonly barrierNs: number;
  /** Actions of the law that have no time in the profile: a step in which one of them happens is untimed. */
  readonly untimed: readonly PricedAction[];
  /**
   * Times one step. Allocates nothing.
   *
   * @param counts `[cores, ACTIONS.length]`, what each core did in this step
   * @param out    overwritten
   */
  time(counts: Float64Array, cores: number, out: StepTime): void;
}

/** One object for all steps; the timer overwrites it. */
export interface StepTime {
  /** Barrier included; NaN if an action without a time happened. */
  timeNs: number;
  /** Row of the core that decided the time (the first of equals), or -1: none worked, or untimed. */
  core: number;
  /** 0 generation, 1 reception. */
  phase: 0 | 1;
}
