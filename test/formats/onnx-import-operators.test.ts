// Every operator that is read, beside onnxruntime: small graphs, all forms of the attributes.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { readNetwork } from "#formats/index";
import type { NodeProto, TensorProto } from "#formats/onnx/proto";
import { LAYERS } from "#formats/onnx/import/layers";
import { DiagnosticSink } from "#util/diagnostic";
import { asInput, outputsOf } from "./onnx-import-case.ts";
import {
  bytesOf,
  floats,
  ints,
  node,
  port,
  randoms,
  randomTensor,
  runtimeOutputs,
  type Attributes,
} from "./onnx-import-graphs.ts";

interface Case {
  readonly what: string;
  /** Behind the batch. */
  readonly input: readonly number[];
  /** From "x" to "y". */
  readonly nodes: readonly NodeProto[];
  readonly constants?: readonly TensorProto[];
  readonly opset?: number;
}

/** One node from "x" (and constants) to "y". */
const one = (
  what: string,
  operator: string,
  input: readonly number[],
  constants: readonly TensorProto[] = [],
  attributes: Attributes = {},
  opset = 13,
): Case => ({
  what: `${operator}: ${what}`,
  input,
  nodes: [node(operator, ["x", ...constants.map(({ name }) => name!)], ["y"], attributes)],
  constants,
  opset,
});

const image = [3, 7, 6];
const pads = (...values: number[]): Attributes => ({ pads: { ints: values } });
const kernel = (...values: number[]): Attributes => ({ kernel_shape: { ints: values } });
const strides = (...values: number[]): Attributes => ({ strides: { ints: values } });
const w = (...dims: number[]): TensorProto => randomTensor("w", dims, 5);
const b = (...dims: number[]): TensorProto => randomTensor("b", dims, 6);

const CASES: readonly Case[] = [
  one("plain", "Gemm", [4], [w(4, 3)]),
  one("transB, alpha, beta", "Gemm", [4], [w(3, 4), b(3)], {
    transB: { int: 1 },
    alpha: { float: 0.5 },
    beta: { float: 2 },
  }),
  one("one bias for all", "Gemm", [4], [w(4, 3), b(1)]),
  one("a vector", "MatMul", [4], [w(4, 3)]),
  one("rows of a matrix", "MatMul", [2, 4], [w(4, 3)]),
  {
    what: "MatMul: from the left, with leading axes",
    input: [2, 4, 3],
    nodes: [node("MatMul", ["w", "x"], ["y"])],
    constants: [w(2, 5, 4)],
  },
  one("plain", "Conv", image, [w(4, 3, 3, 2)]),
  one("bias, stride, pads that differ", "Conv", image, [w(4, 3, 3, 2), b(4)], {
    ...pads(1, 0, 2, 1),
    ...strides(2, 1),
  }),
  one("groups", "Conv", [4, 5, 5], [w(6, 2, 3, 3)], { group: { int: 2 } }),
  one("depthwise and dilated", "Conv", image, [w(3, 1, 2, 3)], {
    group: { int: 3 },
    dilations: { ints: [2, 1] },
  }),
  one("SAME_UPPER", "Conv", image, [w(2, 3, 4, 2)], { auto_pad: { string: "SAME_UPPER" }, ...strides(2, 2) }),
  one("SAME_LOWER", "Conv", image, [w(2, 3, 4, 2)], { auto_pad: { string: "SAME_LOWER" } }),
  one("VALID", "Conv", image, [w(2, 3, 4, 2)], { auto_pad: { string: "VALID" } }),
  one("one axis", "Conv", [3, 9], [w(4, 3, 4), b(4)], { ...pads(2, 1), ...strides(2) }),
  one("stride, pads, output padding", "ConvTranspose", image, [w(3, 2, 3, 3), b(2)], {
    ...strides(2, 2),
    ...pads(1, 1, 1, 1),
    output_padding: { ints: [1, 0] },
  }),
  one("groups", "ConvTranspose", [4, 3, 3], [w(4, 2, 2, 3)], {
    group: { int: 2 },
    dilations: { ints: [1, 2] },
  }),
  {
    what: "BatchNormalization: an image",
    input: image,
    nodes: [node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], { epsilon: { float: 0.01 } })],
    constants: [randomTensor("s", [3], 1), b(3), randomTensor("m", [3], 2), floats("v", [3], [0.5, 1, 2])],
  },
  one("plain", "AveragePool", image, [], { ...kernel(2, 3), ...strides(2, 2) }),
  one("padding not counted", "AveragePool", image, [], { ...kernel(3, 3), ...pads(1, 1, 1, 1) }),
  one("padding counted", "AveragePool", image, [], {
    ...kernel(3, 3),
    ...pads(1, 1, 1, 1),
    count_include_pad: { int: 1 },
  }),
  one("a last window over the edge", "AveragePool", image, [], {
    ...kernel(2, 4),
    ...strides(2, 3),
    ceil_mode: { int: 1 },
  }),
  one("one axis", "AveragePool", [2, 9], [], { ...kernel(2), ...strides(2) }),
  one("plain", "MaxPool", image, [], { ...kernel(2, 2), ...strides(2, 2) }),
  one("padded", "MaxPool", image, [], { ...kernel(3, 3), ...strides(2, 2), ...pads(1, 1, 1, 1) }),
  one("a last window over the edge", "MaxPool", image, [], {
    ...kernel(2, 3),
    ...strides(2, 2),
    ceil_mode: { int: 1 },
  }),
  one("an image", "GlobalAveragePool", image),
  one("two axes", "ReduceMean", image, [], { axes: { ints: [2, 3] }, keepdims: { int: 0 } }),
  one("an axis from the end", "ReduceMean", image, [], { axes: { ints: [-2] } }),
  one("axes as an operand", "ReduceSum", image, [ints("axes", [1])], { keepdims: { int: 0 } }),
  one("channels", "ReduceMax", image, [], { axes: { ints: [1] }, keepdims: { int: 0 } }),
  one("plain", "Relu", [5]),
  one("steep", "LeakyRelu", [5], [], { alpha: { float: 0.3 } }),
  one("both bounds", "Clip", [5], [floats("l", [], [-0.25]), floats("h", [], [0.5])]),
  one("from 0 to a bound", "Clip", [5], [floats("l", [], [0]), floats("h", [], [0.5])]),
  one("bounds as attributes", "Clip", [5], [], { min: { float: -0.5 }, max: { float: 0.1 } }, 9),
  one("plain", "Abs", [5]),
  one("plain", "Neg", [5]),
  one("a constant", "Max", [5], [floats("c", [1], [0.2])]),
  one("a constant", "Min", [5], [floats("c", [1], [0.2])]),
  one("a constant row", "Add", [3, 5], [w(5)]),
  one("a constant for each channel", "Add", image, [w(3, 1, 1)]),
  one("a constant", "Sub", [5], [w(5)]),
  one("a constant row", "Mul", [3, 5], [w(1, 5)]),
  one("a constant", "Div", [5], [floats("c", [5], [2, 4, -1, 0.5, 3])]),
  { what: "Sub: from a constant", input: [5], nodes: [node("Sub", ["w", "x"], ["y"])], constants: [w(5)] },
  { what: "Sum: twice the same", input: [5], nodes: [node("Sum", ["x", "x"], ["y"])] },
  {
    what: "Add: a residual",
    input: [3, 4],
    nodes: [node("Relu", ["x"], ["r"]), node("Add", ["x", "r"], ["y"])],
  },
  {
    what: "Add: layers of different extents",
    input: image,
    nodes: [node("GlobalAveragePool", ["x"], ["m"]), node("Sub", ["x", "m"], ["y"])],
  },
  {
    what: "Max: of two layers",
    input: [6],
    nodes: [node("Neg", ["x"], ["n"]), node("Max", ["x", "n"], ["y"])],
  },
  {
    what: "Min: of two layers",
    input: [6],
    nodes: [node("Mul", ["x", "w"], ["n"]), node("Min", ["x", "n"], ["y"])],
    constants: [w(6)],
  },
  one("plain", "Identity", [5]),
  one("to double and back", "Cast", [5], [], { to: { int: 1 } }),
  one("no training", "Dropout", [5]),
  one("from axis 1", "Flatten", image),
  one("from axis 2", "Flatten", [1, 4], [], { axis: { int: 1 } }),
  one("an inferred extent", "Reshape", image, [ints("s", [0, -1, 3])]),
  one("axes", "Squeeze", [1, 4, 1], [ints("a", [1, 3])]),
  one("axes", "Unsqueeze", [4], [ints("a", [1, -1])]),
  one("axes of the sample", "Transpose", image, [], { perm: { ints: [0, 3, 1, 2] } }),
  one("steps and negative bounds", "Slice", image, [
    ints("s", [1, -1]),
    ints("e", [7, 0]),
    ints("a", [2, 3]),
    ints("t", [2, -2]),
  ]),
  one(
    "attributes",
    "Slice",
    image,
    [],
    { starts: { ints: [1] }, ends: { ints: [-1] }, axes: { ints: [3] } },
    9,
  ),
  one("several, repeated", "Gather", [4, 3], [ints("i", [3, 0, 0, -1])], { axis: { int: 1 } }),
  one("one, which drops the axis", "Gather", [4, 3], [ints("i", [2], [])], { axis: { int: 2 } }),
  one("rows", "Expand", [1, 4], [ints("s", [1, 3, 4])]),
  one("zeros and a value", "Pad", image, [ints("p", [0, 0, 1, 2, 0, 0, 0, 1]), floats("v", [], [0.75])]),
  one("negative pads cut", "Pad", image, [ints("p", [0, 0, -1, 0, 0, 0, 1, -2])]),
  one("attributes", "Pad", image, [], { pads: { ints: [0, 0, 1, 0, 0, 1, 0, 0] } }, 10),
  {
    what: "Concat: layers and a constant",
    input: [2, 3],
    nodes: [node("Neg", ["x"], ["n"]), node("Concat", ["n", "w", "x"], ["y"], { axis: { int: -1 } })],
    constants: [w(1, 2, 2)],
  },
];

async function compare({ input, nodes, constants = [], opset = 13 }: Case): Promise<void> {
  // The output's shape is left for the runtime to infer.
  const y = { name: "y", type: { tensorType: { elemType: 1 } } };
  const graph = {
    node: [...nodes],
    input: [port("x", [1, ...input])],
    output: [y],
    initializer: [...constants],
  };
  const bytes = await bytesOf({ graph, opset });
  const data = randoms(
    input.reduce((product, extent) => product * extent, 1),
    9,
  );
  const sink = new DiagnosticSink();
  const network = await readNetwork(bytes, {}, sink);
  assert.ok(network !== undefined, sink.diagnostics.map(({ message }) => message).join("\n"));
  const shape = network.populations[network.inputs[0].population].shape;
  const found = outputsOf(network, { x: asInput([data], 1, shape) }, 1).get("y")![0];
  const wanted = await runtimeOutputs(bytes, { x: { dims: [1, ...input], data } });
  assert.equal(found.length, wanted["y"].length);
  found.forEach((value, i) => {
    assert.ok(Math.abs(value - wanted["y"][i]) < 1e-5, `element ${i}: ${value} for ${wanted["y"][i]}`);
  });
}

describe("onnx operators compute what onnxruntime computes", () => {
  for (const each of CASES) {
    test(`onnx operator ${each.what}`, async () => {
      await compare(each);
    });
  }

  test("onnx operators: every one that is read has a case", () => {
    const tried = new Set(CASES.flatMap(({ nodes }) => nodes.map(({ opType }) => opType)));
    assert.deepEqual(
      [...LAYERS.keys()].filter((operator) => !tried.has(operator)),
      [],
    );
  });

  test("onnx convolutions of any geometry", async () => {
    const small = fc.integer({ min: 1, max: 3 });
    const pad = fc.integer({ min: 0, max: 2 });
    const geometry = fc.record({
      kernel: fc.tuple(small, small),
      stride: fc.tuple(small, small),
      dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
      pads: fc.tuple(pad, pad, pad, pad),
      operator: fc.constantFrom("Conv", "AveragePool", "MaxPool"),
      ceil: fc.boolean(),
      counted: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(geometry, async (g) => {
        const isConv = g.operator === "Conv";
        // Poolings may not pad by a window or more, and dilate from opset 10 (mean: 19) on.
        const most = (axis: number, value: number): number =>
          isConv ? value : Math.min(value, g.kernel[axis] - 1);
        const list = [0, 1, 0, 1].map((axis, i) => most(axis, g.pads[i]));
        const dilation = g.operator === "AveragePool" ? [1, 1] : g.dilation;
        await compare(
          one("any", g.operator, [2, 7, 8], isConv ? [w(3, 2, ...g.kernel)] : [], {
            ...kernel(...g.kernel),
            ...strides(...g.stride),
            ...pads(...list),
            ...(g.operator === "AveragePool" ? {} : { dilations: { ints: [...dilation] } }),
            ...(isConv ? {} : { ceil_mode: { int: Number(g.ceil) } }),
            ...(g.operator === "AveragePool" ? { count_include_pad: { int: Number(g.counted) } } : {}),
          }),
        );
      }),
      { numRuns: 60, seed: 4 },
    );
  });
});
