// Files of our own come back as they were; and without their metadata, by what their graphs compute.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { readNetwork } from "#formats/index";
import { onnxExporter } from "#formats/onnx/export/exporter";
import { decodeModel, encodeModel } from "#formats/onnx/proto";
import { expand } from "#ir/connectivity";
import {
  DEFAULT_DYNAMICS,
  type Network,
  type Population,
  type Projection,
  type ResetMode,
} from "#ir/network";
import { randomSparse } from "#test/networks";
import { ROOT } from "#test/shared";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { asInput, outputsOf } from "./onnx-import-case.ts";

const STEPS = 40;
const rng = createRng(21);
const numbers = (count: number, scale = 1): Float64Array =>
  Float64Array.from({ length: count }, () => Math.fround((2 * rng() - 0.8) * scale));

/** One neuron layer of 6 behind a layer of weights, and a convolution behind that. */
function network(model: string, params: Population["params"], dynamics: Population["dynamics"]): Network {
  const population = (
    name: string,
    shape: readonly number[],
    rest: Partial<Population> = {},
  ): Population => ({
    name,
    model: "relay",
    shape,
    size: shape.reduce((a, b) => a * b, 1),
    params: {},
    ...rest,
  });
  const projection = (pre: number, post: number, connectivity: Projection["connectivity"]): Projection => ({
    name: `p${pre}${post}`,
    pre,
    post,
    connectivity,
    weightScale: 1,
    delaySteps: 0,
  });
  return {
    name: "own",
    populations: [
      population("x", [4], { model: "input" }),
      population("fc", [1, 2, 3], { bias: numbers(6, 0.2) }),
      population("n", [1, 2, 3], { model, params, ...(dynamics && { dynamics }) }),
      population("conv", [2, 2, 2], {}),
    ],
    projections: [
      {
        ...projection(0, 1, { kind: "dense", rows: 4, cols: 6, values: numbers(24) }),
        layer: { node: "fc", kind: "linear" },
      },
      projection(1, 2, { kind: "diagonal", rows: 6, cols: 6, values: Float64Array.of(1) }),
      {
        ...projection(2, 3, {
          kind: "kernel",
          rows: 6,
          cols: 8,
          weights: numbers(4),
          kernelShape: [2, 1, 1, 2],
          stride: [1, 1],
          padding: [0, 0, 0, 0],
          dilation: [1, 1],
          groups: 1,
          inputShape: [1, 2, 3],
          outputShape: [2, 2, 2],
        }),
        layer: { node: "conv", kind: "conv" },
      },
    ],
    inputs: [{ name: "x", population: 0 }],
    outputs: [
      { name: "n", population: 2 },
      { name: "conv", population: 3 },
    ],
  };
}

const one = (value: number): Float64Array => Float64Array.of(value);
const lif = { tauSteps: one(4), r: one(4), vLeak: one(0), vThreshold: one(1), vReset: one(0) };
const cuba = {
  tauSynSteps: one(2),
  tauMemSteps: one(4),
  r: one(4),
  vLeak: one(0),
  wIn: one(2),
  vThreshold: one(1),
  vReset: one(0),
};
const withReset = (reset: ResetMode): Population["dynamics"] => ({ ...DEFAULT_DYNAMICS, reset });

const NETWORKS: Readonly<Record<string, Network>> = {
  "if, reset to a value": network(
    "if",
    { r: one(1), vThreshold: one(1), vReset: one(0) },
    withReset("value"),
  ),
  "if, reset by subtraction": network(
    "if",
    { r: one(1), vThreshold: one(1), vReset: one(0) },
    withReset("subtract"),
  ),
  "lif, reset to a value": network("lif", { ...lif, vReset: one(-0.25) }, withReset("value")),
  "lif, at least the threshold": network("lif", lif, { ...withReset("value")!, compare: ">=" }),
  "lif, every neuron its own": network(
    "lif",
    {
      ...lif,
      tauSteps: Float64Array.of(2, 4, 8, 2, 4, 8),
      vThreshold: Float64Array.of(1, 1.5, 0.5, 2, 1, 0.75),
    },
    withReset("subtract"),
  ),
  "lif, delayed reset": network("lif", lif, withReset("delayed-subtract")),
  "cuba-lif": network("cuba-lif", cuba, withReset("value")),
  "cuba-lif, old current": network("cuba-lif", cuba, { ...withReset("subtract")!, current: "old" }),
  li: network("li", { tauSteps: one(4), r: one(4), vLeak: one(0) }, undefined),
  threshold: network("threshold", { threshold: one(0.5) }, { ...DEFAULT_DYNAMICS }),
};

async function exported(subject: Network, options: Record<string, string>): Promise<Uint8Array> {
  const sink = new DiagnosticSink();
  const files = await onnxExporter.write({ network: subject, generator: "spinec 0" }, options, sink);
  assert.ok(files !== undefined, sink.diagnostics.map(({ message }) => message).join("\n"));
  return files[0].bytes;
}

async function withoutMetadata(bytes: Uint8Array): Promise<Uint8Array> {
  const decoded = await decodeModel(bytes);
  assert.ok("model" in decoded);
  return encodeModel({ ...(decoded.model as object), metadataProps: [] });
}

async function read(bytes: Uint8Array): Promise<Network> {
  const sink = new DiagnosticSink();
  const found = await readNetwork(bytes, { format: "onnx" }, sink);
  assert.ok(found !== undefined, sink.diagnostics.map(({ message }) => message).join("\n"));
  return found;
}

const input = asInput([numbers(4 * STEPS, 1), numbers(4 * STEPS, 2)], STEPS, [4]);

for (const [name, subject] of Object.entries(NETWORKS)) {
  describe(`onnx own files: ${name}`, () => {
    for (const options of [{ double: "on" }, { double: "on", graph: "step" }, { double: "on", dense: "on" }])
      test(`come back with every bit, ${JSON.stringify(options)}`, async () => {
        assert.deepEqual(await read(await exported(subject, options)), subject);
      });

    for (const options of [{ double: "on" }, { double: "on", graph: "step" }, {}])
      test(`are read by what they compute when nothing else is known, ${JSON.stringify(options)}`, async () => {
        const found = await read(await withoutMetadata(await exported(subject, options)));
        const wanted = outputsOf(subject, { x: input }, STEPS);
        const got = outputsOf(found, { [found.inputs[0].name]: input }, STEPS);
        for (const [port, rows] of wanted)
          rows.forEach((row, sample) => {
            const other = got.get(port)![sample];
            assert.ok(
              row.some((value) => value !== 0),
              "something has to happen",
            );
            row.forEach((value, i) => {
              assert.ok(Math.abs(value - other[i]) < 1e-9, `${port} ${i}: ${other[i]} for ${value}`);
            });
          });
      });
  });
}

/** Layers with few weights left: a matrix of each kind and a large kernel. */
function pruned(): Network {
  const few = (size: number): Float64Array => numbers(size).map((value, i) => (i % 31 === 3 ? value : 0));
  const population = (name: string, shape: readonly number[], model = "relay"): Population => ({
    name,
    model,
    shape,
    size: shape.reduce((a, b) => a * b, 1),
    params: {},
  });
  const projection = (pre: number, post: number, connectivity: Projection["connectivity"]): Projection => ({
    name: `p${pre}${post}`,
    pre,
    post,
    connectivity,
    weightScale: 1,
    delaySteps: 0,
  });
  const kernel = {
    kind: "kernel" as const,
    rows: 64,
    cols: 256,
    weights: few(16 * 4 * 3 * 3),
    kernelShape: [16, 4, 3, 3] as const,
    stride: [1, 1] as const,
    padding: [1, 1, 1, 1] as const,
    dilation: [1, 1] as const,
    groups: 1,
    inputShape: [4, 4, 4] as const,
    outputShape: [16, 4, 4] as const,
  };
  return {
    name: "own",
    populations: [
      population("x", [16], "input"),
      population("fc", [4, 4, 4]),
      population("conv", [16, 4, 4]),
      population("out", [8]),
    ],
    projections: [
      projection(0, 1, { kind: "dense", rows: 16, cols: 64, values: few(16 * 64) }),
      projection(1, 2, kernel),
      projection(2, 3, randomSparse(createRng(5), 256, 8, 0.05)),
    ],
    inputs: [{ name: "x", population: 0 }],
    outputs: [{ name: "out", population: 3 }],
  };
}

describe("onnx own files: pruned layers", () => {
  for (const options of [
    { double: "on" },
    { double: "on", graph: "step" },
    { double: "on", dense: "on" },
  ] as Record<string, string>[])
    test(`come back with every bit, ${JSON.stringify(options)}`, async () => {
      const subject = pruned();
      const bytes = await exported(subject, options);
      const decoded = await decodeModel(bytes);
      assert.ok("model" in decoded);
      const lists = decoded.model.graph!.initializer!.filter(({ name }) => name?.endsWith(".indices"));
      assert.equal(lists.length, options["dense"] === "on" ? 0 : 3);
      const found = await read(bytes);
      const [dense, kernel, sparse] = found.projections;
      assert.deepEqual([dense, kernel], subject.projections.slice(0, 2));
      // Weights that are zero are not kept.
      assert.deepEqual(
        expand(sparse.connectivity, { keepZeros: true }),
        expand(subject.projections[2].connectivity),
      );
      assert.deepEqual(found.populations, subject.populations);
    });

  test("are read by what they compute when nothing else is known", async () => {
    const subject = pruned();
    const rows = [numbers(16, 1), numbers(16, 2)];
    const [wanted] = outputsOf(subject, { x: asInput(rows, 1, [16]) }, 1).values();
    for (const graph of ["step", "sequence"]) {
      const found = await read(await withoutMetadata(await exported(subject, { double: "on", graph })));
      const [got] = outputsOf(found, { [found.inputs[0].name]: asInput(rows, 1, [16]) }, 1).values();
      wanted.forEach((row, sample) => {
        assert.ok(row.some((value) => value !== 0));
        row.forEach((value, i) => {
          assert.ok(Math.abs(value - got[sample][i]) < 1e-9, `${graph} ${i}`);
        });
      });
    }
  });

  test("are refused where the places do not fit the weights", async () => {
    const decoded = await decodeModel(await exported(pruned(), { double: "on" }));
    assert.ok("model" in decoded);
    const { graph } = decoded.model;
    const changed = async (change: (index: Int32Array) => Int32Array): Promise<string[]> => {
      const initializer = graph!.initializer!.map((tensor) => {
        if (tensor.name !== "p01.weight.indices") return tensor;
        const index = change(new Int32Array(Uint8Array.from(tensor.rawData!).buffer));
        return { ...tensor, dims: [index.length], rawData: new Uint8Array(index.buffer) };
      });
      const bytes = await encodeModel({ ...decoded.model, graph: { ...graph, initializer } });
      const sink = new DiagnosticSink();
      assert.equal(await readNetwork(bytes, { format: "onnx" }, sink), undefined);
      return sink.diagnostics.map(({ code }) => code);
    };
    assert.deepEqual(await changed((index) => index.slice(1)), ["onnx/data-size"]);
    assert.deepEqual(await changed((index) => index.toReversed()), ["onnx/data-size"]);
    assert.deepEqual(await changed((index) => index.map((at, i) => (i === 0 ? -1 : at))), ["onnx/data-size"]);
    const beyond = (index: Int32Array): Int32Array =>
      index.map((at, i) => (i === index.length - 1 ? 16 * 64 : at));
    assert.deepEqual(await changed(beyond), ["onnx/data-size"]);
  });

  test("files of version 0.1.0 with sparse initializers come back as they were", async () => {
    const weights = randomSparse(createRng(3), 24, 16, 0.1);
    const found = await read(readFileSync(join(ROOT, "test/golden/onnx/sparse-initializer.onnx")));
    assert.deepEqual(
      found.populations.map(({ name, model, size }) => [name, model, size]),
      [
        ["in", "input", 24],
        ["n", "lif", 16],
      ],
    );
    const { connectivity } = found.projections[0];
    assert.deepEqual(connectivity, expand({ ...weights, values: weights.values.map(Math.fround) }));
  });
});
