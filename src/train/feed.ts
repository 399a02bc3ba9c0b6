// From data to what the network sees: samples of a data set, encoded into the input array of an executor.
import { augment } from "./augment.ts";
import type { Dataset } from "./dataset.ts";
import type { Floats } from "./engine/backend.ts";
import { PHASE_STEP } from "./encode.ts";
import { eventFrames } from "./frames.ts";
import { sizeOf } from "./graph.ts";
import type { AugmentationSpec, EncoderSpec } from "./options.ts";
import { createRandom, seedFrom } from "./random.ts";

export interface FeedCall {
  readonly data: Dataset;
  /** Which samples, in which order; `[batch]`. */
  readonly samples: ArrayLike<number>;
  readonly encoder: EncoderSpec;
  readonly steps: number;
  /** All that is drawn for a sample depends on this and on the sample's number, not on its place in the batch. */
  readonly seed: number;
  readonly augmentation?: AugmentationSpec | undefined;
}

/** True if the encoder gives one image for all steps. */
export function isStaticEncoder(encoder: EncoderSpec): boolean {
  return encoder.name === "direct";
}

/** Fills `input`: `[batch, size]` for direct coding, else `[steps, batch, size]`. */
export function feed(call: FeedCall, input: Floats): void {
  const { data, samples, encoder, steps, seed } = call;
  const size = sizeOf(data.shape);
  const batch = samples.length;
  const frames = new Float32Array(steps * size);
  for (let b = 0; b < batch; b++) {
    if (data.kind === "events") {
      const { split, binary } =
        encoder.name === "events" ? encoder : { split: "time" as const, binary: true };
      eventFrames(data.samples[samples[b]], size, steps, split, binary, frames, 0);
    } else {
      const pixels = pixelsOf(call, samples[b], size);
      if (encoder.name === "direct") {
        const { mean, deviation } = encoder;
        for (let i = 0; i < size; i++) input[b * size + i] = (pixels[i] / 255 - mean) / deviation;
        continue;
      }
      if (encoder.name === "rate") drawRates(pixels, frames, steps, seedFrom(seed, samples[b], 1));
      else accumulateRates(pixels, frames, steps);
    }
    for (let t = 0; t < steps; t++)
      input.set(frames.subarray(t * size, (t + 1) * size), (t * batch + b) * size);
  }
}

function pixelsOf({ data, seed, augmentation }: FeedCall, sample: number, size: number): Uint8Array {
  if (data.kind !== "images") return new Uint8Array(size);
  const pixels = data.pixels.subarray(sample * size, (sample + 1) * size);
  return augmentation === undefined
    ? pixels
    : augment(pixels, data.shape, augmentation, createRandom(seedFrom(seed, sample, 2)));
}

/** A pixel fires in a step with probability pixel / 255. */
function drawRates(pixels: Uint8Array, frames: Float32Array, steps: number, seed: number): void {
  const random = createRandom(seed);
  const size = pixels.length;
  for (let t = 0; t < steps; t++)
    for (let i = 0; i < size; i++)
      frames[t * size + i] = pixels[i] > 0 && pixels[i] > 255 * random.next() ? 1 : 0;
}

/** The rule of `rateEncode`, written as the accumulator that it is. */
function accumulateRates(pixels: Uint8Array, frames: Float32Array, steps: number): void {
  const size = pixels.length;
  for (let i = 0; i < size; i++) {
    let sum = (PHASE_STEP * i) % 255;
    for (let t = 0; t < steps; t++) {
      sum += pixels[i];
      const fires = sum >= 255;
      frames[t * size + i] = fires ? 1 : 0;
      if (fires) sum -= 255;
    }
  }
}

/** Sample numbers of an epoch in the order in which they are shown: a shuffle that depends on seed and epoch only. */
export function epochOrder(samples: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: samples }, (_, i) => i);
  const random = createRandom(seedFrom(seed, epoch, 3));
  for (let i = samples - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
