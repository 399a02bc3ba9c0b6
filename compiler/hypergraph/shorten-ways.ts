import type { Rng } from "#util/rng";
import type { Assignment } from "./assignment.ts";
import type { PartitionOptions } from "./partition.ts";
import type { Effort } from "./seeds.ts";
import { shorten } from "./shorten.ts";

/** How often ways are made shorter, with a placement before each. */
export const SHORTENED: Readonly<Record<Effort, number>> = { fast: 1, default: 1, best: 3 };
/** Nodes x cores that are looked at for that; where there are more it is left out. */
const MOST_GAINS: Readonly<Record<Effort, number>> = { fast: 2 ** 18, default: 2 ** 24, best: 2 ** 26 };
const SHORTENING_ROUNDS: Readonly<Record<Effort, number>> = { fast: 2, default: 3, best: 4 };
/** Links that a spike which leaves its core counts for, besides those it travels. */
const CUT_LINKS = 60;

/** @returns false where that is too much work */
export function shortenWays(
  state: Assignment,
  order: Uint32Array,
  effort: Effort,
  rng: Rng,
  { place, shouldStop }: Pick<PartitionOptions, "place" | "shouldStop">,
): boolean {
  const { cores, level } = state;
  if (level.nodes * cores > MOST_GAINS[effort]) return false;
  const before = new Uint16Array(level.nodes);
  for (let i = 0; i < order.length; i++) before[order[i]] = state.coreOf[i];
  const places = place?.(before, cores);
  shorten(state, {
    cutLinks: CUT_LINKS,
    rounds: SHORTENING_ROUNDS[effort],
    rng,
    ...(places && { places }),
    ...(shouldStop && { shouldStop }),
  });
  return true;
}
