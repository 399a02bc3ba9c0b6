import { tileOf, type Target } from "#targets/target";
import type { Router } from "./router.ts";

/** Dimension-ordered routing: east or west first, over chip borders if need be, then north or south. */
export const xy: Router = {
  name: "xy",
  summary: "along the row to the right column, then along the column (what the chip does)",

  path(target, from, to) {
    const { columns } = target.mesh;
    const a = tileOf(target, from);
    const b = tileOf(target, to);
    let column = a.chip * columns + a.x;
    let row = a.y;
    const tiles = [tileAt(target, column, row)];
    for (const goal = b.chip * columns + b.x; column !== goal;) {
      column += Math.sign(goal - column);
      tiles.push(tileAt(target, column, row));
    }
    while (row !== b.y) {
      row += Math.sign(b.y - row);
      tiles.push(tileAt(target, column, row));
    }
    return Uint32Array.from(tiles);
  },
};

/** @param column counted through all chips, which stand in a row (see `routeHops`) */
function tileAt(target: Target, column: number, row: number): number {
  const { columns, rows, tileOrder } = target.mesh;
  const chip = Math.floor(column / columns);
  const x = column % columns;
  return chip * columns * rows + (tileOrder === "column-major" ? x * rows + row : row * columns + x);
}
