import { ToolchainError } from "#util/diagnostic";
import { augmentationNeedsImages } from "./datasets/data-diagnostics.ts";
import type { AugmentationSpec } from "./options.ts";
import type { Random } from "./random.ts";

/**
 * A randomly changed copy of one image: turned, scaled and shifted (bilinear, black from outside), then cropped from a
 * padded copy, then mirrored left to right with probability ½.
 *
 * Seven numbers are drawn whatever the ranges are, so that switching one change on leaves the others as they were:
 * turn, shift right, shift down, scale, crop down, crop right, mirror. All channels change alike.
 *
 * @param pixels `[…shape]`, 0 to 255
 * @param shape `[height, width]` or `[channels, height, width]`
 * @returns the very same pixels if nothing changes
 * @throws ToolchainError `train/data-no-plane` if the data are no images
 */
export function augment(
  pixels: Uint8Array,
  shape: readonly number[],
  spec: AugmentationSpec,
  random: Random,
): Uint8Array {
  if (shape.length !== 2 && shape.length !== 3)
    throw new ToolchainError([augmentationNeedsImages({ shape })]);
  const [height, width] = shape.slice(-2);
  const draws = Array.from({ length: 7 }, () => random.next());
  const around = (limit: number, draw: number): number => limit * (2 * draw - 1);
  const motion: Motion = {
    turnDegrees: around(spec.turnDegrees, draws[0]),
    right: around(spec.translateShare * width, draws[1]),
    down: around(spec.translateShare * height, draws[2]),
    scale: spec.scaleFrom + draws[3] * (spec.scaleTo - spec.scaleFrom),
  };
  const side = 2 * spec.cropPadding + 1;
  const place: Place = {
    down: Math.floor(draws[4] * side) - spec.cropPadding,
    right: Math.floor(draws[5] * side) - spec.cropPadding,
    isMirrored: spec.flip && draws[6] < 0.5,
  };
  return movePixels(affinePixels(pixels, height, width, motion), height, width, place);
}

interface Motion {
  /** Clockwise. */
  readonly turnDegrees: number;
  /** Pixels. */
  readonly right: number;
  /** Pixels. */
  readonly down: number;
  readonly scale: number;
}

/** Turned and scaled about the centre, then shifted: each target pixel looks up where it came from. */
function affinePixels(pixels: Uint8Array, height: number, width: number, motion: Motion): Uint8Array {
  const { turnDegrees, right, down, scale } = motion;
  if (turnDegrees === 0 && right === 0 && down === 0 && scale === 1) return pixels;
  const turn = (turnDegrees * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(turn) / scale, Math.sin(turn) / scale];
  const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
  const plane = height * width;
  const result = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x - centreX - right, y - centreY - down];
      const fromX = centreX + cosine * dx + sine * dy;
      const fromY = centreY - sine * dx + cosine * dy;
      for (let at = 0; at < pixels.length; at += plane) {
        const channel = pixels.subarray(at, at + plane);
        result[at + y * width + x] = Math.round(sampleImage(channel, height, width, fromX, fromY));
      }
    }
  return result;
}

interface Place {
  /** Rows of the source above the first row of the result; negative: black rows come in. */
  readonly down: number;
  readonly right: number;
  readonly isMirrored: boolean;
}

/** Whole pixels: result(y, x) = source(y + down, x + right), black from outside, mirrored after that. */
function movePixels(pixels: Uint8Array, height: number, width: number, place: Place): Uint8Array {
  const { down, right, isMirrored } = place;
  if (down === 0 && right === 0 && !isMirrored) return pixels;
  const result = new Uint8Array(pixels.length);
  for (let at = 0; at < pixels.length; at += height * width)
    for (let y = Math.max(0, -down); y < Math.min(height, height - down); y++)
      for (let x = Math.max(0, -right); x < Math.min(width, width - right); x++) {
        const column = isMirrored ? width - 1 - x : x;
        result[at + y * width + column] = pixels[at + (y + down) * width + x + right];
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
