import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, test } from "vitest";
import { legalKernel, restoredKernel } from "#formats/nir/legal-kernel";
import { NIR_DIALECTS } from "#formats/nir/dialects";
import { nirExporter, nirFileOf } from "#formats/nir/export";
import type { NirField, NirFile, NirNode } from "#formats/nir/graph";
import { readNirFile } from "#formats/nir/read-file";
import { networkToNir } from "#formats/nir/write-network";
import { expand } from "#ir/connectivity";
import type { Network, SharedKernel } from "#ir/network";
import { referenceFaults } from "#test/nir-oracle";
import { ROOT } from "#test/shared";
import { DiagnosticSink, type Diagnostic } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { behaviour, canonical } from "./nir-export-cases.ts";
import { array, chain, file, filled, lif, network, population, type Nodes } from "./nir-network-builders.ts";

const weight2 = array([1.5, -0.5, 2, 1], [2, 2]);

function exported(
  net: Network,
  options: Record<string, string>,
): { file: NirFile; diagnostics: readonly Diagnostic[] } {
  const sink = new DiagnosticSink();
  const written = nirFileOf(net, options, sink);
  assert.ok(written, sink.diagnostics.map(({ message }) => message).join("\n"));
  return { file: written, diagnostics: sink.diagnostics };
}

const nodeOf = ({ root }: NirFile, name: string): NirNode =>
  root.nodes.find((node) => node.name === name) ?? assert.fail(`no node ${name}`);
const numbersOf = (field: NirField | undefined): number[] =>
  typeof field === "object" && "data" in field ? [...field.data] : assert.fail("an array");
const warnings = (diagnostics: readonly Diagnostic[]): string[] =>
  diagnostics.filter(({ severity }) => severity === "warning").map(({ message }) => message);

/** Two layers with gain r / tau = 0.5. */
const half = network(
  chain(
    [2],
    {
      fc1: ["Affine", { weight: weight2, bias: [0.25, 1] }],
      lif1: ["LIF", { tau: [1e-3, 1e-3], r: [5, 5], v_leak: [0, 0], v_threshold: [1, 1], v_reset: [0, 0] }],
      fc2: ["Linear", { weight: weight2 }],
      li: ["LI", { tau: [2e-3, 2e-3], r: [20, 20], v_leak: [0, 0] }],
    },
    [2],
  ),
  { dtSeconds: 1e-4, timeUnit: "s" },
);

describe("a dialect", () => {
  test("spec keeps every number as it is", () => {
    const { file: written } = exported(half, {});
    assert.deepEqual(numbersOf(nodeOf(written, "fc1").fields["weight"]), [1.5, -0.5, 2, 1]);
    assert.deepEqual(numbersOf(nodeOf(written, "lif1").fields["r"]), [5, 5]);
    assert.deepEqual(network(written, { name: "network" }), half);
  });

  test("snntorch has r = tau / dt, with the gain in weights and bias", () => {
    const { file: written, diagnostics } = exported(half, { dialect: "snntorch" });
    assert.deepEqual(numbersOf(nodeOf(written, "fc1").fields["weight"]), [0.75, -0.25, 1, 0.5]);
    assert.deepEqual(numbersOf(nodeOf(written, "fc1").fields["bias"]), [0.125, 0.5]);
    assert.deepEqual(numbersOf(nodeOf(written, "lif1").fields["r"]), [10, 10]);
    assert.deepEqual(numbersOf(nodeOf(written, "fc2").fields["weight"]), [1.5, -0.5, 2, 1]);
    const note = diagnostics.find(({ code }) => code === "nir/dialect");
    assert.match(
      note?.message ?? "",
      /one step is 0\.0001 s.*gain multiplied into the weights in front of lif1/,
    );
    assert.deepEqual(behaviour(network(written)), behaviour(half));
  });

  test("norse has r = 1 and steps of 1 ms", () => {
    const { file: written } = exported(half, { dialect: "norse" });
    assert.deepEqual(numbersOf(nodeOf(written, "lif1").fields["r"]), [1, 1]);
    assert.deepEqual(numbersOf(nodeOf(written, "li").fields["r"]), [1, 1]);
    assert.deepEqual(numbersOf(nodeOf(written, "fc1").fields["weight"]), [7.5, -2.5, 10, 5]);
    const [tau] = numbersOf(nodeOf(written, "lif1").fields["tau"]);
    assert.ok(Math.abs(tau - 1e-2) < 1e-15);
    const back = network(written, { name: "network" });
    assert.equal(back.timestepNs, 1e5, "the network's own step is kept");
    assert.deepEqual(behaviour(back), behaviour(half));
  });

  test("steps counts steps, and knows which reader decays how", () => {
    const { file: written } = exported(half, { dialect: "steps" });
    assert.deepEqual(numbersOf(nodeOf(written, "lif1").fields["tau"]), [10, 10]);
    const sinabs = exported(half, { dialect: "steps", decay: "exponential" }).file;
    const [tau] = numbersOf(nodeOf(sinabs, "lif1").fields["tau"]);
    assert.ok(Math.abs(Math.exp(-1 / tau) - 0.9) < 1e-12);
    assert.deepEqual(numbersOf(nodeOf(sinabs, "lif1").fields["r"]), [1, 1]);
    assert.deepEqual(behaviour(network(sinabs)), behaviour(half));
  });

  test("spikingjelly leaves layers with r = 1 alone, and has IF gains per second", () => {
    const net = network(
      chain([1], {
        n: ["LIF", { tau: [1e-3], r: [1], v_leak: [0], v_threshold: [0.1], v_reset: [0] }],
        i: ["IF", { r: [1], v_threshold: [2], v_reset: [0] }],
      }),
      { dtSeconds: 1e-4, timeUnit: "s", ifStep: "one" },
    );
    const { file: written } = exported(net, { dialect: "spikingjelly" });
    assert.deepEqual(numbersOf(nodeOf(written, "n").fields["r"]), [1]);
    assert.deepEqual(numbersOf(nodeOf(written, "i").fields["r"]), [1e4]);
    assert.deepEqual(behaviour(network(written)), behaviour(net));
  });

  test("divides thresholds where the gain has no weights of its own to go into", () => {
    const net = network(
      chain([2], { n: ["LIF", { tau: [1e-3, 1e-3], r: [5, 20], v_leak: [0, 0], v_threshold: [1, 1] }] }, [2]),
      { dtSeconds: 1e-4, timeUnit: "s" },
    );
    const { file: written, diagnostics } = exported(net, { dialect: "snntorch" });
    assert.deepEqual(numbersOf(nodeOf(written, "n").fields["v_threshold"]), [2, 0.5]);
    assert.ok(warnings(diagnostics).length > 0, "snnTorch has one threshold for a layer");
    assert.deepEqual(behaviour(network(written)), behaviour(net));
  });

  test("puts a Scale in front of values whose gain has nowhere else to go", () => {
    const net = network(chain([2], { n: ["LI", { tau: [1e-3, 1e-3], r: [5, 20], v_leak: [0, 0] }] }, [2]), {
      dtSeconds: 1e-4,
      timeUnit: "s",
    });
    const { file: written } = exported(net, { dialect: "norse" });
    assert.deepEqual(numbersOf(nodeOf(written, "n_gain").fields["scale"]), [5, 20]);
    assert.deepEqual(behaviour(network(written)), behaviour(net));
  });

  test("does not touch weights that feed another layer too", () => {
    const shared = file(
      {
        i: ["Input", { shape: [2] }],
        fc: ["Linear", { weight: weight2 }],
        a: ["LIF", { tau: [1e-3, 1e-3], r: [5, 5], v_leak: [0, 0], v_threshold: [1, 1] }],
        b: lif([2]),
        o: ["Output", { shape: [2] }],
      },
      [
        ["i", "fc"],
        ["fc", "a"],
        ["fc", "b"],
        ["a", "o"],
        ["b", "o"],
      ],
    );
    const net = network(shared, { dtSeconds: 1e-4, timeUnit: "s" });
    const { file: written } = exported(net, { dialect: "snntorch" });
    assert.deepEqual(numbersOf(nodeOf(written, "fc").fields["weight"]), [1.5, -0.5, 2, 1]);
    assert.deepEqual(numbersOf(nodeOf(written, "a").fields["v_threshold"]), [2, 2]);
    assert.deepEqual(behaviour(network(written)), behaviour(net));
  });

  test("gives neurons that feed themselves the two nodes that readers recognise", () => {
    const loop = file({ i: ["Input", { shape: [2] }], n: lif([2]), o: ["Output", { shape: [2] }] }, [
      ["i", "n"],
      ["n", "n"],
      ["n", "o"],
    ]);
    const net = network(loop, { dtSeconds: 1e-4 });
    const { file: written } = exported(net, { dialect: "snntorch" });
    assert.equal(nodeOf(written, "n_rec").type, "Linear");
    assert.ok(!written.root.edges.some(([from, to]) => from === to));
    assert.deepEqual(behaviour(network(written)), behaviour(net));
  });

  test("says what its reader is expected to do in another way", () => {
    const leaky = {
      tau: [1e-3, 1e-3],
      r: [10, 10],
      v_leak: [0.1, 0],
      v_threshold: [1, 2],
      v_reset: [0.5, 0],
    };
    const net = network(chain([2], { fc: ["Linear", { weight: weight2 }], n: ["LIF", leaky] }, [2]), {
      reset: "subtract",
      dtSeconds: 1e-4,
      timeUnit: "s",
    });
    for (const dialect of ["snntorch", "norse", "spikingjelly"]) {
      const { diagnostics } = exported(net, { dialect });
      const data = diagnostics.find(({ code }) => code === "nir/reader-differs")?.data;
      assert.equal(data?.["reader"], dialect);
    }
    assert.deepEqual(warnings(exported(half, { dialect: "norse" }).diagnostics), []);
  });

  test("steps has a bias in every layer, for sinabs knows no Linear", () => {
    const { file: written } = exported(half, { dialect: "steps" });
    assert.equal(nodeOf(written, "fc2").type, "Affine");
    assert.deepEqual(numbersOf(nodeOf(written, "fc2").fields["bias"]), [0, 0]);
  });

  test("refuses an exponential for neurons that forget everything in a step", () => {
    const net = network(chain([1], { n: ["LIF", { tau: [1e-4], r: [1], v_leak: [0], v_threshold: [1] }] }), {
      dtSeconds: 1e-4,
      timeUnit: "s",
    });
    const sink = new DiagnosticSink();
    assert.equal(nirFileOf(net, { dialect: "steps", decay: "exponential" }, sink), undefined);
    assert.deepEqual(
      sink.diagnostics.map(({ code }) => code),
      ["nir/decay-not-possible"],
    );
  });

  test("whose reader decays by a rule of its own takes no other", () => {
    const sink = new DiagnosticSink();
    assert.equal(nirFileOf(half, { dialect: "norse", decay: "exponential" }, sink), undefined);
    assert.deepEqual(
      sink.diagnostics.map(({ code }) => code),
      ["nir/decay-is-fixed"],
    );
  });

  test("any of them keeps spikes: random layers and parameters", () => {
    const layer = fc.record({
      out: fc.integer({ min: 1, max: 3 }),
      tau: fc.integer({ min: 2, max: 30 }),
      gain: fc.integer({ min: 1, max: 8 }),
      kind: fc.constantFrom("LIF", "CubaLIF", "IF"),
      mapped: fc.boolean(),
    });
    const dialect = fc.constantFrom("spec", "snntorch", "norse", "steps", "spikingjelly");
    fc.assert(
      fc.property(
        fc.array(layer, { minLength: 1, maxLength: 3 }),
        dialect,
        fc.integer(),
        (layers, name, seed) => {
          const rng = createRng(seed);
          const nodes: Record<string, Nodes[string]> = {};
          let width = 3;
          layers.forEach(({ out, tau, gain, kind, mapped }, i) => {
            if (mapped) {
              const values = Array.from({ length: out * width }, () => rng() * 3 - 1);
              nodes[`fc${i}`] = [
                "Affine",
                { weight: array(values, [out, width]), bias: values.slice(0, out) },
              ];
              width = out;
            }
            const all = (value: number) => filled(value, [width]);
            const levels = { v_threshold: all(0.37), v_reset: all(0) };
            nodes[`n${i}`] =
              kind === "IF"
                ? ["IF", { r: all(gain / 3), ...levels }]
                : kind === "LIF"
                  ? ["LIF", { tau: all(tau * 1e-4), r: all(gain), v_leak: all(0), ...levels }]
                  : [
                      "CubaLIF",
                      {
                        tau_mem: all(tau * 1e-4),
                        tau_syn: all(3e-4),
                        r: all(gain),
                        w_in: all(2),
                        v_leak: all(0),
                        ...levels,
                      },
                    ];
          });
          const net = network(chain([3], nodes, [width]), { dtSeconds: 1e-4, timeUnit: "s", ifStep: "one" });
          const { file: written } = exported(net, { dialect: name });
          assert.deepEqual(referenceFaults(written), []);
          assert.deepEqual(behaviour(network(written)), behaviour(net));
        },
      ),
      { numRuns: 80 },
    );
  });
});

describe("a convolution", () => {
  const window = fc.record({
    groups: fc.integer({ min: 1, max: 3 }),
    channels: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    size: fc.tuple(fc.integer({ min: 4, max: 8 }), fc.integer({ min: 4, max: 8 })),
    kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    padding: fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 2 }))),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    seed: fc.integer(),
  });

  test("in groups, oblong or unevenly padded is written with zeros, computes the same, and comes back", () => {
    let oblong = 0;
    let square = 0;
    fc.assert(
      fc.property(window, ({ groups, channels, size, kernel, stride, padding, dilation, seed }) => {
        const [top, bottom, left, right] = padding;
        const positions = (axis: number, zeros: number): number =>
          Math.floor((size[axis] + zeros - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis] + 1);
        const out: [number, number] = [positions(0, top + bottom), positions(1, left + right)];
        fc.pre(out[0] > 0 && out[1] > 0);
        const [ins, outs] = [channels[0] * groups, channels[1] * groups];
        const rng = createRng(seed);
        const given: SharedKernel = {
          kind: "kernel",
          rows: ins * size[0] * size[1],
          cols: outs * out[0] * out[1],
          weights: Float64Array.from(
            { length: outs * channels[0] * kernel[0] * kernel[1] },
            () => rng() + 0.1,
          ),
          kernelShape: [outs, channels[0], ...kernel],
          stride,
          padding: [top, bottom, left, right],
          dilation,
          groups,
          inputShape: [ins, ...size],
          outputShape: [outs, ...out],
        };
        const legal = legalKernel(given, given.weights, 2);
        if (legal === undefined) return;
        const { weights, kernelShape, padding: even, record } = legal;
        const written: SharedKernel = {
          ...given,
          weights,
          kernelShape,
          groups: 1,
          padding: [even[0], even[0], even[1], even[1]],
        };
        if (kernelShape[2] === kernelShape[3]) square++;
        else oblong++;
        // One step a position: padding grows an axis by even numbers, so a side can only be of one parity.
        if (dilation.every((gap) => gap === 1)) {
          const parity = (axis: 0 | 1): number => (out[axis] + size[axis]) % 2;
          const isStuck = stride.every((step) => step === 1) && parity(0) !== parity(1);
          assert.equal(kernelShape[2] === kernelShape[3], !isStuck);
        }
        assert.deepEqual(expand(written), expand(given));
        assert.deepEqual(restoredKernel(written, record), given);
      }),
      { numRuns: 300 },
    );
    assert.ok(square > oblong && oblong > 0, `${square} square, ${oblong} oblong`);
  });

  test("whose kernel somebody has changed is read as it stands", () => {
    const fields = {
      weight: filled(1, [2, 1, 3, 3]),
      bias: [0, 0],
      groups: 2,
      stride: [1, 1],
      padding: [1, 1],
      dilation: [1, 1],
      input_shape: [4, 4],
    };
    const net = network(chain([2, 4, 4], { c: ["Conv2d", fields], n: lif([2, 4, 4]) }, [2, 4, 4]));
    const { file: written } = exported(net, {});
    const conv = nodeOf(written, "c");
    assert.deepEqual(numbersOf(conv.fields["groups"]), [1]);
    assert.deepEqual(network(written, { name: "network" }), net);
    const data = Float64Array.from(numbersOf(conv.fields["weight"]));
    data[9] = 0.5; // between channels of different groups
    const changed = {
      ...conv,
      fields: { ...conv.fields, weight: { data, shape: [2, 2, 3, 3], dtype: "float64" } },
    };
    const nodes = written.root.nodes.map((node) => (node === conv ? changed : node));
    const read = network({ ...written, root: { ...written.root, nodes } });
    const [map] = read.projections.filter(({ layer }) => layer !== undefined);
    assert.ok(map.connectivity.kind === "kernel" && map.connectivity.groups === 1);
  });

  test("that zeros cannot make square stays oblong, with a warning", () => {
    const fields = {
      weight: filled(1, [1, 1, 2, 3]),
      bias: [0],
      groups: 1,
      stride: [1, 1],
      padding: [0, 0],
      dilation: [1, 1],
      input_shape: [4, 5],
    };
    const net = network(chain([1, 4, 5], { c: ["Conv2d", fields], n: lif([1, 3, 3]) }, [1, 3, 3]));
    const { file: written, diagnostics } = exported(net, {});
    assert.ok(diagnostics.some(({ code }) => code === "nir/strict-reader-refuses"));
    assert.ok(referenceFaults(written).length > 0);
    assert.deepEqual(network(written, { name: "network" }), net);
  });
});

describe("what NIR cannot say", () => {
  test("comes back from the metadata: absent feedback, unknown steps, clamps", () => {
    const loop = file(
      {
        i: ["Input", { shape: [2] }],
        n: ["IF", { r: [1, 1], v_threshold: [2, 3], v_reset: [0, 0] }],
        w: ["Affine", { weight: weight2, bias: [1, 0] }],
        o: ["Output", { shape: [2] }],
      },
      [
        ["i", "n"],
        ["n", "w"],
        ["w", "n"],
        ["n", "o"],
      ],
    );
    const net = network(loop, { feedbackT0: "absent" });
    assert.equal(net.timestepNs, undefined);
    for (const dialect of ["spec", "steps", "spikingjelly"]) {
      const { file: written, diagnostics } = exported(net, { dialect });
      assert.deepEqual(canonical(network(written, { name: "network" })), canonical(net), dialect);
      assert.ok(diagnostics.some(({ code }) => code === "nir/only-in-metadata"));
    }
  });

  test("is refused where feedback edges start in different ways", () => {
    const loop = file(
      { i: ["Input", { shape: [1] }], a: lif([1]), b: lif([1]), o: ["Output", { shape: [1] }] },
      [
        ["i", "a"],
        ["a", "a"],
        ["a", "b"],
        ["b", "b"],
        ["b", "o"],
      ],
    );
    const net = network(loop, { dtSeconds: 1e-4 });
    const first = net.projections.findIndex(({ beforeStart }) => beforeStart !== undefined);
    const projections = net.projections.map((p, i) =>
      i === first ? { ...p, beforeStart: "absent" as const } : p,
    );
    assert.throws(
      () => networkToNir({ ...net, projections }),
      /before the first step it carries something else/,
    );
  });
});

describe("the exporter", () => {
  const write = async (net: Network, options: Record<string, string>): Promise<Uint8Array> => {
    const sink = new DiagnosticSink();
    const files = await nirExporter.write({ network: net, generator: "test 1" }, options, sink);
    assert.deepEqual(
      files?.map(({ suffix }) => suffix),
      [".nir"],
    );
    return (files as NonNullable<typeof files>)[0].bytes;
  };

  test("writes the same bytes for the same network", async () => {
    assert.deepEqual(await write(half, {}), await write(half, {}));
  });

  test("compresses, and adds masks, where it is told to", async () => {
    const big = network(
      chain([256], { fc: ["Linear", { weight: filled(0, [256, 256]) }], n: lif([256]) }, [256]),
    );
    const plain = await write(big, {});
    assert.ok((await write(big, { gzip: "on" })).length < plain.length / 2);
    const read = await readNirFile(await write(half, { masks: "on" }), new DiagnosticSink());
    assert.ok(read);
    assert.deepEqual(numbersOf(nodeOf(read, "fc1").metadata["spinec_mask"]), [1, 1, 1, 1]);
    assert.equal(read.root.metadata["spinec_generator"], "test 1");
    assert.deepEqual(network(read, { name: "network" }), half);
  });

  test("reports what cannot be written, and writes nothing", async () => {
    const sink = new DiagnosticSink();
    const chip: Network = {
      ...half,
      populations: half.populations.map((p) => (p.name === "lif1" ? { ...p, model: "loihi-cuba" } : p)),
    };
    assert.equal(await nirExporter.write({ network: chip, generator: "" }, {}, sink), undefined);
    assert.deepEqual(
      sink.diagnostics.map(({ code }) => code),
      ["nir/not-expressible"],
    );
  });
});

describe("a quantized network", () => {
  test("is written in the chip's numbers, with the integers beside them", async () => {
    const quantized: Network = {
      name: "q",
      timestepNs: 1e5,
      populations: [
        { name: "in", model: "input", shape: [2], size: 2, params: {} },
        {
          name: "n",
          model: "loihi-cuba",
          shape: [2],
          size: 2,
          params: {
            uDecay: Float64Array.of(4095, 4095),
            vDecay: Float64Array.of(1024, 512),
            thresholdMantissa: Float64Array.of(100, 100),
            biasMantissa: Float64Array.of(0, 64),
            biasExponent: Float64Array.of(1, 1),
            refractorySteps: Float64Array.of(0, 0),
            vMin: Float64Array.of(-(2 ** 23 - 1), -(2 ** 23 - 1)),
            u0: Float64Array.of(0, 0),
            v0: Float64Array.of(0, 0),
          },
          startStep: 1,
          membraneQuantum: Float64Array.of(2 ** -13),
        },
      ],
      projections: [
        {
          name: "fc",
          pre: 0,
          post: 1,
          connectivity: {
            kind: "sparse",
            rows: 2,
            cols: 2,
            rowStart: Uint32Array.of(0, 1, 2),
            colIndex: Uint32Array.of(1, 0),
            values: Float64Array.of(-20, 44),
          },
          weightScale: 2 ** -6,
          delaySteps: 1,
          layer: { node: "fc", kind: "linear" },
          quantization: { weightBits: 8, signMode: "mixed", weightExponent: 1 },
        },
      ],
      inputs: [{ name: "in", population: 0 }],
      outputs: [{ name: "n", population: 1 }],
    };
    const sink = new DiagnosticSink();
    const files = await nirExporter.write(
      { network: half, quantized, generator: "test" },
      { quantized: "on" },
      sink,
    );
    assert.ok(files, sink.diagnostics.map(({ message }) => message).join("\n"));
    const written = await readNirFile(files[0].bytes, sink);
    assert.ok(written);
    assert.deepEqual(referenceFaults(written), []);
    const fcNode = nodeOf(written, "fc");
    // 64 · 2^1 · 2^-13 = 2^-6 a unit
    assert.deepEqual(numbersOf(fcNode.fields["weight"]), [0, 44 / 64, -20 / 64, 0]);
    assert.deepEqual(numbersOf(fcNode.metadata["spinec_weight_integers"]), [0, 44, -20, 0]);
    assert.deepEqual(numbersOf(fcNode.fields["bias"]), [0, 128 / 2 ** 13]);
    const n = nodeOf(written, "n");
    assert.deepEqual(numbersOf(n.fields["v_threshold"]), [6400 / 2 ** 13, 6400 / 2 ** 13]);
    assert.deepEqual(numbersOf(n.metadata["spinec_loihi_vDecay"]), [1024, 512]);
    const { tauSteps } = population(network(written), "n").params;
    assert.deepEqual([...tauSteps], [4, 8]);
  });
});

test("the README lists every dialect as it is", () => {
  const gains = { "as-is": "as they are", "per-step": "1 a step: r = tau / dt", one: "1 / tau: r = 1" };
  const rows = NIR_DIALECTS.map(({ name, readers, writing, gain, keepsGainOne, integrator }) => [
    `\`${name}\``,
    readers,
    writing.timeUnit === "steps" ? "steps" : "s",
    writing.timeUnit === "steps"
      ? "1"
      : writing.dtSeconds === undefined
        ? "the network's"
        : `${writing.dtSeconds} s`,
    gains[gain] + (keepsGainOne === true ? ", or r = 1 as it is" : ""),
    writing.ifStep === "dt" ? "r / dt" : "r",
    integrator ?? "the network's",
  ]);
  const heading = ["`--dialect`", "for", "times in", "one step", "gain of inputs", "r of IF", "decay"];
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  const table = [
    line(heading),
    `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`,
    ...rows.map(line),
  ];
  const path = join(ROOT, "src/formats/README.md");
  const text = readFileSync(path, "utf8");
  const expected = text.replace(
    /(<!-- dialects -->)[\s\S]*?(<!-- \/dialects -->)/,
    `$1\n\n${table.join("\n")}\n\n$2`,
  );
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, expected);
  assert.equal(text, expected);
});

const PYTHON = "/usr/bin/python3";
const hasH5py = ((): boolean => {
  try {
    execFileSync(PYTHON, ["-c", "import h5py"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** Layout as the reference writer's files have it: no attributes, text of variable length, 64-bit shapes. */
const LAYOUT = `
import sys, h5py
with h5py.File(sys.argv[1]) as f:
    assert f["version"].shape == () and f["version"][()].decode().count(".") == 2
    assert f["node/type"][()] == b"NIRGraph"
    assert f["node/edges"].shape[1] == 2 and h5py.check_string_dtype(f["node/edges"].dtype).encoding == "utf-8"
    def visit(name, item):
        assert len(item.attrs) == 0, name
        if isinstance(item, h5py.Dataset) and item.dtype.kind != "O":
            assert item.dtype.isnative or item.dtype.itemsize == 1, name
            print(name, item.dtype, item.shape, item.compression)
    f.visititems(visit)
`;

test.skipIf(!hasH5py)("h5py sees the layout of the reference writer", async () => {
  const folder = mkdtempSync(join(tmpdir(), "spinec-h5py-"));
  try {
    const sink = new DiagnosticSink();
    const files = await nirExporter.write({ network: half, generator: "test" }, { gzip: "on" }, sink);
    const path = join(folder, "half.nir");
    writeFileSync(path, files?.[0].bytes ?? "");
    const lines = execFileSync(PYTHON, ["-c", LAYOUT, path], { encoding: "utf8" }).split("\n");
    assert.ok(lines.includes("node/nodes/fc1/weight float64 (2, 2) gzip"), lines.join("\n"));
    assert.ok(lines.includes("node/nodes/input/shape int64 (1,) gzip"), lines.join("\n"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
