import type { Target } from "#targets/target";
import type { Link } from "../timing.ts";

/** Ways out of a tile, in the order of every table here. */
export const DIRECTIONS = ["east", "west", "north", "south"] as const;

const EAST = 0;
const WEST = 1;
const NORTH = 2;
const SOUTH = 3;

/**
 * The tiles of the chips in use as one wide mesh of routers: chips stand in a row, west to east, as in
 * `targets/route.ts`. North is the way of rising y. Routers are numbered up the columns.
 */
export class NocMesh {
  readonly width: number;
  readonly height: number;
  readonly routers: number;
  readonly coresPerTile: number;
  readonly #target: Target;
  readonly #firstChip: number;
  readonly #columns: number;

  /** @param coreIds cores whose chips, and all chips between them, belong to the mesh */
  constructor(target: Target, coreIds: ArrayLike<number>) {
    const { columns, rows, coresPerTile } = target.mesh;
    const perChip = columns * rows * coresPerTile;
    let first = Infinity;
    let last = -Infinity;
    for (let i = 0; i < coreIds.length; i++) {
      const chip = Math.floor(coreIds[i] / perChip);
      first = Math.min(first, chip);
      last = Math.max(last, chip);
    }
    const chips = coreIds.length === 0 ? 0 : last - first + 1;
    this.#target = target;
    this.#firstChip = chips === 0 ? 0 : first;
    this.#columns = columns;
    this.width = chips * columns;
    this.height = rows;
    this.routers = this.width * rows;
    this.coresPerTile = coresPerTile;
  }

  routerOf(core: number): number {
    const { columns, rows, coresPerTile, tileOrder } = this.#target.mesh;
    const perChip = columns * rows * coresPerTile;
    const chip = Math.floor(core / perChip);
    const tile = Math.floor((core % perChip) / coresPerTile);
    const x = tileOrder === "column-major" ? Math.floor(tile / rows) : tile % columns;
    const y = tileOrder === "column-major" ? tile % rows : Math.floor(tile / columns);
    return ((chip - this.#firstChip) * columns + x) * rows + y;
  }

  /** Place of a core in its tile. */
  portOf(core: number): number {
    return core % this.coresPerTile;
  }

  /** The router at the other end, or -1 at the edge of the mesh. */
  neighbour(router: number, direction: number): number {
    const x = Math.floor(router / this.height);
    const y = router % this.height;
    if (direction === EAST) return x + 1 < this.width ? router + this.height : -1;
    if (direction === WEST) return x > 0 ? router - this.height : -1;
    if (direction === NORTH) return y + 1 < this.height ? router + 1 : -1;
    return y > 0 ? router - 1 : -1;
  }

  /** Dimension order, X then Y: the direction of the next hop, or -1 if the message is there. */
  towards(router: number, destination: number): number {
    const x = Math.floor(router / this.height);
    const toX = Math.floor(destination / this.height);
    if (x !== toX) return x < toX ? EAST : WEST;
    if (router === destination) return -1;
    return router < destination ? NORTH : SOUTH;
  }

  /** Whether the link in this direction leaves the chip. */
  crossesChip(router: number, direction: number): boolean {
    const column = Math.floor(router / this.height) % this.#columns;
    if (direction === EAST) return column === this.#columns - 1;
    return direction === WEST && column === 0;
  }

  link(router: number, direction: number): Link {
    const from = this.#tileOf(router);
    const to = this.#tileOf(this.neighbour(router, direction));
    return {
      chip: from.chip,
      fromTile: from.tile,
      toChip: to.chip,
      toTile: to.tile,
      direction: DIRECTIONS[direction],
    };
  }

  #tileOf(router: number): { chip: number; tile: number } {
    const { columns, rows, tileOrder } = this.#target.mesh;
    const column = Math.floor(router / rows);
    const y = router % rows;
    const x = column % columns;
    return {
      chip: this.#firstChip + Math.floor(column / columns),
      tile: tileOrder === "column-major" ? x * rows + y : y * columns + x,
    };
  }
}
