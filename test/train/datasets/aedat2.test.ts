import assert from "node:assert/strict";
import { describe, test } from "vitest";
import {
  AEDAT2_HEADER,
  aedat2File,
  assertEveryCutIsReported,
  codesOf,
  davisAddress,
  dvs128Address,
} from "#test/data-files";
import { datasetFromDvsCifar10, readAedat2, type Aedat2Options } from "#train/datasets/aedat2";

const DVS: Aedat2Options = { height: 128, width: 128, layout: "dvs128", orientation: "upright" };
const DAVIS: Aedat2Options = { height: 260, width: 346, layout: "davis", orientation: "upright" };
const read = (bytes: Uint8Array, options = DVS) =>
  codesOf((sink) => readAedat2({ name: "a.aedat", bytes }, options, sink));

describe("AEDAT 2.0", () => {
  test("takes the address of a DVS128 apart, highest byte first, y from below", () => {
    // y 5 at bit 8, x 3 at bit 1, ON at bit 0; time 0x00010203.
    const event = [0, 0, 0x05, 0x07, 0x00, 0x01, 0x02, 0x03];
    const { result } = read(Uint8Array.from([...aedat2File([]), ...event]));
    assert.deepEqual([...result!.timeUs], [0x010203]);
    assert.deepEqual([...result!.index], [(128 + (127 - 5)) * 128 + 3]);
  });

  test("passes over events of the outside world", () => {
    const { result } = read(
      aedat2File([
        { address: 0x8000, timeUs: 1 },
        { address: 2, timeUs: 2 },
      ]),
    );
    assert.deepEqual([...result!.timeUs], [2]);
  });

  test("takes the address of a DAVIS apart and passes over frames and motion", () => {
    const events = [
      { address: davisAddress({ x: 345, y: 259, on: true }), timeUs: 1 },
      { address: davisAddress({ x: 0, y: 1, on: false }), timeUs: 2 },
      { address: 2 ** 31 + 4096, timeUs: 3 },
      { address: 0x400, timeUs: 4 },
    ];
    const { result } = read(aedat2File(events), DAVIS);
    assert.deepEqual([...result!.timeUs], [1, 2]);
    assert.deepEqual([...result!.index], [260 * 346 + 345, 258 * 346]);
  });

  test("does not take an event that starts like a line of text for one", () => {
    // Address 0x23...: y = 140 of a DAVIS, with a line feed in its time.
    const address = 0x23000000 + 7 * 4096;
    const { result } = read(
      aedat2File([
        { address, timeUs: 0x0d0a },
        { address: 0, timeUs: 0x0e00 },
      ]),
      DAVIS,
    );
    assert.deepEqual([...result!.timeUs], [0x0d0a, 0x0e00]);
  });

  test("turns CIFAR10-DVS upright: x = 127 - y, y = 127 - x, polarity the other way", () => {
    const bytes = aedat2File([{ address: dvs128Address({ x: 3, y: 5, on: false }), timeUs: 0 }]);
    const { result } = read(bytes, { ...DVS, orientation: "cifar10-dvs" });
    assert.deepEqual([...result!.index], [(128 + 127 - 3) * 128 + (127 - 5)]);
  });

  test("counts on when the clock runs over", () => {
    const { result } = read(
      aedat2File([
        { address: 0, timeUs: 2 ** 32 - 1 },
        { address: 0, timeUs: 5 },
      ]),
    );
    assert.deepEqual([...result!.timeUs], [2 ** 32 - 1, 2 ** 32 + 5]);
  });

  test("reports every cut inside the first line or an event", () => {
    const bytes = aedat2File([
      { address: 2, timeUs: 1 },
      { address: 4, timeUs: 2 },
    ]);
    const start = aedat2File([]).length;
    // A cut header leaves bytes that are no whole events, or, now and then, eight at a time: those look like events.
    const ends = AEDAT2_HEADER.map((_, i) => aedat2File([], AEDAT2_HEADER.slice(0, i + 1)).length);
    const whole: number[] = [];
    for (let length = ends[0]; length <= bytes.length; length++) {
      const from = Math.max(...[...ends, start].filter((end) => end <= length));
      if ((length - from) % 8 === 0) whole.push(length);
    }
    assertEveryCutIsReported(bytes, (cut, sink) => readAedat2({ name: "a", bytes: cut }, DVS, sink), whole);
  });

  test("reports other versions and pixels outside", () => {
    assert.deepEqual(read(aedat2File([], ["#!AER-DAT3.1"])).codes, ["train/data-wrong-format"]);
    assert.deepEqual(read(aedat2File([], ["#!AER-DAT2.0\x01"])).codes, ["train/data-not-readable"]);
    const events = [{ address: davisAddress({ x: 346, y: 0, on: true }), timeUs: 1 }];
    assert.deepEqual(read(aedat2File(events), DAVIS).codes, ["train/data-event-out-of-range"]);
    const below = [{ address: davisAddress({ x: 0, y: 260, on: true }), timeUs: 1 }];
    assert.deepEqual(read(aedat2File(below), DAVIS).codes, ["train/data-event-out-of-range"]);
  });
});

describe("CIFAR10-DVS", () => {
  test("counts times from the first event and reports recordings without events", () => {
    const bytes = aedat2File([
      { address: 0x8000, timeUs: 3 },
      { address: 2, timeUs: 1000 },
      { address: 4, timeUs: 1600 },
    ]);
    const { result } = codesOf((sink) => datasetFromDvsCifar10([{ name: "a", bytes, label: 9 }], sink));
    assert.deepEqual([...result!.samples[0].timeUs], [0, 600]);
    assert.deepEqual([...result!.labels], [9]);
    const wrong = [
      { name: "b", bytes: aedat2File([]), label: 1 },
      { name: "c", bytes, label: 10 },
    ];
    assert.deepEqual(codesOf((sink) => datasetFromDvsCifar10(wrong, sink)).codes, [
      "train/data-empty",
      "train/data-label-out-of-range",
    ]);
  });
});
