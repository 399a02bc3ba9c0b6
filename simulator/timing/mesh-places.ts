import type { PricedAction, Profile, Target } from "#targets/target";
import { tileOf } from "#targets/target";
import { NS_PER_SECOND, priceNs } from "./prices.ts";

/**
 * Where the cores of a run sit on one grid of tiles. Chips stand in a row, west to east, as `routeHops` has it; routes
 * go along x first, then along y; north is towards larger y.
 */
export interface MeshPlaces {
  /** Columns of all chips in use, and rows; tile (x, y) is number x * rows + y. */
  readonly columns: number;
  readonly rows: number;
  /** `[cores in use]`, by row of the machine. */
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly chip: Int32Array;
  /** Place of the core in its tile. */
  readonly offset: Int32Array;
}

export function placesOf(target: Target, coreIds: Uint32Array): MeshPlaces {
  const { columns, rows, coresPerTile } = target.mesh;
  const tiles = Array.from(coreIds, (core) => tileOf(target, core));
  const chips = tiles.reduce((last, { chip }) => Math.max(last, chip), 0) + 1;
  return {
    columns: columns * chips,
    rows,
    x: Int32Array.from(tiles, ({ chip, x }) => chip * columns + x),
    y: Int32Array.from(tiles, ({ y }) => y),
    chip: Int32Array.from(tiles, ({ chip }) => chip),
    offset: Int32Array.from(coreIds, (core) => core % coresPerTile),
  };
}

/** Time of one hop in seconds, by direction; NaN: the profile has none. */
export interface HopTimes {
  readonly eastSec: number;
  readonly westSec: number;
  readonly northSec: number;
  readonly southSec: number;
  /** Across a chip border, instead of a hop east or west. */
  readonly chipSec: number;
  /** Of a message that stays in its tile. */
  readonly tileSec: number;
}

export function hopTimesOf(target: Target, profile: Profile): HopTimes {
  const secondsOf = (action: PricedAction): number => priceNs(profile, action) / NS_PER_SECOND;
  const [eastSec, westSec, northSec, southSec] = hopActions(target).map(secondsOf);
  return {
    eastSec,
    westSec,
    northSec,
    southSec,
    chipSec: secondsOf("hopChip"),
    tileSec: secondsOf("hopTile"),
  };
}

/** What a hop east, west, north and south is counted and priced as. */
export function hopActions({ mesh }: Target): readonly PricedAction[] {
  return mesh.hopClasses === "directions"
    ? ["hopEast", "hopWest", "hopNorth", "hopSouth"]
    : ["hopEastWest", "hopEastWest", "hopNorthSouth", "hopNorthSouth"];
}
