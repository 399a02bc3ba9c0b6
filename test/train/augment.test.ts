import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { augment } from "#train/augment";
import type { AugmentationSpec } from "#train/options";
import { createRandom, type Random } from "#train/random";
import { ToolchainError } from "#util/diagnostic";

const NONE: AugmentationSpec = {
  turnDegrees: 0,
  translateShare: 0,
  scaleFrom: 1,
  scaleTo: 1,
  cropPadding: 0,
  flip: false,
};

/** Draws in the documented order: turn, shift right, shift down, scale, crop down, crop right, mirror. */
const draws = (...values: number[]): Random => {
  let next = 0;
  return { next: () => values[next++] ?? 0.5, state: () => 0, restore: () => undefined };
};

const picture = (height: number, width: number, channels = 1): Uint8Array =>
  Uint8Array.from({ length: channels * height * width }, (_, i) => (i * 89 + 31) % 256);

/** The whole change for one channel, one target pixel at a time, in plain steps back to the source. */
function obvious(
  pixels: Uint8Array,
  height: number,
  width: number,
  spec: AugmentationSpec,
  u: readonly number[],
): number[] {
  const at = (y: number, x: number): number =>
    y < 0 || x < 0 || y >= height || x >= width ? 0 : pixels[y * width + x];
  const angle = (spec.turnDegrees * (2 * u[0] - 1) * Math.PI) / 180;
  const right = spec.translateShare * width * (2 * u[1] - 1);
  const down = spec.translateShare * height * (2 * u[2] - 1);
  const scale = spec.scaleFrom + u[3] * (spec.scaleTo - spec.scaleFrom);
  const moved = (row: number, column: number): number => {
    if (row < 0 || column < 0 || row >= height || column >= width) return 0;
    const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
    // Undo the shift, then the scale, then the turn.
    const [sx, sy] = [(column - right - cx) / scale, (row - down - cy) / scale];
    const x = cx + Math.cos(-angle) * sx - Math.sin(-angle) * sy;
    const y = cy + Math.sin(-angle) * sx + Math.cos(-angle) * sy;
    let sum = 0;
    for (let dy = 0; dy <= 1; dy++)
      for (let dx = 0; dx <= 1; dx++) {
        const [py, px] = [Math.floor(y) + dy, Math.floor(x) + dx];
        sum += (1 - Math.abs(y - py)) * (1 - Math.abs(x - px)) * at(py, px);
      }
    return sum;
  };
  const pad = spec.cropPadding;
  const [cropDown, cropRight] = [Math.floor(u[4] * (2 * pad + 1)), Math.floor(u[5] * (2 * pad + 1))];
  const mirror = spec.flip && u[6] < 0.5;
  return Array.from({ length: height * width }, (_, i) => {
    const row = Math.floor(i / width);
    const column = mirror ? width - 1 - (i % width) : i % width;
    return moved(row + cropDown - pad, column + cropRight - pad);
  });
}

describe("augment", () => {
  test("gives the very same pixels when nothing changes", () => {
    const pixels = picture(5, 4);
    assert.equal(augment(pixels, [1, 5, 4], NONE, createRandom(1)), pixels);
    assert.equal(
      augment(pixels, [5, 4], { ...NONE, cropPadding: 1 }, draws(0.5, 0.5, 0.5, 0.5, 0.5, 0.5)),
      pixels,
    );
  });

  test("shifts by whole pixels exactly", () => {
    // 0.2 of 5 pixels, to the right and up.
    const pixels = Uint8Array.from({ length: 25 }, (_, i) => i + 1);
    const shifted = augment(pixels, [1, 5, 5], { ...NONE, translateShare: 0.2 }, draws(0.5, 1, 0));
    assert.deepEqual(
      [...shifted],
      [0, 6, 7, 8, 9, 0, 11, 12, 13, 14, 0, 16, 17, 18, 19, 0, 21, 22, 23, 24, 0, 0, 0, 0, 0],
    );
  });

  test("turns a quarter clockwise", () => {
    const turned = augment(
      Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9),
      [3, 3],
      { ...NONE, turnDegrees: 90 },
      draws(1),
    );
    assert.deepEqual([...turned], [7, 4, 1, 8, 5, 2, 9, 6, 3]);
  });

  test("crops from a padded copy", () => {
    const cropped = augment(
      Uint8Array.of(1, 2, 3, 4),
      [2, 2],
      { ...NONE, cropPadding: 1 },
      draws(0, 0, 0, 0, 0, 0.99),
    );
    // One row up: a black row comes in above; one column to the right: a black one comes in there.
    assert.deepEqual([...cropped], [0, 0, 2, 0]);
  });

  test("mirrors left to right, all channels alike", () => {
    const pixels = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const flip = { ...NONE, flip: true };
    assert.deepEqual(
      [...augment(pixels, [2, 1, 3], flip, draws(0, 0, 0, 0, 0, 0, 0.49))],
      [3, 2, 1, 6, 5, 4],
    );
    assert.equal(augment(pixels, [2, 1, 3], flip, draws(0, 0, 0, 0, 0, 0, 0.5)), pixels);
  });

  test("is what looking up every pixel gives, channel by channel", () => {
    const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const spec = fc.record({
      turnDegrees: fc.constantFrom(0, 15, 180),
      translateShare: fc.constantFrom(0, 0.1, 0.5),
      scaleFrom: fc.constantFrom(1, 0.8),
      scaleTo: fc.constantFrom(1, 1.3),
      cropPadding: fc.integer({ min: 0, max: 3 }),
      flip: fc.boolean(),
    });
    const side = fc.integer({ min: 1, max: 7 });
    fc.assert(
      fc.property(
        spec,
        fc.array(unit, { minLength: 7, maxLength: 7 }),
        side,
        side,
        (how, u, height, width) => {
          const pixels = picture(height, width, 2);
          const result = augment(pixels, [2, height, width], how, draws(...u));
          for (const channel of [0, 1]) {
            const from = channel * height * width;
            const expected = obvious(pixels.subarray(from, from + height * width), height, width, how, u);
            // Half a grey level of rounding.
            expected.forEach((value, i) => assert.ok(Math.abs(result[from + i] - value) <= 0.5 + 1e-6));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("draws seven numbers whatever changes, and the same again from the same state", () => {
    const pixels = picture(9, 9);
    const full = {
      turnDegrees: 10,
      translateShare: 0.1,
      scaleFrom: 0.9,
      scaleTo: 1.1,
      cropPadding: 2,
      flip: true,
    };
    const after = [NONE, full].map((spec) => {
      const random = createRandom(42);
      augment(pixels, [1, 9, 9], spec, random);
      return random.state();
    });
    assert.equal(after[0], after[1]);
    assert.deepEqual(
      augment(pixels, [1, 9, 9], full, createRandom(7)),
      augment(pixels, [1, 9, 9], full, createRandom(7)),
    );
  });

  test("refuses data that are no images", () => {
    assert.throws(
      () => augment(picture(1, 6), [6], NONE, createRandom(1)),
      (error: unknown) =>
        error instanceof ToolchainError && error.diagnostics[0].code === "train/data-no-plane",
    );
  });
});
