import { maskLayer, type SpikingMlp } from "./model.ts";

/**
 * Gradual magnitude pruning: while the network learns, the smallest weights go, many at first, few at the
 * end. What is gone does not come back.
 *
 * Source: M. Zhu and S. Gupta, "To prune, or not to prune", arXiv 1710.01878, 2017.
 */
export interface GmpSchedule {
  /** Share of each layer's synapses that is gone at the end; one per layer. */
  readonly finalSparsity: readonly number[];
  /** Pruning happens between these shares of all training steps. */
  readonly beginShare: number;
  readonly endShare: number;
  /** Training steps between two cuts. */
  readonly everySteps: number;
}

/**
 * The cubic schedule: s = final (1 - (1 - x)³), x from 0 to 1 while pruning lasts.
 *
 * @param progress share of all training steps done, 0 to 1
 */
export function gmpSparsity(finalSparsity: number, schedule: GmpSchedule, progress: number): number {
  const { beginShare, endShare } = schedule;
  const x = Math.min(1, Math.max(0, (progress - beginShare) / (endShare - beginShare)));
  return finalSparsity * (1 - (1 - x) ** 3);
}

/**
 * Cuts every layer down to the sparsity that the schedule asks for after `done` of `total` training steps.
 * The very same model comes back where nothing is to be cut.
 */
export function pruneByMagnitude(
  model: SpikingMlp,
  schedule: GmpSchedule,
  done: number,
  total: number,
): SpikingMlp {
  const end = Math.ceil(schedule.endShare * total);
  if (done > end || (done % schedule.everySteps !== 0 && done !== end)) return model;
  let changed = false;
  const layers = model.layers.map((layer, l) => {
    const sparsity = gmpSparsity(schedule.finalSparsity[l], schedule, done / total);
    const mask = largestMask(layer.weights, layer.mask, Math.round((1 - sparsity) * layer.weights.length));
    if (mask === layer.mask) return layer;
    changed = true;
    return maskLayer(layer, mask);
  });
  return changed ? { ...model, layers } : model;
}

/** Keeps the `keep` largest weights by magnitude of those in the mask; of equals, the first. */
export function largestMask(weights: Float32Array, mask: Uint8Array, keep: number): Uint8Array {
  const sizes = weights.filter((_, i) => mask[i] !== 0).map((weight) => Math.abs(weight));
  if (sizes.length <= keep) return mask;
  sizes.sort();
  const limit = keep === 0 ? Infinity : sizes[sizes.length - keep];
  let equals = keep;
  for (let i = 0; i < sizes.length; i++) if (sizes[i] > limit) equals--;
  return mask.map((alive, i) => {
    const size = Math.abs(weights[i]);
    return alive !== 0 && (size > limit || (size === limit && equals-- > 0)) ? 1 : 0;
  });
}
