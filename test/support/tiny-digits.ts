import type { LabelledImages } from "#train/datasets/images";
import { createRng } from "#util/rng";

/** 6 x 6 pictures of two kinds, a bright column (label 0) or a bright row (label 1), with noise. */
export function barImages(count: number, seed: number): LabelledImages {
  const rng = createRng(seed);
  const pixels = new Uint8Array(count * 36);
  const labels = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    labels[n] = n % 2;
    const place = Math.floor(6 * rng());
    for (let i = 0; i < 36; i++) {
      const along = labels[n] === 0 ? i % 6 : Math.floor(i / 6);
      pixels[n * 36 + i] = Math.floor(80 * rng()) + (along === place ? 170 : 0);
    }
  }
  return { shape: [1, 6, 6], pixels, labels };
}
