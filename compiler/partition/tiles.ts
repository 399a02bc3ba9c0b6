import type { Slice } from "#ir/block-graph";
import { coreLists } from "../encode/core-lists.ts";
import { available, fullnessOfSlices } from "../encode/measure.ts";
import type { Workload } from "../encode/workload.ts";
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
      const inOrder = cutInOrder(workload, population, size, context).map((slice) => [slice]);
      const image = imageShape(shape);
      const covered = inOrder.reduce((sum, [{ begin, end }]) => sum + end - begin, 0);
      const isDense = workload.incoming[population].every(
        ({ projection }) => workload.network.projections[projection].connectivity.kind === "dense",
      );
      if (image === undefined || isDense || covered < size || inOrder.length < 2) return inOrder;
      return cutImage(workload, population, image, inOrder.length, axonsInOf(workload, inOrder)) ?? inOrder;
    });
  },
};

interface Image {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

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
  population: number,
  image: Image,
  maxBlocks: number,
  maxAxonsIn: number,
): Slice[][] | undefined {
  const limits = available(workload);
  const size = image.channels * image.height * image.width;
  for (let blocks = Math.ceil(size / limits.neurons); blocks <= maxBlocks; blocks++) {
    const candidates = waysToCut(image, blocks).flatMap((cuts) => {
      const pieces = rectangles(population, image, cuts);
      const middle = pieces[Math.floor(pieces.length / 2)];
      if (fullnessOfSlices(workload, middle, limits) > 1) return [];
      return [{ pieces, axonsIn: axonsInOf(workload, [middle]) }];
    });
    const best = candidates
      .toSorted((a, b) => a.axonsIn - b.axonsIn)
      .find(({ pieces }) => pieces.every((slices) => fullnessOfSlices(workload, slices, limits) <= 1));
    if (best === undefined) continue;
    const isBetter = blocks < maxBlocks || axonsInOf(workload, best.pieces) < maxAxonsIn;
    return isBetter ? best.pieces : undefined;
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

function axonsInOf(workload: Workload, pieces: readonly (readonly Slice[])[]): number {
  return pieces.reduce((sum, slices) => sum + coreLists(workload, slices).sourceNeuron.length, 0);
}

/** Pieces of even size, as slices of the flat population: one for each row of each channel, joined where they meet. */
function rectangles(population: number, image: Image, cuts: Cuts): Slice[][] {
  const { height, width } = image;
  const edge = (side: keyof Image, part: number): number => Math.floor((part * image[side]) / cuts[side]);
  const pieces: Slice[][] = [];
  for (let c = 0; c < cuts.channels; c++)
    for (let h = 0; h < cuts.height; h++)
      for (let w = 0; w < cuts.width; w++) {
        const slices: Slice[] = [];
        const [left, right] = [edge("width", w), edge("width", w + 1)];
        for (let channel = edge("channels", c); channel < edge("channels", c + 1); channel++)
          for (let row = edge("height", h); row < edge("height", h + 1); row++) {
            const base = (channel * height + row) * width;
            const last = slices.at(-1);
            if (last?.end === base + left) slices[slices.length - 1] = { ...last, end: base + right };
            else slices.push({ population, begin: base + left, end: base + right });
          }
        pieces.push(slices);
      }
  return pieces;
}
