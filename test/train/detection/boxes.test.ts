import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { averagePrecision } from "#train/detection/average-precision";
import { type Detection, intersectionOverUnion, suppressOverlaps } from "#train/detection/boxes";
import type { Box } from "#train/spike-camera/moving-shapes";

const box = (x: number, y: number, width: number, height: number, own = 0): Box => ({
  x,
  y,
  width,
  height,
  class: own,
});
const hit = (from: Box, score: number, shift = 0): Detection => ({ ...from, x: from.x + shift, score });
const near = (found: number, wanted: number): void =>
  assert.ok(Math.abs(found - wanted) < 1e-9, `${found} is not ${wanted}`);

describe("overlap of boxes", () => {
  test("is shared area over united area", () => {
    near(intersectionOverUnion(box(0, 0, 2, 2), box(1, 1, 2, 2)), 1 / 7);
    near(intersectionOverUnion(box(0, 0, 4, 2), box(1, 0, 2, 2)), 0.5);
    assert.equal(intersectionOverUnion(box(0, 0, 2, 2), box(2, 0, 2, 2)), 0);
    assert.equal(intersectionOverUnion(box(0, 0, 2, 2), box(0, 5, 2, 2)), 0);
  });

  test("is what counting pixels gives", () => {
    const side = fc.integer({ min: 1, max: 6 });
    const place = fc.integer({ min: 0, max: 6 });
    const any = fc.tuple(place, place, side, side).map(([x, y, w, h]) => box(x, y, w, h));
    fc.assert(
      fc.property(any, any, (a, b) => {
        let [shared, united] = [0, 0];
        const covers = ({ x, y, width, height }: Box, px: number, py: number): boolean =>
          px >= x && px < x + width && py >= y && py < y + height;
        for (let py = 0; py < 12; py++)
          for (let px = 0; px < 12; px++) {
            const [inA, inB] = [covers(a, px, py), covers(b, px, py)];
            if (inA && inB) shared++;
            if (inA || inB) united++;
          }
        near(intersectionOverUnion(a, b), shared / united);
      }),
    );
  });
});

describe("non-maximum suppression", () => {
  test("keeps the best of a heap, and other classes", () => {
    const a = box(0, 0, 10, 10);
    const found = [hit(a, 0.5), hit(a, 0.9, 1), hit(a, 0.7, 30), { ...hit(a, 0.6), class: 1 }];
    assert.deepEqual(
      suppressOverlaps(found, 0.45).map(({ score }) => score),
      [0.9, 0.7, 0.6],
    );
  });

  test("measures against those that are kept, not those that are gone", () => {
    // Each overlaps its neighbour by 0.6, the first and the third by 1/3.
    const chain = [hit(box(0, 0, 8, 8), 0.9), hit(box(2, 0, 8, 8), 0.8), hit(box(4, 0, 8, 8), 0.7)];
    assert.deepEqual(
      suppressOverlaps(chain, 0.45).map(({ score }) => score),
      [0.9, 0.7],
    );
  });
});

describe("average precision", () => {
  const truth = [box(0, 0, 10, 10), box(30, 0, 10, 10), box(60, 0, 10, 10), box(90, 0, 10, 10)];
  const of = (found: readonly Detection[], boxes: readonly Box[] = truth): number =>
    averagePrecision([found], [boxes], 1).averagePrecision[0];

  test("of perfect detections is 1, of none 0", () => {
    assert.equal(of(truth.map((b) => hit(b, 0.5))), 1);
    assert.equal(of([]), 0);
  });

  test("interpolates at all points", () => {
    // Right, wrong, right, wrong, right: precision 1, 1/2, 2/3, 1/2, 3/5 at recall 1/4, 1/4, 1/2, 1/2, 3/4.
    const found = [
      hit(truth[0], 0.9),
      hit(truth[0], 0.8, 200),
      hit(truth[1], 0.7),
      hit(truth[1], 0.6, 200),
      hit(truth[2], 0.5),
    ];
    near(of(found), (1 + 2 / 3 + 3 / 5) / 4);
    near(of(found.toReversed()), (1 + 2 / 3 + 3 / 5) / 4);
    // Wrong, right, right: the later precision 2/3 counts for the earlier recall too.
    near(of([hit(truth[3], 0.9, 200), hit(truth[0], 0.8), hit(truth[1], 0.7)]), (2 / 3) * 0.5);
  });

  test("counts a second detection of the same box as wrong", () => {
    const twice = [hit(truth[0], 0.9), hit(truth[0], 0.8), ...truth.slice(1).map((b) => hit(b, 0.5))];
    near(of(twice), 1 / 4 + (4 / 5) * (3 / 4));
  });

  test("asks for the overlap, the class and the sample", () => {
    const [a] = truth;
    const ap = (found: readonly (readonly Detection[])[]): readonly number[] =>
      averagePrecision(found, [[a], [box(50, 50, 10, 10, 1)]], 3).averagePrecision;
    // Shifted by 3 of 10: 7/13 is enough; by 4: 6/14 is not.
    assert.equal(ap([[hit(a, 1, 3)], []])[0], 1);
    assert.equal(ap([[hit(a, 1, 4)], []])[0], 0);
    assert.equal(ap([[{ ...hit(a, 1), class: 1 }], []])[0], 0);
    assert.equal(ap([[], [hit(a, 1)]])[0], 0);
    assert.ok(Number.isNaN(ap([[], []])[2]));
  });

  test("ranks the detections of all samples together, and averages over the classes that occur", () => {
    const boxes = [[truth[0]], [truth[1], box(0, 50, 10, 10, 2)]];
    const found = [[hit(truth[0], 0.6), hit(truth[0], 0.7, 300)], [hit(truth[1], 0.9)]];
    const report = averagePrecision(found, boxes, 3);
    // 0.9 right, 0.7 wrong, 0.6 right.
    near(report.averagePrecision[0], (1 + 2 / 3) / 2);
    assert.equal(report.averagePrecision[2], 0);
    near(report.meanAveragePrecision, (1 + 2 / 3) / 4);
    assert.equal(averagePrecision([[]], [[]], 3).meanAveragePrecision, 0);
  });
});
