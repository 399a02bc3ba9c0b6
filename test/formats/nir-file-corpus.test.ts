import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import type { NirArray, NirField, NirFile, NirGraph, NirNode } from "#formats/nir/graph";
import { readNirFile } from "#formats/nir/read-file";
import { writeNirFile } from "#formats/nir/write-file";
import { sharedPath } from "#test/shared";
import { DiagnosticSink } from "#util/diagnostic";

const corpus = sharedPath("corpus");

/** `manifest.json`: HDF5 as stored, seen by h5py. */
interface StoredGroup {
  readonly group: Readonly<Record<string, Stored>>;
}
interface StoredArray {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly sum: number;
  readonly l2: number;
  readonly min: number;
  readonly max: number;
  readonly nonzero: number;
  readonly sha256_le_c_order: string;
}
interface StoredString {
  readonly shape: readonly number[];
  readonly string: object;
  readonly value: unknown;
}
type Stored = StoredGroup | StoredArray | StoredString;
interface Manifest {
  readonly hdf5?: { readonly version_string?: string };
  readonly file?: Readonly<Record<string, Stored>>;
}

const cases = ["peer_nir", "writer_variants", "models"].flatMap((folder) =>
  corpus === undefined
    ? []
    : readdirSync(join(corpus, folder))
        .map((id) => ({ id: `${folder}/${id}`, path: join(corpus, folder, id) }))
        .filter(({ path }) => existsSync(join(path, "model.nir"))),
);

async function open(path: string): Promise<{ file: NirFile | undefined; sink: DiagnosticSink }> {
  const sink = new DiagnosticSink();
  return { file: await readNirFile(readFileSync(join(path, "model.nir")), sink), sink };
}

describe.skipIf(corpus === undefined)("corpus", () => {
  test("corpus has files", () => {
    assert.ok(cases.length > 0);
  });

  for (const { id, path } of cases) {
    test(`corpus ${id} is read as it is stored`, async () => {
      const manifest = JSON.parse(readFileSync(join(path, "manifest.json"), "utf8")) as Manifest;
      const { file, sink } = await open(path);
      if (manifest.file === undefined) {
        assert.equal(file, undefined);
        assert.deepEqual(
          sink.diagnostics.map(({ code }) => code),
          ["nir/not-hdf5"],
        );
        return;
      }
      assert.deepEqual(sink.diagnostics, []);
      assert.ok(file);
      assert.equal(file.version, (manifest.file["version"] as StoredString | undefined)?.value);
      compareGraph(file.root, manifest.file["node"] as StoredGroup);
    });
  }
});

describe.skipIf(corpus === undefined)("corpus", () => {
  test("corpus files are written and read back the same", async () => {
    for (const { id, path } of cases.filter(({ id }) => !id.includes("not_hdf5"))) {
      const { file } = await open(path);
      assert.ok(file, id);
      const sink = new DiagnosticSink();
      assert.deepEqual(await readNirFile(await writeNirFile(file), sink), file, id);
    }
  });
});

function compareGraph(graph: NirGraph, { group }: StoredGroup): void {
  const nodes = (group["nodes"] as StoredGroup).group;
  assert.deepEqual(
    graph.nodes.map(({ name }) => name),
    Object.keys(nodes).sort(),
  );
  const edges = group["edges"] as StoredString;
  assert.deepEqual(graph.edges, edges.shape[0] === 0 ? [] : edges.value);
  for (const node of graph.nodes) compareNode(node, nodes[node.name] as StoredGroup);
}

function compareNode(node: NirNode, { group }: StoredGroup): void {
  const rest = new Set(Object.keys(group));
  rest.delete("type");
  assert.equal(node.type, (group["type"] as StoredString).value);
  if (node.graph) {
    compareGraph(node.graph, { group });
    rest.delete("nodes");
    rest.delete("edges");
  }
  rest.delete("metadata");
  assert.deepEqual(Object.keys(node.fields).sort(), [...rest].sort());
  for (const [name, field] of Object.entries(node.fields))
    compareField(field, group[name], `${node.path}/${name}`);
}

function compareField(field: NirField, stored: Stored, path: string): void {
  if ("string" in stored) {
    assert.deepEqual(field, stored.value, path);
    return;
  }
  assert.ok("dtype" in stored && typeof field === "object" && "data" in field, path);
  assert.deepEqual(field.shape, stored.shape, path);
  assert.equal(field.dtype, WITHOUT_BYTE_ORDER[stored.dtype] ?? stored.dtype, path);
  if (field.data.length === 0) return;
  const values = Array.from<number>(field.data);
  const near = (actual: number, expected: number, what: string): void => {
    assert.ok(Math.abs(actual - expected) <= 1e-9 * (1 + Math.abs(expected)), `${path}: ${what} ${actual}`);
  };
  near(
    values.reduce((a, b) => a + b, 0),
    stored.sum,
    "sum",
  );
  near(Math.sqrt(values.reduce((a, b) => a + b * b, 0)), stored.l2, "l2");
  assert.equal(
    values.reduce((a, b) => Math.min(a, b)),
    stored.min,
    path,
  );
  assert.equal(
    values.reduce((a, b) => Math.max(a, b)),
    stored.max,
    path,
  );
  assert.equal(values.filter((value) => value !== 0).length, stored.nonzero, path);
  assert.equal(createHash("sha256").update(storedBytes(field)).digest("hex"), stored.sha256_le_c_order, path);
}

/** The manifests name the byte order only where it is not little. */
const WITHOUT_BYTE_ORDER: Readonly<Record<string, string>> = {
  ">f8": "float64",
  ">f4": "float32",
  ">i8": "int64",
};

/** The array's little-endian bytes in its stored type. */
function storedBytes({ data, dtype }: NirArray): Uint8Array {
  switch (dtype) {
    case "float32":
      return new Uint8Array(Float32Array.from(data).buffer);
    case "float64":
      return new Uint8Array(Float64Array.from(data).buffer);
    case "int32":
      return new Uint8Array(Int32Array.from(data).buffer);
    case "int64":
      return new Uint8Array(BigInt64Array.from(Array.from<number>(data), BigInt).buffer);
    default:
      return assert.fail(`no rule for ${dtype}`);
  }
}
