import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { createSpikeCamera, windowSums } from "#train/spike-camera/camera";

const expose = (light: readonly number[], count: number, charge?: readonly number[]): number[][] => {
  const camera = createSpikeCamera(light.length, charge);
  const planes = new Uint8Array(light.length * count);
  for (let t = 0; t < count; t++) camera.expose(light, planes, t * light.length);
  return light.map((_, i) => Array.from({ length: count }, (_, t) => planes[t * light.length + i]));
};

describe("createSpikeCamera", () => {
  test("fires every plane, every second, every fourth and never", () => {
    assert.deepEqual(expose([1, 0.5, 0.25, 0], 8), [
      [1, 1, 1, 1, 1, 1, 1, 1],
      [0, 1, 0, 1, 0, 1, 0, 1],
      [0, 0, 0, 1, 0, 0, 0, 1],
      [0, 0, 0, 0, 0, 0, 0, 0],
    ]);
  });

  test("starts from the charge it is given", () => {
    assert.deepEqual(expose([0.25, 0.25], 5, [0.5, 0.75]), [
      [0, 1, 0, 0, 0],
      [1, 0, 0, 0, 1],
    ]);
  });

  test("keeps what a spike does not use up", () => {
    // 0.75, 1.5 -> 0.5, 1.25 -> 0.25, 1 -> 0
    assert.deepEqual(expose([0.75], 4), [[0, 1, 1, 1]]);
  });

  test("has fired as often as whole thresholds came in, for light in 64ths", () => {
    const pixel = fc.record({
      light: fc.integer({ min: 0, max: 64 }),
      charge: fc.integer({ min: 0, max: 63 }),
    });
    fc.assert(
      fc.property(pixel, fc.integer({ min: 1, max: 200 }), ({ light, charge }, count) => {
        const spikes = expose([light / 64], count, [charge / 64])[0].reduce((sum, spike) => sum + spike, 0);
        assert.equal(spikes, Math.floor((charge + light * count) / 64));
      }),
    );
  });

  test("counts the spikes of each window and leaves out a broken one", () => {
    const planes = Uint8Array.of(1, 0, 1, 1, 0, 0, 1, 0, 1, 1); // 5 planes of 2 pixels
    const sums = new Float32Array(7).fill(9);
    windowSums(planes, 2, 2, sums, 1);
    assert.deepEqual([...sums], [9, 2, 1, 1, 0, 9, 9]);
  });
});
