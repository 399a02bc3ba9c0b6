// Boxes as the numbers of a grid head, and back.
import type { Box } from "../spike-camera/moving-shapes.ts";
import { type Detection, suppressOverlaps } from "./boxes.ts";

/**
 * The head gives, per cell, `BOX_CHANNELS + classes` numbers: objectness (as logit), x and y of the centre relative to the
 * cell's centre (in cells), width and height (natural logarithm, relative to `anchor`), and a logit per class. An object
 * belongs to the cell that its centre is in.
 */
export interface GridSpec {
  readonly rows: number;
  readonly columns: number;
  /** Side of a cell, in pixels. */
  readonly cellPixels: number;
  /** Typical side of a box, in pixels. */
  readonly anchorPixels: number;
  readonly classes: number;
}

/** Objectness, x, y, width, height. */
export const BOX_CHANNELS = 5;

/** What the head should say for one sample. */
export interface GridTarget {
  /** `[rows · columns]`: class of the object whose centre is in the cell, -1: none. */
  readonly classOf: Int8Array;
  /** `[4, rows · columns]`: x, y, width, height as the head gives them; 0 where there is no object. */
  readonly box: Float32Array;
}

/** Where two objects share a cell, the first of the list has it. */
export function encodeGrid(boxes: readonly Box[], grid: GridSpec): GridTarget {
  const cells = grid.rows * grid.columns;
  const classOf = new Int8Array(cells).fill(-1);
  const box = new Float32Array(4 * cells);
  for (const { x, y, width, height, class: own } of boxes) {
    const [centerX, centerY] = [(x + width / 2) / grid.cellPixels, (y + height / 2) / grid.cellPixels];
    const column = Math.min(grid.columns - 1, Math.max(0, Math.floor(centerX)));
    const row = Math.min(grid.rows - 1, Math.max(0, Math.floor(centerY)));
    const cell = row * grid.columns + column;
    if (classOf[cell] >= 0) continue;
    classOf[cell] = own;
    box[cell] = centerX - column - 0.5;
    box[cells + cell] = centerY - row - 0.5;
    box[2 * cells + cell] = Math.log(width / grid.anchorPixels);
    box[3 * cells + cell] = Math.log(height / grid.anchorPixels);
  }
  return { classOf, box };
}

export interface DecodeOptions {
  /** Objectness times share of the class, 0 to 1, below which nothing is reported. */
  readonly leastScore: number;
  /** See `suppressOverlaps`. */
  readonly overlap: number;
}

/**
 * Detections of one sample, by falling score.
 *
 * @param output `[BOX_CHANNELS + classes, rows, columns]`, mean over the read-out steps
 */
export function decodeGrid(
  output: ArrayLike<number>,
  grid: GridSpec,
  { leastScore, overlap }: DecodeOptions,
): readonly Detection[] {
  const cells = grid.rows * grid.columns;
  const found: Detection[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const at = (channel: number): number => output[channel * cells + cell];
    const logits = Array.from({ length: grid.classes }, (_, c) => at(BOX_CHANNELS + c));
    const most = Math.max(...logits);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
    const score = 1 / (1 + Math.exp(-at(0))) / sum;
    if (!(score >= leastScore)) continue;
    const width = grid.anchorPixels * Math.exp(clampSize(at(3)));
    const height = grid.anchorPixels * Math.exp(clampSize(at(4)));
    found.push({
      x: ((cell % grid.columns) + 0.5 + at(1)) * grid.cellPixels - width / 2,
      y: (Math.floor(cell / grid.columns) + 0.5 + at(2)) * grid.cellPixels - height / 2,
      width,
      height,
      class: logits.indexOf(most),
      score,
    });
  }
  return suppressOverlaps(found, overlap);
}

/** An untrained head may say anything; a box is at most e³ anchors wide. */
function clampSize(logarithm: number): number {
  return Math.min(3, Math.max(-3, logarithm));
}
