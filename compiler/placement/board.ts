import type { Sites } from "./sites.ts";

/** Which core stands where, in both directions, with the coordinates at hand. */
export interface Board {
  readonly sites: Sites;
  /** `[cores]` */
  readonly siteOf: Uint32Array;
  /** `[sites]`, -1 where it is empty. */
  readonly coreAt: Int32Array;
  /** `[cores]` */
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly chip: Int32Array;
}

/** @param siteOf `[cores]`, copied */
export function createBoard(sites: Sites, siteOf: Uint32Array): Board {
  const coreAt = new Int32Array(sites.count).fill(-1);
  siteOf.forEach((site, core) => (coreAt[site] = core));
  return {
    sites,
    siteOf: siteOf.slice(),
    coreAt,
    x: Int32Array.from(siteOf, (site) => sites.x[site]),
    y: Int32Array.from(siteOf, (site) => sites.y[site]),
    chip: Int32Array.from(siteOf, (site) => sites.chip[site]),
  };
}

/** Moves a core to a site; a core that stands there takes its place. */
export function swapOnBoard({ sites, siteOf, coreAt, x, y, chip }: Board, core: number, site: number): void {
  const from = siteOf[core];
  const other = coreAt[site];
  siteOf[core] = site;
  x[core] = sites.x[site];
  y[core] = sites.y[site];
  chip[core] = sites.chip[site];
  coreAt[site] = core;
  coreAt[from] = other;
  if (other < 0) return;
  siteOf[other] = from;
  x[other] = sites.x[from];
  y[other] = sites.y[from];
  chip[other] = sites.chip[from];
}
