import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { NODE_TYPES } from "#formats/nir/nodes";
import { expand } from "#ir/connectivity";
import { NEURON_MODELS } from "#neurons/index";
import {
  array,
  chain,
  file,
  filled,
  graph,
  into,
  lif,
  lower,
  network,
  population,
} from "./nir-network-builders.ts";

describe("a NIR file as a network", () => {
  test("has one population for every node and keeps the file's weight array", () => {
    const nir = chain(
      [3],
      { fc: ["Affine", { weight: array([1, 2, 3, 4, 5, 6], [2, 3]), bias: [7, 8] }], lif: lif([2]) },
      [2],
    );
    const net = network(nir, { name: "tiny" });
    assert.equal(net.name, "tiny");
    assert.equal(net.timestepNs, 100_000);
    assert.deepEqual(
      net.populations.map(({ name, model, shape }) => [name, model, shape]),
      [
        ["fc", "relay", [2]],
        ["input", "input", [3]],
        ["lif", "lif", [2]],
        ["output", "relay", [2]],
      ],
    );
    const { connectivity, layer, delaySteps, weightScale } = into(net, "fc").input;
    assert.equal(connectivity.kind, "dense");
    assert.equal(
      connectivity.kind === "dense" && connectivity.values,
      (nir.root.nodes[0].fields.weight as { data: unknown }).data,
    );
    assert.deepEqual([connectivity.rows, connectivity.cols, delaySteps, weightScale], [3, 2, 0, 1]);
    assert.deepEqual(layer, { node: "fc", kind: "linear" });
    assert.deepEqual([...(population(net, "fc").bias ?? [])], [7, 8]);
    assert.deepEqual(net.inputs, [{ name: "input", population: 1 }]);
    assert.deepEqual(net.outputs, [{ name: "output", population: 3 }]);
    assert.equal(into(net, "lif").fc.layer, undefined);
  });

  test("has time constants in steps, whatever the unit of the file", () => {
    const nir = chain([1], {
      lif: ["LIF", { tau: [20], r: [3], v_leak: [0.1], v_threshold: [1], v_reset: [0.2] }],
    });
    const params = (options: Parameters<typeof network>[1]): unknown => {
      const { tauSteps, r, vLeak, vThreshold, vReset } = population(network(nir, options), "lif").params;
      return [tauSteps[0], r[0], vLeak[0], vThreshold[0], vReset[0]];
    };
    assert.deepEqual(params({ timeUnit: "ms", dtSeconds: 1e-3 }), [20, 3, 0.1, 1, 0.2]);
    assert.deepEqual(params({ timeUnit: "s", dtSeconds: 0.5 }), [40, 3, 0.1, 1, 0.2]);
    assert.deepEqual(params({ timeUnit: "steps" }), [20, 3, 0.1, 1, 0.2]);
    assert.equal(network(nir, { timeUnit: "steps" }).timestepNs, undefined);
    assert.equal(network(nir, { timeUnit: "steps", dtSeconds: 1e-3 }).timestepNs, 1e6);
  });

  test("multiplies the gain of IF and I by the step on request only", () => {
    const nir = chain([1], { a: ["IF", { r: [4], v_threshold: [1] }], b: ["I", { r: [8] }] });
    const gains = (options: Parameters<typeof network>[1]): number[] => {
      const net = network(nir, options);
      return ["a", "b"].map((name) => population(net, name).params.r[0]);
    };
    assert.deepEqual(gains({ dtSeconds: 0.25, timeUnit: "s" }), [4, 8]);
    assert.deepEqual(gains({ dtSeconds: 0.25, timeUnit: "s", ifStep: "dt" }), [1, 2]);
  });

  test("reads v_reset and w_in that are not there as 0 and 1", () => {
    const all = { tau_syn: [2e-3], tau_mem: [2e-3], r: [1], v_leak: [0], v_threshold: [1] };
    const { params } = population(network(chain([1], { n: ["CubaLIF", all] })), "n");
    assert.deepEqual([params.vReset[0], params.wIn[0]], [0, 1]);
  });

  test("gives every neuron model exactly the parameters that it declares", () => {
    for (const { type, model, params } of NODE_TYPES) {
      if (model === undefined) continue;
      const declared = NEURON_MODELS.find(({ name }) => name === model);
      assert.deepEqual(
        params?.map(([, param]) => param).toSorted(),
        declared?.params.map(({ name }) => name).toSorted(),
        type,
      );
      if (declared?.nir !== undefined)
        assert.deepEqual(
          Object.fromEntries((params ?? []).map(([field, param]) => [field, param])),
          declared.nir.fields,
          type,
        );
    }
  });

  test("puts one sum in front of a map with several inputs, and none in front of neurons", () => {
    const weight = array([1, 0, 0, 1], [2, 2]);
    const net = network(
      file(
        {
          a: ["Input", { shape: [2] }],
          b: ["Input", { shape: [2] }],
          fc: ["Linear", { weight }],
          n: lif([2]),
          o: ["Output", { shape: [2] }],
        },
        [
          ["a", "fc"],
          ["b", "fc"],
          ["fc", "n"],
          ["b", "n"],
          ["n", "o"],
        ],
      ),
    );
    assert.deepEqual(Object.keys(into(net, "fc")), ["fc/in"]);
    assert.deepEqual(Object.keys(into(net, "fc/in")), ["a", "b"]);
    assert.deepEqual(Object.keys(into(net, "n")).sort(), ["b", "fc"]);
    assert.equal(into(net, "fc")["fc/in"].layer?.node, "fc");
  });

  test("counts an edge that stands there twice once, and says so", () => {
    const nodes = { i: ["Input", { shape: [1] }], n: lif([1]), o: ["Output", { shape: [1] }] } as const;
    const { network: net, codes } = lower(
      file(nodes, [
        ["i", "n"],
        ["n", "o"],
        ["i", "n"],
      ]),
    );
    assert.deepEqual(codes, ["nir/duplicate-edge"]);
    assert.equal(net?.projections.length, 2);
  });

  test("splits a Delay into one projection for each distinct number of steps", () => {
    const net = network(chain([4], { d: ["Delay", { delay: [0, 2e-3, 1e-3, 2e-3] }], n: lif([4]) }), {
      dtSeconds: 1e-3,
    });
    const d = net.populations.findIndex(({ name }) => name === "d");
    const parts = net.projections.filter(({ post }) => post === d);
    const told = parts.map(({ delaySteps, beforeStart, connectivity }) => [
      delaySteps,
      beforeStart,
      [...expand(connectivity).colIndex],
    ]);
    assert.deepEqual(told, [
      [0, undefined, [0]],
      [1, undefined, [2]],
      [2, undefined, [1, 3]],
    ]);
    assert.equal(new Set(net.projections.map(({ name }) => name)).size, net.projections.length);
  });

  test("applies a Linear of higher rank to each index of its leading axes", () => {
    const weight = array([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
    const net = network(chain([2, 2], { fc: ["Affine", { weight, bias: [10, 20] }] }, [2, 2]));
    const { connectivity } = into(net, "fc").input;
    const { rowStart, colIndex, values } = expand(connectivity);
    assert.deepEqual([...rowStart], [0, 2, 4, 6, 8]);
    assert.deepEqual([...colIndex], [0, 1, 0, 1, 2, 3, 2, 3]);
    assert.deepEqual([...values], [1, 3, 2, 4, 5, 7, 6, 8]);
    assert.deepEqual([...(population(net, "fc").bias ?? [])], [10, 20, 10, 20]);
  });

  test("spreads the bias of a convolution over its channels", () => {
    const weight = filled(1, [2, 1, 2, 2]);
    const net = network(
      chain([1, 3, 3], { c: ["Conv2d", { ...CONV, input_shape: [3, 3], weight, bias: [1, 2] }] }, [2, 2, 2]),
    );
    assert.deepEqual([...(population(net, "c").bias ?? [])], [1, 1, 1, 1, 2, 2, 2, 2]);
    assert.deepEqual(into(net, "c").input.layer, { node: "c", kind: "conv" });
  });

  test("keeps pooling apart from layers: a kernel without trained weights", () => {
    const window = { kernel_size: [2, 2], stride: [2, 2], padding: [0, 0] };
    const net = network(chain([1, 4, 4], { p: ["AvgPool2d", window] }, [1, 2, 2]));
    const { connectivity, layer } = into(net, "p").input;
    assert.equal(layer, undefined);
    assert.deepEqual(connectivity.kind === "kernel" && [...connectivity.weights], [0.25, 0.25, 0.25, 0.25]);
  });
});

const CONV = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 };

describe("cycles", () => {
  const recurrent = {
    input: ["Input", { shape: [2] }],
    lif: lif([2]),
    w_rec: ["Affine", { weight: array([0, 1, 1, 0], [2, 2]), bias: [1, 1] }],
    output: ["Output", { shape: [2] }],
  } as const;

  test("are cut at the edge that closes them, which carries the previous step", () => {
    const edges = [
      ["w_rec", "lif"],
      ["lif", "w_rec"],
      ["lif", "output"],
      ["input", "lif"],
    ] as const;
    const net = network(file(recurrent, edges));
    const delays = net.projections.map(({ name, delaySteps, beforeStart }) => [
      name,
      delaySteps,
      beforeStart,
    ]);
    assert.deepEqual(
      delays.filter(([, steps]) => steps !== 0),
      [["w_rec->lif", 1, "zeros-through"]],
    );
    const absent = network(file(recurrent, edges), { feedbackT0: "absent" });
    assert.equal(into(absent, "lif").w_rec.beforeStart, "absent");
  });

  test("are cut in the same place whatever the order of edges in the file", () => {
    const edges = [
      ["input", "lif"],
      ["lif", "w_rec"],
      ["w_rec", "lif"],
      ["lif", "output"],
    ] as const;
    const cut = (order: readonly number[]): string[] =>
      network(
        file(
          recurrent,
          order.map((i) => edges[i]),
        ),
      )
        .projections.filter((p) => p.delaySteps > 0)
        .map((p) => p.name);
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [2, 0, 3, 1],
    ])
      assert.deepEqual(cut(order), ["w_rec->lif"]);
  });

  test("may be a neuron that feeds itself", () => {
    const net = network(
      file({ i: ["Input", { shape: [1] }], n: lif([1]), o: ["Output", { shape: [1] }] }, [
        ["i", "n"],
        ["n", "n"],
        ["n", "o"],
      ]),
    );
    assert.equal(into(net, "n").n.delaySteps, 1);
  });

  test("keep the steps of a Delay inside them, behind the cut", () => {
    const net = network(
      file({ ...recurrent, d: ["Delay", { delay: filled(3e-4, [2]) }] }, [
        ["input", "d"],
        ["d", "lif"],
        ["lif", "d"],
        ["lif", "w_rec"],
        ["lif", "output"],
        ["w_rec", "output"],
      ]),
    );
    assert.deepEqual(
      [into(net, "d/in").lif.delaySteps, into(net, "d/in").lif.beforeStart],
      [1, "zeros-through"],
    );
    assert.deepEqual([into(net, "d")["d/in"].delaySteps, into(net, "d")["d/in"].beforeStart], [3, undefined]);
  });

  test("without any way in or out are refused by name", () => {
    const loop = { a: lif([1]), b: ["Linear", { weight: array([1], [1, 1]) }] } as const;
    const { network: net, codes } = lower(
      file(loop, [
        ["a", "b"],
        ["b", "a"],
      ]),
    );
    assert.equal(net, undefined);
    assert.deepEqual(codes, ["nir/no-input", "nir/no-output"]);
  });

  test("that no input reaches are named", () => {
    const nodes = { ...recurrent, x: lif([2]), y: lif([2]) } as const;
    const { diagnostics } = lower(
      file(nodes, [
        ["input", "lif"],
        ["lif", "output"],
        ["x", "y"],
        ["y", "x"],
        ["x", "output"],
      ]),
    );
    const found = diagnostics.find(({ code }) => code === "nir/unreachable");
    assert.deepEqual(found?.data, { nodes: ["x", "y"] });
  });
});

describe("nested graphs", () => {
  const inner = graph(
    { input: ["Input", { shape: [2] }], lif: lif([2]), output: ["Output", { shape: [2] }] },
    [
      ["input", "lif"],
      ["lif", "output"],
    ],
  );
  const outer = { i: ["Input", { shape: [2] }], o: ["Output", { shape: [2] }] } as const;

  test("are inlined, names joined with a slash, their ports recorded as relays", () => {
    const net = network(
      file(
        {
          ...outer,
          sub: graph(
            { "rnn.0": inner, input: ["Input", { shape: [2] }], output: ["Output", { shape: [2] }] },
            [
              ["input", "rnn.0"],
              ["rnn.0", "output"],
            ],
          ),
        },
        [
          ["i", "sub"],
          ["sub", "o"],
        ],
      ),
    );
    assert.deepEqual(
      net.populations.map(({ name, model }) => `${name}:${model}`),
      [
        "i:input",
        "o:relay",
        "sub/input:relay",
        "sub/output:relay",
        "sub/rnn.0/input:relay",
        "sub/rnn.0/lif:lif",
        "sub/rnn.0/output:relay",
      ],
    );
    assert.deepEqual(Object.keys(into(net, "sub/rnn.0/input")), ["sub/input"]);
    assert.deepEqual(Object.keys(into(net, "o")), ["sub/output"]);
    assert.deepEqual(
      net.inputs.map(({ name }) => name),
      ["i"],
    );
  });

  test("are reached by dotted edges, ports and inner nodes alike", () => {
    const two = graph(
      {
        a: ["Input", { shape: [2] }],
        b: ["Input", { shape: [2] }],
        lif: lif([2]),
        output: ["Output", { shape: [2] }],
      },
      [
        ["a", "lif"],
        ["b", "lif"],
        ["lif", "output"],
      ],
    );
    const net = network(
      file({ ...outer, "g.0": two }, [
        ["i", "g.0.a"],
        ["i", "g.0.b"],
        ["g.0.lif", "o"],
      ]),
    );
    assert.deepEqual(Object.keys(into(net, "g.0/a")), ["i"]);
    assert.deepEqual(Object.keys(into(net, "o")), ["g.0/lif"]);
    const plain = lower(
      file({ ...outer, g: two }, [
        ["i", "g"],
        ["g", "o"],
      ]),
    );
    const fault = plain.diagnostics.find(({ code }) => code === "nir/ambiguous-port");
    assert.deepEqual(fault?.data, { edge: ["i", "g"], ports: ["a", "b"] });
    assert.match(fault?.hint ?? "", /"g\.a"/);
  });

  test("without ports get them at their ends", () => {
    const bare = graph({ fc: ["Linear", { weight: array([1, 0, 0, 1], [2, 2]) }], lif: lif([2]) }, [
      ["fc", "lif"],
    ]);
    const net = network(
      file({ ...outer, g: bare }, [
        ["i", "g"],
        ["g", "o"],
      ]),
    );
    assert.deepEqual(Object.keys(into(net, "g/fc")), ["g/input_fc"]);
    assert.deepEqual(Object.keys(into(net, "g/output_lif")), ["g/lif"]);
  });

  test("end at a limit, with a diagnostic", () => {
    let deep = inner;
    for (let depth = 0; depth < 70; depth++)
      deep = graph({ g: deep, input: ["Input", { shape: [2] }], output: ["Output", { shape: [2] }] }, [
        ["input", "g"],
        ["g", "output"],
      ]);
    const { codes } = lower(
      file({ ...outer, g: deep }, [
        ["i", "g"],
        ["g", "o"],
      ]),
    );
    assert.ok(codes.includes("nir/nested-too-deep"));
  });

  test("that a writer has flattened are joined by their dotted ports", () => {
    const nodes = {
      ...outer,
      "g.input": ["Input", { shape: [2] }],
      "g.lif": lif([2]),
      "g.output": ["Output", { shape: [2] }],
    } as const;
    const { network: net, codes } = lower(
      file(nodes, [
        ["i", "g"],
        ["g.input", "g.lif"],
        ["g.lif", "g.output"],
        ["g", "o"],
      ]),
    );
    assert.deepEqual(codes, ["nir/flattened-subgraph"]);
    assert.ok(net);
    assert.deepEqual(
      net.inputs.map(({ name }) => name),
      ["i"],
    );
    assert.deepEqual(
      net.outputs.map(({ name }) => name),
      ["o"],
    );
    assert.deepEqual(Object.keys(into(net, "g.input")), ["i"]);
  });
});

test("a chain of 100,000 nodes is read without overflowing the stack", () => {
  const depth = 100_000;
  const nodes: Record<string, readonly [string, Record<string, number[]>]> = { a: ["Input", { shape: [1] }] };
  const edges: [string, string][] = [];
  let last = "a";
  for (let i = 0; i < depth; i++) {
    const name = `s${String(i).padStart(6, "0")}`;
    nodes[name] = ["Scale", { scale: [1] }];
    edges.push([last, name]);
    last = name;
  }
  nodes.z = ["Output", { shape: [1] }];
  const net = network(file(nodes, [...edges, [last, "z"]]));
  assert.equal(net.populations.length, depth + 2);
});
