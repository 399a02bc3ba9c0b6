// What a training run is told: plain data, checked by the recipe's schema.
import type { LayerGraph } from "./graph.ts";
import type { OptimizerSpec } from "./optimizer.ts";

/**
 * - `direct`: the normalised image is the input current of every step; everything before the first neuron is computed once.
 * - `rate`: pixel / 255 > uniform random, drawn anew in every step from the run's seed (evaluation: from a seed of its own).
 * - `rate-encode`: the deterministic accumulator code of `encode.ts`; the same spikes that a deployed network gets.
 * - `events`: event streams in `steps` frames, of equal time or of equal number of events.
 */
export type EncoderSpec =
  | { readonly name: "direct"; readonly mean: number; readonly deviation: number }
  | { readonly name: "rate" }
  | { readonly name: "rate-encode" }
  | { readonly name: "events"; readonly split: "time" | "number"; readonly binary: boolean };

/**
 * On the output of the last layer `[steps, batch, classes]`:
 * - `mse`: of the mean over steps against the one-hot label, mean over batch and classes;
 * - `cross-entropy`: of the mean over steps, times `gain`;
 * - `tet`: (1 - lambda) · mean over steps of the cross-entropy + lambda · mean square of (output - target). Deng et al., ICLR 2022.
 */
export type LossSpec =
  | { readonly name: "mse" }
  | { readonly name: "cross-entropy"; readonly gain: number }
  | { readonly name: "tet"; readonly lambda: number; readonly target: number };

/** Learning rate by epoch or step; warm-up is linear from 0 over the first epochs. */
export type ScheduleSpec =
  | { readonly name: "constant"; readonly rate: number; readonly warmupEpochs: number }
  | {
      readonly name: "step";
      readonly rate: number;
      readonly warmupEpochs: number;
      readonly everyEpochs: number;
      readonly factor: number;
    }
  /** ½(1 + cos πx) from `rate` to 0; per epoch (as the papers do) or per step. */
  | {
      readonly name: "cosine";
      readonly rate: number;
      readonly warmupEpochs: number;
      readonly per: "step" | "epoch";
    };

export interface AugmentationSpec {
  /** Affine: uniform in ±turnDegrees, ±translateShare of the side, [scaleFrom, scaleTo]. */
  readonly turnDegrees: number;
  readonly translateShare: number;
  readonly scaleFrom: number;
  readonly scaleTo: number;
  /** Random crop after padding by so many pixels on every side. */
  readonly cropPadding: number;
  readonly flip: boolean;
}

export interface TrainingOptions {
  readonly graph: LayerGraph;
  readonly encoder: EncoderSpec;
  readonly steps: number;
  readonly loss: LossSpec;
  readonly optimizer: OptimizerSpec;
  readonly schedule: ScheduleSpec;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly augmentation?: AugmentationSpec;
  readonly method: {
    /** A name of the registry in `methods/index.ts`. */
    readonly name: string;
    readonly options: Readonly<Record<string, unknown>>;
    /** Layers whose weights may be pruned; absent: all. */
    readonly layers?: readonly string[];
  };
}
