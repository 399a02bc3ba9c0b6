import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { createMlp } from "#train/model";
import { cutSilentInputs } from "#train/prune-silent";
import { createRng } from "#util/rng";

const MODEL = createMlp({ sizes: [4, 3, 2], tauSteps: 8, threshold: 1, initGains: [1, 1] }, createRng(1));
const imagesOf = (...pixels: number[]) => ({
  shape: [1, 2, 2],
  pixels: Uint8Array.from(pixels),
  labels: new Uint8Array(pixels.length / 4),
});

describe("cutSilentInputs", () => {
  test("cuts the synapses of pixels that are black in every image, and no others", () => {
    const { layers } = cutSilentInputs(MODEL, imagesOf(0, 9, 0, 0, 0, 0, 0, 1));
    assert.deepEqual([...layers[0].mask], [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1]);
    layers[0].weights.forEach((weight, i) =>
      assert.equal(weight, layers[0].mask[i] === 0 ? 0 : MODEL.layers[0].weights[i]),
    );
    assert.equal(layers[1], MODEL.layers[1]);
  });

  test("returns the very same model when every pixel is bright somewhere", () => {
    assert.equal(cutSilentInputs(MODEL, imagesOf(1, 0, 2, 0, 0, 3, 0, 4)), MODEL);
  });
});
