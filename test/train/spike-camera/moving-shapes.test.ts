import assert from "node:assert/strict";
import { describe, test } from "vitest";
import {
  generateMovingShapes,
  recordMovingShapes,
  type Box,
  type MovingShapesOptions,
} from "#train/spike-camera/moving-shapes";
import { ToolchainError } from "#util/diagnostic";

const SMALL: MovingShapesOptions = {
  samples: 12,
  height: 32,
  width: 40,
  steps: 3,
  planesPerStep: 8,
  seed: 5,
};

const pixelsIn = (box: Box): [number, number][] => {
  const inside: [number, number][] = [];
  for (let y = Math.floor(box.y); y < box.y + box.height; y++)
    for (let x = Math.floor(box.x); x < box.x + box.width; x++) inside.push([x, y]);
  return inside;
};

describe("generateMovingShapes", () => {
  test("gives sums, boxes and classes of the promised shapes, and calls itself synthetic", () => {
    const data = generateMovingShapes(SMALL);
    assert.equal(data.name, "synthetic moving shapes");
    assert.deepEqual(data.shape, [3, 1, 32, 40]);
    assert.equal(data.sums.length, 12 * 3 * 32 * 40);
    assert.equal(data.boxes.length, 12);
    assert.ok(data.sums.every((sum) => Number.isInteger(sum) && sum >= 0 && sum <= 8));
    assert.deepEqual(new Set(data.boxes.flat().map((box) => box.class)), new Set([0, 1, 2]));
    assert.deepEqual(new Set(data.boxes.map((list) => list.length)), new Set([1, 2, 3]));
  });

  test("sums the planes that it records", () => {
    const data = generateMovingShapes(SMALL);
    for (const sample of [0, 7]) {
      const { planes, boxes } = recordMovingShapes(SMALL, sample);
      assert.deepEqual(boxes, data.boxes[sample]);
      for (let step = 0; step < 3; step++)
        for (const pixel of [0, 500, 1279]) {
          let sum = 0;
          for (let p = 0; p < 8; p++) sum += planes[(step * 8 + p) * 1280 + pixel];
          assert.equal(data.sums[(sample * 3 + step) * 1280 + pixel], sum);
        }
    }
  });

  test("depends on seed and sample alone", () => {
    const all = generateMovingShapes(SMALL);
    const few = generateMovingShapes({ ...SMALL, samples: 4 });
    assert.deepEqual(few.sums, all.sums.slice(0, few.sums.length));
    assert.deepEqual(few.boxes, all.boxes.slice(0, 4));
    assert.notDeepEqual(generateMovingShapes({ ...SMALL, samples: 4, seed: 6 }).boxes, few.boxes);
    assert.notDeepEqual(few.boxes[0], few.boxes[1]);
  });

  test("keeps every box inside the picture and apart from the others", () => {
    for (const list of generateMovingShapes({ ...SMALL, samples: 200, steps: 1, planesPerStep: 1 }).boxes) {
      for (const box of list) {
        assert.ok(Math.min(box.x, box.y) >= -1e-9);
        assert.ok(box.x + box.width <= 40 + 1e-9 && box.y + box.height <= 32 + 1e-9);
        assert.ok(box.width >= 5, "large enough to be seen");
      }
      for (const [i, a] of list.entries())
        for (const b of list.slice(i + 1)) {
          const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
          const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
          const shared = Math.max(0, across) * Math.max(0, down);
          assert.ok(shared <= 0.1 * Math.min(a.width * a.height, b.width * b.height) + 1e-9);
        }
    }
  });

  test("puts each box around its shape, to the pixel", () => {
    // With 60 planes the first and the last position differ; only the last fifth of the way is looked at.
    const options = { ...SMALL, samples: 25, steps: 1, planesPerStep: 120, maxObjects: 1 };
    for (let sample = 0; sample < options.samples; sample++) {
      const { planes, boxes } = recordMovingShapes(options, sample);
      const [box] = boxes;
      // In the last 3 planes the shape has moved by less than a fifth of a pixel; at a light of 0.5 or more each of
      // its pixels fires there at least once, and the dark ones (at most 0.15) fire in at most one of them.
      const fired = new Uint8Array(1280);
      for (let p = 116; p < 120; p++) for (let i = 0; i < 1280; i++) fired[i] += planes[p * 1280 + i];
      const lit = Array.from(fired.keys()).filter((i) => fired[i] >= 2);
      const columns = lit.map((i) => i % 40);
      const rows = lit.map((i) => Math.floor(i / 40));
      const near = (a: number, b: number, pixels: number): void =>
        assert.ok(Math.abs(a - b) <= pixels, `sample ${sample}: ${a} is not ${b}`);
      near(Math.min(...columns), box.x, 1.2);
      near(Math.max(...columns) + 1, box.x + box.width, 1.2);
      near(Math.max(...rows) + 1, box.y + box.height, 1.2);
      // The tip of a triangle is narrower than a pixel.
      near(Math.min(...rows), box.y, box.class === 2 ? 2.2 : 1.2);
      const area = { 0: 1, 1: Math.PI / 4, 2: 0.5 }[box.class as 0 | 1 | 2];
      near(lit.length / (box.width * box.height), area, 0.12);
    }
  });

  test("moves: the first window is not the last", () => {
    const data = generateMovingShapes({ ...SMALL, steps: 2, planesPerStep: 40 });
    let moved = 0;
    for (const [sample, list] of data.boxes.entries())
      for (const box of list)
        for (const [x, y] of pixelsIn(box)) {
          const at = (step: number): number => data.sums[(sample * 2 + step) * 1280 + y * 40 + x];
          if (Math.abs(at(0) - at(1)) > 5) moved++;
        }
    assert.ok(moved > 100, `${moved} pixels changed`);
  });

  test("turns the share of spikes that noise asks for", () => {
    const clean = recordMovingShapes(SMALL, 3).planes;
    const noisy = recordMovingShapes({ ...SMALL, noise: 0.1 }, 3).planes;
    let turned = 0;
    for (let i = 0; i < clean.length; i++) turned += clean[i] ^ noisy[i];
    assert.ok(Math.abs(turned / clean.length - 0.1) < 0.01, `${turned / clean.length}`);
  });

  test("names every option that does not fit", () => {
    assert.throws(
      () => generateMovingShapes({ ...SMALL, width: 8, steps: 0, noise: 2, planesPerStep: 1.5 }),
      (error: unknown) => {
        assert.ok(error instanceof ToolchainError);
        assert.deepEqual(
          error.diagnostics.map(({ code, subject }) => [code, subject]),
          ["width", "steps", "planesPerStep", "noise"].map((name) => [
            "train/data-option-out-of-range",
            name,
          ]),
        );
        return true;
      },
    );
  });
});
