import { tileOf, type Target } from "#targets/target";

/** Places for cores: `[sites]` column and row of each, and what leaving its chip costs. */
export interface Sites {
  readonly count: number;
  /** Several sites may share a column and a row: the cores of a tile, which share its router. */
  readonly x: Int32Array;
  readonly y: Int32Array;
  /** Chips stand in a row: those of larger numbers further to the east. */
  readonly chip: Int32Array;
  /** Links that the way from one chip to the next counts for, beside those of the mesh. */
  readonly chipHops: number;
}

/** The smallest nearly square mesh that holds so many cores, one to a router: columns >= rows. */
export function squareMesh(cores: number): Sites & { readonly columns: number; readonly rows: number } {
  const columns = Math.ceil(Math.sqrt(cores));
  const rows = cores === 0 ? 0 : Math.ceil(cores / columns);
  const count = columns * rows;
  return {
    columns,
    rows,
    count,
    x: Int32Array.from({ length: count }, (_, s) => s % columns),
    y: Int32Array.from({ length: count }, (_, s) => Math.floor(s / columns)),
    chip: new Int32Array(count),
    chipHops: 0,
  };
}

/**
 * Core sites of the first chips of a target, by core id; chips stand in a row, as in `targets/route.ts`.
 *
 * @param chipHops links that a chip border counts for beside the one that it is
 */
export function targetSites(target: Target, chips: number, chipHops = 0): Sites {
  const { columns, rows, coresPerTile } = target.mesh;
  const count = chips * columns * rows * coresPerTile;
  const tiles = Array.from({ length: count }, (_, core) => tileOf(target, core));
  return {
    count,
    x: Int32Array.from(tiles, ({ chip, x }) => chip * columns + x),
    y: Int32Array.from(tiles, ({ y }) => y),
    chip: Int32Array.from(tiles, ({ chip }) => chip),
    chipHops,
  };
}

export function hopsBetween({ x, y, chip, chipHops }: Sites, a: number, b: number): number {
  return Math.abs(x[a] - x[b]) + Math.abs(y[a] - y[b]) + chipHops * Math.abs(chip[a] - chip[b]);
}

/** The same with a price for links along rows and one for links along columns; chips stand in a row. */
export function pricedHops(
  { x, y, chip, chipHops }: Sites,
  a: number,
  b: number,
  prices: { readonly x: number; readonly y: number },
): number {
  return (
    prices.x * (Math.abs(x[a] - x[b]) + chipHops * Math.abs(chip[a] - chip[b])) +
    prices.y * Math.abs(y[a] - y[b])
  );
}

/** Columns and rows from 0 to the largest in use. */
export function meshExtent({ x, y }: Sites): { readonly columns: number; readonly rows: number } {
  const largest = (values: Int32Array): number => values.reduce((a, b) => Math.max(a, b), -1);
  return { columns: 1 + largest(x), rows: 1 + largest(y) };
}

/**
 * Sites that a first placement should fill, in row-major order chip by chip: as few chips as hold the cores, and on a single
 * chip a rectangle of few columns and rows, so that a small network does not lie scattered over a large mesh.
 */
export function sitesToFill(sites: Sites, cores: number): Uint32Array {
  const { count, x, y, chip } = sites;
  const order = Uint32Array.from({ length: count }, (_, s) => s).sort(
    (a, b) => chip[a] - chip[b] || y[a] - y[b] || x[a] - x[b] || a - b,
  );
  if (cores === 0) return order.subarray(0, 0);
  const lastChip = chip[order[Math.min(cores, count) - 1]];
  const used = order.filter((s) => chip[s] <= lastChip);
  if (chip[used[0]] !== lastChip) return used;

  const left = used.reduce((a, s) => Math.min(a, x[s]), Infinity);
  const top = used.reduce((a, s) => Math.min(a, y[s]), Infinity);
  let best = used;
  let bestEdge = Infinity;
  const { columns, rows } = meshExtent(sites);
  for (let width = 1; left + width <= columns; width++) {
    // The lowest rectangle of this width that has room.
    const perRow = new Uint32Array(rows + 1);
    for (const s of used) if (x[s] < left + width) perRow[y[s]]++;
    let height = 0;
    for (let room = 0; room < cores && top + height < rows; height++) room += perRow[top + height];
    const inside = used.filter((s) => x[s] < left + width && y[s] < top + height);
    const edge = Math.max(width, height) + (width + height) / 1024;
    if (inside.length < cores || edge > bestEdge) continue;
    if (edge === bestEdge && inside.length >= best.length) continue;
    best = inside;
    bestEdge = edge;
  }
  return best;
}
