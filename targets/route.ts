import { tileOf, type Target } from "./target.ts";

/** What one message crosses between two cores; every field counts links, except `withinTile`. */
export interface RouteHops {
  readonly eastWest: number;
  readonly northSouth: number;
  /** Chip borders crossed. */
  readonly chips: number;
  /** 1 if both cores share a tile (the same core included): the message never enters the mesh. Else 0. */
  readonly withinTile: 0 | 1;
}

/**
 * Links of a message under dimension-ordered (X, then Y) routing: the Manhattan distance of the tiles, split by
 * direction. Chips stand in a row, west to east, so a border crossing replaces one east-west link.
 *
 * @param from core id, as everywhere: chip x cores per chip + tile x cores per tile + core in tile
 *
 * Source: Davies et al., IEEE Micro 38(1), 2018 (X-Y routing in the mesh). How boards join their chips is
 * not public; the row is an assumption.
 */
export function routeHops(target: Target, from: number, to: number): RouteHops {
  const a = tileOf(target, from);
  const b = tileOf(target, to);
  const { columns } = target.mesh;
  const chips = Math.abs(a.chip - b.chip);
  const columnLinks = Math.abs(a.chip * columns + a.x - (b.chip * columns + b.x));
  const northSouth = Math.abs(a.y - b.y);
  return {
    eastWest: columnLinks - chips,
    northSouth,
    chips,
    withinTile: columnLinks === 0 && northSouth === 0 ? 1 : 0,
  };
}
