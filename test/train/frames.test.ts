import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import type { EventStream } from "#train/dataset";
import { eventFrames } from "#train/frames";

const framesOf = (
  events: readonly (readonly [timeUs: number, index: number])[],
  steps: number,
  split: "time" | "number",
  binary: boolean,
  size = 3,
): number[][] => {
  const stream: EventStream = {
    timeUs: Float64Array.from(events, ([time]) => time),
    index: Uint32Array.from(events, ([, index]) => index),
  };
  // Something is there already, before, in and after the frames.
  const out = new Float32Array(steps * size + 4).fill(5);
  eventFrames(stream, size, steps, split, binary, out, 2);
  assert.deepEqual([out[0], out[1], out.at(-2), out.at(-1)], [5, 5, 5, 5]);
  return Array.from({ length: steps }, (_, t) => [...out.subarray(2 + t * size, 2 + (t + 1) * size)]);
};

/** The frame of an event is the number of boundaries that it has reached, in whole numbers. */
const obvious = (
  events: readonly (readonly [timeUs: number, index: number])[],
  steps: number,
  split: "time" | "number",
  binary: boolean,
  size: number,
): number[][] => {
  const frames = Array.from({ length: steps }, () => new Array<number>(size).fill(0));
  const first = events[0]?.[0] ?? 0;
  const span = (events.at(-1)?.[0] ?? 0) - first;
  events.forEach(([time, index], k) => {
    const [way, length] = split === "time" ? [time - first, span] : [k, events.length];
    let frame = 0;
    for (let boundary = 1; boundary < steps; boundary++)
      if (length > 0 && way * steps >= boundary * length) frame++;
    frames[frame][index] = binary ? 1 : frames[frame][index] + 1;
  });
  return frames;
};

const EVENTS: [number, number][] = [
  [100, 0],
  [101, 0],
  [102, 1],
  [149, 2],
  [150, 2],
  [200, 1],
];

describe("eventFrames", () => {
  test("splits by equal time, the last event in the last frame", () => {
    assert.deepEqual(framesOf(EVENTS, 2, "time", false), [
      [2, 1, 1],
      [0, 1, 1],
    ]);
  });

  test("splits by equal number", () => {
    assert.deepEqual(framesOf(EVENTS, 2, "number", false), [
      [2, 1, 0],
      [0, 1, 2],
    ]);
    assert.deepEqual(framesOf(EVENTS, 4, "number", true), [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [0, 1, 0],
    ]);
  });

  test("gives empty frames for no events, and puts all of one time into the first", () => {
    assert.deepEqual(framesOf([], 2, "time", true), [
      [0, 0, 0],
      [0, 0, 0],
    ]);
    const burst: [number, number][] = [
      [7, 1],
      [7, 1],
    ];
    assert.deepEqual(framesOf(burst, 2, "time", false), [
      [0, 2, 0],
      [0, 0, 0],
    ]);
  });

  test("is what the obvious way gives, and loses no event", () => {
    const event = fc.tuple(fc.nat(60), fc.nat(4));
    const list = fc
      .array(event, { maxLength: 40 })
      .map((events) => events.sort(([a], [b]) => a - b) as [number, number][]);
    const split = fc.constantFrom<"time" | "number">("time", "number");
    fc.assert(
      fc.property(list, fc.integer({ min: 1, max: 9 }), split, fc.boolean(), (events, steps, how, binary) => {
        const frames = framesOf(events, steps, how, binary, 5);
        assert.deepEqual(frames, obvious(events, steps, how, binary, 5));
        if (!binary)
          assert.equal(
            frames.flat().reduce((sum, count) => sum + count, 0),
            events.length,
          );
      }),
    );
  });
});
