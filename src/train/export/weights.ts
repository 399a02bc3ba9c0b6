// Weights with everything folded in that is one factor per channel.
import { isZero, type Affine } from "./affine.ts";

/** Weights of one layer as far as channels go; taps are positions of the kernel (1 for linear). */
export interface WeightLayout {
  readonly outChannels: number;
  readonly inPerGroup: number;
  readonly taps: number;
  readonly groups: number;
}

/**
 * Channels [from, to) of the input, each multiplied by its factor, outputs by theirs. The array itself where nothing
 * changes, 32-bit floats where nothing is multiplied; a zero stays a zero.
 *
 * @param weights `[outChannels, inPerGroup, taps]`
 * @param inScale `[to - from]` with one group, else `[groups · inPerGroup]`
 * @returns `[outChannels, to - from, taps]`
 */
export function foldedWeights(
  weights: Float32Array,
  { outChannels, inPerGroup, taps, groups }: WeightLayout,
  [from, to]: readonly [number, number],
  inScale: Float64Array | undefined,
  outScale: Float64Array | undefined,
): Float32Array | Float64Array {
  const isWhole = from === 0 && to === inPerGroup;
  const isScaled = inScale !== undefined || outScale !== undefined;
  if (isWhole && !isScaled) return weights;
  const length = outChannels * (to - from) * taps;
  const result = isScaled ? new Float64Array(length) : new Float32Array(length);
  const outPerGroup = outChannels / groups;
  let at = 0;
  for (let out = 0; out < outChannels; out++) {
    const firstIn = Math.floor(out / outPerGroup) * inPerGroup;
    for (let i = from; i < to; i++) {
      const factor = (inScale?.[firstIn + i - from] ?? 1) * (outScale?.[out] ?? 1);
      for (let tap = 0; tap < taps; tap++)
        result[at++] = weights[(out * inPerGroup + i) * taps + tap] * factor;
    }
  }
  return result;
}

/**
 * What the offsets of input channels [from, to) add up to, for every output channel, if every tap meets the image.
 *
 * @param offset as `inScale` of `foldedWeights`
 */
export function offsetSums(
  weights: Float32Array,
  { outChannels, inPerGroup, taps, groups }: WeightLayout,
  [from, to]: readonly [number, number],
  offset: Float64Array,
): Float64Array {
  const outPerGroup = outChannels / groups;
  return Float64Array.from({ length: outChannels }, (_, out) => {
    const firstIn = Math.floor(out / outPerGroup) * inPerGroup;
    let sum = 0;
    for (let i = from; i < to; i++)
      for (let tap = 0; tap < taps; tap++)
        sum += weights[(out * inPerGroup + i) * taps + tap] * offset[firstIn + i - from];
    return sum;
  });
}

/** outScale · (bias + parts) + outOffset, or undefined if that is nothing. All `[outChannels]`. */
export function foldedBias(
  outChannels: number,
  bias: Float32Array | undefined,
  parts: readonly Float64Array[],
  after: Affine | undefined,
): Float64Array | undefined {
  const result = new Float64Array(outChannels);
  for (let c = 0; c < outChannels; c++) {
    const before = parts.reduce((sum, part) => sum + part[c], bias?.[c] ?? 0);
    result[c] = after === undefined ? before : after.scale[c] * before + after.offset[c];
  }
  return isZero(result) ? undefined : result;
}
