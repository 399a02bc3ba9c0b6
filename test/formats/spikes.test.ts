import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, test } from "vitest";
import fc from "fast-check";
import { writeHdf5, type Hdf5Writer } from "#formats/hdf5/writer";
import { writeNpy, type ArrayToWrite } from "#formats/npz/npy";
import { writeNpz } from "#formats/npz/npz";
import { readSpikeData } from "#formats/spikes/read";
import type { SpikeFile, SpikeHint } from "#formats/spikes/spike-file";
import { writeSpikeData } from "#formats/spikes/write";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import { ROOT, sharedPath } from "#test/shared";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";

const corpus = sharedPath("corpus");
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const json = (value: unknown): Uint8Array => text(JSON.stringify(value));

async function read(bytes: Uint8Array, hint: Partial<SpikeHint> = {}): Promise<SpikeFile> {
  const sink = new DiagnosticSink();
  const file = await readSpikeData(bytes, { fileName: "input", ...hint }, sink);
  assert.deepEqual(sink.diagnostics, []);
  assert.ok(file);
  return file;
}

async function readOne(bytes: Uint8Array, hint: Partial<SpikeHint> = {}): Promise<SpikeData> {
  const { ports } = await read(bytes, hint);
  assert.deepEqual(Object.keys(ports), [""]);
  return ports[""];
}

/** Codes of all faults; the file must be refused. */
async function faults(bytes: Uint8Array, hint: Partial<SpikeHint> = {}): Promise<string[]> {
  const sink = new DiagnosticSink();
  assert.equal(await readSpikeData(bytes, { fileName: "input.bin", ...hint }, sink), undefined);
  return sink.diagnostics.map(({ code }) => code.replace("spikes/", ""));
}

const events = (list: readonly (readonly [step: number, index: number, value?: number])[]): SpikeEvents => ({
  step: Uint32Array.from(list, ([step]) => step),
  index: Uint32Array.from(list, ([, index]) => index),
  ...(list.some(([, , value]) => value !== undefined)
    ? { value: Float64Array.from(list, ([, , value]) => value ?? 1) }
    : {}),
});

const u1 = (data: readonly number[], shape: readonly number[]): ArrayToWrite => ({
  data,
  shape,
  dtype: "uint8",
});

describe("readSpikeData on JSON", () => {
  const layout = { shape: [3, 1, 2], samples: [{ t: [0, 2], i: [1, 0] }] };
  const expected: SpikeData = {
    steps: 3,
    shape: [1, 2],
    samples: [
      events([
        [0, 1],
        [2, 0],
      ]),
    ],
  };

  test("reads events, and events with values", async () => {
    assert.deepEqual(await readOne(json(layout)), expected);
    const valued = await readOne(json({ shape: [2, 2], samples: [{ t: [0, 1], i: [0, 1], x: [0.5, 2] }] }));
    assert.deepEqual(valued.samples, [
      events([
        [0, 0, 0.5],
        [1, 1, 2],
      ]),
    ]);
  });

  test("reads it packed", async () => {
    assert.deepEqual(await readOne(Uint8Array.from(gzipSync(json(layout)))), expected);
  });

  test("puts events in order and leaves out values of 0", async () => {
    const shuffled = { shape: [2, 3], samples: [{ t: [1, 0, 1, 0], i: [2, 1, 0, 2], x: [1, 1, 1, 0] }] };
    assert.deepEqual((await readOne(json(shuffled))).samples, [
      events([
        [0, 1],
        [1, 0],
        [1, 2],
      ]),
    ]);
  });

  test("reads flat and nested dense samples alike", async () => {
    const flat = { shape: [2, 2], samples: [[0, 1, 0.5, 0]] };
    const nested = {
      shape: [2, 2],
      samples: [
        [
          [0, 1],
          [0.5, 0],
        ],
      ],
    };
    const data = {
      steps: 2,
      shape: [2],
      samples: [
        events([
          [0, 1, 1],
          [1, 0, 0.5],
        ]),
      ],
    };
    assert.deepEqual(await readOne(json(flat)), data);
    assert.deepEqual(await readOne(json(nested)), data);
  });

  test("reads a bare array by the shape of the input", async () => {
    const bare = json([
      [0, 1],
      [1, 0],
    ]);
    const both = [
      events([
        [0, 1],
        [1, 0],
      ]),
    ];
    assert.deepEqual(await readOne(bare), { steps: 2, shape: [2], samples: both });
    assert.deepEqual(await readOne(bare, { shape: [2] }), { steps: 2, shape: [2], samples: both });
    const scalarInput = await readOne(bare, { shape: [] });
    assert.deepEqual(scalarInput, { steps: 2, shape: [], samples: [events([[1, 0]]), events([[0, 0]])] });
  });

  test("reads several inputs and labels", async () => {
    const file = await read(json({ "in a": layout, "in b": { shape: [1, 1], samples: [[1]] }, labels: [4] }));
    assert.deepEqual(Object.keys(file.ports), ["in a", "in b"]);
    assert.deepEqual(file.ports["in a"], expected);
    assert.deepEqual(file.labels, Int32Array.of(4));
  });

  test("gives events the shape of the input when only the flat size is right", async () => {
    assert.deepEqual((await readOne(json(layout), { shape: [2] })).shape, [2]);
    assert.deepEqual(await faults(json(layout), { shape: [3] }), ["wrong-shape"]);
  });

  test("reports every fault of every sample at once", async () => {
    const samples = [
      { t: [0, 3, -1], i: [2, 0, 0.5] },
      { t: [0], i: [0, 1] },
      { t: [1, 1], i: [0, 0] },
      { t: [0], i: [0], x: [null] },
      { t: "no" },
      [0, 1],
    ];
    assert.deepEqual(await faults(json({ shape: [3, 2], samples })), [
      "event-out-of-range",
      "event-out-of-range",
      "unequal-lengths",
      "duplicate-events",
      "not-finite",
      "bad-layout",
      "wrong-shape",
    ]);
  });

  test("reports shapes, arrays, labels and texts that are none", async () => {
    assert.deepEqual(await faults(json({ shape: [2.5, 2], samples: [] })), ["bad-shape"]);
    assert.deepEqual(await faults(json({ samples: [] })), ["bad-shape"]);
    assert.deepEqual(await faults(json([[1, 0], [1]])), ["ragged-array"]);
    assert.deepEqual(
      await faults(
        json([
          [1, 0],
          [1, "x"],
        ]),
      ),
      ["ragged-array"],
    );
    assert.deepEqual(await faults(json({ a: 3 })), ["bad-layout"]);
    assert.deepEqual(await faults(json({})), ["no-data"]);
    assert.deepEqual(await faults(json({ ...layout, labels: ["cat"] })), ["bad-labels"]);
    assert.deepEqual(await faults(json({ ...layout, labels: [1, 2] })), ["wrong-label-count"]);
    assert.deepEqual(await faults(text('{"shape": [1,')), ["bad-json"]);
    assert.deepEqual(await faults(text("[".repeat(100_000) + "]".repeat(100_000))), ["bad-layout"]);
  });
});

describe("readSpikeData on NumPy files", () => {
  const twoSamples = u1([0, 1, 1, 0, 0, 0, 0, 1], [2, 2, 2]);

  test("takes samples first, then steps", async () => {
    const data = await readOne(writeNpy(twoSamples), { shape: [2] });
    assert.deepEqual(data.samples, [
      events([
        [0, 1],
        [1, 0],
      ]),
      events([[1, 1]]),
    ]);
  });

  test("takes the first dimension for steps where the input's shape leaves no samples", async () => {
    const data = await readOne(writeNpy(twoSamples), { shape: [2, 2] });
    assert.deepEqual(data, {
      steps: 2,
      shape: [2, 2],
      samples: [
        events([
          [0, 1],
          [0, 2],
          [1, 3],
        ]),
      ],
    });
  });

  test("accepts a flattened input", async () => {
    const data = await readOne(writeNpy(u1([0, 1, 0, 0, 0, 0, 0, 1], [1, 2, 4])), { shape: [1, 2, 2] });
    assert.deepEqual(data, {
      steps: 2,
      shape: [1, 2, 2],
      samples: [
        events([
          [0, 1],
          [1, 3],
        ]),
      ],
    });
  });

  test("reads an archive of NumPy with labels", async () => {
    const bytes = readFileSync(join(ROOT, "test/golden/npz/numpy.npz"));
    const { ports, labels } = await read(bytes, { shape: { x: [3], fortran: [3] } });
    assert.deepEqual(ports["x"], { steps: 4, shape: [3], samples: [events([[1, 2]]), events([[3, 0]])] });
    assert.deepEqual([ports["fortran"].steps, ports["fortran"].samples.length], [1, 2]);
    assert.deepEqual(labels, Int32Array.of(3, 1));
  });

  test("gives the only array to the only input, whatever it is called", async () => {
    const bytes = await writeNpz({ arr_0: twoSamples, y: { data: [1, 2], shape: [2], dtype: "int64" } });
    const { ports, labels } = await read(bytes, { shape: { input: [2] } });
    assert.deepEqual(Object.keys(ports), [""]);
    assert.deepEqual(labels, Int32Array.of(1, 2));
    assert.deepEqual(Object.keys((await read(bytes, { shape: { arr_0: [2] } })).ports), ["arr_0"]);
  });

  test("reports wrong shapes, values and files", async () => {
    assert.deepEqual(await faults(writeNpy(twoSamples), { shape: [3] }), ["wrong-shape"]);
    assert.deepEqual(await faults(writeNpy(u1([1], [1]))), ["wrong-shape"]);
    assert.deepEqual(await faults(writeNpy({ data: [1, NaN], shape: [1, 2], dtype: "float32" })), [
      "not-finite",
    ]);
    assert.deepEqual(await faults(writeNpy(twoSamples).subarray(0, 130)), ["unreadable"]);
    const both = {
      a: twoSamples,
      b: u1([1], [1]),
      y: { data: [0.5, 1], shape: [2], dtype: "float64" as const },
    };
    assert.deepEqual(await faults(await writeNpz(both)), ["wrong-shape", "bad-labels"]);
    assert.deepEqual(await faults(await writeNpz({ y: twoSamples })), ["no-data"]);
    assert.deepEqual(await faults((await writeNpz({ a: twoSamples })).subarray(0, 100)), ["unreadable"]);
  });
});

describe("readSpikeData on NIRData", () => {
  const nirData = (nodes: (writer: Hdf5Writer) => void): Promise<Uint8Array> =>
    writeHdf5((writer) => {
      writer.textAttribute("/", "__type__", "NIRGraphData");
      writer.group("/nodes");
      nodes(writer);
    });
  const observable = (writer: Hdf5Writer, node: string, name: string, type: string): string => {
    const path = `/nodes/${node}/observables/${name}`;
    writer.group(path);
    writer.textAttribute(path, "__type__", type);
    return path;
  };
  const node = (writer: Hdf5Writer, name: string): void => {
    writer.group(`/nodes/${name}`);
    writer.textAttribute(`/nodes/${name}`, "__type__", "NIRNodeData");
    writer.group(`/nodes/${name}/observables`);
  };
  const scalar = (writer: Hdf5Writer, path: string, name: string, value: number): void =>
    writer.numberAttribute(path, name, { data: [value], shape: [], dtype: "float64" });
  const eventData = (writer: Hdf5Writer, name: string, type: string): void => {
    node(writer, name);
    const path = observable(writer, name, "spikes", type);
    writer.numbers(`${path}/idx`, { data: [2, 0, -1, 1, -1, -1], shape: [2, 3], dtype: "int64" });
    const time = [0.0003, 0.0001, Infinity, 0.00049, Infinity, Infinity];
    writer.numbers(`${path}/time`, { data: time, shape: [2, 3], dtype: "float64" });
    if (type === "ValuedEventData") {
      writer.numbers(`${path}/value`, { data: [2, 1, 0, 3, 0, 0], shape: [2, 3], dtype: "float32" });
    }
    scalar(writer, path, "n_neurons", 3);
    scalar(writer, path, "t_max", 0.001);
  };

  test("reads gridded data", async () => {
    const bytes = await nirData((writer) => {
      node(writer, "input");
      const path = observable(writer, "input", "voltage", "TimeGriddedData");
      writer.numbers(`${path}/data`, { data: [0, 1, 1, 0], shape: [1, 2, 2], dtype: "float32" }, 4);
      scalar(writer, path, "dt", 0.001);
    });
    const { ports } = await read(bytes);
    assert.deepEqual(ports, {
      input: {
        steps: 2,
        shape: [2],
        samples: [
          events([
            [0, 1],
            [1, 0],
          ]),
        ],
      },
    });
  });

  test("reads events, with and without values, in steps of --dt", async () => {
    const bytes = await nirData((writer) => {
      eventData(writer, "plain", "EventData");
      eventData(writer, "valued", "ValuedEventData");
    });
    const { ports } = await read(bytes, { dtSeconds: 1e-4 });
    assert.deepEqual(ports["plain"], {
      steps: 10,
      shape: [3],
      samples: [
        events([
          [1, 0],
          [3, 2],
        ]),
        events([[4, 1]]),
      ],
    });
    assert.deepEqual(ports["valued"].samples, [
      events([
        [1, 0, 1],
        [3, 2, 2],
      ]),
      events([[4, 1, 3]]),
    ]);
  });

  test("finds nested nodes, and gives a single one to the only input", async () => {
    const bytes = await nirData((writer) => {
      writer.group("/nodes/sub");
      writer.group("/nodes/sub/nodes");
      eventData(writer, "sub/nodes/lif", "EventData");
    });
    assert.deepEqual(Object.keys((await read(bytes, { dtSeconds: 1e-4 })).ports), ["sub/lif"]);
    assert.deepEqual(Object.keys((await read(bytes, { dtSeconds: 1e-4, shape: [3] })).ports), [""]);
  });

  test("reports what is missing or unclear", async () => {
    const events = await nirData((writer) => eventData(writer, "a", "EventData"));
    assert.deepEqual(await faults(events), ["no-step-length"]);
    assert.deepEqual(await faults(events, { dtSeconds: 1e-4, shape: [4] }), ["wrong-shape"]);
    assert.deepEqual(await faults(events.subarray(0, 3000)), ["unreadable"]);
    assert.deepEqual(await faults(await nirData(() => undefined)), ["no-data"]);
    const several = await nirData((writer) => {
      node(writer, "a");
      observable(writer, "a", "v", "TimeGriddedData");
      observable(writer, "a", "w", "TimeGriddedData");
      node(writer, "b");
      observable(writer, "b", "v", "Unknown");
      node(writer, "c");
      observable(writer, "c", "v", "EventData");
    });
    assert.deepEqual(await faults(several, { dtSeconds: 1 }), [
      "several-observables",
      "unreadable",
      "unreadable",
      "unreadable",
      "unreadable",
      "unreadable",
    ]);
  });
});

describe("readSpikeData on anything else", () => {
  test("names the formats that it reads", async () => {
    const sink = new DiagnosticSink();
    await readSpikeData(Uint8Array.of(1, 2, 3), { fileName: "events.bin" }, sink);
    assert.equal(
      sink.diagnostics.map(formatDiagnostic).join("\n"),
      [
        'error[spikes/unknown-format]: "events.bin" is in no spike format that is read: .npz, .npy, .json, .json.gz and NIRData .h5 are.',
        "  try: event-camera recordings (.bin, .aedat, .dat) must be binned into steps first, for instance with Tonic, and saved as .npz.",
      ].join("\n"),
    );
  });

  test("reports an empty file and damaged gzip data", async () => {
    assert.deepEqual(await faults(new Uint8Array(0)), ["empty-file"]);
    assert.deepEqual(await faults(Uint8Array.from(gzipSync(text("[[1]]"))).subarray(0, 12)), ["unreadable"]);
  });
});

describe("writeSpikeData", () => {
  const sample = (steps: number, size: number): fc.Arbitrary<SpikeEvents> =>
    fc
      .tuple(fc.uniqueArray(fc.nat({ max: steps * size - 1 }), { maxLength: 20 }), fc.boolean(), fc.nat())
      .map(([cells, isValued, seed]) => {
        const ordered = cells.toSorted((a, b) => a - b);
        const step = Uint32Array.from(ordered, (cell) => Math.floor(cell / size));
        const index = Uint32Array.from(ordered, (cell) => cell % size);
        if (!isValued || cells.length === 0) return { step, index };
        return { step, index, value: Float64Array.from(ordered, (_, e) => 1.5 + ((seed + e) % 7)) };
      });
  const spikeData: fc.Arbitrary<SpikeData> = fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }))
    .chain(([steps, shape]) =>
      fc
        .array(
          sample(
            steps,
            shape.reduce((a, b) => a * b, 1),
          ),
          { maxLength: 3 },
        )
        .map((samples) => ({ steps, shape, samples })),
    );

  test("writes what reads back the same", async () => {
    const names = fc.constantFrom("out", "a b", "0");
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(names, spikeData, { minKeys: 1, noNullPrototype: true }),
        async (ports) => {
          assert.deepEqual(await read(writeSpikeData(ports)), { ports });
        },
      ),
    );
  });

  test("leaves out the name of a port that has none", async () => {
    const data: SpikeData = {
      steps: 2,
      shape: [3],
      samples: [
        events([
          [0, 2],
          [1, 1],
        ]),
      ],
    };
    const bytes = writeSpikeData({ "": data });
    assert.equal(new TextDecoder().decode(bytes), '{"shape":[2,3],"samples":[{"t":[0,1],"i":[2,1]}]}\n');
    assert.deepEqual(await readOne(bytes), data);
  });
});

describe.skipIf(corpus === undefined)("corpus", () => {
  const inputs = ["sim", "models", "writer_variants"].flatMap((folder) =>
    corpus === undefined || !existsSync(join(corpus, folder))
      ? []
      : readdirSync(join(corpus, folder))
          .map((id) => join(corpus, folder, id, "input.json.gz"))
          .filter((path) => existsSync(path)),
  );

  test("corpus inputs are all read, and written and read back the same", async () => {
    assert.ok(inputs.length > 0, "there are inputs");
    for (const path of inputs) {
      const { ports } = await read(Uint8Array.from(readFileSync(path)));
      assert.deepEqual((await read(writeSpikeData(ports))).ports, ports, path);
      for (const { samples } of Object.values(ports))
        assert.ok(
          samples.some(({ step }) => step.length > 0),
          path,
        );
    }
  });
});

test("names of nodes that JavaScript objects have by birth are names like others", async () => {
  const events = { shape: [2, 3], samples: [{ t: [1], i: [2] }] };
  const bytes = text(`{"constructor": ${JSON.stringify(events)}, "__proto__": ${JSON.stringify(events)}}`);
  const { ports } = await read(bytes, { shape: { in: [3], other: [4] } });
  assert.deepEqual(Object.keys(ports), ["constructor", "__proto__"]);
});
