// Factor and offset of every channel: what batch normalisation is once its statistics stand still.
import type { ChannelStatistics } from "../trained-model.ts";

/** y = scale · x + offset, channel by channel. Both `[channels]`. */
export interface Affine {
  readonly scale: Float64Array;
  readonly offset: Float64Array;
}

/** gamma · (x - mean) / √(variance + epsilon) + beta. */
export function normalisation(
  gamma: Float32Array,
  beta: Float32Array,
  { mean, variance }: ChannelStatistics,
  epsilon: number,
): Affine {
  const scale = Float64Array.from(gamma, (g, c) => g / Math.sqrt(variance[c] + epsilon));
  return { scale, offset: scale.map((s, c) => beta[c] - s * mean[c]) };
}

/** `second` after `first`. */
export function composed(first: Affine | undefined, second: Affine): Affine {
  if (first === undefined) return second;
  return {
    scale: first.scale.map((s, c) => s * second.scale[c]),
    offset: first.offset.map((o, c) => o * second.scale[c] + second.offset[c]),
  };
}

/** Channels [from, to). */
export function channelsOf(affine: Affine, from: number, to: number): Affine {
  return { scale: affine.scale.slice(from, to), offset: affine.offset.slice(from, to) };
}

/** Every channel `times` in a row: channels become features when an image is flattened. */
export function repeated({ scale, offset }: Affine, times: number): Affine {
  return { scale: spread(scale, times), offset: spread(offset, times) };
}

/** `[channels]` to `[channels · times]`, each value `times` in a row. */
export function spread(values: Float64Array, times: number): Float64Array {
  return Float64Array.from({ length: values.length * times }, (_, i) => values[Math.floor(i / times)]);
}

export function isZero(values: Float64Array): boolean {
  return values.every((value) => value === 0);
}
