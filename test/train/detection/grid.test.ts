import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { BOX_CHANNELS, decodeGrid, encodeGrid, type GridSpec } from "#train/detection/grid";
import { detectionLoss } from "#train/detection/detection-loss";
import { createRandom } from "#train/random";
import type { Box } from "#train/spike-camera/moving-shapes";

const GRID: GridSpec = { rows: 6, columns: 8, cellPixels: 4, anchorPixels: 9, classes: 3 };
const CELLS = 48;
const DECODE = { leastScore: 0.1, overlap: 0.45 };
const near = (found: number, wanted: number, tolerance = 1e-4): void =>
  assert.ok(Math.abs(found - wanted) <= tolerance, `${found} is not ${wanted}`);

/** A head that says exactly what it should. */
function perfectOutput(boxes: readonly Box[]): Float32Array {
  const { classOf, box } = encodeGrid(boxes, GRID);
  const output = new Float32Array((BOX_CHANNELS + 3) * CELLS);
  classOf.forEach((own, cell) => {
    output[cell] = own >= 0 ? 9 : -9;
    if (own >= 0) output[(BOX_CHANNELS + own) * CELLS + cell] = 9;
  });
  output.set(box, CELLS);
  return output;
}

describe("the grid", () => {
  test("puts an object into the cell of its centre", () => {
    const { classOf, box } = encodeGrid([{ x: 7, y: 10, width: 9, height: 18, class: 2 }], GRID);
    // Centre (11.5, 19): column 2, row 4.
    const cell = 4 * 8 + 2;
    assert.deepEqual(
      [...classOf].flatMap((own, i) => (own >= 0 ? [[i, own]] : [])),
      [[cell, 2]],
    );
    [11.5 / 4 - 2.5, 19 / 4 - 4.5, 0, Math.log(2)].forEach((wanted, k) =>
      near(box[k * CELLS + cell], wanted),
    );
  });

  test("gives a shared cell to the first object", () => {
    const boxes = [0, 1].map((own) => ({ x: 1, y: 1, width: 2 + own, height: 2, class: own }));
    const { classOf, box } = encodeGrid(boxes, GRID);
    assert.equal(classOf[0], 0);
    near(box[2 * CELLS], Math.log(2 / 9));
  });

  test("decodes what it encodes", () => {
    const any = fc.record({
      x: fc.integer({ min: 0, max: 20 }),
      y: fc.integer({ min: 0, max: 12 }),
      width: fc.integer({ min: 5, max: 11 }),
      height: fc.integer({ min: 5, max: 11 }),
      class: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(any, (box) => {
        const [found, ...rest] = decodeGrid(perfectOutput([box]), GRID, DECODE);
        assert.equal(rest.length, 0);
        for (const key of ["x", "y", "width", "height", "class"] as const) near(found[key], box[key]);
        assert.ok(found.score > 0.99);
      }),
    );
  });

  test("reports nothing below the least score, and scores by objectness times class", () => {
    const output = perfectOutput([{ x: 1, y: 1, width: 9, height: 9, class: 1 }]);
    const cell = encodeGrid([{ x: 1, y: 1, width: 9, height: 9, class: 1 }], GRID).classOf.indexOf(1);
    output[cell] = 0;
    for (let c = 0; c < 3; c++) output[(BOX_CHANNELS + c) * CELLS + cell] = c === 1 ? Math.log(2) : 0;
    near(decodeGrid(output, GRID, DECODE)[0].score, 0.5 * 0.5);
    assert.equal(decodeGrid(output, GRID, { ...DECODE, leastScore: 0.26 }).length, 0);
  });
});

describe("the detection loss", () => {
  const SMALL: GridSpec = { rows: 2, columns: 2, cellPixels: 4, anchorPixels: 5, classes: 2 };
  const targets = [
    encodeGrid([{ x: 1, y: 1, width: 5, height: 4, class: 1 }], SMALL),
    encodeGrid(
      [
        { x: 3, y: 4, width: 4, height: 3, class: 0 },
        { x: 4, y: 0, width: 3, height: 3, class: 1 },
      ],
      SMALL,
    ),
  ];
  const [steps, read, entries] = [3, 2, 2 * 7 * 4];
  const random = createRandom(2);
  const output = Float64Array.from({ length: steps * entries }, () => 2 * (random.next() - 0.5));
  const lossOf = (values: Float64Array): number =>
    detectionLoss(values, new Float64Array(values.length), targets, SMALL, steps, read).loss;

  test("has the gradient of its differences", () => {
    const gradient = new Float64Array(output.length).fill(7);
    detectionLoss(output, gradient, targets, SMALL, steps, read);
    for (let i = 0; i < output.length; i++) {
      const [up, down] = [output.slice(), output.slice()];
      up[i] += 1e-6;
      down[i] -= 1e-6;
      near(gradient[i], (lossOf(up) - lossOf(down)) / 2e-6, 1e-6);
    }
    assert.ok(
      gradient.subarray(0, entries).every((g) => g === 0),
      "the first step is not read",
    );
  });

  test("of one cell is what a hand calculates", () => {
    const one: GridSpec = { rows: 1, columns: 1, cellPixels: 4, anchorPixels: 4, classes: 2 };
    const target = encodeGrid([{ x: 0, y: 0, width: 4, height: 4, class: 1 }], one);
    const said = Float64Array.of(0, 0.05, 1, 0, 0, 0, Math.log(3));
    const result = detectionLoss(said, new Float64Array(7), [target], one, 1, 1);
    near(result.objectness, Math.log(2), 1e-9);
    // Twice the smooth L1: 0.05² / 0.2 and 1 - 0.05.
    near(result.box, 2 * (0.0125 + 0.95), 1e-9);
    near(result.class, Math.log(4 / 3), 1e-9);
    near(result.loss, result.objectness + result.box + result.class, 1e-12);
  });

  test("is nearly nothing for a head that is right, and finite for one that is far off", () => {
    const boxes = [{ x: 7, y: 10, width: 9, height: 9, class: 2 }];
    const right = perfectOutput(boxes).map((v, i) => (i >= CELLS && i < 5 * CELLS ? v : 5 * v));
    const gradient = new Float32Array(right.length);
    assert.ok(detectionLoss(right, gradient, [encodeGrid(boxes, GRID)], GRID, 1, 1).loss < 1e-4);
    const wild = right.map((v) => -200 * v - 1000);
    assert.ok(Number.isFinite(detectionLoss(wild, gradient, [encodeGrid(boxes, GRID)], GRID, 1, 1).loss));
  });
});
