import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { assertEveryCutIsReported, cifarFile, codesOf } from "#test/data-files";
import { datasetFromCifar, type CifarFiles } from "#train/datasets/cifar";

const named = (...files: Uint8Array[]) => files.map((bytes, i) => ({ name: `batch_${i + 1}.bin`, bytes }));
const load = (files: CifarFiles) => codesOf((sink) => datasetFromCifar(files, sink));

const TEN = cifarFile([
  { labels: [3], first: 0 },
  { labels: [9], first: 7 },
]);

describe("CIFAR binary", () => {
  test("reads label, red, green and blue of CIFAR-10, file after file", () => {
    const files = named(TEN, cifarFile([{ labels: [0], first: 200 }]));
    const { result } = load({ variant: "cifar-10", files });
    assert.deepEqual(result!.shape, [3, 32, 32]);
    assert.deepEqual([...result!.labels], [3, 9, 0]);
    assert.equal(result!.pixels.length, 3 * 3072);
    // Second image: pixel i is (7 + i) mod 256; green starts at 1024, blue at 2048.
    assert.deepEqual(
      [0, 1, 1024, 2048, 3071].map((i) => result!.pixels[3072 + i]),
      [7, 8, 7, 7, 6],
    );
    assert.equal(result!.pixels[2 * 3072], 200);
  });

  test("takes the fine label of CIFAR-100", () => {
    const bytes = cifarFile([{ labels: [19, 99], first: 1 }]);
    assert.equal(bytes.length, 3074);
    const { result } = load({ variant: "cifar-100", files: named(bytes) });
    assert.deepEqual([...result!.labels], [99]);
    assert.equal(result!.classes, 100);
    assert.equal(result!.pixels[0], 1);
  });

  test("reports every cut, and every cut of a file of known length", () => {
    const read =
      (imagesPerFile?: number) => (bytes: Uint8Array, sink: Parameters<typeof datasetFromCifar>[1]) =>
        datasetFromCifar(
          {
            variant: "cifar-10",
            files: named(bytes),
            ...(imagesPerFile === undefined ? {} : { imagesPerFile }),
          },
          sink,
        );
    assertEveryCutIsReported(TEN, read(), [3073, 6146]);
    assertEveryCutIsReported(TEN, read(2), [6146]);
    for (const length of [1, 3072, 3074, 6145])
      assert.deepEqual(load({ variant: "cifar-10", files: named(TEN.slice(0, length)) }).codes, [
        "train/data-cut-short",
      ]);
    assert.deepEqual(load({ variant: "cifar-10", files: named(TEN), imagesPerFile: 1 }).codes, [
      "train/data-trailing-bytes",
    ]);
  });

  test("reports labels beyond the classes, in every file", () => {
    const wrong = cifarFile([{ labels: [10], first: 0 }]);
    assert.deepEqual(load({ variant: "cifar-10", files: named(wrong, TEN, wrong) }).codes, [
      "train/data-label-out-of-range",
      "train/data-label-out-of-range",
    ]);
    assert.deepEqual(
      load({ variant: "cifar-100", files: named(cifarFile([{ labels: [3, 100], first: 0 }])) }).codes,
      ["train/data-label-out-of-range"],
    );
  });
});
