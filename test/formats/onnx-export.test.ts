import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { onnxExporter } from "#formats/onnx/export/exporter";
import { METADATA, type OwnLayout } from "#formats/onnx/own-layout";
import type { ModelProto } from "#formats/onnx/proto";
import { expand, storedWeights } from "#ir/connectivity";
import type { SpikeData } from "#ir/spikes";
import type { Network } from "#ir/network";
import {
  between,
  dense,
  edge,
  input,
  lif,
  loihiCuba,
  matrix,
  network,
  oneToOne,
  randomQuantized,
  randomSparse,
  randomSpikes,
  relay,
} from "#test/networks";
import { decoded, onnxFilesOf, runtime, watchedEverywhere } from "#test/onnx";
import { checkerMissing, hasOnnxChecker, onnxCheckerVerdicts } from "#test/onnx-checker";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { checkOnnx, type OnnxCheck } from "../../src/onnx-check.ts";
import { FLOAT_MODELS, randomFloatNetwork } from "./onnx-export-networks.ts";

function inputsOf(net: Network, seed: number, steps = 12, samples = 2): Record<string, SpikeData> {
  const rng = createRng(seed);
  return Object.fromEntries(
    net.inputs.map(({ name, population }) => [
      name,
      randomSpikes(rng, net.populations[population].shape, { steps, samples }),
    ]),
  );
}

async function checked(
  net: Network,
  options: Record<string, string>,
  seed = 1,
  rules?: "lava" | "nengo",
): Promise<OnnxCheck> {
  const watched = watchedEverywhere(net);
  const { bytes } = await onnxFilesOf(watched, options, rules === undefined ? {} : { rules });
  return checkOnnx(bytes, watched, inputsOf(watched, seed), runtime);
}

const layoutOf = ({ metadataProps }: ModelProto): OwnLayout =>
  JSON.parse(metadataProps!.find(({ key }) => key === METADATA.layout)!.value!) as OwnLayout;

const small = (): Network =>
  network(
    [input("in", 2), relay("fc", 2, [0.25, 0.5]), lif("n", 2), relay("out", 2)],
    [
      edge(
        "in",
        "fc",
        dense([
          [1, 2],
          [0, 4],
        ]),
        { layer: { node: "fc", kind: "linear" } },
      ),
      edge("fc", "n", oneToOne(2)),
      edge("n", "out", oneToOne(2)),
    ],
    { name: "small" },
  );

async function faultsOf(net: Network, options: Record<string, string> = {}): Promise<string[]> {
  const sink = new DiagnosticSink();
  const files = await onnxExporter.write(
    { network: net, quantized: net, generator: "spinec 0" },
    options,
    sink,
  );
  assert.equal(files, undefined);
  return sink.diagnostics.map(({ code }) => code);
}

describe("onnx export of real numbers", () => {
  for (const model of FLOAT_MODELS) {
    test(`computes what the float reference does: random networks of ${model}, all conventions`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(), fc.constantFrom("sequence", "step"), async (seed, graph) => {
          const net = randomFloatNetwork(createRng(seed), model);
          const check = await checked(net, { graph, double: "on" }, seed);
          assert.equal(check.differingValues, 0, JSON.stringify(check.outputs));
        }),
        { numRuns: 12, seed: 7 },
      );
    });
  }

  test("writes convolutions as Conv for float32, with the same result", async () => {
    for (let seed = 0; seed < 8; seed++) {
      // Numbers with few digits are exact in float32 as well.
      const net = randomFloatNetwork(createRng(seed), "if");
      const upToNeurons = { ...net, populations: net.populations.slice(0, 4) };
      const cut: Network = {
        ...upToNeurons,
        projections: net.projections.filter(({ post }) => post < 4),
        outputs: [{ name: "n", population: 3 }],
      };
      const check = await checked(cut, {}, seed);
      assert.equal(check.differingValues, 0, JSON.stringify(check.outputs));
      const { graph } = await decoded((await onnxFilesOf(cut)).bytes);
      const body = graph!.node!.find(({ opType }) => opType === "Scan")!.attribute![0].g!;
      assert.ok(body.node!.some(({ opType }) => opType === "Conv"));
    }
  });

  test("has plain names: ports, states of the neurons, functions of our domain", async () => {
    const model = await decoded((await onnxFilesOf(small(), { graph: "step" })).bytes);
    const { graph, functions, opsetImport, irVersion } = model;
    assert.deepEqual(
      graph!.input!.map(({ name }) => name),
      ["in", "state.n.v"],
    );
    assert.deepEqual(
      graph!.output!.map(({ name }) => name),
      ["out", "state.n.v.next"],
    );
    assert.deepEqual(
      functions!.map(({ domain, name }) => [domain, name]),
      [["ai.spinec.snn", "LIF"]],
    );
    assert.equal(Number(irVersion), 8);
    assert.deepEqual(
      opsetImport!.map(({ domain, version }) => [domain, Number(version)]),
      [
        ["", 17],
        ["ai.spinec.snn", 1],
      ],
    );
  });

  test("gives a population that is both input and output two tensors", async () => {
    const net = network([input("x", 2), lif("n", 2)], [edge("x", "n", oneToOne(2))], { outputs: ["x", "n"] });
    const { bytes } = await onnxFilesOf(net);
    assert.deepEqual(
      (await decoded(bytes)).graph!.output!.map(({ name }) => name),
      ["x_2", "n"],
    );
    assert.equal((await checkOnnx(bytes, net, inputsOf(net, 3), runtime)).differingValues, 0);
  });

  test("fills populations that nothing reaches with their bias, for every sample of a batch", async () => {
    const net = network(
      [
        input("x", 2),
        relay("constant", [2, 1], [0.5, 0.25]),
        lif("n", [2, 1], { tauSteps: 1 }),
        relay("alone", 3),
      ],
      [edge("constant", "n", oneToOne(2, 3))],
      { outputs: ["n", "constant"] },
    );
    for (const graph of ["sequence", "step"])
      assert.equal((await checked(net, { graph })).differingValues, 0, graph);
  });

  test("runs with every operator set that it offers", async () => {
    const net = randomFloatNetwork(createRng(5), "cuba-lif");
    for (const opset of onnxExporter.options.find(({ name }) => name === "opset")!.choices!)
      assert.equal((await checked(net, { opset, double: "on" })).differingValues, 0, opset);
  });

  test("says what a reader needs in the metadata, and gives equal bytes for equal networks", async () => {
    const timed: Network = { ...small(), timestepNs: 1e5 };
    const first = await onnxFilesOf(timed);
    const second = await onnxFilesOf(timed);
    assert.deepEqual(first.bytes, second.bytes);
    const model = await decoded(first.bytes);
    const props = Object.fromEntries(model.metadataProps!.map(({ key, value }) => [key, value]));
    assert.equal(props[METADATA.dtSeconds], "0.0001");
    assert.equal(props[METADATA.density], "0.75");
    assert.equal(props[METADATA.generator], "spinec 0.0.0");
    assert.deepEqual(layoutOf(model).outputs, [{ name: "out", population: 3, tensor: "out" }]);
  });

  test("a file that computes something else is found out", async () => {
    const { bytes } = await onnxFilesOf(small());
    const other = small();
    const changed: Network = {
      ...other,
      populations: other.populations.map((p) =>
        p.name === "n" ? { ...p, params: lif("n", 2, { tauSteps: 1.5 }).params } : p,
      ),
    };
    const check = await checkOnnx(bytes, changed, inputsOf(changed, 1), runtime);
    assert.ok(check.differingValues > 0);
    assert.ok(check.outputs[0].sum !== check.outputs[0].referenceSum);
  });
});

const wide = (density: number): Network =>
  network(
    [input("in", 64), lif("n", 32)],
    [
      edge("in", "n", randomSparse(createRng(3), 64, 32, density), {
        name: "fc",
        layer: { node: "fc", kind: "linear" },
      }),
    ],
  );

/** Nine of ten weights of a chip pruned. */
const wideIntegers = (): Network =>
  network(
    [input("in", 64), loihiCuba("n", 32, {}, { startStep: 1 })],
    [
      edge(
        "in",
        "n",
        randomSparse(createRng(3), 64, 32, 0.1, () => 2),
        {
          name: "fc",
          delaySteps: 1,
          quantization: { weightBits: 8, signMode: "mixed", weightExponent: 0 },
        },
      ),
    ],
  );

describe("onnx export of weights", () => {
  /** The network with the weights that a file holds as int8 and scales; the file must hold them dense. */
  function dequantized(net: Network, model: ModelProto): Network {
    const bytesOf = (name: string): ArrayBuffer =>
      Uint8Array.from(model.graph!.initializer!.find((tensor) => tensor.name === name)!.rawData!).buffer;
    const projections = layoutOf(model).projections.map(
      ({ weights, scales, kind, rows, cols, kernel }, q) => {
        const { connectivity } = net.projections[q];
        if (scales === undefined) return net.projections[q];
        const integers = new Int8Array(bytesOf(weights!));
        const factors = new Float32Array(bytesOf(scales));
        const perFactor = kind === "kernel" ? integers.length / kernel!.kernelShape[0] : 1;
        const real = Float64Array.from(integers, (integer, k) =>
          Math.fround(integer * factors[Math.floor(k / perFactor) % factors.length]),
        );
        if (connectivity.kind === "kernel")
          return { ...net.projections[q], connectivity: { ...connectivity, weights: real } };
        const own = expand(connectivity, { keepZeros: true });
        const values = own.values.slice();
        for (let r = 0; r < rows; r++)
          for (let i = own.rowStart[r]; i < own.rowStart[r + 1]; i++)
            values[i] = real[r * cols + own.colIndex[i]];
        return { ...net.projections[q], connectivity: { ...own, values } };
      },
    );
    return { ...net, projections };
  }

  test("stores few weights with their places, many without, and all without on request", async () => {
    const forms = async (net: Network, options: Record<string, string>): Promise<readonly number[]> => {
      const { graph } = await decoded((await onnxFilesOf(net, options)).bytes);
      const count = (name: string): number =>
        Number(graph!.initializer!.find((tensor) => tensor.name === name)?.dims![0] ?? 0);
      return [count("fc.weight"), count("fc.weight.indices")];
    };
    const few = wide(0.1).projections[0].connectivity;
    assert.ok(few.kind === "sparse");
    const count = few.values.filter((value) => value !== 0).length;
    assert.deepEqual(await forms(wide(0.1), {}), [count, count]);
    assert.deepEqual(await forms(wide(0.9), {}), [64, 0]);
    assert.deepEqual(await forms(wide(0.1), { dense: "on" }), [64, 0]);
    assert.deepEqual(await forms(wide(0), {}), [1, 1], "no weights at all");
    for (const graph of ["sequence", "step"]) {
      for (const options of [{}, { double: "on" }])
        assert.equal((await checked(wide(0.1), { graph, ...options })).differingValues, 0, graph);
      const integers = await checked(wideIntegers(), { graph, semantics: "loihi1-int" });
      assert.equal(integers.differingValues, 0, graph);
    }
  });

  test("int8 weights are at most half a scale off, and the graph computes with them", async () => {
    const net = wide(0.5);
    const { bytes, diagnostics } = await onnxFilesOf(net, { weights: "int8" });
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ["onnx-export/weights-rounded"],
    );
    const rounded = dequantized(net, await decoded(bytes));
    const [before, after] = [net, rounded].map(({ projections }) =>
      storedWeights(projections[0].connectivity),
    );
    const scale = Math.max(...before.map(Math.abs)) / 127;
    before.forEach((weight, k) => {
      assert.ok(Math.abs(weight - after[k]) <= 0.5001 * scale, `${weight} became ${after[k]}`);
    });
    assert.notDeepEqual(before, after);
    for (const options of [{}, { double: "on" }, { graph: "step" }]) {
      const written = await onnxFilesOf(net, { weights: "int8", ...options });
      const check = await checkOnnx(written.bytes, rounded, inputsOf(net, 4), runtime);
      assert.equal(check.differingValues, 0, JSON.stringify(options));
    }
  });

  test("int8 convolutions have a scale for each channel, also where they become matrix products", async () => {
    for (let seed = 0; seed < 4; seed++) {
      const net = randomFloatNetwork(createRng(seed), "lif");
      const layered: Network = {
        ...net,
        outputs: [{ name: "conv", population: 2 }],
        projections: net.projections.map((p) =>
          p.connectivity.kind === "kernel" ? { ...p, layer: { node: "conv", kind: "conv" } } : p,
        ),
      };
      for (const double of [{}, { double: "on" }]) {
        const { bytes } = await onnxFilesOf(layered, { weights: "int8", dense: "on", ...double });
        const rounded = dequantized(layered, await decoded(bytes));
        const check = await checkOnnx(bytes, rounded, inputsOf(layered, 2), runtime);
        assert.equal(check.differingValues, 0, JSON.stringify(check.outputs));
      }
    }
  });

  test("puts large tensors into a file of their own on request, under the name that it will have", async () => {
    const net = wide(0.9);
    const { files, bytes } = await onnxFilesOf(net, { external: "always" }, { baseName: "mine" });
    assert.deepEqual(
      files.map(({ suffix }) => suffix),
      [".onnx", ".weights.bin"],
    );
    assert.ok(bytes.length < files[1].bytes.length);
    const check = await checkOnnx(bytes, net, inputsOf(net, 5), runtime, {
      externalData: [{ path: "mine.weights.bin", data: files[1].bytes }],
    });
    assert.equal(check.differingValues, 0);
    await assert.rejects(checkOnnx(bytes, net, inputsOf(net, 5), runtime), /export\/onnx-not-runnable/);
  });
});

describe("onnx export of Loihi 1's integers", () => {
  for (const rules of ["lava", "nengo"] as const) {
    test(`is the integer reference bit for bit on random networks, rules of ${rules}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(), fc.constantFrom("sequence", "step"), async (seed, graph) => {
          const rng = createRng(seed);
          const plain = randomQuantized(rng, { maxDelaySteps: 3, recurrent: seed % 2 === 0 });
          const net: Network = {
            ...plain,
            populations: plain.populations.map((p) =>
              p.model === "input"
                ? p
                : {
                    ...p,
                    params: {
                      ...p.params,
                      refractorySteps: new Float64Array(p.size).fill(between(rng, 0, 4)),
                      biasExponent: new Float64Array(p.size).map(() => between(rng, -7, 5)),
                      vMin: new Float64Array(p.size).fill(-between(rng, 0, 5000)),
                      u0: new Float64Array(p.size).map(() => between(rng, -9000, 9000) * between(rng, 0, 1)),
                      v0: new Float64Array(p.size).fill(between(rng, -9000, 9000)),
                    },
                    ...(rng() < 0.3 && {
                      periodicReset: { intervalSteps: 4, offsetSteps: between(rng, 0, 3) },
                    }),
                  },
            ),
            projections: plain.projections.map((p) => ({
              ...p,
              quantization: { ...p.quantization!, weightExponent: between(rng, -3, 3) },
            })),
          };
          const check = await checked(net, { semantics: "loihi1-int", graph }, seed, rules);
          assert.equal(check.differingValues, 0, JSON.stringify(check.outputs));
        }),
        { numRuns: 16, seed: 7 },
      );
    });

    test(`wraps and clips at the edges of the registers as the reference does, rules of ${rules}`, async () => {
      const extremes = [
        [255, -256, 254],
        [-256, 255, 255],
        [255, 255, -2],
      ];
      const net = network(
        [
          input("in", 3),
          loihiCuba(
            "n",
            3,
            {
              uDecay: [0, 4095, 7],
              vDecay: [0, 0, 4000],
              thresholdMantissa: 131_071 - 1,
              u0: [8_388_608, -8_388_607, 0],
            },
            { startStep: 1 },
          ),
        ],
        [
          edge("in", "n", matrix(extremes), {
            delaySteps: 1,
            quantization: { weightBits: 8, signMode: "mixed", weightExponent: 7 },
          }),
        ],
      );
      const data = inputsOf(net, 9, 40, 3);
      const events = data["in"].samples.map((s) => ({ ...s, value: Float64Array.from(s.step, () => 4) }));
      const { bytes } = await onnxFilesOf(net, { semantics: "loihi1-int" }, { rules });
      const check = await checkOnnx(bytes, net, { in: { ...data["in"], samples: events } }, runtime);
      assert.ok(check.outputs[0].sum > 0);
      assert.equal(check.differingValues, 0, JSON.stringify(check.outputs));
    });
  }

  test("gives the membrane of populations that never fire", async () => {
    const net = network(
      [input("in", 3), loihiCuba("read", 2, { thresholdMantissa: 131_071 }, { startStep: 1 })],
      [
        edge(
          "in",
          "read",
          matrix([
            [2, -4],
            [6, 8],
            [-2, 0],
          ]),
          { delaySteps: 1 },
        ),
      ],
    );
    const { bytes, diagnostics } = await onnxFilesOf(net, { semantics: "loihi1-int" });
    assert.equal(layoutOf(await decoded(bytes)).outputs[0].readout, "membrane");
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ["onnx-export/hardware-steps"],
    );
    const check = await checkOnnx(bytes, net, inputsOf(net, 2), runtime);
    assert.ok(check.outputs[0].sum !== 0);
    assert.equal(check.differingValues, 0);
  });
});

describe("onnx export refuses", () => {
  test("loops without a delay, models without a form and networks without input, all at once", async () => {
    const net = network(
      [relay("a", 1), relay("b", 1), loihiCuba("chip", 1)],
      [edge("a", "b", oneToOne(1)), edge("b", "a", oneToOne(1))],
    );
    assert.deepEqual(await faultsOf(net), [
      "onnx-export/no-input",
      "onnx-export/model-without-form",
      "onnx-export/instant-loop",
    ]);
  });

  test("real weights and models in an integer graph", async () => {
    const net = network([input("in", 1), lif("n", 1)], [edge("in", "n", matrix([[0.5]]))]);
    assert.deepEqual(await faultsOf(net, { semantics: "loihi1-int" }), [
      "onnx-export/model-without-form",
      "onnx-export/weight-not-whole",
    ]);
  });

  test("numbers that float32 cannot hold, and writes them as float64", async () => {
    const net = network([input("in", 1), lif("n", 1)], [edge("in", "n", matrix([[1e39]]))]);
    assert.deepEqual(await faultsOf(net), ["onnx-export/number-too-large"]);
    assert.equal((await checked(net, { double: "on" })).differingValues, 0);
  });

  test("start steps in a graph of real numbers, and inputs that set biases", async () => {
    const late = network([input("in", 1), lif("n", 1, {}, { startStep: 2 })], [edge("in", "n", oneToOne(1))]);
    assert.deepEqual(await faultsOf(late), ["onnx-export/start-step"]);
    const net = network([loihiCuba("n", 1)], []);
    const driven = { ...net, inputs: [{ name: "n", population: 0, drives: "bias" as const }] };
    assert.deepEqual(await faultsOf(driven, { semantics: "loihi1-int" }), ["onnx-export/input-drives-bias"]);
  });
});

test.skipIf(!hasOnnxChecker)(
  `onnx.checker with full inference accepts every kind of graph${checkerMissing}`,
  async () => {
    const models: Uint8Array[] = [];
    const write = async (net: Network, options: Record<string, string>): Promise<void> => {
      models.push((await onnxFilesOf(net, options)).bytes);
    };
    for (const graph of ["sequence", "step"]) {
      for (const [m, model] of FLOAT_MODELS.entries())
        for (const double of [{}, { double: "on" }])
          await write(randomFloatNetwork(createRng(m), model), { graph, ...double });
      for (const weights of ["float", "int8"]) {
        await write(wide(0.1), { graph, weights });
        await write(wide(0.9), { graph, weights });
      }
      await write(wide(0.1), { graph, dense: "on" });
      await write(wide(0), { graph });
      const integers = randomQuantized(createRng(1), { maxDelaySteps: 3, recurrent: true });
      await write(integers, { graph, semantics: "loihi1-int" });
      await write(wideIntegers(), { graph, semantics: "loihi1-int" });
    }
    assert.deepEqual(
      onnxCheckerVerdicts(models),
      models.map(() => "fine"),
    );
  },
);

describe("onnx check", () => {
  test("refuses files of others, and bytes that are no model", async () => {
    const net = small();
    for (const bytes of [new Uint8Array(0), new TextEncoder().encode("a model, allegedly")])
      await assert.rejects(checkOnnx(bytes, net, inputsOf(net, 1), runtime), /export\/onnx-not-ours/);
  });

  test("runs many samples in batches with one result", async () => {
    const net = small();
    const { bytes } = await onnxFilesOf(net);
    const data = inputsOf(net, 1, 30, 50);
    const check = await checkOnnx(bytes, net, data, runtime, { samples: 40, steps: 25 });
    assert.deepEqual([check.samples, check.steps, check.outputs[0].values], [40, 25, 40 * 25 * 2]);
    assert.equal(check.differingValues, 0);
  });
});
