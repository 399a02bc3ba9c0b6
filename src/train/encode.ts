import type { SpikeData, SpikeEvents } from "#ir/spikes";

/** Pixel values end here; a pixel of this value fires in every step. */
const FULL = 255;
/** Spreads the phases of neighbouring pixels, so that a grey area does not fire all at once. */
export const PHASE_STEP = 97;

/**
 * Rate code of one image, without chance: the pixel of value q fires in floor or ceil of
 * `steps · q / 255` steps, evenly spaced.
 *
 * Pixel i fires in step t iff floor(((t + 1)·q + ph) / 255) > floor((t·q + ph) / 255) with the phase
 * ph = 97·i mod 255, in integers: an accumulator that overflows. The same digits give the same spikes
 * on every machine and in every language.
 *
 * @param pixels `[inputs]`, 0 to 255
 */
export function rateEncode(pixels: Uint8Array, steps: number): SpikeEvents {
  let count = 0;
  for (let i = 0; i < pixels.length; i++) count += Math.floor((steps * pixels[i] + phaseOf(i)) / FULL);
  const step = new Uint32Array(count);
  const index = new Uint32Array(count);
  let next = 0;
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < pixels.length; i++) {
      const before = t * pixels[i] + phaseOf(i);
      if (Math.floor((before + pixels[i]) / FULL) === Math.floor(before / FULL)) continue;
      step[next] = t;
      index[next++] = i;
    }
  }
  return { step, index };
}

/**
 * Rate codes of many images, one sample each.
 *
 * @param pixels `[images, product of shape]`, 0 to 255
 * @param shape of one image, as the input population has it
 */
export function rateEncodeAll(pixels: Uint8Array, shape: readonly number[], steps: number): SpikeData {
  const size = shape.reduce((product, length) => product * length, 1);
  const samples: SpikeEvents[] = [];
  for (let start = 0; start + size <= pixels.length; start += size)
    samples.push(rateEncode(pixels.subarray(start, start + size), steps));
  return { steps, shape, samples };
}

function phaseOf(pixel: number): number {
  return (PHASE_STEP * pixel) % FULL;
}
