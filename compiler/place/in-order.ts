import { coresPerChip, type Target } from "#targets/target";
import { placementCost, type Placer } from "./placer.ts";

/** Blocks in order, core by core and tile by tile; the way through the mesh turns at its edges, so tiles in a row are neighbours. */
export const inOrder: Placer = {
  name: "in-order",
  summary: "fills tiles one after the other along a snake through the mesh, chip by chip",

  place(graph, target) {
    const way = snake(target);
    const perChip = coresPerChip(target);
    const coreOfBlock = Uint32Array.from(
      graph.blocks,
      (_, block) => Math.floor(block / perChip) * perChip + way[block % perChip],
    );
    return { coreOfBlock, cost: placementCost(graph, target, coreOfBlock) };
  },
};

/** `[cores per chip]`: core ids of one chip; the last tile of each line is next to the first tile of the next line. */
function snake(target: Target): Uint32Array {
  const { columns, rows, coresPerTile, tileOrder } = target.mesh;
  const [lines, perLine] = tileOrder === "column-major" ? [columns, rows] : [rows, columns];
  const way = new Uint32Array(coresPerChip(target));
  let next = 0;
  for (let line = 0; line < lines; line++) {
    for (let step = 0; step < perLine; step++) {
      const tile = line * perLine + (line % 2 === 0 ? step : perLine - 1 - step);
      for (let core = 0; core < coresPerTile; core++) way[next++] = tile * coresPerTile + core;
    }
  }
  return way;
}
