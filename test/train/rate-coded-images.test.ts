import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { describe, test } from "vitest";
import fc from "fast-check";
import { rateEncode } from "#train/encode";
import {
  decodeRateCodedImages,
  encodeRateCodedImages,
  isRateCodedImages,
  readRateCodedImages,
  spikesOfImages,
  type RateCodedImages,
} from "#train/rate-coded-images";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";

const IMAGES: RateCodedImages = {
  steps: 7,
  shape: [1, 2],
  pixels: Uint8Array.of(0, 255, 128, 3),
  labels: Uint8Array.of(4, 9),
};

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe("rate-coded image files", () => {
  test("come back as they were written, plain and gzip", async () => {
    const plain = bytesOf(encodeRateCodedImages(IMAGES));
    for (const bytes of [plain, gzipSync(plain)]) {
      const sink = new DiagnosticSink();
      assert.deepEqual(await readRateCodedImages(bytes, sink), IMAGES);
      assert.deepEqual(sink.diagnostics, []);
    }
  });

  test("are recognised by their rule", () => {
    assert.equal(isRateCodedImages(encodeRateCodedImages(IMAGES)), true);
    for (const other of [null, 3, [], { rule: "poisson" }, { shape: [2], samples: [] }])
      assert.equal(isRateCodedImages(other), false);
  });

  test("become one sample of spikes per image", () => {
    const { steps, shape, samples } = spikesOfImages(IMAGES);
    assert.deepEqual([steps, shape], [7, [1, 2]]);
    assert.deepEqual(samples, [rateEncode(Uint8Array.of(0, 255), 7), rateEncode(Uint8Array.of(128, 3), 7)]);
  });

  test("name every field that is wrong", () => {
    const sink = new DiagnosticSink();
    const json = { rule: "poisson", steps: 0, shape: [2, -1], pixels: "~", labels: [256] };
    assert.equal(decodeRateCodedImages(json, sink), undefined);
    assert.deepEqual(
      sink.diagnostics.map((d) => d.subject),
      ["rule", "steps", "shape", "labels", "pixels"],
    );
    assert.equal(
      formatDiagnostic(sink.diagnostics[1]),
      [
        'error[train/rate-coded-field]: the field "steps" of a rate-coded image file needs a whole number from 1, but there is 0.',
        "  at steps",
        '  try: write the file with "encodeRateCodedImages", or mend the field.',
      ].join("\n"),
    );
  });

  test("need as many pixels as labels and shape say", () => {
    const sink = new DiagnosticSink();
    assert.equal(
      decodeRateCodedImages({ ...encodeRateCodedImages(IMAGES), labels: [1, 2, 3] }, sink),
      undefined,
    );
    assert.match(sink.diagnostics[0].message, /needs 6 bytes \(labels x shape\), but there is 4 bytes/);
  });

  test("end in diagnostics when they are damaged, never in an exception", async () => {
    const whole = gzipSync(bytesOf(encodeRateCodedImages(IMAGES)));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (place, flip) => {
        const damaged = Uint8Array.from(whole);
        damaged[place] ^= flip;
        const sink = new DiagnosticSink();
        const read = await readRateCodedImages(damaged, sink);
        assert.equal(read === undefined, sink.hasErrors);
      }),
    );
    for (const bytes of [new Uint8Array(0), whole.subarray(0, 20), bytesOf([1])]) {
      const sink = new DiagnosticSink();
      assert.equal(await readRateCodedImages(bytes, sink), undefined);
      assert.equal(sink.hasErrors, true);
    }
  });
});
