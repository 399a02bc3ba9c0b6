import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, test } from "vitest";
import fc from "fast-check";
import { rateEncode, rateEncodeAll } from "#train/encode";
import { sharedPath } from "#test/shared";

const image = fc.uint8Array({ minLength: 1, maxLength: 40 });
const steps = fc.integer({ min: 1, max: 60 });

describe("rateEncode", () => {
  test("gives the spikes of a hand calculation", () => {
    // Pixel 0, phase 0: the sums 100, 200, 300, 400, 500, 600 pass 255 in step 2 and 510 in step 5.
    // Pixel 1, phase 97: 197, 297, 397, 497, 597, 697 pass in steps 1 and 4.
    const { step, index } = rateEncode(Uint8Array.of(100, 100), 6);
    assert.deepEqual([...step], [1, 2, 4, 5]);
    assert.deepEqual([...index], [1, 0, 1, 0]);
  });

  test("never fires for black and always for white", () => {
    assert.equal(rateEncode(new Uint8Array(300), 25).step.length, 0);
    assert.equal(rateEncode(new Uint8Array(300).fill(255), 25).step.length, 300 * 25);
  });

  test("fires in exactly the steps that the rule names, in order of step and pixel", () => {
    fc.assert(
      fc.property(image, steps, (pixels, T) => {
        const expected: [number, number][] = [];
        for (let t = 0; t < T; t++)
          pixels.forEach((q, i) => {
            const phase = (97 * i) % 255;
            if (Math.floor(((t + 1) * q + phase) / 255) > Math.floor((t * q + phase) / 255))
              expected.push([t, i]);
          });
        const { step, index } = rateEncode(pixels, T);
        assert.deepEqual(
          Array.from(step, (t, e) => [t, index[e]]),
          expected,
        );
      }),
    );
  });

  test("lets a pixel fire floor((steps q + phase) / 255) times", () => {
    fc.assert(
      fc.property(image, steps, (pixels, T) => {
        const counts = new Uint32Array(pixels.length);
        rateEncode(pixels, T).index.forEach((i) => counts[i]++);
        const closedForm = Array.from(pixels, (q, i) => Math.floor((T * q + ((97 * i) % 255)) / 255));
        assert.deepEqual([...counts], closedForm);
      }),
    );
  });
});

test("rateEncodeAll makes one sample of every image", () => {
  const pixels = Uint8Array.of(10, 200, 255, 0, 90, 33);
  const { steps: T, shape, samples } = rateEncodeAll(pixels, [2], 9);
  assert.deepEqual([T, shape, samples.length], [9, [2], 3]);
  assert.deepEqual(samples[1], rateEncode(Uint8Array.of(255, 0), 9));
});

const corpus = sharedPath("corpus");
const model = join(corpus ?? "", "models/snntorch_mlp_dense");
const present = corpus !== undefined && existsSync(model);

test.skipIf(!present)(
  "corpus models/snntorch_mlp_dense: gives the input spikes that snnTorch was given",
  () => {
    const pixels = Uint8Array.from(
      gunzipSync(readFileSync(join(corpus!, "data/mnist_test_1000.images.u8.gz"))),
    );
    const { stored_samples: stored } = JSON.parse(readFileSync(join(model, "case.json"), "utf8")).check;
    const input = JSON.parse(gunzipSync(readFileSync(join(model, "input.json.gz"))).toString());
    const [steps] = input.shape;
    stored.forEach((image: number, sample: number) => {
      const { step, index } = rateEncode(pixels.subarray(image * 784, (image + 1) * 784), steps);
      assert.deepEqual([...step], input.samples[sample].t);
      assert.deepEqual([...index], input.samples[sample].i);
    });
    assert.equal(stored.length, 5);
  },
);
