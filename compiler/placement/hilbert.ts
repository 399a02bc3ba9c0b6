import { hilbertIndex } from "../hilbert.ts";
import type { PlacementProblem } from "./problem.ts";

/** Cores in order along a Hilbert curve over the mesh, chip by chip. @returns `[cores]`, sites */
export function hilbertSeed({ traffic, sites, fill }: PlacementProblem): Uint32Array {
  const { x, y, chip } = sites;
  const left = new Map<number, number>();
  let side = 1;
  for (const s of fill) left.set(chip[s], Math.min(left.get(chip[s]) ?? Infinity, x[s]));
  for (const s of fill) while (side <= Math.max(x[s] - left.get(chip[s])!, y[s])) side *= 2;
  const along = new Float64Array(sites.count);
  for (const s of fill) along[s] = hilbertIndex(side, x[s] - left.get(chip[s])!, y[s]);
  return fill
    .slice()
    .sort((a, b) => chip[a] - chip[b] || along[a] - along[b] || a - b)
    .slice(0, traffic.cores);
}
