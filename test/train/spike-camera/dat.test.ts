import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { readSpikeDat, writeSpikeDat, type DatLayout, type DatSelection } from "#train/spike-camera/dat";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";

const read = (bytes: Uint8Array, layout: DatLayout & DatSelection) => {
  const sink = new DiagnosticSink();
  const spikes = readSpikeDat(bytes, "street.dat", layout, sink);
  return { spikes, codes: sink.diagnostics.map(({ code }) => code), sink };
};

const TINY = { width: 8, height: 2 };
// Top row: first pixel; bottom row: second and last.
const TINY_PLANE = [1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1];

describe("spike camera .dat", () => {
  test("reads the lowest bit first and the bottom row first, as the public cameras write", () => {
    const { spikes } = read(Uint8Array.of(0x82, 0x01), TINY);
    assert.deepEqual([...spikes!.planes], TINY_PLANE);
    assert.equal(spikes!.count, 1);
  });

  test("reads the other bit order and the other row order", () => {
    const other = { ...TINY, bitOrder: "highest-first", bottomUp: false } as const;
    assert.deepEqual([...read(Uint8Array.of(0x80, 0x41), other).spikes!.planes], TINY_PLANE);
  });

  test("takes 250 x 400 pixels, 12500 bytes a plane, unless told otherwise", () => {
    const bytes = new Uint8Array(25_000);
    bytes[12_500 + 49] = 0x80; // second plane, first stored row, pixel 399
    const { spikes } = read(bytes, {});
    assert.deepEqual([spikes!.count, spikes!.height, spikes!.width], [2, 250, 400]);
    assert.equal(spikes!.planes.indexOf(1), 100_000 + 249 * 400 + 399);
  });

  test("reads the planes that are asked for", () => {
    const bytes = Uint8Array.of(0, 0, 0, 1, 0, 2, 0, 4);
    const { spikes } = read(bytes, { ...TINY, firstPlane: 1, planeCount: 2 });
    assert.deepEqual([spikes!.count, spikes!.planes.indexOf(1), spikes!.planes.lastIndexOf(1)], [2, 0, 17]);
  });

  test("reads back what it wrote, in every layout", () => {
    const layout = fc.record({
      bitOrder: fc.constantFrom<"lowest-first" | "highest-first">("lowest-first", "highest-first"),
      bottomUp: fc.boolean(),
    });
    const sizes = fc.record({ width: fc.constantFrom(4, 8, 12, 20), height: fc.constantFrom(2, 4, 6) });
    const seeds = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 7, maxLength: 50 });
    fc.assert(
      fc.property(
        layout,
        sizes,
        fc.integer({ min: 1, max: 3 }),
        seeds,
        (how, { width, height }, count, bits) => {
          const planes = Uint8Array.from({ length: count * width * height }, (_, i) => bits[i % bits.length]);
          const sink = new DiagnosticSink();
          const bytes = writeSpikeDat({ planes, count, width, height }, how, sink);
          assert.equal(bytes!.length, (count * width * height) / 8);
          assert.deepEqual(read(bytes!, { ...how, width, height }).spikes, { planes, count, width, height });
        },
      ),
    );
  });

  test("says what is missing of a plane, wherever the file is cut", () => {
    for (let length = 0; length < 12; length++) {
      const { spikes, codes } = read(new Uint8Array(length), { width: 8, height: 4 });
      if (length === 4 || length === 8) assert.equal(spikes!.count, length / 4);
      else assert.deepEqual(codes, [length === 0 ? "train/data-empty" : "train/data-cut-short"], `${length}`);
    }
    const { sink } = read(new Uint8Array(12_501), {});
    assert.equal(
      formatDiagnostic(sink.diagnostics[0]),
      [
        "error[train/data-cut-short]: street.dat needs 25000 bytes up to the end of plane 1, but has 12501.",
        "  at street.dat",
        "  try: fetch the file anew: it is not complete.",
      ].join("\n"),
    );
  });

  test("refuses sizes that do not fill bytes and planes that are not there", () => {
    const option = "train/data-option-out-of-range";
    assert.deepEqual(read(new Uint8Array(4), { width: 3, height: 3 }).codes, [option]);
    assert.deepEqual(read(new Uint8Array(4), { width: 0, height: 2.5 }).codes, [option, option]);
    assert.deepEqual(read(new Uint8Array(4), { ...TINY, firstPlane: 2 }).codes, [option]);
    assert.deepEqual(read(new Uint8Array(4), { ...TINY, firstPlane: 1, planeCount: 2 }).codes, [option]);
    const sink = new DiagnosticSink();
    assert.equal(
      writeSpikeDat({ planes: new Uint8Array(9), count: 1, width: 3, height: 3 }, {}, sink),
      undefined,
    );
    assert.equal(sink.diagnostics[0].code, option);
  });
});
