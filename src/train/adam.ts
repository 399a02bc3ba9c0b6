import type { DenseLayer } from "./model.ts";

const MEAN_DECAY = 0.9;
const SQUARE_DECAY = 0.999;
const EPSILON = 1e-8;

/** Moments of one optimizer run; one array per layer, aligned with its weights. */
export interface AdamState {
  readonly mean: readonly Float64Array[];
  readonly square: readonly Float64Array[];
  /** Updates done so far. */
  updates: number;
}

export function createAdam(layers: readonly DenseLayer[]): AdamState {
  const zeros = (): Float64Array[] => layers.map((layer) => new Float64Array(layer.weights.length));
  return { mean: zeros(), square: zeros(), updates: 0 };
}

/**
 * One update of all weights, in place. Weights without a synapse stay zero and their moments are cleared.
 * The decay is decoupled from the moments.
 *
 * Source: D. Kingma and J. Ba, ICLR 2015; I. Loshchilov and F. Hutter, ICLR 2019 (decay).
 */
export function adamUpdate(
  state: AdamState,
  layers: readonly DenseLayer[],
  gradients: readonly Float64Array[],
  learningRate: number,
  weightDecay: number,
): void {
  state.updates++;
  const rate = learningRate / (1 - MEAN_DECAY ** state.updates);
  const squareCorrection = 1 / (1 - SQUARE_DECAY ** state.updates);
  layers.forEach(({ weights, mask }, l) => {
    const gradient = gradients[l];
    const mean = state.mean[l];
    const square = state.square[l];
    for (let i = 0; i < weights.length; i++) {
      if (mask[i] === 0) {
        mean[i] = square[i] = 0;
        continue;
      }
      mean[i] = MEAN_DECAY * mean[i] + (1 - MEAN_DECAY) * gradient[i];
      square[i] = SQUARE_DECAY * square[i] + (1 - SQUARE_DECAY) * gradient[i] * gradient[i];
      const size = Math.sqrt(square[i] * squareCorrection) + EPSILON;
      weights[i] -= (rate * mean[i]) / size + learningRate * weightDecay * weights[i];
    }
  });
}

/** Half a cosine from `peak` to 0. */
export function cosineRate(peak: number, step: number, totalSteps: number): number {
  return 0.5 * peak * (1 + Math.cos((Math.PI * step) / totalSteps));
}
