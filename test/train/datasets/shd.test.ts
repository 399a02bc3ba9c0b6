import assert from "node:assert/strict";
import * as h5wasm from "h5wasm";
import { describe, test } from "vitest";
import { hdf5WithLists } from "#test/hdf5-lists";
import { datasetFromShd, type Hdf5Reader } from "#train/datasets/shd";
import { DiagnosticSink } from "#util/diagnostic";
import { readHdf5 } from "../../../src/data-sources.ts";

const TIMES = [[0, 0.5, 0.25], [], [0.75]];
const UNITS = [[1, 699, 2], [], [5]];

const file = (parts: { times?: number[][]; units?: number[][]; labels?: number[] } = {}): Uint8Array =>
  hdf5WithLists({
    "spikes/times": { lists: parts.times ?? TIMES, dtype: "float16" },
    "spikes/units": { lists: parts.units ?? UNITS, dtype: "uint16" },
    labels: { numbers: parts.labels ?? [3, 19, 0] },
  });

const load = async (bytes: Uint8Array) => {
  const sink = new DiagnosticSink();
  const reader = readHdf5(bytes);
  if (typeof reader === "string") return { result: undefined, codes: [reader] };
  const result = await datasetFromShd(reader, "shd_test.h5", sink);
  return { result, codes: sink.diagnostics.map(({ code }) => code), sink };
};

describe("Spiking Heidelberg Digits", () => {
  test("reads lists of times in half precision and of units, in order of time, in microseconds", async () => {
    const { result } = await load(file());
    assert.deepEqual([result!.shape, result!.classes, [...result!.labels]], [[700], 20, [3, 19, 0]]);
    assert.deepEqual(
      result!.samples.map(({ timeUs }) => [...timeUs]),
      [[0, 250_000, 500_000], [], [750_000]],
    );
    assert.deepEqual(
      result!.samples.map(({ index }) => [...index]),
      [[1, 2, 699], [], [5]],
    );
  });

  test("is tested on a file that the HDF5 library reads alike", async () => {
    const { FS } = await h5wasm.ready;
    FS.writeFile("/lists.h5", file());
    const opened = new h5wasm.File("/lists.h5", "r");
    const valueOf = (path: string): unknown => (opened.get(path) as h5wasm.Dataset).value;
    assert.deepEqual([...(valueOf("labels") as Uint16Array)], [3, 19, 0]);
    assert.deepEqual(
      (valueOf("spikes/units") as Uint16Array[]).map((list) => [...list]),
      UNITS,
    );
    opened.close();
  });

  test("reports units, labels, times and counts that cannot be", async () => {
    const cases: [Parameters<typeof file>[0], string[]][] = [
      [{ units: [[1, 700, 2], [], [5]] }, ["train/data-event-out-of-range"]],
      [{ labels: [3, 20, 0] }, ["train/data-label-out-of-range"]],
      [{ labels: [3, 1] }, ["train/data-counts-differ"]],
      [{ units: [[1, 2], [], [5]] }, ["train/data-counts-differ"]],
      [{ units: [[1, 2, 3]] }, ["train/data-counts-differ"]],
      [{ times: [], units: [], labels: [] }, ["train/data-empty"]],
      [{ times: [[0, 65536, 0.25], [], [0.75]] }, ["train/data-not-readable"]],
    ];
    for (const [parts, codes] of cases)
      assert.deepEqual((await load(file(parts))).codes, codes, JSON.stringify(parts));
  });

  test("reports every dataset that is missing", async () => {
    const { codes } = await load(hdf5WithLists({ other: { numbers: [1] } }));
    assert.deepEqual(codes, new Array(3).fill("train/data-not-readable"));
  });

  test("reports numbers in the place of lists, and lists in the place of numbers", async () => {
    const bytes = hdf5WithLists({
      "spikes/times": { numbers: [1, 2] },
      "spikes/units": { lists: [[1], [2]], dtype: "uint16" },
      labels: { lists: [[1], [2]], dtype: "uint16" },
    });
    const { sink } = await load(bytes);
    assert.deepEqual(
      sink!.diagnostics.map(({ message }) => message),
      [
        "shd_test.h5:/spikes/times cannot be read: it holds elements of the type uint16.",
        "shd_test.h5:/labels cannot be read: it holds elements of the type variable-length array.",
      ],
    );
  });

  test("reports lists that are longer than what is stored of them", async () => {
    const lists = { lists: [[1, 2]], dtype: "uint16", claimed: [3] } as const;
    const { sink } = await load(
      hdf5WithLists({ "spikes/times": lists, "spikes/units": lists, labels: { numbers: [1] } }),
    );
    assert.match(sink!.diagnostics[0].message, /a list needs 6 bytes, but its heap has 4\.$/);
  });

  test("reports every cut and survives any damaged byte", async () => {
    const bytes = file();
    for (let length = 0; length < bytes.length; length += 13) {
      const { result, codes } = await load(bytes.slice(0, length));
      assert.ok(result === undefined && codes.length > 0, `${length}`);
    }
    for (let i = 0; i < bytes.length; i++) {
      // The heap is mostly free space: every 50th byte of it will do.
      if (i > 500 && i < bytes.length - 1000 && i % 50 !== 0) continue;
      const damaged = bytes.slice();
      damaged[i] ^= 0xff;
      const { result, codes } = await load(damaged);
      assert.equal(result === undefined, codes.length > 0, `byte ${i}`);
    }
  });

  test("asks its reader for nothing else", async () => {
    const asked: string[] = [];
    const reader: Hdf5Reader = {
      numbers: (path) => Promise.resolve((asked.push(path), [0])),
      lists: (path) => Promise.resolve((asked.push(path), [[1]])),
    };
    assert.ok(await datasetFromShd(reader, "x", new DiagnosticSink()));
    assert.deepEqual(asked.sort(), ["/labels", "/spikes/times", "/spikes/units"]);
  });
});
