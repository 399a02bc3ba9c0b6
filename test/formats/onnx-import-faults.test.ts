// What is refused, in which words, and what a file may not make the reader do.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { readNetwork, type ImportOptions } from "#formats/index";
import { unsafeLocation } from "#formats/onnx/import/tensor";
import type { Network } from "#ir/network";
import { DiagnosticSink, formatDiagnostic, type Diagnostic } from "#util/diagnostic";
import { bytesOf, floats, ints, node, port, randomTensor, type ModelParts } from "./onnx-import-graphs.ts";

async function read(
  parts: ModelParts,
  options: ImportOptions = {},
): Promise<{ network: Network | undefined; found: readonly Diagnostic[] }> {
  const sink = new DiagnosticSink();
  const network = await readNetwork(await bytesOf(parts), { format: "onnx", ...options }, sink);
  return { network, found: sink.diagnostics };
}

const x = port("x", ["batch", 4]);
const y = port("y", ["batch", 4]);

describe("onnx faults", () => {
  test("onnx: operators that cannot be read are listed all at once, with their nodes", async () => {
    const { found } = await read({
      graph: {
        node: [
          node("Softplus", ["x"], ["a"]),
          node("Erf", ["a"], ["b"]),
          node("Softplus", ["b"], ["c"]),
          node("Swoosh", ["c"], ["y"]),
        ],
        input: [x],
        output: [y],
      },
    });
    assert.deepEqual(found.map(({ code }) => code).sort(), [
      "onnx/unknown-operator",
      "onnx/unsupported-operator",
      "onnx/unsupported-operator",
    ]);
    assert.deepEqual(found.find(({ data }) => data?.["operator"] === "Softplus")?.data?.["nodes"], [
      "a",
      "c",
    ]);
  });

  test("onnx: an operator that cannot be expressed reads like this", async () => {
    const { found } = await read({
      graph: { node: [node("Sigmoid", ["x"], ["y"])], input: [x], output: [y] },
    });
    assert.equal(
      found.map(formatDiagnostic).join("\n"),
      [
        'error[onnx/unsupported-operator]: Sigmoid cannot be expressed with populations and projections (node "y").',
        '  at nodes["y"]',
        "  try: replace Sigmoid and train again, or export the part of the model without it.",
      ].join("\n"),
    );
  });

  test("onnx: faults of several nodes are all found, and what follows from them is not", async () => {
    const { found } = await read({
      graph: {
        node: [
          node("Gemm", ["x", "w"], ["h"]),
          node("Relu", ["h"], ["r"]),
          node("Transpose", ["x"], ["t"], { perm: { ints: [1, 1] } }),
          node("Add", ["r", "t"], ["y"]),
        ],
        input: [x],
        output: [y],
        initializer: [randomTensor("w", [5, 3], 1)],
      },
    });
    assert.deepEqual(
      found.map(({ code }) => code),
      ["onnx/shape-mismatch", "onnx/attribute"],
    );
  });

  test("onnx: a state that is neither leaky nor reset is no neuron, and that is said", async () => {
    const { network, found } = await read({
      graph: {
        node: [
          node("Mul", ["v_in", "v_in"], ["q"]),
          node("Add", ["q", "x"], ["v_out"]),
          node("Greater", ["v_out", "one"], ["over"]),
          node("Cast", ["over"], ["y"], { to: { int: 1 } }),
        ],
        input: [x, port("v_in", ["batch", 4])],
        output: [y, port("v_out", ["batch", 4])],
        initializer: [floats("one", [], [1])],
      },
    });
    assert.equal(network, undefined);
    const [fault] = found.filter(({ severity }) => severity === "error");
    assert.equal(fault.code, "onnx/neuron-unknown");
    assert.deepEqual(fault.data?.["states"], ["v_in"]);
  });

  test("onnx: an input with two open axes is refused", async () => {
    const { found } = await read({
      graph: { node: [node("Relu", ["x"], ["y"])], input: [port("x", ["batch", "width"])], output: [y] },
    });
    assert.deepEqual(
      found.map(({ code }) => code),
      ["onnx/dynamic-axis"],
    );
  });

  test("onnx: a node that reads across the batch is refused", async () => {
    const { found } = await read({
      graph: {
        node: [node("ReduceMean", ["x"], ["y"], { axes: { ints: [0] } })],
        input: [x],
        output: [y],
      },
    });
    assert.deepEqual(
      found.map(({ code }) => code),
      ["onnx/batch-mixed"],
    );
  });

  test("onnx: functions that call themselves end with a refusal", async () => {
    const call = (name: string): object => ({ ...node(name, ["x"], ["y"], {}, "d"), name: "call" });
    const body = (name: string): object => ({
      name,
      domain: "d",
      input: ["x"],
      output: ["y"],
      node: [node(name, ["x"], ["a"], {}, "d"), node(name, ["a"], ["y"], {}, "d")],
      opsetImport: [{ domain: "", version: 13 }],
    });
    const { network, found } = await read({
      graph: { node: [call("Loop2")], input: [x], output: [y] },
      functions: [body("Loop2")],
      domains: ["d"],
    });
    assert.equal(network, undefined);
    assert.ok(found.some(({ code }) => code === "onnx/too-large"));
  });

  test("onnx: sizes are checked before anything is made of them", async () => {
    const cases: readonly ModelParts["graph"][] = [
      {
        node: [node("Expand", ["x", "s"], ["y"])],
        input: [x],
        output: [y],
        initializer: [ints("s", [2 ** 20, 2 ** 20, 4])],
      },
      {
        node: [node("Pad", ["x", "p"], ["y"])],
        input: [x],
        output: [y],
        initializer: [ints("p", [0, 2 ** 40, 0, 0])],
      },
      { node: [node("Relu", ["x"], ["y"])], input: [port("x", [1, 2 ** 30, 4])], output: [y] },
    ];
    for (const graph of cases) {
      const { network, found } = await read({ graph });
      assert.equal(network, undefined);
      assert.deepEqual(
        found.map(({ code }) => code),
        ["onnx/too-large"],
      );
    }
  });

  test("onnx: external data are taken from beside the model only", () => {
    for (const location of [
      "/etc/passwd",
      "../w.bin",
      "a/../../w.bin",
      "C:\\w.bin",
      "\\\\host\\w",
      "a\\..\\w",
      "",
      "w\u0000",
    ])
      assert.notEqual(unsafeLocation(location), undefined, location);
    for (const location of ["w.bin", "sub/w.bin", "w..bin"])
      assert.equal(unsafeLocation(location), undefined, location);
  });

  test("onnx: rectifiers are pointed out, with the way to convert them", async () => {
    const { found } = await read({ graph: { node: [node("Relu", ["x"], ["y"])], input: [x], output: [y] } });
    assert.deepEqual(
      found.map(({ code, severity }) => [code, severity]),
      [["onnx/rectifiers", "note"]],
    );
  });

  test("onnx: sparse initializers become sparse projections", async () => {
    const values = floats("w", [3], [2, -1, 4]);
    const { network } = await read({
      graph: {
        node: [node("MatMul", ["x", "w"], ["y"])],
        input: [x],
        output: [port("y", ["batch", 5])],
        sparseInitializer: [{ values, indices: ints("i", [1, 7, 19]), dims: [4, 5] }],
      },
    });
    const { connectivity } = network!.projections[0];
    assert.equal(connectivity.kind, "sparse");
    assert.deepEqual(connectivity.kind === "sparse" && [...connectivity.rowStart], [0, 1, 2, 2, 3]);
    assert.deepEqual(connectivity.kind === "sparse" && [...connectivity.colIndex], [1, 2, 4]);
  });

  test("onnx: sparse initializers with an index outside are refused", async () => {
    const { found } = await read({
      graph: {
        node: [node("MatMul", ["x", "w"], ["y"])],
        input: [x],
        output: [y],
        sparseInitializer: [{ values: floats("w", [2], [2, -1]), indices: ints("i", [1, 20]), dims: [4, 5] }],
      },
    });
    assert.deepEqual(
      found.map(({ code }) => code),
      ["onnx/data-size"],
    );
  });
});
