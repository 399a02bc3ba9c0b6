import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { networkToNir } from "#formats/nir/write-network";
import { secondsOf } from "#formats/nir/write-node";
import { repairedFile } from "#formats/nir/repair";
import type { NirFile } from "#formats/nir/graph";
import type { Network, Population, Projection } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { simulateReference } from "#simulator/reference-float";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";
import {
  array,
  chain,
  file,
  filled,
  graph,
  lif,
  lower,
  network,
  population,
  type Edges,
  type Nodes,
} from "./nir-network-builders.ts";

/** Spikes on every input of a network, the same for equal shapes. */
function inputsFor(net: Network, steps = 12): Record<string, SpikeData> {
  return Object.fromEntries(
    net.inputs.map(({ name, population: index }) => {
      const { shape, size } = net.populations[index];
      const rng = createRng(size);
      const step: number[] = [];
      const at: number[] = [];
      for (let t = 0; t < steps; t++)
        for (let i = 0; i < size; i++)
          if (rng() < 0.4) {
            step.push(t);
            at.push(i);
          }
      return [
        name,
        { steps, shape, samples: [{ step: Uint32Array.from(step), index: Uint32Array.from(at) }] },
      ];
    }),
  );
}

/** What the outputs of a network give, as text, in the order of its ports. */
function behaviour(net: Network): string[] {
  const { recorded } = simulateReference(net, inputsFor(net), { record: "all" });
  return net.outputs.map(({ population: index }) => {
    const { samples } = recorded[net.populations[index].name];
    return samples
      .map(({ step, index: at, value }) =>
        [...step].map((t, k) => `${t}:${at[k]}=${value?.[k] ?? 1}`).join(" "),
      )
      .join("|");
  });
}

const rounds = (net: Network): Network => network(networkToNir(net), { name: net.name });

const weight2 = array([1.5, -0.5, 2, 1], [2, 2]);
const recurrent = file(
  {
    input: ["Input", { shape: [2] }],
    fc: ["Affine", { weight: weight2, bias: [0.1, 0.2] }],
    lif: lif([2]),
    w: ["Affine", { weight: weight2, bias: [0.3, 0] }],
    output: ["Output", { shape: [2] }],
  },
  [
    ["input", "fc"],
    ["fc", "lif"],
    ["lif", "w"],
    ["w", "lif"],
    ["lif", "output"],
  ],
);

describe("a network written as NIR and read back", () => {
  const convolution = {
    weight: filled(0.5, [2, 1, 3, 3]),
    bias: [0.1, 0.2],
    stride: [1, 1],
    padding: [1, 1],
    dilation: [1, 1],
    groups: 1,
    input_shape: [4, 4],
  };
  const files: [string, NirFile][] = [
    [
      "dense layers",
      chain(
        [2],
        {
          fc1: ["Affine", { weight: weight2, bias: [1, 2] }],
          lif1: lif([2], 7e-4),
          fc2: ["Linear", { weight: weight2 }],
          lif2: lif([2]),
        },
        [2],
      ),
    ],
    ["a cycle", recurrent],
    [
      "windows",
      chain(
        [1, 4, 4],
        {
          c: ["Conv2d", convolution],
          n: lif([2, 4, 4]),
          p: ["SumPool2d", { kernel_size: [2, 2], stride: [2, 2], padding: [0, 0] }],
          a: ["AvgPool2d", { kernel_size: [2, 2], stride: [2, 2], padding: [0, 0] }],
          f: ["Flatten", { start_dim: 0, end_dim: -1 }],
          fc: ["Linear", { weight: weight2 }],
        },
        [2],
      ),
    ],
    [
      "one dimension",
      chain(
        [1, 6],
        {
          c: [
            "Conv1d",
            {
              ...convolution,
              weight: filled(0.5, [2, 1, 3]),
              input_shape: 6,
              stride: 1,
              padding: 1,
              dilation: 1,
            },
          ],
          n: lif([2, 6]),
        },
        [2, 6],
      ),
    ],
    [
      "delays and scales",
      chain(
        [2],
        {
          s: ["Scale", { scale: [2, 3] }],
          d: ["Delay", { delay: [2e-4, 5e-4] }],
          e: ["Delay", { delay: [1e-4, 1e-4] }],
          n: lif([2]),
        },
        [2],
      ),
    ],
    [
      "current-based neurons",
      chain(
        [2],
        {
          n: [
            "CubaLIF",
            {
              tau_syn: [3e-4, 7e-4],
              tau_mem: [1e-3, 9e-4],
              r: [10, 9],
              v_leak: [0.1, 0],
              v_threshold: [1, 2],
              v_reset: [0.1, 0],
              w_in: [2, 3],
            },
          ],
          li: [
            "CubaLI",
            { tau_syn: [3e-4, 7e-4], tau_mem: [1e-3, 9e-4], r: [10, 9], v_leak: [0, 0], w_in: [1, 1] },
          ],
        },
        [2],
      ),
    ],
    [
      "stateless and integrating neurons",
      chain(
        [2],
        {
          a: ["I", { r: [1, 2] }],
          t: ["Threshold", { threshold: [0.5, 1] }],
          i: ["IF", { r: [1, 1], v_threshold: [1, 2], v_reset: [0, 0.1] }],
          l: ["LI", { tau: [1e-3, 2e-3], r: [1, 2], v_leak: [0, 0] }],
        },
        [2],
      ),
    ],
    [
      "sums",
      file(
        {
          a: ["Input", { shape: [2] }],
          b: ["Input", { shape: [2] }],
          fc: ["Linear", { weight: weight2 }],
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
    ],
    [
      "a Linear of higher rank",
      chain(
        [2, 2],
        {
          fc: ["Affine", { weight: array([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]), bias: [0.5, 1] }],
          n: lif([2, 2]),
        },
        [2, 2],
      ),
    ],
    [
      "nested graphs",
      file(
        {
          i: ["Input", { shape: [2] }],
          o: ["Output", { shape: [2] }],
          sub: graph(
            { input: ["Input", { shape: [2] }], lif: lif([2]), output: ["Output", { shape: [2] }] },
            [
              ["input", "lif"],
              ["lif", "output"],
            ],
          ),
        },
        [
          ["i", "sub"],
          ["sub", "o"],
        ],
      ),
    ],
  ];
  for (const [title, nir] of files)
    test(`computes the same: ${title}`, () => {
      const before = network(nir, { dtSeconds: 1e-4, timeUnit: "s" });
      const after = rounds(before);
      assert.deepEqual(behaviour(after), behaviour(before));
      assert.equal(after.timestepNs, before.timestepNs);
      for (const { name, model, params, dynamics } of before.populations) {
        if (model === "relay") continue;
        const copy = population(after, name.replaceAll("/", "."));
        assert.deepEqual([copy.model, copy.params, copy.dynamics], [model, params, dynamics], name);
      }
    });

  test("is the very same network where every relay is a node", () => {
    for (const nir of [files[0][1], recurrent, files[2][1]]) {
      const before = network(nir, { dtSeconds: 1e-4, timeUnit: "s" });
      assert.deepEqual(rounds(before), before);
    }
  });

  test("keeps conventions that NIR cannot say", () => {
    const options = {
      reset: "snntorch-subtract",
      compare: ">=",
      integrator: "exponential",
      current: "old",
      dtSeconds: 1e-3,
    } as const;
    const before = network(recurrent, options);
    assert.deepEqual(rounds(before), before);
    const clamped = network(chain([1], { n: ["IF", { r: [1], v_threshold: [1] }] }));
    assert.equal(population(clamped, "n").dynamics?.vMinThresholds, -1);
    assert.deepEqual(population(rounds(clamped), "n").dynamics, population(clamped, "n").dynamics);
  });

  test("passes for a file of snnTorch when our metadata is lost", () => {
    const { root } = networkToNir(
      network(chain([2], { fc: ["Linear", { weight: weight2 }], n: lif([2], 7e-4) }, [2])),
    );
    const { diagnostics } = lower({ root: { ...root, metadata: {} } });
    assert.match(diagnostics.find(({ code }) => code === "nir/writer")?.message ?? "", /written by snnTorch/);
  });
});

describe("a folded network written as NIR", () => {
  const input: Population = { name: "in", model: "input", shape: [2], size: 2, params: {} };
  const one = (value: number): Float64Array => Float64Array.of(value, value, value);
  const neurons: Population = {
    name: "n",
    model: "lif",
    shape: [3],
    size: 3,
    params: {
      tauSteps: Float64Array.of(10, 20 / 3, 7),
      r: one(10),
      vLeak: one(0),
      vThreshold: one(1),
      vReset: one(0),
    },
    bias: Float64Array.of(0.1, 0.2, 0.3),
  };
  const dense: Projection = {
    name: "in->n",
    pre: 0,
    post: 1,
    connectivity: { kind: "dense", rows: 2, cols: 3, values: Float32Array.of(1, 2, 3, 4, 5, 6) },
    weightScale: 1,
    delaySteps: 0,
    layer: { node: "fc", kind: "linear" },
  };
  const folded: Network = {
    name: "f",
    populations: [input, neurons],
    projections: [dense],
    inputs: [{ name: "in", population: 0 }],
    outputs: [{ name: "n", population: 1 }],
  };

  test("has a node for each layer, with the neurons' bias in it, and an Output", () => {
    const { root } = networkToNir(folded);
    assert.deepEqual(
      root.nodes.map(({ name, type }) => [name, type]),
      [
        ["fc", "Affine"],
        ["in", "Input"],
        ["n", "LIF"],
        ["output_n", "Output"],
      ],
    );
    const { fields } = root.nodes[0];
    assert.deepEqual(fields.weight, {
      data: Float32Array.of(1, 2, 3, 4, 5, 6),
      shape: [3, 2],
      dtype: "float32",
    });
    const after = network(networkToNir(folded));
    assert.deepEqual(population(after, "n").params, neurons.params);
    assert.deepEqual(behaviour(after), behaviour(folded));
  });

  test("has Delay nodes for delays, and multiplies scales into weights", () => {
    const late = { ...folded, projections: [{ ...dense, delaySteps: 3, weightScale: 0.5 }] };
    const { root } = networkToNir(late);
    assert.ok(root.nodes.some(({ type }) => type === "Delay"));
    const undelayed = { ...late, projections: [{ ...dense, weightScale: 0.5, delaySteps: 3 }] };
    assert.deepEqual(behaviour(network(networkToNir(late))), behaviour(undelayed));
  });

  test("is refused where NIR has no words, all reasons at once", () => {
    const chip: Network = {
      ...folded,
      populations: [input, { ...neurons, model: "loihi-cuba" }, { ...neurons, name: "late", startStep: 2 }],
      projections: [],
    };
    assert.throws(
      () => networkToNir(chip),
      (error: unknown) => {
        assert.ok(error instanceof ToolchainError);
        const messages = error.diagnostics.map(({ message }) => message);
        assert.deepEqual(messages, [
          '"n" cannot be written as NIR: NIR has no neuron like "loihi-cuba".',
          '"late" cannot be written as NIR: it starts later than the network.',
          '"late" cannot be written as NIR: it has a bias, and no input that could carry it.',
        ]);
        return true;
      },
    );
  });
});

describe("time constants", () => {
  const steps = fc.oneof(fc.double({ min: 1, max: 1e4, noNaN: true }), fc.integer({ min: 1, max: 1000 }));
  const dt = fc.constantFrom(1e-4, 1e-3, 2.5e-4, 3e-5);

  test("in seconds give back the steps they were made of, to the last bit or the one before", () => {
    fc.assert(
      fc.property(steps, dt, (count, dtSeconds) => {
        const back = secondsOf(count, dtSeconds) / dtSeconds;
        assert.ok(Math.abs(back - count) <= 2 ** -52 * count);
      }),
    );
  });

  test("of a network come back exactly, whatever they are", () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 1, maxLength: 5 }), dt, (tau, dtSeconds) => {
        const before = network(chain([tau.length], { n: lif([tau.length]) }, [tau.length]), { dtSeconds });
        const exact: Network = {
          ...before,
          populations: before.populations.map((p) =>
            p.name === "n" ? { ...p, params: { ...p.params, tauSteps: Float64Array.from(tau) } } : p,
          ),
        };
        assert.deepEqual(rounds(exact), exact);
      }),
    );
  });

  test("follow the file where the kept steps belong to another step", () => {
    const { root } = networkToNir(network(chain([1], { n: lif([1], 22.298014270971876e-4) }), { name: "x" }));
    const halved = network({ root }, { dtSeconds: 5e-5 });
    assert.ok(Math.abs(population(halved, "n").params.tauSteps[0] - 44.596) < 1e-3);
  });
});

describe("a repaired file", () => {
  const conv = (fields: Record<string, number | string | number[] | ReturnType<typeof array>>) => ({
    bias: [0.25, 0.5, 0, 1],
    stride: [1, 1],
    padding: [0, 0],
    dilation: [1, 1],
    groups: 1,
    ...fields,
  });
  const random = (shape: number[]) => {
    const rng = createRng(5);
    return array(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.round(rng() * 16 - 8) / 8),
      shape,
    );
  };
  const scalarLif = { tau: 1e-3, r: 10, v_leak: 0, v_threshold: 1 };
  const cases: [string, NirFile][] = [
    ["scalar parameters", chain([2], { fc: ["Linear", { weight: weight2 }], n: ["LIF", scalarLif] }, [2])],
    [
      "a grouped convolution",
      chain(
        [2, 4, 4],
        { c: ["Conv2d", conv({ weight: random([4, 1, 3, 3]), groups: 2 })], n: ["LIF", scalarLif] },
        [1],
      ),
    ],
    [
      "an oblong kernel",
      chain(
        [1, 5, 7],
        { c: ["Conv2d", conv({ weight: random([4, 1, 3, 5]), dilation: [2, 1] })], n: ["LIF", scalarLif] },
        [1],
      ),
    ],
    [
      '"same" with an even kernel',
      chain(
        [1, 5, 7],
        { c: ["Conv2d", conv({ weight: random([4, 1, 4, 4]), padding: "same" })], n: ["LIF", scalarLif] },
        [1],
      ),
    ],
    [
      '"same" with stride',
      chain(
        [1, 5, 8],
        {
          c: ["Conv2d", conv({ weight: random([4, 1, 3, 3]), padding: "same", stride: [2, 2] })],
          n: ["LIF", scalarLif],
        },
        [1],
      ),
    ],
    [
      "a grouped Conv1d",
      chain(
        [2, 7],
        {
          c: [
            "Conv1d",
            { ...conv({ weight: random([4, 1, 3]), groups: 2 }), stride: 2, padding: 1, dilation: 1 },
          ],
          n: ["LIF", scalarLif],
        },
        [1],
      ),
    ],
    [
      "a missing Flatten",
      chain(
        [1, 2],
        { s: ["Scale", { scale: filled(1, [1, 2]) }], fc: ["Linear", { weight: weight2 }], n: lif([2]) },
        [2],
      ),
    ],
    [
      "missing ports, duplicate edges",
      file({ fc: ["Affine", { weight: weight2 }], n: ["LIF", scalarLif] }, [
        ["fc", "n"],
        ["fc", "n"],
      ]),
    ],
    [
      "nested graphs",
      file(
        {
          i: ["Input", { shape: [9, 2] }],
          fc: ["Linear", { weight: weight2 }],
          o: ["Output", { shape: [9] }],
          "sub.0": graph(
            {
              input: ["Input", { shape: [9] }],
              lif: lif([2]),
              w: ["Affine", { weight: weight2, bias: [1, 0] }],
              output: ["Output", { shape: [9] }],
            },
            [
              ["input", "lif"],
              ["lif", "w"],
              ["w", "lif"],
              ["lif", "output"],
            ],
          ),
        },
        [
          ["i", "fc"],
          ["fc", "sub.0"],
          ["sub.0", "o"],
        ],
      ),
    ],
    [
      "a nested graph beside a direct edge",
      file(
        {
          i: ["Input", { shape: [2] }],
          n: lif([2]),
          o: ["Output", { shape: [2] }],
          sub: graph({ input: ["Input", { shape: [2] }], output: ["Output", { shape: [2] }] }, [
            ["input", "output"],
          ]),
        },
        [
          ["i", "sub"],
          ["sub", "n"],
          ["i", "n"],
          ["n", "o"],
        ],
      ),
    ],
  ];
  for (const [title, nir] of cases)
    test(`says everything, and computes the same: ${title}`, () => {
      const sink = new DiagnosticSink();
      const fixed = repairedFile(nir, sink);
      assert.ok(fixed);
      const { network: after, codes } = lower(fixed);
      assert.deepEqual(codes, []);
      assert.ok(after);
      assert.deepEqual(behaviour(after), behaviour(network(nir)));
      assert.deepEqual(strictFaults(fixed), []);
    });

  test("moves fields that NIR does not know into the metadata", () => {
    const fixed = repairedFile(
      chain([1], { n: ["LIF", { ...scalarLif, tau_mem: [3] }] }),
      new DiagnosticSink(),
    );
    const n = fixed?.root.nodes.find(({ name }) => name === "n");
    assert.deepEqual(Object.keys(n?.fields ?? {}).sort(), ["r", "tau", "v_leak", "v_reset", "v_threshold"]);
    assert.deepEqual(Object.keys(n?.metadata ?? {}), ["tau_mem"]);
  });

  test("is not made of a file with faults", () => {
    const sink = new DiagnosticSink();
    assert.equal(repairedFile(chain([3], { fc: ["Linear", { weight: weight2 }] }, [2]), sink), undefined);
    assert.ok(sink.hasErrors);
  });
});

/** What the reference reader would object to: names, fields, and edges whose shapes are not exactly equal. */
function strictFaults({ root }: NirFile): string[] {
  const faults: string[] = [];
  const needs: Record<string, string[]> = {
    Input: ["shape"],
    Output: ["shape"],
    Linear: ["weight"],
    Affine: ["weight", "bias"],
    Scale: ["scale"],
    Delay: ["delay"],
    Conv2d: ["input_shape", "weight", "stride", "padding", "dilation", "groups", "bias"],
    Flatten: ["input_type", "start_dim", "end_dim"],
    LIF: ["tau", "r", "v_leak", "v_threshold", "v_reset"],
  };
  needs.Conv1d = needs.Conv2d;
  const shapes = new Map<string, [input: string, output: string]>();
  for (const { name, type, fields } of root.nodes) {
    if (name.includes("/")) faults.push(`"/" in ${name}`);
    if (String(Object.keys(fields).sort()) !== String(needs[type].toSorted()))
      faults.push(`fields of ${name}`);
    const of = (field: string): readonly number[] =>
      typeof fields[field] === "object" && "shape" in fields[field] ? fields[field].shape : [];
    const values = (field: string): number[] =>
      typeof fields[field] === "object" && "data" in fields[field] ? [...fields[field].data] : [];
    const text = (shape: readonly number[]): string => shape.join(",");
    if (type === "Input" || type === "Output")
      shapes.set(name, [text(values("shape")), text(values("shape"))]);
    else if (type === "Linear" || type === "Affine") {
      const lead = of("weight").slice(0, -2);
      const [out, inputs] = of("weight").slice(-2);
      shapes.set(name, [text([...lead, inputs]), text([...lead, out])]);
    } else if (type === "Conv2d" || type === "Conv1d") {
      // As the reference infers it: one group, and the height of the kernel for all its axes.
      const [out, channels, height] = of("weight");
      const [stride, padding, dilation] = ["stride", "padding", "dilation"].map(values);
      if (padding.length === 0) faults.push(`padding of ${name} is text`);
      const size = values("input_shape").map(
        (length, axis) =>
          Math.floor((length + 2 * padding[axis] - dilation[axis] * (height - 1) - 1) / stride[axis]) + 1,
      );
      shapes.set(name, [text([channels, ...values("input_shape")]), text([out, ...size])]);
    } else if (type === "Flatten") {
      const input = values("input_type");
      shapes.set(name, [text(input), text([input.reduce((a, b) => a * b, 1)])]);
    } else {
      const all = new Set(Object.keys(fields).map((field) => text(of(field))));
      if (all.size !== 1) faults.push(`parameter shapes of ${name}`);
      shapes.set(name, [[...all][0], [...all][0]]);
    }
  }
  for (const [from, to] of root.edges)
    if (shapes.get(from)?.[1] !== shapes.get(to)?.[0])
      faults.push(`${from} [${shapes.get(from)?.[1]}] -> ${to} [${shapes.get(to)?.[0]}]`);
  return faults;
}

test("random chains of layers survive writing and repairing", () => {
  const layer = fc.record({
    out: fc.integer({ min: 1, max: 4 }),
    neurons: fc.boolean(),
    bias: fc.boolean(),
    delay: fc.integer({ min: 0, max: 2 }),
    feedback: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(layer, { minLength: 1, maxLength: 4 }), fc.integer(), (layers, seed) => {
      const rng = createRng(seed);
      const nodes: Record<string, Nodes[string]> = { input: ["Input", { shape: [3] }] };
      const edges: [string, string][] = [];
      let last = "input";
      let width = 3;
      layers.forEach(({ out, neurons, bias, delay, feedback }, i) => {
        const values = Array.from({ length: out * width }, () => Math.round(rng() * 8 - 3) / 4);
        nodes[`fc${i}`] = bias
          ? ["Affine", { weight: array(values, [out, width]), bias: values.slice(0, out) }]
          : ["Linear", { weight: array(values, [out, width]) }];
        edges.push([last, `fc${i}`]);
        last = `fc${i}`;
        if (delay > 0) {
          nodes[`d${i}`] = ["Delay", { delay: filled(delay * 1e-4, [out]) }];
          edges.push([last, `d${i}`]);
          last = `d${i}`;
        }
        if (neurons) {
          nodes[`n${i}`] = lif([out]);
          edges.push([last, `n${i}`]);
          last = `n${i}`;
          // Back to the layer where the sizes allow it, or to the neurons themselves.
          if (feedback) edges.push(out === width ? [last, `fc${i}`] : [last, last]);
        }
        width = out;
      });
      nodes.output = ["Output", { shape: [width] }];
      edges.push([last, "output"]);
      const nir = file(nodes, edges as Edges);
      const net = network(nir, { dtSeconds: 1e-4 });
      const expected = behaviour(net);
      assert.deepEqual(behaviour(rounds(net)), expected);
      const fixed = repairedFile(nir, new DiagnosticSink());
      assert.ok(fixed);
      assert.deepEqual(behaviour(network(fixed, { dtSeconds: 1e-4 })), expected);
    }),
    { numRuns: 60 },
  );
});
