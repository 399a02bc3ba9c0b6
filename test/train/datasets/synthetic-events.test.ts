import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { ImageData } from "#train/dataset";
import { syntheticMovingEvents, type SyntheticEventsOptions } from "#train/datasets/synthetic-events";
import { ToolchainError } from "#util/diagnostic";

const SIDE = 8;
/** A bright square of 4 x 4 in the middle; a black picture. */
const square = Uint8Array.from({ length: 64 }, (_, i) => {
  const inside = (place: number): boolean => place >= 2 && place < 6;
  return inside(i % SIDE) && inside(Math.floor(i / SIDE)) ? 255 : 0;
});
const images = (...pictures: Uint8Array[]): ImageData => ({
  kind: "images",
  name: "squares",
  shape: [1, SIDE, SIDE],
  pixels: Uint8Array.from(pictures.flatMap((picture) => [...picture])),
  labels: new Uint8Array(pictures.length),
  classes: 2,
});
const generate = (options: Partial<SyntheticEventsOptions> = {}, ...pictures: Uint8Array[]) =>
  syntheticMovingEvents(images(...(pictures.length > 0 ? pictures : [square])), { seed: 3, ...options });

describe("syntheticMovingEvents", () => {
  test("calls itself synthetic, and has room for the motion", () => {
    const data = generate({ marginPixels: 2 });
    assert.equal(data.name, "synthetic moving events from squares");
    assert.deepEqual([data.shape, data.labels.length, data.classes], [[2, 12, 12], 1, 2]);
  });

  test("gives ascending times within the motions and places within the shape", () => {
    const [{ timeUs, index }] = generate({ noisePerSecond: 20 }).samples;
    assert.ok(timeUs.length > 100);
    assert.ok(timeUs.every((time, i) => Number.isInteger(time) && (i === 0 || time >= timeUs[i - 1])));
    assert.ok(timeUs[0] >= 0 && timeUs.at(-1)! <= 300_000);
    assert.ok(index.every((place) => place < 2 * 14 * 14));
  });

  test("sees nothing in a black picture, nor in one that does not move", () => {
    assert.equal(generate({}, new Uint8Array(64)).samples[0].timeUs.length, 0);
    assert.equal(generate({ reachPixels: 0 }).samples[0].timeUs.length, 0);
  });

  test("takes back on a way home what came on the way out: ON and OFF of a pixel differ by its rest alone", () => {
    const [{ index }] = generate({ saccades: 4, threshold: 0.25 }).samples;
    const size = 14 * 14;
    const net = new Int32Array(size);
    for (const place of index) net[place % size] += place >= size ? 1 : -1;
    // The way is closed, so the light is what it was; what a pixel holds is within one threshold of it.
    assert.ok(net.every((balance) => Math.abs(balance) <= 1));
    assert.ok(index.some((place) => place >= size) && index.some((place) => place < size));
  });

  test("fires at each threshold that the light of a pixel crosses", () => {
    // Two saccades of one step each: out and back. Dark 0.1 to light 1.1 is ln 11 = 2.398: four thresholds of 0.5.
    const options = {
      saccades: 2,
      saccadeUs: 1000,
      stepUs: 1000,
      reachPixels: 3,
      threshold: 0.5,
      marginPixels: 3,
    };
    const [{ timeUs, index }] = generate(options).samples;
    const size = 14 * 14;
    const counts = new Map<string, number>();
    index.forEach((place, k) => {
      const key = `${place % size}:${place >= size ? "on" : "off"}:${timeUs[k] <= 1000 ? "out" : "back"}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    });
    assert.equal(Math.max(...counts.values()), 4);
  });

  test("depends on seed and sample alone", () => {
    const one = generate();
    assert.deepEqual(generate().samples, one.samples);
    assert.deepEqual(generate({}, square, square).samples[0], one.samples[0]);
    assert.notDeepEqual(generate({}, square, square).samples[1], one.samples[0]);
    assert.notDeepEqual(generate({ seed: 4 }).samples, one.samples);
  });

  test("adds as many events of noise as it is told", () => {
    const [clean] = generate().samples;
    const [noisy] = generate({ noisePerSecond: 10 }).samples;
    assert.equal(noisy.timeUs.length - clean.timeUs.length, Math.round(10 * 196 * 0.3));
  });

  test("names what does not fit", () => {
    const codesOf = (work: () => unknown): string[] => {
      try {
        work();
      } catch (error) {
        assert.ok(error instanceof ToolchainError);
        return error.diagnostics.map(({ code, subject }) => `${code} ${subject ?? ""}`);
      }
      return [];
    };
    assert.deepEqual(
      codesOf(() => generate({ saccades: 1, threshold: 0, stepUs: 0.5 })),
      ["saccades", "stepUs", "threshold"].map((option) => `train/data-option-out-of-range ${option}`),
    );
    const colour = { ...images(square), shape: [3, 4, 5] };
    assert.deepEqual(
      codesOf(() => syntheticMovingEvents(colour, { seed: 1 })),
      ["train/data-no-plane the event camera model"],
    );
  });
});
