// Real files: what other frameworks have written, against what the reference reader makes of them.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { readNetwork } from "#formats/index";
import { readNirFile } from "#formats/nir/read-file";
import { repairedFile } from "#formats/nir/repair";
import { NODE_TYPES } from "#formats/nir/nodes";
import type { Network } from "#ir/network";
import { sharedPath } from "#test/shared";
import { DiagnosticSink } from "#util/diagnostic";
import { into, lower, population } from "./nir-network-builders.ts";

interface Manifest {
  readonly nir?: ManifestGraph;
  readonly nir_no_type_check?: ManifestGraph;
  readonly summary?: { readonly neurons: number; readonly cyclic: boolean };
}
interface ManifestGraph {
  readonly nodes: Readonly<Record<string, ManifestNode>>;
}
interface ManifestNode {
  readonly type: string;
  readonly nodes?: Readonly<Record<string, ManifestNode>>;
  readonly params?: Readonly<Record<string, ManifestArray>>;
  readonly output_type: { readonly output: readonly number[] };
}
interface ManifestArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly sha256_le_c_order: string;
}

const corpus = sharedPath("corpus");
const cases: string[] = ["peer_nir", "writer_variants", "models"].flatMap((folder) =>
  corpus === undefined || !existsSync(join(corpus, folder))
    ? []
    : readdirSync(join(corpus, folder)).map((id) => `${folder}/${id}`),
);
const at = (...parts: string[]): string => join(corpus ?? "", ...parts);
const json = <T>(path: string): T => JSON.parse(readFileSync(path, "utf8")) as T;

/** Files that the reference reader refuses, and we too: each with the faults that must be named. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  "peer_nir/braille_first": ["nir/shape-mismatch"],
  "peer_nir/braille_zero_subgraph_dangling": ["nir/unknown-edge-node"],
  "peer_nir/not_hdf5_torch_zip": ["formats/unrecognised-file"],
};

/** Files that the reference reader refuses and we read, each with the warnings that say what was assumed. */
const LENIENT: Readonly<Record<string, readonly string[]>> = {
  "peer_nir/braille_flattened_scalar": ["nir/broadcast"],
  "peer_nir/braille_subgraph_wrong_input": ["nir/dt-assumed", "nir/port-shape"],
  "peer_nir/braille_v2": ["nir/batch-axis", "nir/flattened-subgraph"],
  "peer_nir/cnn_nmnist_batches": ["nir/batch-axis", "nir/input-shape-assumed", "nir/port-shape"],
  "peer_nir/lif_norse_scalar": ["nir/broadcast"],
  "peer_nir/lif_rockpool": ["nir/port-shape"],
};

describe.skipIf(corpus === undefined)("corpus: networks of real files", () => {
  for (const id of cases) {
    const caseFile = at(id, "case.json");
    const model = at(id, "model.nir");
    const missing = !existsSync(model) || !existsSync(caseFile);

    test.skipIf(missing)(`corpus ${id} loads as its manifest says, or is refused by name`, async () => {
      const sink = new DiagnosticSink();
      const net = await readNetwork(readFileSync(model), { name: id }, sink);
      const codes = (severity: string): string[] =>
        [...new Set(sink.diagnostics.filter((d) => d.severity === severity).map(({ code }) => code))].sort();
      const accepted = json<{ nir_read?: string }>(caseFile).nir_read ?? "accepts";
      if (accepted === "accepts") {
        assert.deepEqual(codes("error"), []);
        const expected = id.startsWith("writer_variants") ? ["nir/dt-assumed"] : [];
        assert.deepEqual(codes("warning"), expected);
        assert.ok(net);
        compare(net, json<Manifest>(at(id, "manifest.json")));
      } else if (id in REFUSED) {
        assert.equal(net, undefined);
        assert.deepEqual(codes("error"), REFUSED[id]);
      } else {
        assert.ok(net, codes("error").join());
        if (id in LENIENT) assert.deepEqual(codes("warning"), LENIENT[id]);
        else assert.ok(codes("warning").length > 0, "a file that the reference refuses needs a warning");
      }
    });

    test.skipIf(missing || id === "peer_nir/not_hdf5_torch_zip")(
      `corpus ${id} needs no repair once it is repaired`,
      async () => {
        const file = await readNirFile(readFileSync(model), new DiagnosticSink());
        assert.ok(file);
        const fixed = repairedFile(file, new DiagnosticSink());
        if (id in REFUSED) {
          assert.equal(fixed, undefined);
          return;
        }
        assert.ok(fixed);
        const { network, codes } = lower(fixed);
        assert.ok(network);
        assert.deepEqual(
          codes.filter((code) => code !== "nir/dt-assumed"),
          [],
        );
        const sizes = (net: Network): number[] =>
          net.populations
            .filter(({ model }) => model !== "relay" && model !== "input")
            .map(({ size }) => size)
            .sort();
        assert.deepEqual(sizes(network), sizes(lower(file).network as Network));
      },
    );
  }

  test("corpus snnTorch's CNN gets per-node conventions from its writer alone", async () => {
    const expected: Record<string, [writer: RegExp, timestepNs: number | undefined]> = {
      "models/snntorch_mlp_dense": [/snnTorch/, 1e5],
      "models/norse_residual_conv": [/Norse/, 1e6],
      "peer_nir/cnn_nmnist_sinabs": [/sinabs/, undefined],
      "peer_nir/lif_rockpool": [/Rockpool/, 1e5],
      "peer_nir/braille_zero": [/snnTorch/, 1e5],
    };
    for (const [id, [writer, timestepNs]] of Object.entries(expected)) {
      if (!existsSync(at(id, "model.nir"))) continue;
      const sink = new DiagnosticSink();
      const net = await readNetwork(readFileSync(at(id, "model.nir")), {}, sink);
      assert.match(sink.diagnostics.find(({ code }) => code === "nir/writer")?.message ?? "", writer);
      assert.equal(net?.timestepNs, timestepNs, id);
    }
  });
});

function compare(net: Network, manifest: Manifest): void {
  const graph = manifest.nir ?? assert.fail("an accepted file has its graph in the manifest");
  const nodes = flatten(graph.nodes, "");
  for (const [name, node] of nodes) {
    const { shape, model, params, bias } = population(net, name);
    assert.deepEqual(shape, node.output_type.output, name);
    const definition = NODE_TYPES.find(({ type }) => type === node.type);
    if (definition?.model !== undefined) assert.equal(model, definition.model);
    for (const [field, param, role] of definition?.params ?? []) {
      const stored = node.params?.[field];
      if (stored === undefined || role === "time") continue;
      // Defaults of one number stand for all; the manifest has them broadcast.
      const full =
        params[param].length === 1
          ? new Float64Array(population(net, name).size).fill(params[param][0])
          : params[param];
      if (field !== "w_in" && field !== "v_reset")
        assert.equal(hash(full, stored.dtype), stored.sha256_le_c_order, `${name}.${field}`);
    }
    const weight = node.params?.weight;
    const incoming = Object.values(into(net, name));
    if (weight !== undefined) {
      const [{ connectivity, layer }] = incoming;
      assert.equal(layer?.node, name);
      assert.ok(connectivity.kind === "dense" ? true : connectivity.kind === "kernel");
      const values =
        connectivity.kind === "dense"
          ? connectivity.values
          : connectivity.kind === "kernel"
            ? connectivity.weights
            : [];
      assert.equal(hash(values, weight.dtype), weight.sha256_le_c_order, `${name}.weight`);
    }
    if (node.type === "Affine" && bias !== undefined)
      assert.equal(
        hash(bias, node.params?.bias.dtype ?? ""),
        node.params?.bias.sha256_le_c_order,
        `${name}.bias`,
      );
  }
  const relays = net.populations.filter(({ name }) => name.endsWith("/in")).length;
  assert.equal(net.populations.length - relays, nodes.size);
  const neurons = net.populations.filter(({ model }) => !["relay", "input", "threshold"].includes(model));
  assert.equal(
    neurons.reduce((sum, { size }) => sum + size, 0),
    manifest.summary?.neurons,
  );
  assert.equal(
    net.projections.some(({ beforeStart }) => beforeStart !== undefined),
    manifest.summary?.cyclic,
  );
}

function flatten(nodes: Readonly<Record<string, ManifestNode>>, prefix: string): Map<string, ManifestNode> {
  const flat = new Map<string, ManifestNode>();
  for (const [name, node] of Object.entries(nodes)) {
    if (node.nodes === undefined) flat.set(prefix + name, node);
    else for (const [inner, value] of flatten(node.nodes, `${prefix}${name}/`)) flat.set(inner, value);
  }
  return flat;
}

/** SHA-256 of the numbers in the type that the file stores them in, little-endian. */
function hash(values: ArrayLike<number>, dtype: string): string {
  const stored = /^float32$|^[<>]f4$/.test(dtype)
    ? Float32Array.from(values)
    : /^float64$|^[<>]f8$/.test(dtype)
      ? Float64Array.from(values)
      : BigInt64Array.from(Array.from(values, BigInt));
  return createHash("sha256").update(new Uint8Array(stored.buffer)).digest("hex");
}
