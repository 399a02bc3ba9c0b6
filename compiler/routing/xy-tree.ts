import { meshExtent } from "../placement/sites.ts";
import { RoutingBuilder } from "./routing-builder.ts";
import type { FlowRouter } from "./routing.ts";

/** Directions of links, as in `Routing`. */
const EAST = 0;
const WEST = 1;
const SOUTH = 2;
const NORTH = 3;

export const xyTree: FlowRouter = {
  name: "xy-tree",
  summary: "one packet for all cores, copied where their ways along the row and then along the columns part",

  route({ flows, source, sinkStart, sink }, { x, y, ...sites }, siteOf) {
    const { columns } = meshExtent({ x, y, ...sites });
    const builder = new RoutingBuilder();
    const top = new Int32Array(columns);
    const bottom = new Int32Array(columns);
    for (let f = 0; f < flows; f++) {
      const from = siteOf[source[f]];
      const row = y[from];
      let left = x[from];
      let right = left;
      for (let s = sinkStart[f]; s < sinkStart[f + 1]; s++) {
        left = Math.min(left, x[siteOf[sink[s]]]);
        right = Math.max(right, x[siteOf[sink[s]]]);
      }
      top.fill(row, left, right + 1);
      bottom.fill(row, left, right + 1);
      for (let s = sinkStart[f]; s < sinkStart[f + 1]; s++) {
        const to = siteOf[sink[s]];
        top[x[to]] = Math.min(top[x[to]], y[to]);
        bottom[x[to]] = Math.max(bottom[x[to]], y[to]);
        builder.addCore(sink[s]);
      }
      const add = (column: number, line: number, direction: number): void =>
        builder.addLink(4 * (line * columns + column) + direction);
      for (let column = x[from]; column < right; column++) add(column, row, EAST);
      for (let column = x[from]; column > left; column--) add(column, row, WEST);
      for (let column = left; column <= right; column++) {
        for (let line = row; line < bottom[column]; line++) add(column, line, SOUTH);
        for (let line = row; line > top[column]; line--) add(column, line, NORTH);
      }
      builder.endPacket();
      builder.endFlow();
    }
    return builder.finish();
  },
};
