import type { Slice } from "#ir/block-graph";
import { available } from "../encode/measure.ts";
import type { Workload } from "../encode/workload.ts";
import { axonsInOf, ImagePieces, type Image, type Piece } from "./image-pieces.ts";
import { cutInOrder } from "./layer-order.ts";
import type { Partitioner } from "./partitioner.ts";

/**
 * Like `layer-order`, but populations with height and width may be cut into rectangles of the image, through all
 * channels or some.
 *
 * What a convolution reads lies close together: neighbours share their inputs, while a contiguous slice of a
 * channel needs the same rows of all input channels again for each output channel. Rectangles then need
 * fewer input axons per core, and their sources fewer output entries.
 */
export const tiles: Partitioner = {
  name: "tiles",
  summary: "as layer-order, but images are cut into rectangles where that takes fewer cores or input axons",

  partition(workload, context) {
    const { populations } = workload.network;
    return populations.flatMap(({ size, name, shape }, population): (readonly Slice[])[] => {
      if (!workload.mapped[population]) return [];
      context.onProgress?.(`partition ${name}`, population, populations.length);
      const inOrderPieces = (): Slice[][] =>
        cutInOrder(workload, population, size, context).map((slice) => [slice]);
      const image = imageShape(shape);
      const isDense = workload.incoming[population].every(
        ({ projection }) => workload.network.projections[projection].connectivity.kind === "dense",
      );
      if (image === undefined || isDense) return inOrderPieces();
      const pieces = new ImagePieces(workload, population, image);
      const fewest = Math.ceil(size / available(workload).neurons);
      if (fewest >= MANY_BLOCKS) {
        // Nothing takes fewer cores, and to find out what slices in order would take is slow.
        const cut = cutImage(workload, pieces, image, fewest, fewest, Infinity);
        if (cut !== undefined) return cut;
      }
      const inOrder = inOrderPieces();
      const covered = inOrder.reduce((sum, [{ begin, end }]) => sum + end - begin, 0);
      if (covered < size || inOrder.length < 2) return inOrder;
      const axonsIn = axonsInOf(workload, inOrder);
      return cutImage(workload, pieces, image, fewest, inOrder.length, axonsIn) ?? inOrder;
    });
  },
};

/** From so many blocks on, slices in order are not even tried where rectangles fill all cores. */
const MANY_BLOCKS = 8;

/** Into how many parts each side is cut. */
type Cuts = Readonly<Record<keyof Image, number>>;

/** A 1-D signal is an image of height 1; without channels or extent there is nothing to cut along. */
function imageShape(shape: readonly number[]): Image | undefined {
  if (shape.length < 2 || shape.length > 3) return undefined;
  const [channels, height, width] = shape.length === 3 ? shape : [shape[0], 1, shape[1]];
  return channels > 1 && height * width > 1 ? { channels, height, width } : undefined;
}

/**
 * The fewest rectangles that fit, of equally many those with the fewest input axons in the middle of the image;
 * undefined if `maxBlocks` slices with `maxAxonsIn` input axons in all are better.
 */
function cutImage(
  workload: Workload,
  measures: ImagePieces,
  image: Image,
  minBlocks: number,
  maxBlocks: number,
  maxAxonsIn: number,
): Slice[][] | undefined {
  for (let blocks = minBlocks; blocks <= maxBlocks; blocks++) {
    const candidates = waysToCut(image, blocks).flatMap((cuts) => {
      const pieces = rectangles(image, cuts);
      const { fullness, axonsIn } = measures.measure(pieces[Math.floor(pieces.length / 2)]);
      return fullness > 1 ? [] : [{ pieces, axonsIn }];
    });
    const best = candidates
      .toSorted((a, b) => a.axonsIn - b.axonsIn)
      .find(({ pieces }) => pieces.every((piece) => measures.measure(piece).fullness <= 1));
    if (best === undefined) continue;
    const slices = best.pieces.map((piece) => measures.slices(piece, measures.measure(piece).order));
    const isBetter =
      blocks < maxBlocks || maxAxonsIn === Infinity || axonsInOf(workload, slices) < maxAxonsIn;
    return isBetter ? slices : undefined;
  }
  return undefined;
}

function waysToCut({ channels, height, width }: Image, blocks: number): Cuts[] {
  const ways: Cuts[] = [];
  for (let c = 1; c <= Math.min(channels, blocks); c++) {
    if (blocks % c !== 0) continue;
    for (let h = 1; h <= Math.min(height, blocks / c); h++) {
      const w = blocks / c / h;
      if (Number.isInteger(w) && w <= width) ways.push({ channels: c, height: h, width: w });
    }
  }
  return ways;
}

/** Pieces of even size. */
function rectangles(image: Image, cuts: Cuts): Piece[] {
  const part = (side: keyof Image, k: number): readonly [number, number] => [
    Math.floor((k * image[side]) / cuts[side]),
    Math.floor(((k + 1) * image[side]) / cuts[side]),
  ];
  const pieces: Piece[] = [];
  for (let c = 0; c < cuts.channels; c++)
    for (let h = 0; h < cuts.height; h++)
      for (let w = 0; w < cuts.width; w++)
        pieces.push({ channels: part("channels", c), rows: part("height", h), columns: part("width", w) });
  return pieces;
}
