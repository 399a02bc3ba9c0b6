import type { SpikeData } from "#ir/spikes";
import { PRICED_ACTIONS, type PricedAction } from "#targets/target";

/** Everything the simulator counts, per core. Order is the layout of the count arrays: append only. */
export const ACTIONS: readonly PricedAction[] = PRICED_ACTIONS;
export type Action = PricedAction;

/** Place of an action in the count arrays. */
export const COLUMN = Object.fromEntries(ACTIONS.map((action, column) => [action, column])) as Readonly<
  Record<Action, number>
>;

/** What a run produced. Counts and times only: prices belong to `energy.ts`. */
export interface RunResult {
  readonly samples: number;
  /** Steps per sample on the chip: model steps plus the pipeline's depth. */
  readonly steps: number;
  /** Core ids, ascending: row r of `counts` is core `coreIds[r]`. */
  readonly coreIds: Uint32Array;
  /** `[cores, ACTIONS.length]`, summed over all samples and steps. */
  readonly counts: Float64Array;
  readonly tilesOn: number;
  readonly chipsOn: number;
  /** `[samples * steps]`, chip time of each step, barrier included; NaN where the profile has no times. */
  readonly stepNs: Float64Array;
  /** `[samples * steps]`, row of the core that decided the step's time, or -1. */
  readonly bindingCore: Int32Array;
  /** `[samples * steps]`, index into `PHASES` (`timing/timing.ts`). */
  readonly bindingPhase: Uint8Array;
  /** Spikes by population name, in model steps (start step subtracted); output populations, and others on request. */
  readonly spikes: Readonly<Record<string, SpikeData>>;
  /** Updates by population, over the whole run, `[populations]`; the sum is the column `neuronUpdate` of `counts`. */
  readonly updatesOf?: Float64Array;
  /** Spikes of each neuron of each population over the whole run, `[populations][size]`; for inputs, what the host sent. */
  readonly spikesOf?: readonly Float64Array[];
  /** Registers that overflowed or were clamped; empty if none did. */
  readonly stateEvents?: readonly StateEvent[];
  /** Fewer than asked for, because the run was stopped; the rest of this result is about `samples` samples only. */
  readonly stoppedAfter?: number;
}

/** What happened to a register of the chip that could not hold a value, and where first. */
export interface StateEvent {
  readonly kind: StateEventKind;
  /** Neuron-steps. */
  readonly count: number;
  readonly first: {
    readonly sample: number;
    /** Of the chip. */
    readonly step: number;
    readonly population: number;
    readonly neuron: number;
  };
}

/**
 * `input-wrap`: the sum of a step left its register. `current-wrap`: u did. `drive-wrap`: u + bias did, or v wrapped. `membrane-high`:
 * v was held at the largest value. `membrane-low`: v was held at the lower clamp.
 */
export const STATE_EVENT_KINDS = [
  "input-wrap",
  "current-wrap",
  "drive-wrap",
  "membrane-high",
  "membrane-low",
] as const;
export type StateEventKind = (typeof STATE_EVENT_KINDS)[number];
