/** Spikes or values over time on one port: what goes in, and what is recorded. */
export interface SpikeData {
  readonly steps: number;
  /** Of one step: channel-first, without batch and time. */
  readonly shape: readonly number[];
  readonly samples: readonly SpikeEvents[];
}

/** Events of one sample, ordered by step, then index; the arrays run in parallel. */
export interface SpikeEvents {
  readonly step: Uint32Array;
  /** Flat C-order index inside the shape. */
  readonly index: Uint32Array;
  /** Absent: every value is 1. Elements without an event are 0. */
  readonly value?: Float64Array;
}
