import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { EventData, ImageData } from "#train/dataset";
import { cropEvents, rescaleEvents } from "#train/datasets/event-size";
import { evenlyByClass, selectSamples } from "#train/datasets/select";

const IMAGES: ImageData = {
  kind: "images",
  name: "a",
  shape: [2],
  pixels: Uint8Array.of(0, 1, 10, 11, 20, 21),
  labels: Uint8Array.of(0, 1, 2),
  classes: 3,
};

/** One event on every pixel of both polarities of a 4 x 6 picture, in C order, time = place. */
const EVERYWHERE: EventData = {
  kind: "events",
  name: "b",
  shape: [2, 4, 6],
  samples: [
    {
      timeUs: Float64Array.from({ length: 48 }, (_, i) => i),
      index: Uint32Array.from({ length: 48 }, (_, i) => i),
    },
  ],
  labels: Uint16Array.of(7),
  classes: 9,
};

describe("parts of data sets", () => {
  test("selects samples in the order that is asked for", () => {
    assert.deepEqual(selectSamples(IMAGES, [2, 0]), {
      ...IMAGES,
      pixels: Uint8Array.of(20, 21, 0, 1),
      labels: Uint8Array.of(2, 0),
    });
    const twice = selectSamples(EVERYWHERE, [0, 0]);
    assert.ok(twice.kind === "events");
    assert.deepEqual([twice.samples.length, twice.labels], [2, Uint16Array.of(7, 7)]);
  });

  test("takes classes in turn", () => {
    assert.deepEqual([...evenlyByClass([5, 5, 5, 2, 2, 9])], [3, 0, 5, 4, 1, 2]);
    assert.deepEqual([...evenlyByClass([5, 5, 5, 2, 2, 9], 4)], [3, 0, 5, 4]);
  });

  test("crops to a window, dropping what is outside", () => {
    const { shape, samples } = cropEvents(EVERYWHERE, { top: 1, left: 2, height: 2, width: 3 });
    assert.deepEqual(shape, [2, 2, 3]);
    assert.deepEqual([...samples[0].timeUs], [8, 9, 10, 14, 15, 16, 32, 33, 34, 38, 39, 40]);
    assert.deepEqual([...samples[0].index], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test("moves every event to its pixel of a coarser grid", () => {
    const { shape, samples } = rescaleEvents(EVERYWHERE, 2, 2);
    assert.deepEqual(shape, [2, 2, 2]);
    assert.equal(samples[0].timeUs.length, 48);
    const counts = new Array<number>(8).fill(0);
    for (const place of samples[0].index) counts[place]++;
    assert.deepEqual(counts, new Array(8).fill(6));
    // Row 3, column 2 of polarity 1.
    assert.equal(samples[0].index[24 + 3 * 6 + 2], 4 + 2);
  });
});
