import type { Floats } from "../engine/backend.ts";
import { select } from "./largest.ts";
import type { SdSnnKindOptions, SdSnnLinearOptions, SdSnnOptions } from "./sd-snn-options.ts";

/**
 * Importance of every row: the sum over its live weights of the width of their range, the widths of the layer being
 * scaled to 0 to 1 (all ½ if they are equal).
 *
 * @param upper  `[rows · rowLength]`, as lower and mask
 * @returns `[rows]`
 */
export function rowImportance(upper: Floats, lower: Floats, mask: Uint8Array, rows: number): Float64Array {
  const rowLength = mask.length / rows;
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < mask.length; i++) {
    const width = upper[i] - lower[i];
    if (width < least) least = width;
    if (width > most) most = width;
  }
  const importance = new Float64Array(rows);
  for (let row = 0, i = 0; row < rows; row++) {
    let sum = 0;
    for (const end = i + rowLength; i < end; i++)
      if (mask[i] !== 0) sum += most > least ? (upper[i] - lower[i] - least) / (most - least) : 0.5;
    importance[row] = sum;
  }
  return importance;
}

/** Sums of consecutive blocks of weights, signed: what a masked synapse (block 1) or kernel grew to in an epoch. */
export function blockSums(weights: Floats, block: number): Float64Array {
  const sums = new Float64Array(weights.length / block);
  for (let unit = 0, i = 0; unit < sums.length; unit++) {
    let sum = 0;
    for (const end = i + block; i < end; i++) sum += weights[i];
    sums[unit] = sum;
  }
  return sums;
}

/** The q-th percentile, linear between neighbours. q from 0 to 100. */
export function percentile(scores: Float64Array, q: number): number {
  const place = ((scores.length - 1) * q) / 100;
  const rank = Math.floor(place);
  const sorted = scores.slice();
  const below = select(sorted, rank);
  let above = Infinity;
  for (let i = rank + 1; i < sorted.length; i++) if (sorted[i] < above) above = sorted[i];
  return place === rank ? below : below + (place - rank) * (above - below);
}

/** Percentile above which a masked synapse may regrow; `age`: epochs since pruning began, from 0. */
export function regrowthQuantile(quantile: number, age: number, options: SdSnnOptions): number {
  return Math.min(options.quantileLimit, quantile + options.quantileGrowth ** age);
}

/** How many rows may be gone at this rate (percent); cumulative. */
export function rowsToPrune(rows: number, rate: number): number {
  return Math.min(rows, Math.floor((rows * rate) / 100));
}

/** What the rate of a linear layer grows by, in percent. */
export function linearRateGrowth(age: number, liveRows: number, options: SdSnnLinearOptions): number {
  const factor =
    age > options.lateAfter ? options.lateScale : options.rateScale * Math.exp(-age / options.rateDecay);
  return (factor * liveRows) / options.rateDivisor;
}

/** What the rate of a convolution grows by: the more, the richer it is than the layer it feeds (which is absent or dead: as if equal). */
export function convRateGrowth(
  age: number,
  liveRows: number,
  nextLiveRows: number,
  options: SdSnnKindOptions,
): number {
  const ratio = nextLiveRows > 0 ? liveRows / nextLiveRows : 1;
  return options.rateScale * Math.exp(-age / options.rateDecay) * ratio;
}
