import type { Slice } from "#ir/block-graph";
import { available, fullnessOfSlices, measureCore, shortagesOf } from "../encode/measure.ts";
import type { Workload } from "../encode/workload.ts";
import type { PartitionContext, Partitioner } from "./partitioner.ts";

/**
 * Populations in order, each cut from the front into the largest pieces that fit; one population per core.
 *
 * What both public mappers of this chip do. The end of a piece is found by measuring candidates exactly, so the
 * number of pieces is the smallest that contiguous slices allow. Equal pieces take their place where they fit too:
 * the busiest core decides how long a step takes.
 */
export const layerOrder: Partitioner = {
  name: "layer-order",
  summary: "populations in order, each cut into the largest contiguous slices that fit, then evened out",

  partition(workload, context) {
    const blocks: Slice[][] = [];
    const { populations } = workload.network;
    populations.forEach(({ size, name }, population) => {
      if (!workload.mapped[population]) return;
      context.onProgress?.(`partition ${name}`, population, populations.length);
      for (const slice of cutInOrder(workload, population, size, context)) blocks.push([slice]);
    });
    return blocks;
  },
};

/** Contiguous slices of a population, as few as possible, each within the walls; neurons that fit nowhere are left out. */
export function cutInOrder(
  workload: Workload,
  population: number,
  size: number,
  context: PartitionContext,
): Slice[] {
  return evenedOut(workload, cutPopulation(workload, population, size, context), population, size);
}

function cutPopulation(
  workload: Workload,
  population: number,
  size: number,
  { misfits }: PartitionContext,
): Slice[] {
  const limits = available(workload);
  const slices: Slice[] = [];
  let guess = Math.min(size, limits.neurons);
  for (let begin = 0; begin < size;) {
    const from = begin;
    const fullness = (length: number): number =>
      fullnessOfSlices(workload, [{ population, begin: from, end: from + length }], limits);
    const longest = Math.min(size - begin, limits.neurons);
    const length = largestThatFits(longest, guess, fullness);
    if (length === 0) {
      const alone = measureCore(workload, [{ population, begin, end: begin + 1 }]);
      for (const shortage of shortagesOf(alone, limits))
        misfits.add({ population, neuron: begin, ...shortage });
      begin++;
      guess = 1;
      continue;
    }
    slices.push({ population, begin, end: begin + length });
    begin += length;
    guess = length;
  }
  return slices;
}

/** As many slices of equal length, if each of them fits. */
function evenedOut(workload: Workload, slices: Slice[], population: number, size: number): Slice[] {
  const covered = slices.reduce((sum, { begin, end }) => sum + end - begin, 0);
  if (slices.length < 2 || covered < size) return slices;
  const limits = available(workload);
  const at = (i: number): number => Math.floor((i * size) / slices.length);
  const even = slices.map((_, i): Slice => ({ population, begin: at(i), end: at(i + 1) }));
  const fits = (slice: Slice): boolean => fullnessOfSlices(workload, [slice], limits) <= 1;
  return even.every(fits) ? even : slices;
}

/** Guesses that trust fullness to rise in proportion to length; from then on, every other one halves what is open. */
const TRUSTING_TRIES = 4;

/**
 * The largest length in [0, longest] with `fullness` at most 1, which must not fall with length.
 *
 * Starts at a guess (the previous piece's length: layers are even) and goes by proportion: of the one length that
 * was tried, or between the longest that fits and the shortest that does not.
 */
function largestThatFits(longest: number, guess: number, fullnessOf: (length: number) => number): number {
  let fits = { length: 0, full: 0 };
  let tooLong = { length: longest + 1, full: Infinity };
  let length = Math.min(Math.max(guess, 1), longest);
  for (let tries = 1; fits.length + 1 < tooLong.length; tries++) {
    const tried = { length, full: fullnessOf(length) };
    if (tried.full <= 1) fits = tried;
    else tooLong = tried;
    const isOpen = tooLong.length > longest;
    if (tries > TRUSTING_TRIES && tries % 2 === 0)
      length = isOpen ? 2 * fits.length : Math.floor((fits.length + tooLong.length) / 2);
    else if (isOpen || fits.length === 0) length = Math.floor(tried.length / tried.full);
    else {
      const share = (1 - fits.full) / (tooLong.full - fits.full);
      length = Math.floor(fits.length + share * (tooLong.length - fits.length));
    }
    length = Math.min(Math.max(length, fits.length + 1), tooLong.length - 1);
  }
  return fits.length;
}
