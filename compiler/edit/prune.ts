import { storedWeights, weightCount, withStoredWeights } from "#ir/connectivity";
import type { Connectivity, Network } from "#ir/network";
import type { DiagnosticSink } from "#util/diagnostic";
import { densityOutOfRange, unknownLayer } from "./diagnostics.ts";
import type { PruneEdit } from "./edits.ts";
import { layersOf } from "./layers.ts";

/** Sets the smallest weights of layers to zero. Layers that are sparser already stay as they are. */
export function pruneLayers(network: Network, edits: readonly PruneEdit[], sink: DiagnosticSink): Network {
  const layers = layersOf(network);
  const projections = [...network.projections];
  let changed = false;
  for (const { layer, densityShare } of edits) {
    const chosen = layers.filter(({ name }) => layer === undefined || name === layer);
    if (chosen.length === 0 && layer !== undefined)
      sink.report(unknownLayer({ layer, known: [...new Set(layers.map(({ name }) => name))] }));
    if (!(densityShare > 0 && densityShare <= 1)) {
      sink.report(
        densityOutOfRange({ layer: layer === undefined ? "the network" : `"${layer}"`, densityShare }),
      );
      continue;
    }
    for (const { projection } of chosen) {
      const { connectivity } = projections[projection];
      const pruned = prunedTo(connectivity, densityShare);
      if (pruned === connectivity) continue;
      projections[projection] = { ...projections[projection], connectivity: pruned };
      changed = true;
    }
  }
  return changed ? { ...network, projections } : network;
}

/** Keeps the largest magnitudes, of equals the first; rounds down, but keeps one weight. Sparse lists count as if dense. */
export function prunedTo<C extends Connectivity>(connectivity: C, densityShare: number): C {
  const weights = storedWeights(connectivity);
  const keep = Math.max(1, Math.floor(densityShare * roomFor(connectivity) + 1e-9));
  const magnitudes = Float64Array.from(weights, Math.abs).sort();
  const nonzero = magnitudes.length - lowerBound(magnitudes, Number.MIN_VALUE);
  if (nonzero <= keep) return connectivity;
  const threshold = magnitudes[magnitudes.length - keep];
  let atThreshold = keep - (magnitudes.length - upperBound(magnitudes, threshold));
  const kept = Float64Array.from(weights, (weight) => {
    const magnitude = Math.abs(weight);
    if (magnitude > threshold) return weight;
    return magnitude === threshold && atThreshold-- > 0 ? weight : 0;
  });
  return withStoredWeights(connectivity, kept);
}

/** Nonzero weights over all there is room for. */
export function densityOf(connectivity: Connectivity): number {
  const weights = storedWeights(connectivity);
  let nonzero = 0;
  for (const weight of weights) if (weight !== 0) nonzero++;
  return nonzero / Math.max(1, roomFor(connectivity));
}

function roomFor(connectivity: Connectivity): number {
  return connectivity.kind === "sparse" ? connectivity.rows * connectivity.cols : weightCount(connectivity);
}

/** First place whose value is at least `value`. */
function lowerBound(sorted: Float64Array, value: number): number {
  return firstPlace(sorted, (found) => found >= value);
}

/** First place whose value is above `value`. */
function upperBound(sorted: Float64Array, value: number): number {
  return firstPlace(sorted, (found) => found > value);
}

function firstPlace(sorted: Float64Array, isThere: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isThere(sorted[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
