import type { Rng } from "#util/rng";

/** Grey images with one label each. */
export interface LabelledImages {
  /** Of one image. */
  readonly shape: readonly number[];
  /** `[images, product of shape]`, 0 to 255. */
  readonly pixels: Uint8Array;
  /** `[images]`. */
  readonly labels: Uint8Array;
}

/** The images at `indices`, in that order. */
export function selectImages(images: LabelledImages, indices: ArrayLike<number>): LabelledImages {
  const size = images.pixels.length / images.labels.length;
  const pixels = new Uint8Array(indices.length * size);
  const labels = new Uint8Array(indices.length);
  for (let n = 0; n < indices.length; n++) {
    pixels.set(images.pixels.subarray(indices[n] * size, (indices[n] + 1) * size), n * size);
    labels[n] = images.labels[indices[n]];
  }
  return { shape: images.shape, pixels, labels };
}

/** Cuts shuffled images into parts of the given sizes; parts never share an image. */
export function splitImages(images: LabelledImages, sizes: readonly number[], rng: Rng): LabelledImages[] {
  const order = shuffledIndices(images.labels.length, rng);
  let start = 0;
  return sizes.map((size) => selectImages(images, order.subarray(start, (start += size))));
}

/** 0 to count - 1 in random order (Fisher and Yates). */
export function shuffledIndices(count: number, rng: Rng): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(rng() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
