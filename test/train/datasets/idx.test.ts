import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, test } from "vitest";
import { assertEveryCutIsReported, codesOf, idxFile } from "#test/data-files";
import { sharedPath } from "#test/shared";
import { unpackGzip, type DataFile } from "#train/datasets/files";
import { datasetFromIdx, readIdx } from "#train/datasets/idx";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";

const IMAGES = idxFile([3, 2, 2], [0, 1, 2, 3, 10, 11, 12, 13, 252, 253, 254, 255]);
const LABELS = idxFile([3], [7, 0, 9]);

const load = (images: Uint8Array, labels: Uint8Array, sink: DiagnosticSink) =>
  datasetFromIdx(
    {
      name: "tiny",
      classes: 10,
      images: { name: "tiny-images", bytes: images },
      labels: { name: "tiny-labels", bytes: labels },
    },
    sink,
  );
const codes = (images: Uint8Array, labels: Uint8Array) => codesOf((sink) => load(images, labels, sink)).codes;

describe("IDX", () => {
  test("reads images row by row, with their labels", () => {
    const { result } = codesOf((sink) => load(IMAGES, LABELS, sink));
    assert.deepEqual(result!.shape, [1, 2, 2]);
    assert.deepEqual([...result!.pixels.subarray(4, 8)], [10, 11, 12, 13]);
    assert.deepEqual([...result!.labels], [7, 0, 9]);
    assert.equal(result!.classes, 10);
  });

  test("reads vectors", () => {
    const { result } = codesOf((sink) => load(idxFile([3, 4], IMAGES.subarray(16)), LABELS, sink));
    assert.deepEqual(result!.shape, [4]);
  });

  test("has the magic numbers of MNIST", () => {
    assert.deepEqual([...IMAGES.subarray(0, 8)], [0, 0, 8, 3, 0, 0, 0, 3]);
    assert.deepEqual([...LABELS.subarray(0, 8)], [0, 0, 8, 1, 0, 0, 0, 3]);
  });

  test("reports every cut of either file", () => {
    assertEveryCutIsReported(IMAGES, (bytes, sink) => load(bytes, LABELS, sink), [IMAGES.length]);
    assertEveryCutIsReported(LABELS, (bytes, sink) => load(IMAGES, bytes, sink), [LABELS.length]);
  });

  test("reports bytes that follow, wrong starts and wrong ranks", () => {
    assert.deepEqual(codes(Uint8Array.of(...IMAGES, 0), LABELS), ["train/data-trailing-bytes"]);
    for (const [at, value] of [
      [0, 1],
      [1, 1],
      [2, 0x0d],
      [3, 0],
    ]) {
      const wrong = IMAGES.slice();
      wrong[at] = value;
      assert.deepEqual(codes(wrong, LABELS), ["train/data-wrong-format"], `byte ${at}`);
    }
    assert.deepEqual(codes(LABELS, IMAGES), ["train/data-wrong-format", "train/data-wrong-format"]);
  });

  test("reports dimensions that nobody has", () => {
    assert.deepEqual(codes(Uint8Array.of(0, 0, 8, 3, ...new Uint8Array(12).fill(255)), LABELS), [
      "train/data-cut-short",
    ]);
    const { codes: found } = codesOf((sink) =>
      readIdx({ name: "x", bytes: Uint8Array.of(0, 0, 8, 255, ...new Uint8Array(1020).fill(255)) }, sink),
    );
    assert.deepEqual(found, ["train/data-cut-short"]);
  });

  test("reports labels beyond the classes, counts that differ and files of nothing", () => {
    assert.deepEqual(codes(IMAGES, idxFile([3], [7, 10, 255])), [
      "train/data-label-out-of-range",
      "train/data-label-out-of-range",
    ]);
    assert.deepEqual(codes(IMAGES, idxFile([2], [1, 2])), ["train/data-counts-differ"]);
    assert.deepEqual(codes(idxFile([0, 2, 2], []), idxFile([0], [])), ["train/data-empty"]);
  });

  test("says what is needed and what there is", () => {
    const sink = new DiagnosticSink();
    load(IMAGES.subarray(0, 20), LABELS, sink);
    assert.equal(
      formatDiagnostic(sink.diagnostics[0]),
      [
        "error[train/data-cut-short]: tiny-images needs 28 bytes up to the end of its 3 x 2 x 2 elements, but has 20.",
        "  at tiny-images",
        "  try: fetch the file anew: it is not complete.",
      ].join("\n"),
    );
  });

  test("unpacks gzip, leaves the rest as it is, and reports packing that is cut or damaged", async () => {
    const sink = new DiagnosticSink();
    const packed = new Uint8Array(gzipSync(IMAGES));
    assert.deepEqual((await unpackGzip({ name: "a.gz", bytes: packed }, sink))!.bytes, IMAGES);
    const plain = { name: "a", bytes: IMAGES };
    assert.equal(await unpackGzip(plain, sink), plain);
    assert.deepEqual(sink.diagnostics, []);
    for (const length of [2, 9, 12, packed.length - 5, packed.length - 1]) {
      const cut = new DiagnosticSink();
      assert.equal(await unpackGzip({ name: "a.gz", bytes: packed.slice(0, length) }, cut), undefined);
      assert.equal(cut.diagnostics[0].code, "train/data-not-readable", `${length}`);
    }
  });
});

const mnist = sharedPath("data/mnist");

test.skipIf(mnist === undefined)("reads the 10,000 test digits of MNIST", async () => {
  const sink = new DiagnosticSink();
  const open = async (name: string): Promise<DataFile> =>
    (await unpackGzip({ name, bytes: readFileSync(join(mnist!, name)) }, sink))!;
  const [images, labels] = [await open("t10k-images-idx3-ubyte.gz"), await open("t10k-labels-idx1-ubyte.gz")];
  const data = datasetFromIdx({ name: "mnist", images, labels, classes: 10 }, sink)!;
  assert.deepEqual(data.shape, [1, 28, 28]);
  assert.equal(data.pixels.length, 7_840_000);
  assert.deepEqual([...data.labels.subarray(0, 10)], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  const perClass = new Array<number>(10).fill(0);
  for (const label of data.labels) perClass[label]++;
  assert.deepEqual(perClass, [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
});
