import type { Slice } from "#ir/block-graph";
import { available, fullnessOfSlices, measureCore, shortagesOf, type Limits } from "../encode/measure.ts";
import { reorderForWords } from "../encode/reorder.ts";
import type { Workload } from "../encode/workload.ts";
import { cutAfter, mergeSlices, neuronsIn } from "./slices.ts";

/** What is left over is offered to so many blocks before it gets one of its own. */
const OFFERS = 8;

/** Slices in an order in which they fit, if there is one; how full the core then is. */
interface Arranged {
  readonly slices: readonly Slice[];
  readonly full: number;
}

/** The slices as they are if they fit, else in an order that takes fewer words. */
export function arrange(workload: Workload, slices: readonly Slice[], limits: Limits): Arranged {
  const full = fullnessOfSlices(workload, slices, limits);
  if (full <= 1 || workload.packer.formula !== "entry-list") return { slices, full };
  const measure = measureCore(workload, slices);
  const isOfWords = shortagesOf(measure, limits).every(
    ({ resource }) => resource === "synapseWords" || resource === "wordsPerAxon",
  );
  const better = isOfWords ? reorderForWords(workload, slices, measure) : undefined;
  if (better === undefined) return { slices, full };
  return { slices: better.slices, full: fullnessOfSlices(workload, better.slices, limits) };
}

/**
 * Makes pieces that may be over a wall legal: what is too much is cut off, and goes to where it fits, or to pieces of its own.
 * Every neuron has to fit into an empty core.
 */
export function fitExactly(workload: Workload, pieces: readonly (readonly Slice[])[]): Slice[][] {
  const limits = available(workload);
  const tried = (slices: readonly Slice[]): Arranged => arrange(workload, slices, limits);
  const blocks: Arranged[] = [];
  const left: Slice[][] = [];
  const settle = (slices: readonly Slice[]): void => {
    const arranged = tried(slices);
    if (arranged.full <= 1) {
      blocks.push(arranged);
      return;
    }
    const [head, rest] = cutAfter(
      slices,
      longestThatFits(slices, (piece) => tried(piece).full),
    );
    blocks.push(tried(head));
    left.push(rest);
  };
  for (const piece of pieces) settle(piece);
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const own = new Set(next.map(({ population }) => population));
    const rest = next;
    const hosts = [...blocks.keys()]
      .filter((b) => blocks[b].slices.every(({ population }) => own.has(population)))
      .sort((a, b) => blocks[a].full - blocks[b].full)
      .slice(0, OFFERS);
    const host = hosts.find((b) => {
      const together = tried(mergeSlices(blocks[b].slices, rest));
      if (together.full > 1) return false;
      blocks[b] = together;
      return true;
    });
    if (host === undefined) settle(rest);
  }
  return blocks.map(({ slices }) => [...slices]);
}

/** Neurons from the front that fit, at least one. */
function longestThatFits(slices: readonly Slice[], fullness: (slices: readonly Slice[]) => number): number {
  let low = 1;
  let high = neuronsIn(slices);
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (fullness(cutAfter(slices, middle)[0]) <= 1) low = middle;
    else high = middle;
  }
  return low;
}
