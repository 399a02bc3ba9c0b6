import type { SpikeEvents } from "#ir/spikes";
import type { SpikingMlp } from "./model.ts";
import type { Surrogate } from "./surrogate.ts";

/**
 * Computes what training needs of one batch: the arithmetic, and nothing about optimizers or pruning.
 * All engines compute the same up to rounding; a test compares them.
 */
export interface TrainingEngine {
  readonly name: string;
  /** Outputs only. */
  forward(model: SpikingMlp, batch: Batch): Promise<BatchOutput>;
  /** Outputs, loss, and its gradient by backpropagation through time. */
  backward(model: SpikingMlp, batch: Batch, rule: LearningRule): Promise<BatchGradient>;
}

export interface Batch {
  readonly steps: number;
  /** Spikes of the input population, one entry per sample. */
  readonly samples: readonly SpikeEvents[];
  /** `[samples]`. */
  readonly labels: Uint8Array;
}

export interface LearningRule {
  readonly surrogate: Surrogate;
  /** Loss = cross-entropy of softmax(countGain · spike counts of the last layer), mean over the batch. */
  readonly countGain: number;
  /** Whether the reset counts as a constant in the backward pass. */
  readonly detachReset: boolean;
}

export interface BatchOutput {
  /** `[samples, outputs]`, spikes of the last layer. */
  readonly counts: Float64Array;
  /** `[layers]`, spikes of each layer, summed over the batch. */
  readonly layerSpikes: Float64Array;
}

export interface BatchGradient extends BatchOutput {
  readonly loss: number;
  /** Per layer `[inputs, outputs]`, 0 where there is no synapse. Valid until the next call. */
  readonly gradients: readonly Float64Array[];
}

/** The class with most spikes; the first of equals. */
export function predictedClass(counts: Float64Array, sample: number, outputs: number): number {
  let best = 0;
  for (let j = 1; j < outputs; j++)
    if (counts[sample * outputs + j] > counts[sample * outputs + best]) best = j;
  return best;
}

/** Cross-entropy of one sample; `gradient` receives its derivative by each count. */
export function crossEntropy(
  counts: Float64Array,
  label: number,
  countGain: number,
  gradient: Float64Array,
): number {
  let largest = -Infinity;
  for (let j = 0; j < counts.length; j++) largest = Math.max(largest, countGain * counts[j]);
  let sum = 0;
  for (let j = 0; j < counts.length; j++) sum += gradient[j] = Math.exp(countGain * counts[j] - largest);
  for (let j = 0; j < counts.length; j++)
    gradient[j] = countGain * (gradient[j] / sum - (j === label ? 1 : 0));
  return largest + Math.log(sum) - countGain * counts[label];
}
