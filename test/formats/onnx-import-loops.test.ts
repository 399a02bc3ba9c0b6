// Time inside of a file: Scan and Loop with layers around them, against onnxruntime and, where PyTorch wrote them, torch.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "vitest";
import { readNetwork } from "#formats/index";
import type { GraphProto, NodeProto, TensorProto } from "#formats/onnx/proto";
import type { Network } from "#ir/network";
import { ROOT } from "#test/shared";
import { DiagnosticSink, type Diagnostic } from "#util/diagnostic";
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
} from "./onnx-import-graphs.ts";

const GOLDEN = join(ROOT, "test/golden/onnx");
const PYTHON = "/usr/bin/python3";
const hasTorch = spawnSync(PYTHON, ["-c", "import torch, onnx"]).status === 0;

async function read(
  bytes: Uint8Array,
): Promise<{ network: Network | undefined; found: readonly Diagnostic[] }> {
  const sink = new DiagnosticSink();
  const network = await readNetwork(bytes, { format: "onnx" }, sink);
  return { network, found: sink.diagnostics };
}

/** Samples `[steps * elements]` of a tensor `[steps, batch, ...]`, or `[batch, steps, ...]`. */
function samplesOf(data: readonly number[], steps: number, batch: number, isBatchFirst: boolean): number[][] {
  const size = data.length / (steps * batch);
  return Array.from({ length: batch }, (_, s) =>
    Array.from({ length: steps * size }, (_unused, i) => {
      const t = Math.floor(i / size);
      return data[(isBatchFirst ? s * steps + t : t * batch + s) * size + (i % size)];
    }),
  );
}

/** Compares outputs of a network with a tensor that has all steps, or what is left after the last. */
function compare(
  network: Network,
  rows: readonly number[][],
  steps: number,
  wanted: readonly number[],
  isBatchFirst: boolean,
  what: string,
): void {
  const [{ name, population }] = network.inputs;
  const input = asInput(rows, steps, network.populations[population].shape);
  const [port0] = network.outputs;
  const got = outputsOf(network, { [name]: input }, steps).get(port0.name)!;
  const { size } = network.populations[port0.population];
  const batch = rows.length;
  const isLast = wanted.length === batch * size;
  assert.ok(isLast || wanted.length === batch * steps * size, "as many numbers");
  const expected = isLast
    ? samplesOf(wanted, 1, batch, isBatchFirst)
    : samplesOf(wanted, steps, batch, isBatchFirst);
  assert.ok(
    wanted.some((value) => value !== 0),
    "something happens",
  );
  expected.forEach((row, s) => {
    const mine = isLast ? got[s].slice(-size) : got[s];
    row.forEach((value, i) => {
      assert.ok(
        Math.abs(mine[i] - value) < 1e-5,
        `${what}, sample ${s}, element ${i}: ${mine[i]} for ${value}`,
      );
    });
  });
}

interface Written {
  readonly shape: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly number[];
}

async function compareWithTorch(folder: string, name: string): Promise<void> {
  const all = JSON.parse(readFileSync(join(folder, "loops.json"), "utf8")) as Record<string, Written>;
  const { shape, x, y } = all[name];
  const bytes = readFileSync(join(folder, `${name}.onnx`));
  const { network, found } = await read(bytes);
  assert.ok(network !== undefined, found.map(({ message }) => message).join("\n"));
  const isBatchFirst = name === "loop-batch-first";
  const [steps, batch] = isBatchFirst ? [shape[1], shape[0]] : [shape[0], shape[1]];
  const rows = samplesOf(x, steps, batch, isBatchFirst);
  compare(network, rows, steps, y, isBatchFirst, "torch");
  const runtime = await runtimeOutputs(bytes, { x: { dims: shape, data: x } });
  compare(network, rows, steps, runtime["y"], isBatchFirst, "onnxruntime");
  assert.equal(
    found.some(({ code }) => code === "onnx/last-step"),
    name === "loop-total" || name === "loop-count",
  );
}

const NAMES = ["loop-outside", "loop-inside", "loop-batch-first", "loop-total", "loop-count"];

describe("onnx loops of PyTorch", () => {
  for (const name of NAMES)
    test(`onnx: ${name} computes what torch and onnxruntime compute`, async () => {
      await compareWithTorch(GOLDEN, name);
    });

  test.skipIf(!hasTorch)(
    `onnx: loops made anew by the torch that is installed${hasTorch ? "" : " (no python3-torch here)"}`,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "spinec-torch-"));
      try {
        const made = spawnSync(PYTHON, [join(GOLDEN, "make-loops.py"), folder], { encoding: "utf8" });
        assert.equal(made.status, 0, made.stderr);
        for (const name of NAMES) await compareWithTorch(folder, name);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});

const STEPS = 12;
const BATCH = 2;

/** v' = 0.75 v + drive, a spike at 1 and above, reset by subtraction: from "v" and "drive" to "spikes" and "v_next". */
const lif = (drive: string): NodeProto[] => [
  node("Mul", ["v", "leak"], ["kept"]),
  node("Add", ["kept", drive], ["up"]),
  node("GreaterOrEqual", ["up", "one"], ["over"]),
  node("Cast", ["over"], ["spikes"], { to: { int: 1 } }),
  node("Sub", ["up", "spikes"], ["v_next"]),
];
const LIF_CONSTANTS: readonly TensorProto[] = [floats("leak", [], [0.75]), floats("one", [], [1])];
const zeros = (dims: readonly number[]): TensorProto =>
  floats("zeros", dims, new Array<number>(dims.reduce((a, b) => a * b, 1)).fill(0));

/** A Scan along axis 0 over "frames", which the nodes before compute of "x". */
function scanGraph(
  before: readonly NodeProto[],
  behind: readonly NodeProto[],
  constants: readonly TensorProto[] = [],
): GraphProto {
  const body: GraphProto = {
    name: "body",
    node: lif("frame"),
    input: [port("v", [BATCH, 4]), port("frame", [BATCH, 4])],
    output: [port("v_next", [BATCH, 4]), port("spikes", [BATCH, 4])],
  };
  return {
    node: [
      ...before,
      node("Scan", ["zeros", "frames"], ["last", "stack"], {
        num_scan_inputs: { int: 1 },
        body: { graph: body },
      }),
      ...behind,
    ],
    input: [port("x", [STEPS, BATCH, 6])],
    output: [{ name: "y" }],
    initializer: [...LIF_CONSTANTS, zeros([BATCH, 4]), randomTensor("w", [6, 4], 4), ...constants],
  };
}

/** A Loop of a fixed number of steps with "x" itself in each of them, or frames of it. */
function loopGraph({
  trips = STEPS,
  isStill = false,
  condition = 1,
  drive = [] as readonly NodeProto[],
} = {}): GraphProto {
  const first =
    drive.length > 0
      ? drive
      : isStill
        ? []
        : [node("Gather", ["h", "step"], ["frame"], { axis: { int: 0 } })];
  const body: GraphProto = {
    name: "body",
    node: [...first, ...lif(isStill ? "h" : "frame"), node("Identity", ["going"], ["go"])],
    input: [port("step", [], "int64"), port("going", [], "bool"), port("v", [BATCH, 4])],
    output: [port("go", [], "bool"), port("v_next", [BATCH, 4]), port("spikes", [BATCH, 4])],
  };
  return {
    node: [
      node("MatMul", ["x", "w"], ["h"]),
      node("Loop", ["trips", "start", "zeros"], ["last", "y"], { body: { graph: body } }),
    ],
    input: [port("x", isStill ? [BATCH, 6] : [STEPS, BATCH, 6])],
    output: [{ name: "y" }],
    initializer: [
      ...LIF_CONSTANTS,
      zeros([BATCH, 4]),
      ints("trips", [trips], []),
      { name: "start", dataType: 9, dims: [], rawData: Uint8Array.of(condition) },
      floats(
        "w",
        [6, 4],
        randoms(24, 4).map((value) => value + 0.4),
      ),
    ],
  };
}

const X = randoms(STEPS * BATCH * 6, 9).map(Math.abs);

async function compareWithRuntime(
  graph: GraphProto,
  isStill = false,
  steps = STEPS,
): Promise<readonly Diagnostic[]> {
  const bytes = await bytesOf({ graph, opset: 15 });
  const dims = isStill ? [BATCH, 6] : [STEPS, BATCH, 6];
  const x = X.slice(
    0,
    dims.reduce((a, b) => a * b, 1),
  );
  const { network, found } = await read(bytes);
  assert.ok(network !== undefined, found.map(({ message }) => message).join("\n"));
  const runtime = await runtimeOutputs(bytes, { x: { dims, data: x } });
  const rows = isStill
    ? samplesOf(x, 1, BATCH, true).map((row) => Array.from({ length: steps }, () => row).flat())
    : samplesOf(x, STEPS, BATCH, false).map((row) => row.slice(0, steps * 6));
  compare(network, rows, steps, runtime["y"], false, "onnxruntime");
  return found;
}

async function refusedOf(graph: GraphProto): Promise<[string, unknown][]> {
  const { network, found } = await read(await bytesOf({ graph, opset: 15 }));
  assert.equal(network, undefined);
  return found
    .filter(({ severity }) => severity === "error")
    .map(({ code, data }) => [code, data!["operator"]]);
}

const weights = node("MatMul", ["x", "w"], ["frames"]);
const stack = node("Identity", ["stack"], ["y"]);

describe("onnx Scan with layers around it", () => {
  const cases: [string, GraphProto][] = [
    ["weights before", scanGraph([weights], [stack])],
    [
      "weights, bias, rectifier and factor before",
      scanGraph(
        [
          node("MatMul", ["x", "w"], ["a"]),
          node("Add", ["a", "b"], ["c"]),
          node("Relu", ["c"], ["d"]),
          node("Mul", ["d", "factor"], ["frames"]),
        ],
        [stack],
        [randomTensor("b", [4], 7), floats("factor", [1, 1, 4], [2, 1, 0.5, 3])],
      ),
    ],
    [
      "a sum of two paths before",
      scanGraph(
        [weights, node("MatMul", ["x", "w2"], ["other"]), node("Add", ["frames0", "other"], ["frames"])].map(
          (each) => (each === weights ? node("MatMul", ["x", "w"], ["frames0"]) : each),
        ),
        [stack],
        [randomTensor("w2", [6, 4], 8)],
      ),
    ],
    [
      "weights and bias behind",
      scanGraph(
        [weights],
        [node("MatMul", ["stack", "out"], ["o"]), node("Add", ["o", "b"], ["y"])],
        [randomTensor("out", [4, 3], 5), randomTensor("b", [3], 6)],
      ),
    ],
    [
      "a sum over all steps behind",
      scanGraph(
        [weights],
        [node("ReduceSum", ["stack", "zero"], ["y"], { keepdims: { int: 0 } })],
        [ints("zero", [0])],
      ),
    ],
    [
      "a mean over all steps behind, and weights",
      scanGraph(
        [weights],
        [
          node("ReduceMean", ["stack"], ["mean"], { axes: { ints: [0] }, keepdims: { int: 0 } }),
          node("MatMul", ["mean", "out"], ["y"]),
        ],
        [randomTensor("out", [4, 3], 5)],
      ),
    ],
    [
      "batch and time exchanged on both sides",
      scanGraph(
        [
          node("Transpose", ["x"], ["turned"], { perm: { ints: [1, 0, 2] } }),
          node("MatMul", ["turned", "w"], ["a"]),
          node("Transpose", ["a"], ["frames"], { perm: { ints: [1, 0, 2] } }),
        ],
        [stack],
      ),
    ],
  ];
  for (const [name, graph] of cases)
    test(`onnx Scan: ${name}`, async () => {
      await compareWithRuntime(graph);
    });

  const refused: [string, GraphProto, string][] = [
    [
      "a bias that changes over time",
      scanGraph(
        [node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "b"], ["frames"])],
        [stack],
        [randomTensor("b", [STEPS, 1, 4], 7)],
      ),
      "Add",
    ],
    [
      "products along the time",
      scanGraph(
        [
          node("Transpose", ["x"], ["turned"], { perm: { ints: [1, 2, 0] } }),
          node("MatMul", ["turned", "mix"], ["mixed"]),
          node("Transpose", ["mixed"], ["back"], { perm: { ints: [2, 0, 1] } }),
          node("MatMul", ["back", "w"], ["frames"]),
        ],
        [stack],
        [randomTensor("mix", [STEPS, STEPS], 7)],
      ),
      "MatMul",
    ],
    [
      "a maximum over time behind",
      scanGraph([weights], [node("ReduceMax", ["stack"], ["y"], { axes: { ints: [0] } })]),
      "ReduceMax",
    ],
    [
      "a sum over neurons and time behind",
      scanGraph([weights], [node("ReduceMean", ["stack"], ["y"], { axes: { ints: [0, 2] } })]),
      "ReduceMean",
    ],
  ];
  for (const [name, graph, operator] of refused)
    test(`onnx Scan: ${name} is refused by name`, async () => {
      assert.deepEqual(await refusedOf(graph), [["onnx/operand", operator]]);
    });
});

describe("onnx Loop", () => {
  test("a fixed number of steps over frames, and the number is told", async () => {
    const found = await compareWithRuntime(loopGraph());
    assert.equal(found.find(({ code }) => code === "onnx/unrolled")!.data!["steps"], STEPS);
  });

  test("fewer steps than there are frames", async () => {
    await compareWithRuntime(loopGraph({ trips: 7 }), false, 7);
  });

  test("the same input in every step", async () => {
    await compareWithRuntime(loopGraph({ isStill: true }), true);
  });

  test("one that never runs, or until something happens, is refused", async () => {
    assert.deepEqual(await refusedOf(loopGraph({ condition: 0 })), [["onnx/operand", "Loop"]]);
    const graph = loopGraph();
    const [, loop] = graph.node!;
    const { g } = loop.attribute![0];
    const until = g!.node!.map((each) =>
      each.output![0] === "go" ? node("Not", ["over_any"], ["go"]) : each,
    );
    const any = [
      node("ReduceMax", ["spikes"], ["top"], { keepdims: { int: 0 } }),
      node("Cast", ["top"], ["over_any"], { to: { int: 9 } }),
    ];
    const changed = { ...g!, node: [...until.slice(0, -1), ...any, until.at(-1)!] };
    const graphUntil = {
      ...graph,
      node: [graph.node![0], { ...loop, attribute: [{ ...loop.attribute![0], g: changed }] }],
    };
    assert.deepEqual(await refusedOf(graphUntil), [["onnx/operand", "Loop"]]);
  });

  test("one that computes with the number of the step is refused", async () => {
    const drive = [
      node("Gather", ["h", "step"], ["plain"], { axis: { int: 0 } }),
      node("Cast", ["step"], ["number"], { to: { int: 1 } }),
      node("Mul", ["plain", "number"], ["frame"]),
    ];
    assert.deepEqual(await refusedOf(loopGraph({ drive })), [["onnx/operand", "Loop"]]);
  });

  test("one inside of another is refused by name", async () => {
    const graph = loopGraph();
    const [weightsNode, loop] = graph.node!;
    const attribute = loop.attribute![0];
    const innermost: GraphProto = {
      name: "innermost",
      node: [node("Identity", ["going2"], ["go2"]), node("Identity", ["held"], ["held_next"])],
      input: [port("step2", [], "int64"), port("going2", [], "bool"), port("held", [BATCH, 4])],
      output: [port("go2", [], "bool"), port("held_next", [BATCH, 4])],
    };
    const inner = node("Loop", ["trips", "start", "v"], ["held_last"], { body: { graph: innermost } });
    const body = { ...attribute.g!, node: [...attribute.g!.node!, inner] };
    const nested = { ...graph, node: [weightsNode, { ...loop, attribute: [{ ...attribute, g: body }] }] };
    assert.deepEqual(await refusedOf(nested), [["onnx/unsupported-operator", "Loop"]]);
  });
});

/** An If on a constant, or on an extent of "x", in front of weights. */
function ifGraph(condition: readonly NodeProto[], constants: readonly TensorProto[]): GraphProto {
  const branch = (name: string, list: readonly NodeProto[]): GraphProto => ({
    name,
    node: [...list],
    output: [{ name: list.at(-1)!.output![0] }],
  });
  return {
    node: [
      node("MatMul", ["x", "w"], ["h"]),
      ...condition,
      node("If", ["condition"], ["chosen"], {
        then_branch: { graph: branch("yes", [node("Relu", ["h"], ["yes"])]) },
        else_branch: {
          graph: branch("no", [node("Neg", ["h"], ["minus"]), node("Mul", ["minus", "two"], ["no"])]),
        },
      }),
      node("Add", ["chosen", "b"], ["y"]),
    ],
    input: [port("x", ["batch", 6])],
    output: [{ name: "y" }],
    initializer: [
      randomTensor("w", [6, 4], 4),
      randomTensor("b", [4], 5),
      floats("two", [], [2]),
      ...constants,
    ],
  };
}

describe("onnx If", () => {
  const compareStill = async (graph: GraphProto): Promise<void> => {
    const bytes = await bytesOf({ graph, opset: 13 });
    const { network, found } = await read(bytes);
    assert.ok(network !== undefined, found.map(({ message }) => message).join("\n"));
    const x = X.slice(0, 18).map((value, i) => (i % 3 === 0 ? -value : value));
    const { y } = await runtimeOutputs(bytes, { x: { dims: [3, 6], data: x } });
    compare(network, samplesOf(x, 1, 3, true), 1, y, true, "onnxruntime");
  };

  for (const value of [0, 1])
    test(`the branch of the constant ${value} is read, as if it stood in its place`, async () => {
      const condition = { name: "condition", dataType: 9, dims: [], rawData: Uint8Array.of(value) };
      await compareStill(ifGraph([], [condition]));
    });

  test("a condition on an extent is constant", async () => {
    const nodes = [
      node("Shape", ["x"], ["shape"]),
      node("Gather", ["shape", "last"], ["extent"]),
      node("Equal", ["extent", "six"], ["condition"]),
    ];
    await compareStill(ifGraph(nodes, [ints("last", [1], []), ints("six", [6], [])]));
  });

  test("a condition that is computed from the input is refused by name", async () => {
    const graph = ifGraph([node("Greater", ["flag", "two"], ["condition"])], []);
    const flagged = { ...graph, input: [...graph.input!, port("flag", [1])] };
    assert.deepEqual(await refusedOf(flagged), [["onnx/unsupported-operator", "If"]]);
  });

  test("an operator in the branch that is taken is refused by name, one in the other is not", async () => {
    const withSigmoid = (value: number): GraphProto => {
      const condition = { name: "condition", dataType: 9, dims: [], rawData: Uint8Array.of(value) };
      const graph = ifGraph([], [condition]);
      const nodes = graph.node!.map((each) => {
        if (each.opType !== "If") return each;
        const attributes = each.attribute!.map((a) =>
          a.name === "then_branch" ? { ...a, g: { ...a.g!, node: [node("Sigmoid", ["h"], ["yes"])] } } : a,
        );
        return { ...each, attribute: attributes };
      });
      return { ...graph, node: nodes };
    };
    assert.deepEqual(await refusedOf(withSigmoid(1)), [["onnx/unsupported-operator", "Sigmoid"]]);
    await compareStill(withSigmoid(0));
  });
});

describe("onnx Split", () => {
  const splitGraph = (split: NodeProto, constants: readonly TensorProto[], outputs: number): GraphProto => {
    const names = Array.from({ length: outputs }, (_, i) => `p${i}`);
    return {
      node: [
        node("MatMul", ["x", "w"], ["h"]),
        split,
        ...names.map((name, i) => node("ReduceSum", [name, "one"], [`s${i}`], { keepdims: { int: 1 } })),
        node("Concat", names.map((_, i) => `s${i}`).reverse(), ["y"], { axis: { int: 1 } }),
      ],
      input: [port("x", ["batch", 6])],
      output: [{ name: "y" }],
      initializer: [randomTensor("w", [6, 7], 4), ints("one", [1]), ...constants],
    };
  };
  const cases: [string, GraphProto][] = [
    [
      "sizes as an operand",
      splitGraph(
        node("Split", ["h", "sizes"], ["p0", "p1", "p2"], { axis: { int: 1 } }),
        [ints("sizes", [3, 1, 3])],
        3,
      ),
    ],
    ["one part", splitGraph(node("Split", ["h"], ["p0"], { axis: { int: -1 } }), [], 1)],
  ];
  for (const [name, graph] of cases)
    test(`onnx Split: ${name}`, async () => {
      const bytes = await bytesOf({ graph, opset: 13 });
      const { network, found } = await read(bytes);
      assert.ok(network !== undefined, found.map(({ message }) => message).join("\n"));
      const x = X.slice(0, 12);
      const { y } = await runtimeOutputs(bytes, { x: { dims: [2, 6], data: x } });
      compare(network, samplesOf(x, 1, 2, true), 1, y, true, "onnxruntime");
    });

  test("onnx Split: sizes that do not add up are refused", async () => {
    const split = node("Split", ["h", "sizes"], ["p0", "p1"], { axis: { int: 1 } });
    assert.deepEqual(await refusedOf(splitGraph(split, [ints("sizes", [3, 3])], 2)), [
      ["onnx/operand", "Split"],
    ]);
  });

  test("onnx Split: parts of a batch are refused", async () => {
    const split = node("Split", ["h"], ["p0", "p1"], { axis: { int: 0 } });
    assert.deepEqual(await refusedOf(splitGraph(split, [], 2)), [["onnx/operand", "Split"]]);
  });
});
