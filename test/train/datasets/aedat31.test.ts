import assert from "node:assert/strict";
import { describe, test } from "vitest";
import {
  AEDAT31_HEADER,
  aedat31File,
  assertEveryCutIsReported,
  codesOf,
  type CameraEvent,
} from "#test/data-files";
import { readAedat31 } from "#train/datasets/aedat31";
import { datasetFromGestures, readGestureList } from "#train/datasets/dvs-gesture";

const text = (lines: string): Uint8Array => new TextEncoder().encode(lines);
const read = (bytes: Uint8Array) =>
  codesOf((sink) => readAedat31({ name: "user01.aedat", bytes }, 128, 128, sink));
const at = (timeUs: number, x = 0, y = 0, on = false): CameraEvent => ({ x, y, on, timeUs });

const RECORDING = aedat31File([
  { events: [at(10, 1, 2, true), at(11, 127, 127)] },
  { type: 0, events: [at(0)] },
  { events: [] },
  { events: [at(500, 5), at(900, 6)] },
]);
const BODY = aedat31File([]).length;

describe("AEDAT 3.1", () => {
  test("takes an event apart", () => {
    // 28 bytes of header: type 1, source 1, size 8, time at 4, overflow 0, capacity 1, number 1, valid 1.
    const packet = [1, 0, 1, 0, 8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];
    // x 3 at bit 17, y 5 at bit 2, ON at bit 1, valid at bit 0; time 258 us, lowest byte first.
    const event = [0x17, 0x00, 0x06, 0x00, 0x02, 0x01, 0, 0];
    const { result } = read(Uint8Array.from([...aedat31File([]), ...packet, ...event]));
    assert.deepEqual([...result!.timeUs], [258]);
    assert.deepEqual([...result!.index], [(128 + 5) * 128 + 3]);
  });

  test("passes over packets of other types, invalid events and empty places", () => {
    const { result } = read(
      aedat31File([
        { events: [at(1, 1), { ...at(2, 2), valid: false }, at(3, 3)], capacity: 5 },
        { type: 2, events: [at(9, 9)] },
        { events: [at(4, 4)] },
      ]),
    );
    assert.deepEqual([...result!.index], [1, 3, 4]);
  });

  test("counts on when the clock runs over", () => {
    const { result } = read(aedat31File([{ events: [at(7)] }, { events: [at(7)], overflow: 2 }]));
    assert.deepEqual([...result!.timeUs], [7, 2 ** 32 + 7]);
  });

  test("puts late events in their place", () => {
    const { result } = read(aedat31File([{ events: [at(5, 5), at(3, 3), at(5, 6)] }]));
    assert.deepEqual(
      [[...result!.timeUs], [...result!.index]],
      [
        [3, 5, 5],
        [3, 5, 6],
      ],
    );
  });

  test("reports every cut that is not between two packets", () => {
    const whole = [BODY, BODY + 28 + 16, BODY + 28 + 16 + 36, BODY + 28 + 16 + 36 + 28, RECORDING.length];
    assertEveryCutIsReported(
      RECORDING,
      (bytes, sink) => readAedat31({ name: "a", bytes }, 128, 128, sink),
      whole,
    );
  });

  test("reports other versions, headers without an end, odd packets and pixels outside", () => {
    const header = (...lines: string[]) => read(aedat31File([{ events: [at(1)] }], lines)).codes;
    assert.deepEqual(header("#!AER-DAT2.0", "#!END-HEADER"), ["train/data-wrong-format"]);
    assert.deepEqual(header("#!AER-DAT3.1", "Format: RAW", "#!END-HEADER"), ["train/data-not-readable"]);
    assert.equal(header("#!AER-DAT3.1", "#Format: RAW").length, 1);
    const change = (offset: number, value: number) => {
      const bytes = aedat31File([{ events: [at(1), at(2)] }]);
      bytes[BODY + offset] = value;
      return read(bytes).codes;
    };
    assert.deepEqual(change(4, 9), ["train/data-not-readable"], "size");
    assert.deepEqual(change(8, 0), ["train/data-not-readable"], "place of the time");
    assert.deepEqual(change(16, 1), ["train/data-not-readable"], "capacity below number");
    assert.deepEqual(change(19, 255), ["train/data-cut-short"], "capacity beyond the file");
    assert.deepEqual(read(aedat31File([{ events: [at(1, 128)] }])).codes, ["train/data-event-out-of-range"]);
    assert.deepEqual(read(aedat31File([{ events: [at(1, 0, 128)] }])).codes, [
      "train/data-event-out-of-range",
    ]);
  });

  test("survives any damaged byte", () => {
    for (let i = 0; i < RECORDING.length; i++)
      for (const value of [0, 0x0a, 0x23, 0x80, 0xff]) {
        const bytes = RECORDING.slice();
        bytes[i] = value;
        const { result, codes } = read(bytes);
        assert.ok(result !== undefined || codes.every((code) => code.startsWith("train/data-")), `byte ${i}`);
        assert.equal(result === undefined, codes.length > 0);
      }
  });

  test("has the header that the format asks for", () => {
    assert.equal(AEDAT31_HEADER[0], "#!AER-DAT3.1");
    assert.equal(AEDAT31_HEADER.at(-1), "#!END-HEADER");
  });
});

describe("DVS128 Gesture", () => {
  const list = (rows: string) => ({
    name: "user01_labels.csv",
    bytes: text(`class,startTime_usec,endTime_usec\n${rows}`),
  });
  const load = (rows: string) =>
    codesOf((sink) =>
      datasetFromGestures(
        [{ recording: { name: "user01.aedat", bytes: RECORDING }, labels: list(rows) }],
        sink,
      ),
    );

  test("cuts a recording into its gestures: from the start to before the end, overlaps included", () => {
    const { result } = load("1,11,500\r\n11,500,901\n4,400,501\n");
    assert.deepEqual([...result!.labels], [0, 10, 3]);
    assert.deepEqual(
      result!.samples.map(({ timeUs }) => [...timeUs]),
      [[0], [0, 400], [100]],
    );
    assert.deepEqual(
      result!.samples.map(({ index }) => [...index]),
      [[127 * 128 + 127], [5, 6], [5]],
    );
    assert.deepEqual([result!.shape, result!.classes], [[2, 128, 128], 11]);
  });

  test("reports gestures without any event: the recording ends too early", () => {
    assert.deepEqual(load("1,11,500\n2,600,700\n3,901,999\n").codes, [
      "train/data-empty",
      "train/data-empty",
    ]);
  });

  test("reports every row that is wrong", () => {
    assert.deepEqual(load("0,1,2\n12,1,2\n1,5,5\n1;2;3\n1,2\n").codes, [
      "train/data-label-out-of-range",
      "train/data-label-out-of-range",
      "train/data-not-readable",
      "train/data-not-readable",
      "train/data-not-readable",
    ]);
    assert.deepEqual(load("").codes, ["train/data-empty"]);
    const { codes } = codesOf((sink) => readGestureList({ name: "x", bytes: text("1,2,3\n") }, sink));
    assert.deepEqual(codes, ["train/data-wrong-format"]);
  });
});
