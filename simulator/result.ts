import type { SpikeData } from "#ir/spikes";
import { PRICED_ACTIONS, type PricedAction } from "#targets/target";

/** Everything the simulator counts, per core. Order is the layout of the count arrays: append only. */
export const ACTIONS: readonly PricedAction[] = PRICED_ACTIONS;
export type Action = PricedAction;

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
  /** `[samples * steps]`: 0 generation, 1 reception. */
  readonly bindingPhase: Uint8Array;
  /** Spikes by population name, in model steps (start step subtracted); output populations, and others on request. */
  readonly spikes: Readonly<Record<string, SpikeData>>;
}
