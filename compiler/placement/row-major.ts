import type { PlacementProblem } from "./problem.ts";

/** Cores in order along the rows: what the others are measured against. @returns `[cores]`, sites */
export function rowMajorSeed({ traffic, fill }: PlacementProblem): Uint32Array {
  return fill.slice(0, traffic.cores);
}
