import type { Rng } from "#util/rng";
import { hilbertSeed } from "./hilbert.ts";
import type { PlacementProblem } from "./problem.ts";
import { recursiveSeed } from "./recursive.ts";
import { rowMajorSeed } from "./row-major.ts";
import { spectralSeed } from "./spectral.ts";

/** Puts every core on a site of its own, quickly. Same arguments, same result: randomness only from `rng`. */
export interface SeedPlacer {
  readonly name: string;
  readonly summary: string;
  /** @returns `[cores]`, sites out of `problem.fill` */
  place(problem: PlacementProblem, rng: Rng): Uint32Array;
}

/** Every first placement; searches start from the best of them. To add one: a file beside this one, and a line here. */
export const SEED_PLACERS: readonly SeedPlacer[] = [
  { name: "row-major", summary: "cores in order along the rows", place: rowMajorSeed },
  { name: "hilbert", summary: "cores in order along a Hilbert curve", place: hilbertSeed },
  { name: "spectral", summary: "by the two slowest vibrations of the traffic", place: spectralSeed },
  { name: "recursive", summary: "halved again and again, over chip borders first", place: recursiveSeed },
];
