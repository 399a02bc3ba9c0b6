import type { Rng } from "#util/rng";
import { meshExtent, type Sites } from "./sites.ts";

/** Sites by column and row; several may share a place. */
export interface SiteGrid {
  /** The longer edge of the mesh. */
  readonly edge: number;
  /** A random site at most `window` columns and rows away; the site itself if none was hit. */
  near(site: number, window: number, rng: Rng): number;
  /** Calls back with every site at most `window` columns and rows away, in order of rows. */
  forEachNear(site: number, window: number, visit: (site: number) => void): void;
}

/** Holes of the mesh are hit now and then; so often is another place tried. */
const TRIES = 8;

export function siteGrid(sites: Sites): SiteGrid {
  const { count, x, y } = sites;
  const { columns, rows } = meshExtent(sites);
  const start = new Uint32Array(columns * rows + 1);
  for (let s = 0; s < count; s++) start[y[s] * columns + x[s] + 1]++;
  for (let p = 0; p < columns * rows; p++) start[p + 1] += start[p];
  const next = start.slice(0, columns * rows);
  const list = new Uint32Array(count);
  for (let s = 0; s < count; s++) list[next[y[s] * columns + x[s]]++] = s;
  return {
    edge: Math.max(columns, rows),
    near(site, window, rng) {
      const left = Math.max(0, x[site] - window);
      const top = Math.max(0, y[site] - window);
      const width = Math.min(columns - 1, x[site] + window) - left + 1;
      const height = Math.min(rows - 1, y[site] + window) - top + 1;
      for (let tries = 0; tries < TRIES; tries++) {
        const place = Math.floor(rng() * (width * height));
        const row = Math.floor(place / width);
        const at = (top + row) * columns + left + place - row * width;
        const first = start[at];
        const here = start[at + 1] - first;
        if (here === 1) return list[first];
        if (here > 0) return list[first + Math.floor(rng() * here)];
      }
      return site;
    },
    forEachNear(site, window, visit) {
      const right = Math.min(columns - 1, x[site] + window);
      const bottom = Math.min(rows - 1, y[site] + window);
      for (let row = Math.max(0, y[site] - window); row <= bottom; row++)
        for (let column = Math.max(0, x[site] - window); column <= right; column++) {
          const at = row * columns + column;
          for (let i = start[at]; i < start[at + 1]; i++) visit(list[i]);
        }
    },
  };
}
