import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, test } from "vitest";
import { writeHdf5 } from "#formats/hdf5/writer";
import { openHdf5, isFault } from "#formats/hdf5/file";
import { readSpikeData } from "#formats/spikes/read";
import { writeNirData, type NirDataOptions } from "#formats/spikes/write-nir-data";
import type { SpikeData } from "#ir/spikes";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { encodeSpikes } from "../../src/inputs.ts";

const events = (...pairs: (readonly [step: number, index: number])[]): SpikeData["samples"][number] => ({
  step: Uint32Array.from(pairs, ([step]) => step),
  index: Uint32Array.from(pairs, ([, index]) => index),
});

const spikes: SpikeData = {
  steps: 5,
  shape: [3],
  samples: [events([0, 2], [1, 0], [4, 1]), events(), events([3, 0], [3, 1])],
};
const graded: SpikeData = {
  steps: 2,
  shape: [2],
  samples: [{ ...events([0, 1], [1, 0]), value: Float64Array.of(2, -0.5) }],
};

async function readBack(
  bytes: Uint8Array,
  hint: { dtSeconds?: number; shape?: Record<string, readonly number[]> } = {},
): Promise<Readonly<Record<string, SpikeData>>> {
  const sink = new DiagnosticSink();
  const file = await readSpikeData(bytes, { fileName: "x.h5", ...hint }, sink);
  assert.deepEqual(sink.diagnostics, []);
  return file?.ports ?? {};
}

describe("NIRData", () => {
  for (const kind of ["events", "valued-events", "gridded"] as const)
    test(`comes back as it went out: ${kind}`, async () => {
      const record = { out: spikes, "sub/lif.1": graded, "sub/deep/in a": spikes };
      assert.deepEqual(await readBack(await writeNirData(record, { kind, dtSeconds: 1e-3 })), record);
    });

  test("comes back for any spikes, step lengths and shapes", async () => {
    const sample = fc.uniqueArray(fc.tuple(fc.nat(6), fc.nat(5)), {
      selector: ([step, index]) => step * 6 + index,
      maxLength: 12,
    });
    const dt = fc.oneof(
      fc.constantFrom(1, 0.1, 0.3, 1e-3, 1e-4, 1 / 3),
      fc.double({ min: 1e-9, max: 10, noNaN: true }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 3 }), dt, async (samples, dtSeconds) => {
        const data: SpikeData = {
          steps: 7,
          shape: [2, 3],
          samples: samples.map((pairs) => events(...pairs.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]))),
        };
        for (const kind of ["events", "gridded"] as const) {
          const bytes = await writeNirData({ n: data }, { kind, dtSeconds });
          assert.deepEqual(await readBack(bytes, { shape: { n: [2, 3] } }), { n: data });
        }
      }),
      { numRuns: 15 },
    );
  });

  test("keeps one name where two cannot both be", async () => {
    const record = { a: spikes, "a/in": graded, "a.in": spikes };
    const back = await readBack(await writeNirData(record));
    assert.deepEqual(back, { a: spikes, "a.in": spikes, "a.in_0": graded });
  });

  test("writes an unnamed record, equal bytes for equal data, and no length of a step but steps", async () => {
    const bytes = await writeNirData({ "": spikes });
    assert.deepEqual(bytes, await writeNirData({ "": spikes }));
    assert.deepEqual(await readBack(bytes), { data: spikes });
    assert.deepEqual(await readBack(bytes, { dtSeconds: 1 }), { data: spikes });
  });

  test("has membranes as gridded data beside the spikes, which a reader of spikes passes over", async () => {
    const membranes = {
      out: { size: 3, samples: spikes.samples.map(() => Float64Array.from({ length: 15 }, (_, i) => i / 8)) },
    };
    const bytes = await writeNirData({ out: spikes }, { membranes, dtSeconds: 1e-3 });
    assert.deepEqual(await readBack(bytes), { out: spikes });
    const file = openHdf5(bytes, 0);
    assert.ok(!isFault(file));
    const v = await file.dataset("/nodes/out/observables/v/data");
    assert.ok(!isFault(v) && "data" in v);
    assert.deepEqual([v.shape, v.data[14], v.data[16]], [[3, 5, 3], 14 / 8, 1 / 8]);
  });

  test("is what --spikes writes where the name ends in .h5", async () => {
    const bytes = await encodeSpikes({ out: spikes }, "Out.H5", 1e5);
    assert.deepEqual(bytes, await writeNirData({ out: spikes }, { dtSeconds: 1e-4 }));
    assert.deepEqual(await encodeSpikes({ out: spikes }, "o.h5"), await writeNirData({ out: spikes }));
  });

  test("reads what NIR makes of gridded data, with every event at the end of its step", async () => {
    const observable = (times: readonly number[]): Promise<Uint8Array> =>
      writeHdf5((writer) => {
        const path = "/nodes/n/observables/spikes";
        for (const group of ["/nodes", "/nodes/n", "/nodes/n/observables", path]) writer.group(group);
        writer.textAttribute(path, "__type__", "EventData");
        const shape = [1, times.length];
        writer.numbers(`${path}/idx`, { data: times.map(() => 0), shape, dtype: "int64" });
        writer.numbers(`${path}/time`, { data: times, shape, dtype: "float64" });
        writer.numberAttribute(path, "n_neurons", { data: [1], shape: [], dtype: "int64" });
        writer.numberAttribute(path, "t_max", { data: [0.4], shape: [], dtype: "float64" });
      });
    const steps = async (times: readonly number[]): Promise<number[]> => {
      const { n } = await readBack(await observable(times), { dtSeconds: 0.1, shape: { n: [1], m: [1] } });
      return Array.from(n.samples[0].step);
    };
    assert.deepEqual(await steps([0.1, 0.3, 0.4]), [0, 2, 3]);
    assert.deepEqual(await steps([0, 0.1, 0.3]), [0, 1, 3]);
    assert.deepEqual(await steps([0.05, 0.15, 0.35]), [0, 1, 3]);
  });

  test("says what is wrong with names and step lengths", async () => {
    const codes = async (record: Record<string, SpikeData>, options?: NirDataOptions): Promise<string[]> => {
      try {
        await writeNirData(record, options);
        return [];
      } catch (error) {
        assert.ok(error instanceof ToolchainError);
        return error.diagnostics.map(({ code }) => code);
      }
    };
    assert.deepEqual(await codes({ "a//b": spikes, "/": spikes, ok: spikes }), [
      "spikes/name-not-writable",
      "spikes/name-not-writable",
    ]);
    for (const dtSeconds of [0, -1, NaN, Infinity])
      assert.deepEqual(await codes({ a: spikes }, { dtSeconds }), ["spikes/bad-step-length"]);
  });
});

// The rules by which NIR itself puts events on a grid, over what h5py finds in our file.
const PYTHON = `
import h5py, numpy as np, sys, json
f = h5py.File(sys.argv[1], "r")
assert f.attrs["__type__"] == "NIRGraphData", f.attrs["__type__"]
out = {}
def walk(group, prefix):
    for name, node in group["nodes"].items():
        kind = node.attrs["__type__"]
        if kind == "NIRGraphData":
            walk(node, prefix + name + "/")
            continue
        assert kind == "NIRNodeData"
        for obs, g in node["observables"].items():
            t = g.attrs["__type__"]
            if t == "TimeGriddedData":
                assert g["data"].ndim == 3 and float(g.attrs["dt"]) > 0
                out[prefix + name + ":" + obs] = [t, g["data"].shape[1], np.argwhere(g["data"][()] != 0).tolist()]
                continue
            dt = float(g.attrs["dt"]); end = float(g.attrs["t_max"]); n = int(g.attrs["n_neurons"])
            idx, time = g["idx"][()], g["time"][()]
            assert idx.dtype == np.int64 and np.all(np.isinf(time[idx == -1]))
            valued = t == "ValuedEventData"
            cells = []
            for s in range(idx.shape[0]):
                ok = idx[s] != -1
                x = time[s][ok] / dt
                steps = np.floor(x) if valued else np.ceil(x - 1e-10) - 1
                cells += [[s, int(a), int(b)] for a, b in zip(steps, idx[s][ok])]
            out[prefix + name + ":" + obs] = [t, int(end / dt) if valued else round(end / dt), cells]
walk(f, "")
print(json.dumps(out))
`;
const python = "/usr/bin/python3";
const hasH5py = spawnSync(python, ["-c", "import h5py"]).status === 0;

test.skipIf(!hasH5py)("h5py and NIR's own rounding find every event in its step", async () => {
  const folder = mkdtempSync(join(tmpdir(), "spinec-nir-data-"));
  try {
    for (const dtSeconds of [1, 1e-3, 0.1, 0.3])
      for (const kind of ["events", "valued-events", "gridded"] as const) {
        const path = join(folder, "x.h5");
        const membranes = {
          out: { size: 3, samples: spikes.samples.map(() => new Float64Array(15).fill(1)) },
        };
        writeFileSync(
          path,
          await writeNirData({ out: spikes, "a/b": graded }, { kind, dtSeconds, membranes }),
        );
        const out = JSON.parse(execFileSync(python, ["-c", PYTHON, path], { encoding: "utf8" })) as Record<
          string,
          [string, number, number[][]]
        >;
        const cells = ({ samples }: SpikeData): number[][] =>
          samples.flatMap(({ step, index }, s) => Array.from(step, (t, e) => [s, t, index[e]]));
        const types = { events: "EventData", "valued-events": "ValuedEventData", gridded: "TimeGriddedData" };
        assert.deepEqual(out["out:spikes"], [types[kind], 5, cells(spikes)]);
        const gradedType = kind === "gridded" ? "TimeGriddedData" : "ValuedEventData";
        assert.deepEqual(out["a/b:spikes"], [gradedType, 2, cells(graded)]);
        assert.equal(out["out:v"][2].length, 45);
      }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
