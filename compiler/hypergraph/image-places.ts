import type { LayerShape } from "./tile-order.ts";

/** Places of layers: the channels of one see the same, so they belong together. */
export interface ImagePlaces {
  readonly places: number;
  /** `[places + 1]`: neurons of place p are entries startOf[p] .. startOf[p + 1] of `order`. */
  readonly startOf: Uint32Array;
  /** `[neurons]` */
  readonly order: Uint32Array;
  /** `[places]`, the middle, as a share of width and height. */
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Layer by layer, row by row. A layer without height and width is one place. */
export function imagePlaces(shapes: readonly LayerShape[]): ImagePlaces {
  const places = shapes.reduce((sum, { height, width }) => sum + height * width, 0);
  const neurons = shapes.reduce((sum, { channels, height, width }) => sum + channels * height * width, 0);
  const startOf = new Uint32Array(places + 1);
  const order = new Uint32Array(neurons);
  const x = new Float64Array(places);
  const y = new Float64Array(places);
  let place = 0;
  let at = 0;
  for (const { first, channels, height, width } of shapes)
    for (let pixel = 0; pixel < height * width; pixel++) {
      for (let c = 0; c < channels; c++) order[at++] = first + c * height * width + pixel;
      x[place] = ((pixel % width) + 0.5) / width;
      y[place] = (Math.floor(pixel / width) + 0.5) / height;
      startOf[++place] = at;
    }
  return { places, startOf, order, x, y };
}

/** Neurons that stay together at first: of places with more, even parts. */
const PIECE = 64;

/** Begin and end of the parts of a place. */
export function piecesOf(begin: number, end: number): [number, number][] {
  const many = Math.ceil((end - begin) / PIECE);
  const at = (k: number): number => begin + Math.floor((k * (end - begin)) / many);
  return Array.from({ length: many }, (_, k) => [at(k), at(k + 1)]);
}

/** Numbers the parts of places, `[neurons]`; neurons on different cores are in different ones. */
export function pieceClusters(shapes: readonly LayerShape[], coreOf: Uint16Array): Uint32Array {
  const { places, startOf, order } = imagePlaces(shapes);
  const clusterOf = new Uint32Array(order.length);
  const numberOf = new Map<number, number>();
  let clusters = 0;
  for (let place = 0; place < places; place++)
    for (const [begin, end] of piecesOf(startOf[place], startOf[place + 1])) {
      numberOf.clear();
      for (let i = begin; i < end; i++) {
        const core = coreOf[order[i]];
        let cluster = numberOf.get(core);
        if (cluster === undefined) numberOf.set(core, (cluster = clusters++));
        clusterOf[order[i]] = cluster;
      }
    }
  return clusterOf;
}
