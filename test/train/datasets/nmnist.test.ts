import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { assertEveryCutIsReported, codesOf, nmnistFile, type CameraEvent } from "#test/data-files";
import { datasetFromNmnist, readNmnist } from "#train/datasets/nmnist";

const read = (bytes: Uint8Array) => codesOf((sink) => readNmnist({ name: "Train/5/00001.bin", bytes }, sink));

describe("N-MNIST", () => {
  test("reads x, y, polarity and time of 40 bits", () => {
    // x 3, y 5, ON, 0x012345 us; x 33, y 0, OFF, 0x7fffff us.
    const { result } = read(Uint8Array.of(3, 5, 0x81, 0x23, 0x45, 33, 0, 0x7f, 0xff, 0xff));
    assert.deepEqual([...result!.timeUs], [0x012345, 0x7fffff]);
    assert.deepEqual([...result!.index], [34 * 34 + 5 * 34 + 3, 33]);
  });

  test("adds 2^13 us after an overflow, which is no event", () => {
    const { result } = read(
      Uint8Array.of(0, 0, 0, 0, 10, 0, 240, 0, 0, 0, 1, 0, 0, 0, 5, 0, 240, 0, 0, 0, 2, 0, 0, 0, 6),
    );
    assert.deepEqual([...result!.timeUs], [10, 8192 + 5, 16384 + 6]);
    assert.deepEqual([...result!.index], [0, 1, 2]);
  });

  test("reads back any events, in order of time", () => {
    const event = fc.record<CameraEvent>({
      x: fc.nat(33),
      y: fc.nat(33),
      on: fc.boolean(),
      timeUs: fc.nat(2 ** 23 - 1),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 30 }), (events) => {
        const { result } = read(nmnistFile(events));
        const sorted = [...events].sort((a, b) => a.timeUs - b.timeUs);
        assert.deepEqual(
          [...result!.timeUs],
          sorted.map(({ timeUs }) => timeUs),
        );
        assert.deepEqual(
          [...result!.index],
          sorted.map(({ x, y, on }) => (on ? 1156 : 0) + y * 34 + x),
        );
      }),
    );
  });

  test("reports every cut inside an event", () => {
    const bytes = nmnistFile([
      { x: 1, y: 2, on: true, timeUs: 3 },
      { x: 4, y: 5, on: false, timeUs: 6 },
    ]);
    assertEveryCutIsReported(bytes, (cut, sink) => readNmnist({ name: "a.bin", bytes: cut }, sink), [5, 10]);
  });

  test("reports pixels outside the picture", () => {
    assert.deepEqual(read(Uint8Array.of(34, 0, 0, 0, 0)).codes, ["train/data-event-out-of-range"]);
    assert.deepEqual(read(Uint8Array.of(0, 34, 0, 0, 0)).codes, ["train/data-event-out-of-range"]);
    assert.deepEqual(read(Uint8Array.of(0, 241, 0, 0, 0)).codes, ["train/data-event-out-of-range"]);
  });

  test("makes a data set of files and their labels, and reports each one that is wrong", () => {
    const bytes = Uint8Array.of(3, 5, 0x81, 0x23, 0x45);
    const files = [
      { name: "a", bytes, label: 4 },
      { name: "b", bytes, label: 0 },
    ];
    const { result } = codesOf((sink) => datasetFromNmnist(files, sink));
    assert.deepEqual([result!.shape, [...result!.labels], result!.samples.length], [[2, 34, 34], [4, 0], 2]);
    const wrong = [
      { name: "c", bytes, label: 10 },
      { name: "d", bytes: bytes.subarray(1), label: 1 },
      { name: "e", bytes: Uint8Array.of(99, 0, 0, 0, 0), label: 1 },
    ];
    assert.deepEqual(codesOf((sink) => datasetFromNmnist([...files, ...wrong], sink)).codes, [
      "train/data-cut-short",
      "train/data-event-out-of-range",
      "train/data-label-out-of-range",
    ]);
  });
});
