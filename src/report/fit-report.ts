import type { Resource } from "#ir/block-graph";
import type { Evidence } from "#targets/target";
import type { PricedAction } from "#targets/target";

/** What `spinec fit` has to say: one network beside many chips. */
export interface FitReport {
  readonly schema: "spinec/fit/1";
  readonly generator: string;
  readonly name: string;
  readonly neurons: number;
  readonly synapses: number;
  /** What the energies and times are of. */
  readonly input: FitInput;
  readonly targets: readonly FitRow[];
}

export type FitInput =
  | { readonly kind: "given"; readonly samples: number; readonly steps: number }
  | {
      readonly kind: "assumed";
      /** Share of the input lines that spike in a step. */
      readonly spikeShare: number;
      readonly steps: number;
      readonly seed: number;
    };

/**
 * `fits`; `does-not-fit`: a wall is in the way; `refused`: the chip cannot compute it, whatever its size; `report-only`: what is
 * known of the chip does not suffice to map anything; `failed`: a fault of ours.
 */
export const FIT_VERDICTS = ["fits", "does-not-fit", "refused", "report-only", "failed"] as const;
export type FitVerdict = (typeof FIT_VERDICTS)[number];

export interface FitRow {
  readonly target: string;
  readonly title: string;
  readonly status: "supported" | "experimental" | "report-only";
  readonly profile: string;
  readonly verdict: FitVerdict;
  /** The rest is null unless it fits. */
  readonly map: FitMap | null;
  /** Root of the squared error of all weights over their squares. */
  readonly weightErrorShare: number | null;
  readonly cost: FitCost | null;
  /** Why it does not fit; empty if it does. */
  readonly reasons: readonly FitReason[];
  /** What would make it fit, smallest first; null: not searched for. */
  readonly changes: readonly FitChange[] | null;
}

export interface FitMap {
  readonly cores: number;
  /** Of the chips in use. */
  readonly coresAvailable: number;
  readonly chips: number;
  /** Of the resources with a wall, the one that some core uses the largest share of; null: no walls. */
  readonly worst: {
    readonly resource: Resource;
    readonly needed: number;
    readonly available: number;
    readonly share: number;
  } | null;
}

/** Per inference. */
export interface FitCost {
  /** Null: nothing that happened has a price. */
  readonly dynamicPj: number | null;
  /** Idle power for as long as it takes; null: unknown. */
  readonly staticPj: number | null;
  readonly bound: "estimate" | "min" | "max" | "mixed";
  readonly weakestEvidence: Evidence | null;
  /** Actions that happened and have no price. */
  readonly unpriced: readonly PricedAction[];
  readonly timing: string;
  /** Null: the profile has no times. */
  readonly perInferenceNs: number | null;
  /** Of the neurons that fire: spikes of one in a step, in the mean. */
  readonly spikesPerNeuronStep: number;
}

export interface FitReason {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly population: string | null;
  /** The binding resource, what is needed of it, and what a core has. */
  readonly resource: string | null;
  readonly needed: number | null;
  readonly available: number | null;
}

export interface FitChange {
  /** What it costs: nothing, chips, something of the network, another target. */
  readonly kind: "mapping" | "chips" | "network" | "target";
  readonly text: string;
  /** Words of the command line that make the change, those for the target included. */
  readonly options: readonly string[];
  /** The whole line; null where there is no file. */
  readonly command: string | null;
  readonly cores: number;
  readonly chips: number;
  readonly weightErrorShare: number;
  /** Per inference; null: unpriced. */
  readonly dynamicPj: number | null;
}
