/** The part of a run that is looked at closely; both ranges are [from, to). */
export interface TraceWindow {
  /** Default: the first sample. */
  readonly samples?: readonly [from: number, to: number];
  /** Default: all. */
  readonly steps?: readonly [from: number, to: number];
}

export const isSampleInside = ({ samples = [0, 1] }: TraceWindow, sample: number): boolean =>
  sample >= samples[0] && sample < samples[1];

export const isStepInside = ({ steps }: TraceWindow, step: number): boolean =>
  steps === undefined || (step >= steps[0] && step < steps[1]);
