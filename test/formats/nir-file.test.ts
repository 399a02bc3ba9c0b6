import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, test, vi } from "vitest";
import fc from "fast-check";
import { writeHdf5, type Hdf5Writer } from "#formats/hdf5/writer";
import type { NirArray, NirField, NirFile, NirGraph, NirNode } from "#formats/nir/graph";
import { readNirFile } from "#formats/nir/read-file";
import { writeNirFile } from "#formats/nir/write-file";
import { ROOT } from "#test/shared";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";

const golden = (name: string): Uint8Array =>
  Uint8Array.from(gunzipSync(readFileSync(join(ROOT, "test/golden/nir", `${name}.nir.gz`))));

async function read(bytes: Uint8Array): Promise<NirFile> {
  const sink = new DiagnosticSink();
  const file = await readNirFile(bytes, sink);
  assert.deepEqual(sink.diagnostics, []);
  assert.ok(file);
  return file;
}

/** Codes and places of everything that is wrong with a file. */
async function faults(bytes: Uint8Array): Promise<string[]> {
  const sink = new DiagnosticSink();
  const file = await readNirFile(bytes, sink);
  assert.equal(file === undefined, sink.hasErrors);
  return sink.diagnostics.map(({ code, subject }) => (subject === undefined ? code : `${code} ${subject}`));
}

async function message(bytes: Uint8Array): Promise<string> {
  const sink = new DiagnosticSink();
  assert.equal(await readNirFile(bytes, sink), undefined);
  assert.equal(sink.diagnostics.length, 1);
  return sink.diagnostics[0].message;
}

/** A graph whose parts a test then leaves out or bends. */
function handMade(nodes: (writer: Hdf5Writer) => void): Promise<Uint8Array> {
  return writeHdf5((writer) => {
    writer.group("/node");
    writer.text("/node/type", ["NIRGraph"], []);
    writer.text("/node/edges", ["a", "b"], [1, 2]);
    writer.group("/node/nodes");
    nodes(writer);
  });
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

const array = (data: readonly number[], shape: readonly number[] = [data.length]): NirArray => ({
  data: Float32Array.from(data),
  shape,
  dtype: "float32",
});

function node(name: string, fields: Readonly<Record<string, NirField>> = {}, graph?: NirGraph): NirNode {
  const type = graph ? "NIRGraph" : "LIF";
  return { name, path: `/node/nodes/${name}`, type, fields, metadata: {}, ...(graph ? { graph } : {}) };
}

describe("readNirFile", () => {
  for (const structures of ["earliest", "latest"]) {
    describe(`on a file of h5py with ${structures} structures`, () => {
      const nodes = async (): Promise<ReadonlyMap<string, NirNode["fields"]>> => {
        const { root } = await read(golden(`odd-${structures}`));
        return new Map(root.nodes.map(({ name, fields }) => [name, fields]));
      };

      test("reads every type of number in both byte orders", async () => {
        const fields = (await nodes()).get("dtypes") ?? {};
        const words = { f: "float", i: "int", u: "uint" };
        assert.equal(Object.keys(fields).length, 41);
        for (const [name, field] of Object.entries(fields)) {
          if (name === "bool") continue;
          const [form, dtype] = name.split(" ");
          assert.ok(typeof field === "object" && "data" in field);
          assert.equal(field.dtype, `${words[dtype[1] as keyof typeof words]}${8 * Number(dtype[2])}`);
          assert.deepEqual(field.shape, form === "scalar" ? [] : [4]);
          assert.deepEqual(Array.from(field.data), form === "scalar" ? [7] : [1, 0, 3, 100]);
        }
        assert.deepEqual(fields["bool"], { data: Int32Array.of(1, 0, 1), shape: [3], dtype: "bool" });
      });

      test("reads text of every kind", async () => {
        assert.deepEqual((await nodes()).get("texts"), {
          variable: "grün",
          fixed: "abc",
          "space padded": "ab c",
          list: ["a", "", "ccc"],
        });
      });

      test("reads every layout and every readable filter", async () => {
        const fields = (await nodes()).get("storage") ?? {};
        const expected = Float32Array.from({ length: 14 * 9 }, (_, i) => i % 7);
        assert.equal(Object.keys(fields).length, 12);
        for (const [name, field] of Object.entries(fields)) {
          const data = name === "fill value" ? expected.map(() => 2.5) : expected;
          assert.deepEqual(field, { data, shape: [14, 9], dtype: "float32" }, name);
        }
      });

      test("reads large groups and arrays of many chunks", async () => {
        const fields = (await nodes()).get("many") ?? {};
        assert.equal(Object.keys(fields).length, 61);
        for (let i = 0; i < 60; i++) {
          assert.deepEqual(fields[`field ${i}`], { data: Int32Array.of(i), shape: [], dtype: "int32" });
        }
        assert.deepEqual(
          (fields["paged"] as NirArray).data,
          Int32Array.from({ length: 1100 }, (_, i) => i),
        );
      });

      test("takes an empty list of edges of type float64 for no edges", async () => {
        assert.deepEqual((await read(golden(`odd-${structures}`))).root.edges, []);
      });

      test("refuses what it cannot read, all at once, each with its place", async () => {
        assert.deepEqual(await faults(golden(`refused-${structures}`)), [
          "nir/inexact-integer /node/nodes/bad/beyond 2^53",
          "nir/unsupported-dtype /node/nodes/bad/complex",
          "nir/huge-array /node/nodes/bad/huge",
          "nir/huge-array /node/nodes/bad/huge chunked",
          "nir/unsupported-dtype /node/nodes/bad/metadata/complex",
          "nir/unreadable-dataset /node/nodes/bad/null",
          "nir/unsupported-filter /node/nodes/bad/scaleoffset",
          "nir/unreadable-dataset /node/nodes/bad/soft link",
          "nir/unsupported-filter /node/nodes/bad/szip",
          "nir/node-without-type /node/nodes/dataset",
          "nir/node-without-type /node/nodes/typeless",
        ]);
      });
    });
  }

  test("reads the file behind a user block", async () => {
    const bytes = await writeNirFile({ root: { nodes: [node("a")], edges: [], metadata: {} } });
    const moved = new Uint8Array(512 + bytes.length);
    moved.set(bytes, 512);
    assert.deepEqual(await read(moved), await read(bytes));
  });

  test("puts nodes and the contents of a subgraph in order of name, whatever the file's", async () => {
    const inner = { nodes: [node("z"), node("b")], edges: [["z", "b"]] as [string, string][], metadata: {} };
    const file = {
      root: { nodes: [node("2"), node("10"), node("sub", {}, inner)], edges: [], metadata: {} },
    };
    const { root } = await read(await writeNirFile(file));
    assert.deepEqual(
      root.nodes.map(({ name }) => name),
      ["10", "2", "sub"],
    );
    assert.deepEqual(
      root.nodes[2].graph?.nodes.map(({ path }) => path),
      ["/node/nodes/sub/nodes/b", "/node/nodes/sub/nodes/z"],
    );
  });

  test("takes a root that is one node for a graph of that node", async () => {
    const bytes = await writeHdf5((writer) => {
      writer.group("/node");
      writer.text("/node/type", ["LIF"], []);
    });
    const { root } = await read(bytes);
    assert.deepEqual(root.nodes, [{ name: "node", path: "/node", type: "LIF", fields: {}, metadata: {} }]);
  });

  test("says what a file looks like that is no HDF5", async () => {
    const looks = async (bytes: Uint8Array): Promise<string> =>
      (await message(bytes)).replace("a NIR file is an HDF5 file, but this one looks like ", "");
    const zip = (name: string): Uint8Array => text(`PK\x03\x04..........................${name}`);
    assert.equal(await looks(zip("model/data.pkl")), "a zip archive written by PyTorch (torch.save).");
    assert.equal(await looks(zip("arr_0.npy")), "a NumPy archive (.npz).");
    assert.equal(await looks(zip("letter.doc")), "a zip archive.");
    assert.equal(await looks(text('{"nodes": []}')), "JSON.");
    assert.equal(await looks(text("hello")), "text.");
    assert.equal(await looks(text("<!DOCTYPE html>")), "a web page.");
    assert.equal(await looks(text("version https://git-lfs.github.com/spec/v1")), "a Git LFS pointer.");
    assert.equal(await looks(Uint8Array.of(0x1f, 0x8b, 8, 0)), "a gzip file.");
    assert.equal(await looks(Uint8Array.of(8, 8, 18, 7, 112, 121, 0)), "an ONNX model.");
    assert.equal(await looks(Uint8Array.of(0x80, 2, 0x8a, 10)), "a Python pickle (an old PyTorch file).");
    assert.equal(await looks(new Uint8Array(100)), "zeros only.");
    assert.equal(
      await looks(Uint8Array.of(1, 2, 3, 255)),
      "binary data of another kind (first bytes 01 02 03 ff).",
    );
  });

  test("says that a file is empty, or how much of it is missing", async () => {
    assert.deepEqual(await faults(new Uint8Array(0)), ["nir/empty-file"]);
    const bytes = golden("odd-earliest");
    assert.equal(
      await message(bytes.subarray(0, 5000)),
      `the file should have ${bytes.length} bytes by its own header, but has 5000.`,
    );
  });

  test("names the filter that it cannot undo", async () => {
    const sink = new DiagnosticSink();
    await readNirFile(golden("refused-earliest"), sink);
    const filters = sink.diagnostics.filter(({ code }) => code === "nir/unsupported-filter");
    assert.deepEqual(
      filters.map(({ data }) => data?.["filter"]),
      ["scaleoffset (number 6)", "szip (number 4)"],
    );
  });

  test("finds no graph in an HDF5 file of something else", async () => {
    const bytes = await writeHdf5((writer) => {
      writer.group("/model_weights");
    });
    assert.equal(
      await message(bytes),
      'a NIR file has its graph in the group "/node", but this HDF5 file has "model_weights" at its root.',
    );
  });

  test("reports a graph without nodes and edges", async () => {
    const bytes = await writeHdf5((writer) => {
      writer.group("/node");
      writer.text("/node/type", ["NIRGraph"], []);
    });
    assert.deepEqual(await faults(bytes), ["nir/no-nodes /node/nodes", "nir/bad-edges /node/edges"]);
  });

  test("reports edges that are no pairs of names", async () => {
    const bytes = await writeHdf5((writer) => {
      writer.group("/node");
      writer.text("/node/type", ["NIRGraph"], []);
      writer.group("/node/nodes");
      writer.numbers("/node/edges", { data: [0, 1], shape: [1, 2], dtype: "int32" });
    });
    assert.match(await message(bytes), /but "\/node\/edges" is int32 of shape \[1, 2\]\.$/);
  });

  test("joins a node name with a slash again, with a warning", async () => {
    const bytes = await handMade((writer) => {
      for (const path of ["/node/nodes/a", "/node/nodes/a/b", "/node/nodes/a/c"]) writer.group(path);
      writer.text("/node/nodes/a/b/type", ["LIF"], []);
      writer.text("/node/nodes/a/c/type", ["LIF"], []);
    });
    const sink = new DiagnosticSink();
    const file = await readNirFile(bytes, sink);
    assert.deepEqual(
      file?.root.nodes.map(({ name }) => name),
      ["a/b", "a/c"],
    );
    assert.deepEqual(
      sink.diagnostics.map(({ code, severity }) => [code, severity]),
      [
        ["nir/node-name-with-slash", "warning"],
        ["nir/node-name-with-slash", "warning"],
      ],
    );
  });

  test("reports a type that is no text", async () => {
    const bytes = await handMade((writer) => {
      writer.group("/node/nodes/a");
      writer.numbers("/node/nodes/a/type", { data: [3], shape: [], dtype: "int32" });
    });
    assert.deepEqual(await faults(bytes), ["nir/not-one-text /node/nodes/a/type"]);
  });

  test("ends in a file whose groups never end", async () => {
    const bytes = await handMade((writer) => {
      writer.group("/node/nodes/a");
      writer.text("/node/nodes/a/type", ["LIF"], []);
      let path = "/node/nodes/a";
      for (let depth = 0; depth < 40; depth++) writer.group((path += "/g"));
    });
    const [fault, ...others] = await faults(bytes);
    assert.match(fault, /^nir\/too-deep/);
    assert.deepEqual(others, []);
  });

  test("ends with diagnostics, or with a graph, whatever bytes are changed or cut off", async () => {
    const originals = [
      await writeNirFile({
        version: "1.0.8",
        root: {
          nodes: [node("lif", { tau: array([1, 2, 3]), w: array([1, 2, 3, 4], [2, 2]) }), node("out")],
          edges: [["lif", "out"]],
          metadata: {},
        },
      }),
      golden("odd-earliest"),
      golden("odd-latest"),
    ];
    const damaged = fc
      .tuple(fc.nat(), fc.constantFrom(...originals), fc.boolean())
      .map(([seed, original, isCut]) => {
        const rng = createRng(seed);
        const bytes = Uint8Array.from(original);
        const changes = 1 + Math.floor(20 * rng() * rng());
        for (let c = 0; c < changes; c++) {
          // Most of the structures lie in front; there a change hurts most.
          const reach = rng() < 0.7 ? Math.min(6000, bytes.length) : bytes.length;
          const at = Math.floor(rng() * reach);
          bytes[at] = [bytes[at] ^ (1 << Math.floor(8 * rng())), Math.floor(256 * rng()), 255, 0][
            Math.floor(4 * rng())
          ];
        }
        return isCut ? bytes.subarray(0, Math.floor(rng() * bytes.length)) : bytes;
      });
    await fc.assert(
      fc.asyncProperty(damaged, async (bytes) => {
        const sink = new DiagnosticSink();
        const file = await readNirFile(bytes, sink);
        assert.equal(file === undefined, sink.hasErrors);
      }),
      { numRuns: 200 },
    );
  });
});

describe("writeNirFile", () => {
  const floats = fc.array(fc.float({ noNaN: true, width: 32 } as object), { maxLength: 12 });
  const field: fc.Arbitrary<NirField> = fc.oneof(
    fc.string({ unit: "grapheme-ascii" }),
    fc.array(fc.constantFrom("", "a", "größe"), { minLength: 1, maxLength: 3 }),
    floats.map((data) => array(data)),
    floats.map((data): NirArray => ({
      data: Float64Array.from([...data, ...data]),
      shape: [2, data.length],
      dtype: "float64",
    })),
    fc.integer().map((n): NirArray => ({ data: Float64Array.of(n), shape: [], dtype: "int64" })),
    fc.array(fc.integer({ min: -128, max: 127 })).map((data): NirArray => ({
      data: Int32Array.from(data),
      shape: [data.length],
      dtype: "int8",
    })),
  );
  const names = fc.constantFrom("lif", "0", "a.b", "with space", "größe", "w_in", "x", "y", "z");
  const fields = fc.dictionary(names, field, { maxKeys: 4, noNullPrototype: true });
  const withPath = (graph: NirGraph, path: string): NirGraph => ({
    ...graph,
    nodes: [...graph.nodes]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((n) => ({
        ...n,
        path: `${path}/nodes/${n.name}`,
        ...(n.graph
          ? { graph: withPath({ ...n.graph, metadata: n.metadata }, `${path}/nodes/${n.name}`) }
          : {}),
      })),
  });
  const graph = (depth: number): fc.Arbitrary<NirGraph> =>
    fc.record({
      nodes: fc.uniqueArray(
        fc
          .tuple(
            names,
            fields,
            fields,
            depth > 0 ? fc.option(graph(depth - 1), { nil: undefined }) : fc.constant(undefined),
          )
          .map(([name, own, metadata, inner]) => ({ ...node(name, own, inner), metadata })),
        { selector: ({ name }) => name, maxLength: 5 },
      ),
      edges: fc.array(fc.tuple(names, names), { maxLength: 4 }),
      metadata: fields,
    });

  test("writes what reads back the same, packed or not", async () => {
    await fc.assert(
      fc.asyncProperty(graph(2), fc.constantFrom("gzip", "none"), async (root, compression) => {
        const file = { version: "1.0.8", root: withPath(root, "/node") };
        const written = await writeNirFile(
          { version: "1.0.8", root },
          { compression: compression as "gzip" },
        );
        assert.deepEqual(await read(written), file);
      }),
      { numRuns: 60 },
    );
  });

  test("writes the same bytes for the same graph, whenever it is", async () => {
    const file: NirFile = {
      root: { nodes: [node("a", { tau: array([1, 2]) })], edges: [["a", "a"]], metadata: {} },
    };
    vi.useFakeTimers({ toFake: ["Date"], now: 0 });
    try {
      const first = await writeNirFile(file);
      vi.setSystemTime("2033-05-18");
      assert.deepEqual(await writeNirFile(file), first);
    } finally {
      vi.useRealTimers();
    }
  });

  test("packs large arrays in several chunks", async () => {
    const data = Float32Array.from({ length: 700 * 900 }, (_, i) => (i % 97 === 0 ? i : 0));
    const weight: NirArray = { data, shape: [700, 900], dtype: "float32" };
    const bytes = await writeNirFile({ root: { nodes: [node("fc", { weight })], edges: [], metadata: {} } });
    assert.ok(bytes.length < 200_000);
    assert.deepEqual((await read(bytes)).root.nodes[0].fields["weight"], weight);
  });

  test("keeps nested metadata as groups", async () => {
    const metadata = { "a/b/c": "deep", "a/d": "less", e: array([1]) };
    const file = { root: { nodes: [{ ...node("n"), metadata }], edges: [], metadata: {} } };
    assert.deepEqual((await read(await writeNirFile(file))).root.nodes[0].metadata, metadata);
  });

  test("refuses names that HDF5 cannot hold, all at once", async () => {
    const inner = { nodes: [node("")], edges: [], metadata: {} };
    const file = {
      root: { nodes: [node("a/b"), node("."), node("sub", {}, inner)], edges: [], metadata: {} },
    };
    await assert.rejects(writeNirFile(file), (error: unknown) => {
      assert.ok(error instanceof ToolchainError);
      assert.deepEqual(
        error.diagnostics.map(({ code, data }) => [code, data?.["name"]]),
        [
          ["nir/name-not-writable", "a/b"],
          ["nir/name-not-writable", "."],
          ["nir/name-not-writable", ""],
        ],
      );
      return true;
    });
  });
});
