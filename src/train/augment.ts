import type { Rng } from "#util/rng";

/** Ranges of a random turn, size and place; 0 switches each off. */
export interface Augmentation {
  /** Largest turn to either side, in degrees. */
  readonly turnDegrees: number;
  /** Largest change of size, as a share. */
  readonly scaleShare: number;
  /** Largest shift in each direction, in pixels. */
  readonly shiftPixels: number;
}

/**
 * A randomly turned, scaled and shifted copy of a grey image, bilinearly interpolated; black comes in from
 * outside.
 *
 * @param pixels `[height, width]`
 */
export function augmentImage(
  pixels: Uint8Array,
  height: number,
  width: number,
  ranges: Augmentation,
  rng: Rng,
): Uint8Array {
  const between = (limit: number): number => limit * (2 * rng() - 1);
  const turn = (between(ranges.turnDegrees) * Math.PI) / 180;
  const scale = 1 + between(ranges.scaleShare);
  const shiftX = between(ranges.shiftPixels);
  const shiftY = between(ranges.shiftPixels);
  const cosine = Math.cos(turn) / scale;
  const sine = Math.sin(turn) / scale;
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const result = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dx = x - centreX - shiftX;
      const dy = y - centreY - shiftY;
      const value = sampleImage(
        pixels,
        height,
        width,
        centreX + cosine * dx + sine * dy,
        centreY - sine * dx + cosine * dy,
      );
      result[y * width + x] = Math.round(value);
    }
  }
  return result;
}

function sampleImage(pixels: Uint8Array, height: number, width: number, x: number, y: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  if (left < -1 || top < -1 || left >= width || top >= height) return 0;
  const at = (row: number, column: number): number =>
    row < 0 || column < 0 || row >= height || column >= width ? 0 : pixels[row * width + column];
  const shareX = x - left;
  const shareY = y - top;
  const upper = (1 - shareX) * at(top, left) + shareX * at(top, left + 1);
  const lower = (1 - shareX) * at(top + 1, left) + shareX * at(top + 1, left + 1);
  return (1 - shareY) * upper + shareY * lower;
}
