import type { PricedAction, Profile, Target } from "#targets/target";
import { tileOf } from "#targets/target";
import { priceNs } from "./prices.ts";

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

/** Time of one hop, by direction; NaN: the profile has none. */
export interface HopTimes {
  readonly eastNs: number;
  readonly westNs: number;
  readonly northNs: number;
  readonly southNs: number;
  /** Across a chip border, instead of a hop east or west. */
  readonly chipNs: number;
  /** Of a message that stays in its tile. */
  readonly tileNs: number;
}

export function hopTimesOf(target: Target, profile: Profile): HopTimes {
  const ns = hopActions(target).map((action) => priceNs(profile, action));
  return {
    eastNs: ns[0],
    westNs: ns[1],
    northNs: ns[2],
    southNs: ns[3],
    chipNs: priceNs(profile, "hopChip"),
    tileNs: priceNs(profile, "hopTile"),
  };
}

/** What a hop east, west, north and south is counted and priced as. */
export function hopActions({ mesh }: Target): readonly PricedAction[] {
  return mesh.hopClasses === "directions"
    ? ["hopEast", "hopWest", "hopNorth", "hopSouth"]
    : ["hopEastWest", "hopEastWest", "hopNorthSouth", "hopNorthSouth"];
}
