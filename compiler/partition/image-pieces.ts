import type { Slice } from "#ir/block-graph";
import type { SharedKernel } from "#ir/network";
import { coreLists } from "../encode/core-lists.ts";
import { available, countDistinct, fullnessOfSlices, type Limits } from "../encode/measure.ts";
import type { Workload } from "../encode/workload.ts";

/** Height and width, and how many of them lie behind one another. */
export interface Image {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Some channels of a rectangle; ends are exclusive. */
export interface Piece {
  readonly channels: readonly [begin: number, end: number];
  readonly rows: readonly [begin: number, end: number];
  readonly columns: readonly [begin: number, end: number];
}

/** In which order the compartments of a core go through a piece: channel by channel, or pixel by pixel. */
export type PieceOrder = "by-channel" | "by-pixel";

export interface PieceMeasure {
  /** As `fullnessOfSlices`: the piece fits if it is at most 1. */
  readonly fullness: number;
  readonly axonsIn: number;
  readonly order: PieceOrder;
}

/**
 * What pieces of one population need, counted exactly, and once for all pieces that a convolution cannot tell apart: those
 * of the same channels and size that padding cuts alike. Lists that axons share depend on the order of compartments, so
 * both orders are counted where the first is too much.
 */
export class ImagePieces {
  readonly #workload: Workload;
  readonly #population: number;
  readonly #image: Image;
  readonly #limits: Limits;
  /** Absent: pieces may differ in more than their place. */
  readonly #kernels: readonly SharedKernel[] | undefined;
  readonly #known = new Map<string, PieceMeasure>();

  constructor(workload: Workload, population: number, image: Image) {
    this.#workload = workload;
    this.#population = population;
    this.#image = image;
    this.#limits = available(workload);
    this.#kernels = placeless(workload, population);
  }

  measure(piece: Piece): PieceMeasure {
    const key = this.#kernels === undefined ? undefined : keyOf(piece, this.#kernels);
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known !== undefined) return known;
    const measured = this.#count(piece);
    if (key !== undefined) this.#known.set(key, measured);
    return measured;
  }

  #count(piece: Piece): PieceMeasure {
    const slices = this.slices(piece, "by-channel");
    const byChannel = fullnessOfSlices(this.#workload, slices, this.#limits);
    const axonsIn = axonsInOf(this.#workload, [slices]);
    const first: PieceMeasure = { fullness: byChannel, axonsIn, order: "by-channel" };
    const { packer } = this.#workload;
    const orderMatters = packer.formula === "entry-list" && packer.sharing !== undefined;
    if (byChannel <= 1 || !orderMatters || axonsIn > this.#limits.axonsIn) return first;
    const fullness = fullnessOfSlices(this.#workload, this.slices(piece, "by-pixel"), this.#limits);
    return fullness < byChannel ? { fullness, axonsIn, order: "by-pixel" } : first;
  }

  /** As slices of the flat population, in the order of their compartments, joined where they meet. */
  slices({ channels, rows, columns }: Piece, order: PieceOrder): Slice[] {
    const { height, width } = this.#image;
    const slices: Slice[] = [];
    const add = (begin: number, end: number): void => {
      const last = slices.at(-1);
      if (last?.end === begin) slices[slices.length - 1] = { ...last, end };
      else slices.push({ population: this.#population, begin, end });
    };
    if (order === "by-channel") {
      for (let channel = channels[0]; channel < channels[1]; channel++)
        for (let row = rows[0]; row < rows[1]; row++) {
          const base = (channel * height + row) * width;
          add(base + columns[0], base + columns[1]);
        }
      return slices;
    }
    for (let row = rows[0]; row < rows[1]; row++)
      for (let column = columns[0]; column < columns[1]; column++)
        for (let channel = channels[0]; channel < channels[1]; channel++) {
          const n = (channel * height + row) * width + column;
          add(n, n + 1);
        }
    return slices;
  }
}

/** Input axons of all pieces together. */
export function axonsInOf(workload: Workload, pieces: readonly (readonly Slice[])[]): number {
  return pieces.reduce((sum, slices) => sum + coreLists(workload, slices).sourceNeuron.length, 0);
}

/** The kernels of a population of which a piece is like any other of its size; undefined if there is anything else to it. */
function placeless(workload: Workload, population: number): SharedKernel[] | undefined {
  const { network, target } = workload;
  if (target.walls.fanOut !== null) return undefined;
  const whole = [{ population, begin: 0, end: network.populations[population].size }];
  if (countDistinct(workload.neuronConfig, whole) > 1 || countDistinct(workload.thresholdConfig, whole) > 1)
    return undefined;
  const kernels: SharedKernel[] = [];
  for (const { projection } of workload.incoming[population]) {
    const { connectivity } = network.projections[projection];
    if (connectivity.kind !== "kernel") return undefined;
    kernels.push(connectivity);
  }
  return kernels;
}

function keyOf({ channels, rows, columns }: Piece, kernels: readonly SharedKernel[]): string {
  const parts: number[] = [...channels, rows[1] - rows[0], columns[1] - columns[0]];
  for (const kernel of kernels) {
    parts.push(...clipped(kernel, 0, rows));
    parts.push(...clipped(kernel, 1, columns));
  }
  return parts.join();
}

/** How far what outputs [begin, end) read reaches over both ends of the input. */
function clipped(
  { inputShape, kernelShape, stride, padding, dilation }: SharedKernel,
  dimension: 0 | 1,
  [begin, end]: readonly [number, number],
): [number, number] {
  const first = begin * stride[dimension] - padding[2 * dimension];
  const reach = dilation[dimension] * (kernelShape[dimension + 2] - 1);
  const last = (end - 1) * stride[dimension] - padding[2 * dimension] + reach;
  return [Math.max(0, -first), Math.max(0, last - (inputShape[dimension + 1] - 1))];
}
