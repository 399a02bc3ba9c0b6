import type { Slice } from "#ir/block-graph";

/** Neurons as slices, in the order given; those that continue one another in one slice. */
export function slicesOfNeurons(
  neurons: Iterable<{ readonly population: number; readonly neuron: number }>,
): Slice[] {
  const slices: { population: number; begin: number; end: number }[] = [];
  for (const { population, neuron } of neurons) {
    const last = slices.at(-1);
    if (last?.population === population && last.end === neuron) last.end++;
    else slices.push({ population, begin: neuron, end: neuron + 1 });
  }
  return slices;
}

/** How many neurons the slices hold. */
export function neuronsIn(slices: readonly Slice[]): number {
  return slices.reduce((sum, { begin, end }) => sum + end - begin, 0);
}

/** The slices cut after the first `count` neurons. */
export function cutAfter(slices: readonly Slice[], count: number): [Slice[], Slice[]] {
  const head: Slice[] = [];
  const rest: Slice[] = [];
  let left = count;
  for (const { population, begin, end } of slices) {
    const taken = Math.min(left, end - begin);
    if (taken > 0) head.push({ population, begin, end: begin + taken });
    if (begin + taken < end) rest.push({ population, begin: begin + taken, end });
    left -= taken;
  }
  return [head, rest];
}

/** All neurons of several lists of slices, by population and number: what continues one another joined. */
export function mergeSlices(...lists: readonly (readonly Slice[])[]): Slice[] {
  const sorted = lists.flat().sort((a, b) => a.population - b.population || a.begin - b.begin);
  const merged: Slice[] = [];
  for (const slice of sorted) {
    const last = merged.at(-1);
    if (last?.population === slice.population && last.end === slice.begin)
      merged[merged.length - 1] = { ...last, end: slice.end };
    else merged.push(slice);
  }
  return merged;
}
