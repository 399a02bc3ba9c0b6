import type { Slice } from "#ir/block-graph";

/** Channels of a population that have neurons on the core. */
export function channelsOn(
  slices: readonly Slice[],
  population: number,
  [, height, width]: readonly [number, number, number],
): Set<number> {
  const channels = new Set<number>();
  const pixels = height * width;
  for (const slice of slices) {
    if (slice.population !== population) continue;
    for (let channel = Math.floor(slice.begin / pixels); channel * pixels < slice.end; channel++)
      channels.add(channel);
  }
  return channels;
}

/** `[neurons]`: which neuron of its population each compartment is. */
export function neuronOf(neurons: number, slices: readonly Slice[]): Uint32Array {
  const numbers = new Uint32Array(neurons);
  let compartment = 0;
  for (const { begin, end } of slices) for (let n = begin; n < end; n++) numbers[compartment++] = n;
  return numbers;
}
