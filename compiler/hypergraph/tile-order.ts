// Orders for layered networks whose layers have height and width: neighbours in the image become neighbours in the order.
import { hilbertIndex } from "../hilbert.ts";

/** Channels, height and width of a layer whose neurons are numbered channel by channel, row by row. */
export interface LayerShape {
  readonly first: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Neurons along a Hilbert curve through the image, all channels of a place together. Layers of a group are woven into
 * each other: places that see each other share a core.
 *
 * @param shapes layers in the order of the network; others (height and width 1) are taken channel by channel
 * @param groupSize layers that are woven together
 * @param offset layers of the first group, if fewer
 */
export function tileOrder(shapes: readonly LayerShape[], groupSize: number, offset = 0): Uint32Array {
  const total = shapes.reduce((sum, { channels, height, width }) => sum + channels * height * width, 0);
  const order = new Uint32Array(total);
  let at = 0;
  for (const group of groupsOf(shapes, groupSize, offset)) {
    const places: { readonly key: number; readonly layer: LayerShape; readonly pixel: number }[] = [];
    const side = 2 ** Math.ceil(Math.log2(Math.max(1, ...group.map((l) => Math.max(l.height, l.width)))));
    for (const layer of group) {
      const { height, width } = layer;
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const column = Math.min(side - 1, Math.floor(((x + 0.5) * side) / width));
          const row = Math.min(side - 1, Math.floor(((y + 0.5) * side) / height));
          places.push({ key: hilbertIndex(side, column, row), layer, pixel: y * width + x });
        }
    }
    places.sort((a, b) => a.key - b.key || a.layer.first - b.layer.first || a.pixel - b.pixel);
    for (const { layer, pixel } of places)
      for (let c = 0; c < layer.channels; c++)
        order[at++] = layer.first + c * layer.height * layer.width + pixel;
  }
  return order;
}

/** Runs of layers with height and width, cut into groups; a layer without them stands alone. */
function groupsOf(shapes: readonly LayerShape[], groupSize: number, offset: number): LayerShape[][] {
  const groups: LayerShape[][] = [];
  let room = 0;
  let isFirst = true;
  for (const shape of shapes) {
    const isImage = shape.height * shape.width > 1;
    if (!isImage) {
      groups.push([shape]);
      room = 0;
      continue;
    }
    if (room === 0) {
      groups.push([]);
      room = isFirst && offset > 0 ? offset : groupSize;
      isFirst = false;
    }
    groups[groups.length - 1].push(shape);
    room--;
  }
  return groups;
}
