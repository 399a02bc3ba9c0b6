import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { NirFile } from "#formats/nir/graph";
import { formatDiagnostic } from "#util/diagnostic";
import {
  array,
  chain,
  file,
  filled,
  into,
  lif,
  lower,
  population,
  type Nodes,
} from "./nir-network-builders.ts";

const CONV = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1, bias: [0] };
const kernel = (shape: readonly number[]) => filled(1, shape);

/** Shape of a node in a file that must load with exactly these warnings. */
function shapeOf(nir: NirFile, name: string, warnings: readonly string[]): readonly number[] {
  const { network, codes } = lower(nir);
  assert.deepEqual(codes, warnings);
  assert.ok(network);
  return population(network, name).shape;
}

describe("windows", () => {
  const cases: [string, Record<string, number | string | number[]>, number[], number[]][] = [
    ["3x3 on 5x7", {}, [3, 3], [3, 5]],
    ["stride 2, padding 1", { stride: [2, 2], padding: [1, 1] }, [3, 3], [3, 4]],
    ["oblong kernel", {}, [3, 5], [3, 3]],
    ["dilation", { dilation: [2, 3] }, [3, 3], [1, 1]],
    ["stride that leaves a rest", { stride: [2, 3] }, [3, 3], [2, 2]],
    ["scalar fields", { stride: 2, padding: 1, dilation: 1 }, [3, 3], [3, 4]],
    ["valid", { padding: "valid" }, [3, 3], [3, 5]],
    ["same", { padding: "same" }, [3, 3], [5, 7]],
    ["same with an even kernel", { padding: "same" }, [2, 4], [5, 7]],
  ];
  for (const [title, fields, size, expected] of cases)
    test(`have the output size of PyTorch: ${title}`, () => {
      const weight = kernel([4, 2, ...size]);
      const nir = chain([2, 5, 7], { c: ["Conv2d", { ...CONV, input_shape: [5, 7], weight, ...fields }] }, [
        4,
        ...expected,
      ]);
      assert.deepEqual(shapeOf(nir, "c", []), [4, ...expected]);
    });

  test('put the odd zero of "same" behind', () => {
    const weight = kernel([1, 1, 2, 4]);
    const nir = chain(
      [1, 5, 7],
      { c: ["Conv2d", { ...CONV, input_shape: [5, 7], weight, padding: "same" }] },
      [1, 5, 7],
    );
    const { network } = lower(nir);
    assert.ok(network);
    const { connectivity } = into(network, "c").input;
    assert.deepEqual(connectivity.kind === "kernel" && connectivity.padding, [0, 1, 1, 2]);
  });

  test('take "same" with a stride for padding, and warn', () => {
    const weight = kernel([1, 1, 3, 3]);
    const nir = chain(
      [1, 5, 8],
      { c: ["Conv2d", { ...CONV, input_shape: [5, 8], weight, padding: "same", stride: [2, 2] }] },
      [1, 3, 4],
    );
    assert.deepEqual(shapeOf(nir, "c", ["nir/same-with-stride"]), [1, 3, 4]);
  });

  test("in one dimension have height 1", () => {
    const fields = {
      weight: kernel([3, 1, 4]),
      input_shape: 9,
      stride: 2,
      padding: 1,
      dilation: 1,
      groups: 2,
      bias: [0],
    };
    const nir = chain([2, 9], { c: ["Conv1d", { ...fields, weight: kernel([4, 1, 4]) }] }, [4, 4]);
    const { network, codes } = lower(nir);
    assert.deepEqual(codes, []);
    assert.ok(network);
    assert.deepEqual(population(network, "c").shape, [4, 4]);
    const { connectivity } = into(network, "c").input;
    assert.ok(connectivity.kind === "kernel");
    assert.deepEqual(connectivity.kernelShape, [4, 1, 1, 4]);
    assert.deepEqual(connectivity.inputShape, [2, 1, 9]);
    assert.deepEqual(connectivity.padding, [0, 0, 1, 1]);
    assert.equal(connectivity.groups, 2);
  });

  test("that are larger than their input are refused with both sizes", () => {
    const weight = kernel([1, 1, 3, 3]);
    const { diagnostics } = lower(
      chain([1, 4, 2], { c: ["Conv2d", { ...CONV, input_shape: [4, 2], weight }] }),
    );
    const found = diagnostics.find(({ severity }) => severity === "error");
    assert.equal(
      found && formatDiagnostic(found),
      [
        'error[nir/kernel-too-large]: the window of "c" covers [3, 3], but its input with padding is [4, 2].',
        "  at /node/nodes/c",
        "  try: add padding, or use a smaller kernel or dilation.",
      ].join("\n"),
    );
  });

  const faults: [string, Record<string, number | number[]>][] = [
    ["stride", { stride: [0, 1] }],
    ["padding", { padding: [-1, 0] }],
    ["dilation", { dilation: 0 }],
    ["groups", { groups: 3 }],
    ["stride", { stride: [1.5, 1] }],
    ["stride", { stride: [1, 1, 1] }],
  ];
  for (const [field, fields] of faults)
    test(`are refused with ${field} ${JSON.stringify(fields[field])}`, () => {
      const nir = chain([3, 5, 5], {
        c: ["Conv2d", { ...CONV, input_shape: [5, 5], weight: kernel([4, 1, 3, 3]), ...fields }],
      });
      const { network, diagnostics } = lower(nir);
      assert.equal(network, undefined);
      const errors = diagnostics.filter(({ severity }) => severity === "error");
      assert.deepEqual(
        errors.map(({ code, subject }) => [code, subject]),
        [["nir/bad-field", `/node/nodes/c/${field}`]],
      );
    });
});

describe("Flatten", () => {
  const flat = (
    fields: Record<string, number | number[]>,
    expected: number[],
    warnings: string[] = [],
  ): void => {
    const nir = chain([2, 3, 4], { f: ["Flatten", fields] }, expected);
    assert.deepEqual(shapeOf(nir, "f", warnings), expected);
  };

  test("joins the axes that it names, the batch not counted", () => {
    flat({ input_type: [2, 3, 4], start_dim: 0, end_dim: -1 }, [24]);
    flat({ input_type: [2, 3, 4], start_dim: 1, end_dim: -1 }, [2, 12]);
    flat({ input_type: [2, 3, 4], start_dim: 0, end_dim: 1 }, [6, 4]);
  });

  test("does without input_type", () => flat({ start_dim: 0, end_dim: -1 }, [24]));

  test("counts the batch if its input_type does", () => {
    flat({ input_type: [1, 2, 3, 4], start_dim: 1, end_dim: -1 }, [24]);
  });

  test("refuses axes that are not there", () => {
    const { codes } = lower(chain([2, 3, 4], { f: ["Flatten", { start_dim: 2, end_dim: 1 }] }, [24]));
    assert.deepEqual(codes, ["nir/flatten-range"]);
  });
});

describe("shapes that a file leaves out or gets wrong", () => {
  const fc = { weight: array([1, 2, 3, 4, 5, 6], [2, 3]) };

  test("are taken from what arrives: scalar parameters", () => {
    const scalar = { tau: 1e-3, r: 10, v_leak: 0, v_threshold: 1 };
    assert.deepEqual(
      shapeOf(chain([3], { fc: ["Linear", fc], n: ["LIF", scalar] }, [2]), "n", ["nir/broadcast"]),
      [2],
    );
  });

  test("are taken from what arrives: parameters per channel", () => {
    const perChannel = (shape: number[]) => ({
      r: filled(1, shape),
      v_threshold: array([1, 2], shape),
      v_reset: filled(0, shape),
    });
    for (const shape of [[2], [2, 1, 1]]) {
      const { network, codes } = lower(chain([2, 2, 3], { n: ["IF", perChannel(shape)] }, [2, 2, 3]));
      assert.deepEqual(codes, ["nir/broadcast"]);
      assert.ok(network);
      const n = population(network, "n");
      assert.deepEqual(n.shape, [2, 2, 3]);
      assert.deepEqual([...n.params.vThreshold], [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
    }
  });

  test("are taken from what arrives: input_shape of a convolution", () => {
    const nir = chain([1, 5, 6], { c: ["Conv2d", { ...CONV, weight: kernel([1, 1, 3, 3]) }] }, [1, 3, 4]);
    assert.deepEqual(shapeOf(nir, "c", ["nir/input-shape-assumed"]), [1, 3, 4]);
  });

  test("lose a batch or time axis in front", () => {
    const nir = chain([256, 3], { fc: ["Linear", fc] }, [256, 2]);
    assert.deepEqual(shapeOf(nir, "input", ["nir/batch-axis", "nir/port-shape"]), [3]);
    const conv = chain(
      [1, 2, 5, 5],
      {
        c: ["Conv2d", { ...CONV, weight: kernel([1, 2, 3, 3]) }],
        n: ["IF", { r: filled(1, [1, 1, 3, 3]), v_threshold: filled(1, [1, 1, 3, 3]) }],
      },
      [1, 1, 3, 3],
    );
    const { network } = lower(conv);
    assert.ok(network);
    assert.deepEqual(
      ["input", "n", "output"].map((name) => population(network, name).shape),
      [
        [2, 5, 5],
        [1, 3, 3],
        [1, 3, 3],
      ],
    );
  });

  test("keep their axes in front of scalar parameters, which fit anything", () => {
    const nir = chain([2, 5, 1], { n: ["LIF", { tau: 1e-3, r: 10, v_leak: 0, v_threshold: 1 }] }, [2, 5, 1]);
    assert.deepEqual(shapeOf(nir, "n", ["nir/broadcast"]), [2, 5, 1]);
  });

  test("lose a time axis in front of a single input, too", () => {
    const nir = chain([256, 1], { fc: ["Linear", { weight: array([1, 2], [2, 1]) }] }, [2]);
    assert.deepEqual(shapeOf(nir, "input", ["nir/batch-axis"]), [1]);
  });

  test("of an Output matter nothing", () => {
    assert.deepEqual(shapeOf(chain([2], { n: lif([2]) }, [7, 7]), "output", ["nir/port-shape"]), [2]);
  });

  test("are joined in C order where only the axes differ", () => {
    const nir = chain([1, 3], { n: lif([1, 3]), fc: ["Linear", fc] }, [2]);
    assert.deepEqual(shapeOf(nir, "fc", []), [2]);
    const folded = chain([6, 2], { n: lif([6, 2]), m: lif([3, 4]) }, [3, 4]);
    assert.deepEqual(shapeOf(folded, "m", ["nir/reshaped"]), [3, 4]);
  });

  test("are refused where sizes differ, with both nodes and both shapes", () => {
    const { diagnostics, network } = lower(chain([4], { fc: ["Linear", fc], n: lif([5]) }, [5]));
    assert.equal(network, undefined);
    const faults = diagnostics.filter(({ code }) => code === "nir/shape-mismatch").map(({ data }) => data);
    assert.deepEqual(faults, [
      { from: "input", output: [4], to: "fc", input: [3] },
      { from: "fc", output: [2], to: "n", input: [5] },
    ]);
  });

  test("of the parameters of one node must agree", () => {
    const n = { tau: filled(1e-3, [4]), r: filled(10, [3]), v_leak: [0], v_threshold: filled(1, [4]) };
    const { diagnostics } = lower(chain([4], { n: ["LIF", n] }, [4]));
    const found = diagnostics.find(({ code }) => code === "nir/parameter-shapes");
    assert.match(found?.message ?? "", /needs? one shape, \[4\]; there are tau \[4\], r \[3\], v_leak \[1\]/);
  });

  test("that no field tells are asked for", () => {
    const pool = { kernel_size: 2, stride: 2, padding: 0 };
    const { codes } = lower(
      file({ p: ["SumPool2d", pool], o: ["Output", { shape: [1, 2, 2] }] }, [["p", "o"]]),
    );
    assert.deepEqual(codes, ["nir/ports-added", "nir/shape-unknown"]);
  });

  test("beyond any memory are refused before anything is allocated", () => {
    const { codes } = lower(chain([100_000, 100_000], { s: ["Scale", { scale: 1 }] }));
    assert.ok(codes.includes("nir/too-large"));
  });
});

describe("graphs without ends", () => {
  test("get Input and Output nodes named after their neighbours", () => {
    const nodes: Nodes = {
      fc: ["Linear", { weight: array([1, 2], [1, 2]) }],
      n: lif([1]),
      input_fc: ["Input", { shape: [1] }],
    };
    const { network, codes } = lower(
      file(nodes, [
        ["fc", "n"],
        ["input_fc", "n"],
      ]),
    );
    assert.deepEqual(codes, ["nir/ports-added"]);
    assert.deepEqual(
      network?.inputs.map(({ name }) => name),
      ["input_fc", "input_fc_0"],
    );
    assert.deepEqual(
      network?.outputs.map(({ name }) => name),
      ["output_n"],
    );
    assert.ok(network);
    assert.deepEqual(population(network, "input_fc_0").shape, [2]);
  });

  test("may be a single neuron node", () => {
    const { network } = lower(file({ n: lif([3]) }, []));
    assert.deepEqual(
      network?.populations.map(({ name, shape }) => [name, shape]),
      [
        ["n", [3]],
        ["input_n", [3]],
        ["output_n", [3]],
      ],
    );
  });

  test("keep nodes without edges apart, and say so", () => {
    const { network, codes } = lower(
      file({ i: ["Input", { shape: [1] }], n: lif([1]), o: ["Output", { shape: [1] }], lost: lif([2]) }, [
        ["i", "n"],
        ["n", "o"],
      ]),
    );
    assert.deepEqual(codes, ["nir/unconnected-node"]);
    assert.equal(network?.inputs.length, 1);
  });

  test("keep an Input that edges lead back to, with an Input in front of it", () => {
    const nodes: Nodes = { x: ["Input", { shape: [1] }], n: lif([1]), o: ["Output", { shape: [1] }] };
    const { network, codes } = lower(
      file(nodes, [
        ["x", "n"],
        ["n", "x"],
        ["n", "o"],
      ]),
    );
    assert.deepEqual(codes, ["nir/driven-input", "nir/ports-added"]);
    assert.ok(network);
    assert.deepEqual(
      network.inputs.map(({ name }) => name),
      ["input_x"],
    );
    assert.deepEqual(
      Object.values(into(network, "x")).map(({ name, delaySteps }) => [name, delaySteps]),
      [
        ["n->x", 1],
        ["input_x->x", 0],
      ],
    );
  });

  test("are refused when they are empty", () => {
    assert.ok(lower(file({}, [])).codes.includes("nir/empty-graph"));
  });
});

test("an edge to a node that does not exist names it, and the one that was meant", () => {
  const { diagnostics } = lower(
    file({ input: ["Input", { shape: [1] }], lif1: lif([1]), output: ["Output", { shape: [1] }] }, [
      ["input", "lif"],
      ["lif1", "output"],
    ]),
  );
  const found = diagnostics.find(({ severity }) => severity === "error");
  assert.equal(
    found && formatDiagnostic(found),
    [
      'error[nir/unknown-edge-node]: the edge "input" -> "lif" names "lif", but there is no such node; did you mean "lif1"?',
      "  at /node/edges[0]",
      "  try: correct the edge, or add the node.",
    ].join("\n"),
  );
});
