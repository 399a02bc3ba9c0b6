import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { writeNpz } from "#formats/npz/npz";
import type { ArrayToWrite } from "#formats/npz/npy";
import { DiagnosticSink } from "#util/diagnostic";
import { datasetFromNpz } from "../../../src/data-sources.ts";

const load = async (arrays: Record<string, ArrayToWrite>) => loadBytes(await writeNpz(arrays));
const loadBytes = async (bytes: Uint8Array) => {
  const sink = new DiagnosticSink();
  const result = await datasetFromNpz(bytes, "mine", "mine/train.npz", sink);
  return { result, codes: sink.diagnostics.map(({ code }) => code), sink };
};
const vector = (data: readonly number[], dtype: ArrayToWrite["dtype"] = "int64"): ArrayToWrite => ({
  data,
  shape: [data.length],
  dtype,
});
const array = (
  data: readonly number[],
  shape: readonly number[],
  dtype: ArrayToWrite["dtype"] = "uint8",
) => ({
  data,
  shape,
  dtype,
});

const EVENTS = {
  times: vector([5, 1, 9], "float64"),
  indices: vector([0, 7, 3]),
  starts: vector([0, 2, 2, 3]),
  shape: vector([2, 2, 2]),
  labels: vector([1, 0, 1]),
};

describe("a data set of one's own in .npz", () => {
  test("reads images, classes counted from the labels", async () => {
    const { result } = await load({ images: array([0, 1, 254, 255], [2, 1, 1, 2]), labels: vector([2, 0]) });
    assert.deepEqual(result, {
      kind: "images",
      name: "mine",
      shape: [1, 1, 2],
      pixels: Uint8Array.of(0, 1, 254, 255),
      labels: Uint8Array.of(2, 0),
      classes: 3,
    });
  });

  test("reads events, each sample in order of time, and the number of classes", async () => {
    const { result } = await load({ ...EVENTS, classes: vector([300]) });
    assert.ok(result?.kind === "events");
    assert.equal(result.classes, 300);
    assert.deepEqual(result.labels, Uint16Array.of(1, 0, 1));
    assert.deepEqual(
      result.samples.map(({ timeUs, index }) => [[...timeUs], [...index]]),
      [
        [
          [1, 5],
          [7, 0],
        ],
        [[], []],
        [[9], [3]],
      ],
    );
  });

  test("reports what is missing, out of range or of the wrong length", async () => {
    const wrong: [Record<string, ArrayToWrite>, string][] = [
      [{ pictures: vector([1]) }, "train/data-not-readable"],
      [{ images: array([1, 2], [2, 1]) }, "train/data-not-readable"],
      [{ images: array([256, 2], [2, 1], "int32"), labels: vector([0, 1]) }, "train/data-not-readable"],
      [{ images: array([0.5, 2], [2, 1], "float32"), labels: vector([0, 1]) }, "train/data-not-readable"],
      [{ images: array([1, 2], [2, 1]), labels: vector([0]) }, "train/data-counts-differ"],
      [{ images: vector([1, 2]), labels: vector([0, 0]) }, "train/data-not-readable"],
      [{ images: array([1, 2], [2, 1]), labels: vector([0, -1]) }, "train/data-label-out-of-range"],
      [
        { images: array([1, 2], [2, 1]), labels: vector([0, 2]), classes: vector([2]) },
        "train/data-label-out-of-range",
      ],
      [
        { images: array([1, 2], [2, 1]), labels: vector([0, 2]), classes: vector([0]) },
        "train/data-not-readable",
      ],
      [{ images: array([], [0, 1]), labels: vector([]) }, "train/data-empty"],
      [{ ...EVENTS, indices: vector([0, 8, 3]) }, "train/data-not-readable"],
      [{ ...EVENTS, times: vector([1, 2]) }, "train/data-not-readable"],
      [{ ...EVENTS, times: vector([1, -2, 3]) }, "train/data-not-readable"],
      [{ ...EVENTS, starts: vector([0, 3, 2, 3]) }, "train/data-not-readable"],
      [{ ...EVENTS, starts: vector([0, 2, 3]) }, "train/data-not-readable"],
      [{ ...EVENTS, starts: vector([0, 2, 2, 2]) }, "train/data-not-readable"],
      [{ ...EVENTS, shape: vector([2, 0, 2]) }, "train/data-not-readable"],
    ];
    for (const [arrays, code] of wrong) {
      const { result, codes } = await load(arrays);
      assert.equal(result, undefined);
      assert.ok(
        codes.length > 0 && codes.every((found) => found === code),
        `${Object.keys(arrays)}: ${codes}`,
      );
    }
  });

  test("reports every cut of the archive", async () => {
    const bytes = await writeNpz(EVENTS, { compress: true });
    for (let length = 0; length < bytes.length; length += 7) {
      const { result, codes } = await loadBytes(bytes.slice(0, length));
      assert.ok(result === undefined && codes[0] === "train/data-not-readable", `${length}: ${codes}`);
    }
  });
});
