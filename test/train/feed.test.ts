import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { EventData, ImageData } from "#train/dataset";
import { rateEncode } from "#train/encode";
import { epochOrder, feed } from "#train/feed";
import type { EncoderSpec } from "#train/options";
import { createRandom } from "#train/random";

const SIZE = 30;
const STEPS = 7;
const random = createRandom(2);
const IMAGES: ImageData = {
  kind: "images",
  name: "random",
  shape: [1, 5, 6],
  pixels: Uint8Array.from({ length: 4 * SIZE }, (_, i) =>
    i % 7 === 0 ? 255 * (i % 2) : Math.floor(256 * random.next()),
  ),
  labels: Uint8Array.of(0, 1, 2, 3),
  classes: 4,
};

function fed(encoder: EncoderSpec, samples: readonly number[], seed = 1): Float32Array {
  const steps = encoder.name === "direct" ? 1 : STEPS;
  const input = new Float32Array(steps * samples.length * SIZE);
  feed({ data: IMAGES, samples, encoder, steps: STEPS, seed }, input);
  return input;
}

/** What one sample of a batch sees: `[steps, size]`. */
function rowsOf(input: Float32Array, batch: number, b: number): Float32Array {
  const rows = new Float32Array(input.length / batch);
  for (let t = 0; t < rows.length / SIZE; t++)
    rows.set(input.subarray((t * batch + b) * SIZE, (t * batch + b + 1) * SIZE), t * SIZE);
  return rows;
}

describe("feeding", () => {
  test("direct coding normalises the pixels", () => {
    const input = fed({ name: "direct", mean: 0.25, deviation: 0.5 }, [3, 1]);
    for (let i = 0; i < SIZE; i++) {
      assert.equal(input[i], Math.fround((IMAGES.pixels[3 * SIZE + i] / 255 - 0.25) / 0.5));
      assert.equal(input[SIZE + i], Math.fround((IMAGES.pixels[SIZE + i] / 255 - 0.25) / 0.5));
    }
  });

  test("rate-encode gives exactly the spikes that a deployed network gets", () => {
    const input = fed({ name: "rate-encode" }, [2, 0, 3]);
    for (const [b, sample] of [2, 0, 3].entries()) {
      const expected = new Float32Array(STEPS * SIZE);
      const { step, index } = rateEncode(IMAGES.pixels.subarray(sample * SIZE, (sample + 1) * SIZE), STEPS);
      step.forEach((t, k) => (expected[t * SIZE + index[k]] = 1));
      assert.deepEqual(rowsOf(input, 3, b), expected);
    }
  });

  test("rate: the same sample gets the same spikes at every place of a batch, and other ones with another seed", () => {
    const alone = fed({ name: "rate" }, [2]);
    assert.deepEqual(rowsOf(fed({ name: "rate" }, [0, 1, 2]), 3, 2), alone);
    assert.notDeepEqual(fed({ name: "rate" }, [2], 9), alone);
  });

  test("rate: black never fires, white always, grey as often as its share says", () => {
    const pixels = new Uint8Array(SIZE).fill(64);
    pixels[0] = 0;
    pixels[1] = 255;
    const steps = 4000;
    const input = new Float32Array(steps * SIZE);
    const data: ImageData = { ...IMAGES, pixels, labels: Uint8Array.of(0) };
    feed({ data, samples: [0], encoder: { name: "rate" }, steps, seed: 3 }, input);
    const counts = new Float64Array(SIZE);
    input.forEach((spike, i) => (counts[i % SIZE] += spike));
    assert.equal(counts[0], 0);
    assert.equal(counts[1], steps);
    // Binomial: 6 standard deviations.
    const share = 64 / 255;
    const margin = 6 * Math.sqrt(steps * share * (1 - share));
    for (let i = 2; i < SIZE; i++)
      assert.ok(Math.abs(counts[i] - steps * share) < margin, `pixel ${i}: ${counts[i]}`);
  });

  test("events fall into the frames of their sample", () => {
    const stream = (times: number[], index: number[]): EventData["samples"][number] => ({
      timeUs: Float64Array.from(times),
      index: Uint32Array.from(index),
    });
    const data: EventData = {
      kind: "events",
      name: "two",
      shape: [2, 1, 2],
      samples: [stream([0, 10, 19], [0, 0, 3]), stream([100, 140], [1, 2])],
      labels: Uint8Array.of(0, 1),
      classes: 2,
    };
    const input = new Float32Array(2 * 2 * 4);
    feed(
      { data, samples: [1, 0], encoder: { name: "events", split: "time", binary: true }, steps: 2, seed: 0 },
      input,
    );
    assert.deepEqual([...input], [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1]);
  });
});

describe("the order of an epoch", () => {
  test("is a permutation that depends on seed and epoch only", () => {
    const order = epochOrder(100, 4, 2);
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      Array.from({ length: 100 }, (_, i) => i),
    );
    assert.deepEqual(epochOrder(100, 4, 2), order);
    assert.notDeepEqual(epochOrder(100, 4, 3), order);
    assert.notDeepEqual(epochOrder(100, 5, 2), order);
  });
});
