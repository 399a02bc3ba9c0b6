import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import { netxImporter } from "#formats/netx/importer";
import { storeWeights } from "#formats/netx/weights";
import { expand } from "#ir/connectivity";
import type { Network } from "#ir/network";
import { validateNetwork } from "#ir/validate";
import { NEURON_MODELS } from "#neurons/index";
import { simulateIntegerReference } from "#simulator/reference";
import { simulate } from "#simulator/simulate";
import { mapModel } from "#spinec";
import { loihi1 } from "#targets/loihi1/index";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";
import { conv, cuba, dense, input, netxFile, read, type LayerFields } from "./netx-files.ts";

const two = [
  [2, -4],
  [6, 0],
  [0, 8],
] as const;

/** Weight of each synapse as the file has it, post by post. */
function mantissas(network: Network, projection: string): number[][] {
  const { connectivity, weightScale } = network.projections.find(({ name }) => name === projection)!;
  const rows = Array.from({ length: connectivity.cols }, () => new Array<number>(connectivity.rows).fill(0));
  const { rowStart, colIndex, values } = expand(connectivity);
  for (let r = 0; r < connectivity.rows; r++)
    for (let i = rowStart[r]; i < rowStart[r + 1]; i++) rows[colIndex[i]][r] = values[i] * weightScale;
  return rows;
}

describe("netx: layers", () => {
  test("become populations of the chip's neurons, one step apart", async () => {
    const bias = [1, -2, 3];
    const { network, diagnostics } = await read([dense(two, { bias }), dense([[2, 2, -2]])], { name: "n" });
    assert.deepEqual(diagnostics, []);
    assert.ok(network);
    assert.deepEqual(
      network.populations.map(({ name, model, shape }) => [name, model, shape]),
      [
        ["input", "input", [2]],
        ["dense0", "loihi-cuba", [3]],
        ["dense1", "loihi-cuba", [1]],
      ],
    );
    assert.deepEqual(network.populations[1].params, {
      uDecay: Float64Array.of(4095),
      vDecay: Float64Array.of(1024),
      thresholdMantissa: Float64Array.of(10),
      biasMantissa: Float64Array.from(bias),
      biasExponent: Float64Array.of(6),
    });
    assert.deepEqual(
      network.projections.map(({ name, pre, post, delaySteps }) => [name, pre, post, delaySteps]),
      [
        ["dense0", 0, 1, 1],
        ["dense1", 1, 2, 1],
      ],
    );
    assert.deepEqual(mantissas(network, "dense0"), two);
    assert.deepEqual(network.inputs, [{ name: "input", population: 0 }]);
    assert.deepEqual(network.outputs, [{ name: "output", population: 2 }]);
  });

  test("with neurons at the input are driven by biases, which reset and hold as Lava's do", async () => {
    const { network, codes } = await read(
      [input([2], { neuron: cuba, weight: 36, bias: 34 }), dense([[2, 2]])],
      { resetIntervalSteps: 4 },
    );
    assert.deepEqual(codes, ["netx/bias-encoder"]);
    assert.deepEqual(network!.inputs, [{ name: "input", population: 0, drives: "bias" }]);
    assert.deepEqual(
      network!.populations.map(({ periodicReset }) => periodicReset),
      [0, 1].map((offsetSteps) => ({ intervalSteps: 4, offsetSteps })),
    );
    const events = { step: Uint32Array.of(0), index: Uint32Array.of(1), value: Float64Array.of(4) };
    const { registers } = simulateIntegerReference(
      network!,
      { input: { steps: 1, shape: [2], samples: [events] } },
      { rules: "lava", steps: 6, recordRegisters: ["input0"] },
    );
    // v keeps 3/4 and gains 4 x 64 in each step; above 640 it fires and is 0; in step 4 it starts from 0.
    const v = Array.from({ length: 6 }, (_, t) => registers["input0"][0].v[2 * t + 1]);
    assert.deepEqual(v, [256, 448, 592, 0, 256, 448]);
  });

  test("with recurrent weights feed back after a step; both matrices share sign and exponent", async () => {
    const weight_rec = {
      data: [0, -120, 100, 0],
      shape: [2, 2],
    };
    const { network } = await read([dense([[2], [4]], { type: "dense_rec", weight_rec })]);
    const [forward, back] = network!.projections;
    assert.deepEqual([back.pre, back.post, back.delaySteps], [1, 1, 1]);
    assert.deepEqual(mantissas(network!, "dense_rec0/recurrent"), [
      [0, -120],
      [100, 0],
    ]);
    assert.deepEqual(forward.quantization, back.quantization);
    assert.equal(forward.quantization?.signMode, "mixed");
  });

  test("of the older type recurrent are read, with a note", async () => {
    const recWeight = { data: [2], shape: [1, 1] };
    const { network, codes } = await read([dense([[2]], { type: "recurrent", recWeight })]);
    assert.deepEqual(codes, ["netx/recurrent-type"]);
    assert.equal(network!.projections.length, 2);
  });

  test("with delays become one projection for each delay, a step longer than stored", async () => {
    const { network } = await read([dense(two, { delay: [0, 62, 0] })]);
    assert.deepEqual(
      network!.projections.map(({ name, delaySteps }) => [name, delaySteps]),
      [
        ["dense0/delay0", 1],
        ["dense0/delay62", 63],
      ],
    );
    assert.deepEqual(mantissas(network!, "dense0/delay62"), [
      [0, 0],
      [6, 0],
      [0, 0],
    ]);
  });

  test("that slide keep their kernel, with biases and decays by channel", async () => {
    const layers = [
      input([1, 4, 5]),
      conv([2, 1, 3, 2], {
        stride: [1, 2],
        padding: [1, 0],
        bias: [5, 7],
        shape: [2, 4, 2],
        neuron: { ...cuba, vDecay: [1, 2] },
      }),
    ];
    const { network, diagnostics } = await read(layers);
    assert.deepEqual(diagnostics, []);
    const { shape, params } = network!.populations[1];
    assert.deepEqual(shape, [2, 4, 2]);
    assert.deepEqual([params["biasMantissa"][7], params["biasMantissa"][8]], [5, 7]);
    assert.deepEqual([params["vDecay"][0], params["vDecay"][15]], [1, 2]);
    const { connectivity, weightScale } = network!.projections[0];
    assert.ok(connectivity.kind === "kernel");
    assert.deepEqual(connectivity.padding, [1, 1, 0, 0]);
    assert.deepEqual(
      Array.from(connectivity.weights, (w) => w * weightScale),
      Array.from({ length: 12 }, (_, i) => 2 * (i + 1)),
    );
  });

  test("that slide may have a delay for each channel", async () => {
    const { network } = await read([input([1, 2, 2]), conv([2, 1, 1, 1], { delay: [3, 0] })]);
    assert.deepEqual(
      network!.projections.map(({ name, delaySteps }) => [name, delaySteps]),
      [
        ["conv1/delay0", 1],
        ["conv1/delay3", 4],
      ],
    );
    const weights = mantissas(network!, "conv1/delay3").map((row) => Math.max(...row));
    assert.deepEqual(weights, [2, 2, 2, 2, 0, 0, 0, 0]);
  });

  test("store a fifth kernel axis of length 1 as well", async () => {
    const weight = { data: [2, 4], shape: [1, 1, 1, 2, 1] };
    const { network } = await read([input([1, 1, 3]), conv([1, 1, 1, 2], { weight })]);
    assert.deepEqual(network!.populations[1].shape, [1, 1, 2]);
  });

  test("that pool take each channel by itself", async () => {
    const pool = { type: "pool", kernelSize: [2, 2], stride: [2, 2], weight: [20], neuron: cuba };
    const { network, codes } = await read([input([3, 4, 4]), pool]);
    assert.deepEqual(codes, ["netx/pool-weights"]);
    const { connectivity } = network!.projections[0];
    assert.ok(connectivity.kind === "kernel");
    assert.equal(connectivity.groups, 3);
    assert.equal(expand(connectivity).values.length, 48);
  });

  test("that flatten only change the shape; averages at the end are the host's", async () => {
    const layers = [
      input([2, 1, 1]),
      { type: "flatten", shape: [2, 1, 1] },
      dense([
        [2, 2],
        [2, 4],
        [2, 2],
        [4, 2],
      ]),
      { type: "average", shape: [2, 1, 1] },
    ];
    const { network, diagnostics } = await read(layers);
    assert.deepEqual(diagnostics.map(formatDiagnostic), [
      [
        'note[netx/average-left-out]: "average" makes 2 values of 4 neurons outside the chip; the output is these neurons.',
        "  at /layer/3",
        "  try: sum up 2 neurons for each value, as the training code did.",
      ].join("\n"),
    ]);
    assert.deepEqual(network!.outputs, [{ name: "output", population: 1 }]);
  });

  test("without a neuron add up their input for ever and are read by their membrane", async () => {
    const { network, codes } = await read([dense([[2]], { neuron: undefined, bias: [1] })]);
    assert.deepEqual(codes, ["netx/neuron-default"]);
    const spikes = { step: Uint32Array.of(0, 1, 3), index: new Uint32Array(3) };
    const { registers } = simulateIntegerReference(
      network!,
      { input: { steps: 5, shape: [1], samples: [spikes] } },
      { rules: "lava", recordRegisters: ["dense0"] },
    );
    assert.deepEqual([...registers["dense0"][0].v], [64, 256, 448, 512, 704]);
  });
});

/** Runs both on the same random spikes: all of the last population must agree. */
function assertSameOutputs(a: Network, b: Network, seed: number): void {
  const { shape, size } = a.populations[a.inputs[0].population];
  let state = seed + 1;
  const steps = 12;
  const hits = Array.from({ length: steps * size }, (_, i) => i).filter(
    () => (state = (state * 48271) % 2147483647) % 3 === 0,
  );
  const step = Uint32Array.from(hits, (i) => Math.floor(i / size));
  const index = Uint32Array.from(hits, (i) => i % size);
  const inputs = { input: { steps, shape, samples: [{ step, index }] } };
  const [own, twin] = [a, b].map((network) => {
    const { name } = network.populations[network.outputs[0].population];
    const options = { rules: "lava", record: "outputs", recordRegisters: [name] } as const;
    const { recorded, registers } = simulateIntegerReference(network, inputs, options);
    return [recorded[name].samples, registers[name]];
  });
  assert.deepEqual(own, twin);
}

const even = (count: number): fc.Arbitrary<number[]> =>
  fc.array(
    fc.integer({ min: -60, max: 60 }).map((half) => 2 * half),
    { minLength: count, maxLength: count },
  );

describe("netx: concat", () => {
  test("of dense layers computes what one layer of all their neurons computes, with delays and loops", async () => {
    const arbitrary = fc
      .record({
        inputs: fc.integer({ min: 1, max: 4 }),
        a: fc.integer({ min: 1, max: 4 }),
        b: fc.integer({ min: 1, max: 4 }),
      })
      .chain((sizes) =>
        fc.record({
          sizes: fc.constant(sizes),
          first: even(sizes.inputs * (sizes.a + sizes.b)),
          second: even(2 * (sizes.a + sizes.b)),
          loop: fc.option(even(4), { nil: undefined }),
          delay: fc.constantFrom(undefined, [0, 3], [2, 2]),
          seed: fc.nat(1e6),
        }),
      );
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ sizes: { inputs, a, b }, first, second, loop, delay, seed }) => {
        const rows = Array.from({ length: a + b }, (_, r) => first.slice(r * inputs, (r + 1) * inputs));
        const readers = [second.slice(0, a + b), second.slice(a + b)];
        const last = dense(readers, {
          ...(loop === undefined
            ? { delay }
            : { type: "dense_rec", weight_rec: { data: loop, shape: [2, 2] } }),
        });
        const { network, diagnostics } = await read([
          input([inputs]),
          dense(rows.slice(0, a)),
          { type: "concat", shape: [inputs], layers: 0 },
          dense(rows.slice(a)),
          { type: "concat", shape: [a + b, 1, 1], layers: [1, 3] },
          last,
        ]);
        assert.deepEqual(diagnostics, []);
        const twin = await read([input([inputs]), dense(rows), last]);
        assertSameOutputs(network!, twin.network!, seed);
      }),
      { numRuns: 60 },
    );
  });

  test("of convolutions puts their channels one behind the other, also for kernels in groups", async () => {
    const arbitrary = fc
      .record({ groups: fc.constantFrom(1, 2, 4), a: fc.constantFrom(1, 2, 3), isFlat: fc.boolean() })
      .chain((sizes) =>
        fc.record({
          sizes: fc.constant(sizes),
          first: even(4 * 4),
          second: even(4 * (4 / sizes.groups) * 2),
          delay: fc.constantFrom(undefined, [0, 1, 0, 2]),
          seed: fc.nat(1e6),
        }),
      );
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ sizes: { groups, a, isFlat }, first, second, delay, seed }) => {
        const part = (from: number, to: number): LayerFields =>
          conv([to - from, 1, 2, 2], {
            weight: { data: first.slice(4 * from, 4 * to), shape: [to - from, 1, 2, 2] },
          });
        const reader = isFlat
          ? dense([Array.from({ length: 4 * 6 }, (_, i) => second[i % second.length])])
          : conv([4, 4 / groups, 1, 2], {
              inChannels: 4,
              groups,
              delay,
              weight: { data: second, shape: [4, 4 / groups, 1, 2] },
            });
        const { network, diagnostics } = await read([
          input([1, 3, 4]),
          part(0, a),
          { type: "concat", shape: [1, 3, 4], layers: [0] },
          part(a, 4),
          { type: "concat", shape: isFlat ? [4 * 6] : [4, 2, 3], layers: [1, 3] },
          reader,
        ]);
        assert.deepEqual(diagnostics, []);
        const flatten: LayerFields[] = isFlat ? [{ type: "flatten", shape: [4 * 6] }] : [];
        const twin = await read([input([1, 3, 4]), part(0, 4), ...flatten, reader]);
        assertSameOutputs(network!, twin.network!, seed);
      }),
      { numRuns: 60 },
    );
  });

  test("keeps the form of the weights, and names the parts of a layer", async () => {
    const { network } = await read([
      input([1, 1, 2]),
      conv([2, 1, 1, 1]),
      { type: "concat", shape: [3, 1, 2], layers: [0, 1] },
      conv([1, 3, 1, 2]),
    ]);
    assert.deepEqual(
      network!.projections.map(({ name, pre, connectivity }) => [name, pre, connectivity.kind]),
      [
        ["conv1", 0, "kernel"],
        ["conv3/part0", 0, "kernel"],
        ["conv3/part1", 1, "kernel"],
      ],
    );
    assert.deepEqual(mantissas(network!, "conv3/part0"), [[2, 4]]);
    assert.deepEqual(mantissas(network!, "conv3/part1"), [[6, 8, 10, 12]]);
  });

  test("may be the end, with one output for each layer, and says what nothing reads", async () => {
    const branch = { type: "concat", shape: [3], layers: [0] };
    const { network, codes } = await read([
      dense(two),
      dense([[2, 2, 2]]),
      branch,
      dense([[4, 4, 4]]),
      branch,
      dense([[6, 6, 6]]),
      { type: "concat", shape: [2], layers: [1, 5] },
    ]);
    assert.deepEqual(codes, ["netx/layer-unread"]);
    assert.deepEqual(network!.outputs, [
      { name: "output/dense1", population: 2 },
      { name: "output/dense5", population: 4 },
    ]);
  });

  test("runs on the chip as its reference does", async () => {
    const { network } = await read([
      input([2]),
      dense(two),
      { type: "concat", shape: [5], layers: [0, 1] },
      dense([
        [20, 4, 2, 8, -6],
        [-2, 60, 20, 2, 2],
      ]),
    ]);
    const steps = Array.from({ length: 20 }, (_, t) => t).filter((t) => t % 3 !== 1);
    const events = { step: Uint32Array.from(steps), index: Uint32Array.from(steps, (t) => t % 2) };
    const inputs = { input: { steps: 20, shape: [2], samples: [events] } };
    const sink = new DiagnosticSink();
    const { compiled } = mapModel(network!, loihi1, {}, sink);
    assert.deepEqual(sink.diagnostics, []);
    const chip = simulate(compiled.deployment, loihi1, loihi1.profiles[0], inputs, { steps: 20 });
    const { recorded } = simulateIntegerReference(network!, inputs, { rules: "lava", record: "outputs" });
    assert.ok(recorded["dense3"].samples[0].index.length > 5);
    assert.deepEqual(chip.spikes["dense3"].samples[0].index, recorded["dense3"].samples[0].index);
    assert.deepEqual(chip.spikes["dense3"].samples[0].step, recorded["dense3"].samples[0].step);
  });
});

describe("netx: stored weights", () => {
  test("are what the file says, on the grid of their bits, unless they leave the range or are odd", () => {
    const weight = fc.oneof(fc.integer({ min: -300, max: 300 }), fc.integer({ min: -8, max: 8 }));
    fc.assert(
      fc.property(fc.array(weight, { minLength: 1, maxLength: 20 }), (weights) => {
        const { matrices, quantization, weightScale, range, clipped, rounded } = storeWeights([weights]);
        const { weightBits, signMode, weightExponent } = quantization;
        assert.equal(weightScale, 2 ** weightExponent);
        const step = 2 ** (8 - weightBits + (signMode === "mixed" ? 1 : 0));
        let outside = 0;
        let odd = 0;
        weights.forEach((exact, i) => {
          const stored = matrices[0][i];
          assert.ok(
            stored >= range.min && stored <= range.max && stored % step === 0,
            `${exact} is ${stored}`,
          );
          const inRange = Math.min(Math.max(exact, range.min), range.max);
          if (inRange !== exact) outside++;
          if (stored * weightScale === inRange) return;
          odd++;
          assert.ok(signMode === "mixed" && stored === inRange - 1);
        });
        assert.deepEqual([clipped, rounded], [outside, odd]);
      }),
    );
  });

  test("take the fewest bits, and one sign saves one", () => {
    const bits = (weights: number[]): (string | number)[] => {
      const { weightBits, signMode, weightExponent } = storeWeights([weights]).quantization;
      return [weightBits, signMode, weightExponent];
    };
    assert.deepEqual(bits([6, 6]), [2, "excitatory", -5]);
    assert.deepEqual(bits([-6, -2]), [2, "inhibitory", -5]);
    assert.deepEqual(bits([-6, 2]), [3, "mixed", -5]);
    assert.deepEqual(bits([254, -256]), [8, "mixed", 0]);
    assert.deepEqual(bits([0]), [1, "excitatory", -7]);
  });

  test("that lost something are reported", async () => {
    const { codes, diagnostics } = await read([dense([[300, -201, 7]])]);
    assert.deepEqual(codes, ["netx/weights-clipped", "netx/lowest-bit-lost"]);
    assert.deepEqual(diagnostics[1].data, { weights: 2 });
  });
});

describe("netx: what cannot be read", () => {
  const faults: Readonly<Record<string, { layers: readonly LayerFields[]; codes: readonly string[] }>> = {
    "sigma-delta neurons, in every layer": {
      layers: [
        input([2], { neuron: { type: "SDNN", vThMant: 1 } }),
        dense(two, { neuron: { type: "SDNN", activation: "relu", vThMant: 1 } }),
      ],
      codes: ["netx/neuron-unsupported", "netx/neuron-unsupported"],
    },
    "other neurons": {
      layers: [dense(two, { neuron: { ...cuba, type: "RFPHASE" } })],
      codes: ["netx/neuron-unsupported"],
    },
    "graded spikes": {
      layers: [dense(two, { neuron: { ...cuba, gradedSpike: 1 } })],
      codes: ["netx/neuron-unsupported"],
    },
    "layers of a name that objects have by birth": {
      layers: [input([2]), { type: "constructor" }],
      codes: ["netx/layer-unsupported"],
    },
    "all layers that no chip of this kind has, at once": {
      layers: [
        input([2, 1, 1]),
        { type: "convT", neuron: cuba },
        { type: "unpool" },
        dense(two, { neuron: { ...cuba, type: "ALIF" } }),
        { type: "dense_comp" },
        dense(two, { neuron: { ...cuba, type: "RF" } }),
        dense(two, { neuron: { type: "SDNN" } }),
      ],
      codes: [
        "netx/layer-unsupported",
        "netx/layer-unsupported",
        "netx/neuron-unsupported",
        "netx/layer-unsupported",
        "netx/neuron-unsupported",
        "netx/neuron-unsupported",
      ],
    },
    "a concat that does not say of what": {
      layers: [dense(two), { type: "concat", shape: [3] }, { type: "concat", shape: [3], layers: [2] }],
      codes: ["netx/field-missing", "netx/concat-layers"],
    },
    "a concat of layers that do not exist, come later or are none": {
      layers: [
        { type: "concat", shape: [3], layers: 0 },
        { type: "concat", shape: [3], layers: [0, -1] },
        { type: "concat", shape: [3], layers: 0.5 },
      ],
      codes: ["netx/concat-layers", "netx/concat-layers", "netx/concat-layers"],
    },
    "a concat of another size": {
      layers: [dense(two), { type: "concat", shape: [7], layers: [0, 0] }],
      codes: ["netx/shape-mismatch"],
    },
    "a concat of images that differ in height": {
      layers: [
        input([1, 3, 2]),
        conv([1, 1, 2, 1]),
        { type: "concat", shape: [2, 3, 2], layers: [0, 1] },
        { type: "concat", shape: [5, 2, 1], layers: [0, 1] },
      ],
      codes: ["netx/shape-mismatch", "netx/shape-mismatch"],
    },
    "delays where there are no weights": {
      layers: [input([2], { delay: [1, 0] }), dense(two)],
      codes: ["netx/delay-unsupported"],
    },
    "empty layers": { layers: [{}, {}], codes: ["netx/layer-empty", "netx/layer-empty"] },
    "an average inside": {
      layers: [dense(two), { type: "average", shape: [3] }, dense([[2, 2, 2]])],
      codes: ["netx/layer-unsupported"],
    },
    "a chain without neurons": {
      layers: [input([2]), { type: "flatten", shape: [2] }],
      codes: ["netx/no-neurons"],
    },
    "an input inside": { layers: [dense(two), input([3])], codes: ["netx/input-inside"] },
    "a convolution of nothing": { layers: [conv([1, 1, 1, 1])], codes: ["netx/input-shape-missing"] },
    "sizes that do not join": { layers: [dense(two), dense([[2, 2]])], codes: ["netx/shape-mismatch"] },
    "a shape other than the sizes'": { layers: [dense(two, { shape: [4] })], codes: ["netx/shape-mismatch"] },
    "a window that does not fit": {
      layers: [input([1, 2, 2]), conv([1, 1, 3, 3])],
      codes: ["netx/shape-mismatch"],
    },
    "fractions in the weights": { layers: [dense([[0.5]])], codes: ["netx/weight-not-whole"] },
    "decays that are no register": {
      layers: [dense([[2]], { neuron: { ...cuba, iDecay: 0, vDecay: 4096 } })],
      codes: ["netx/value-out-of-range", "netx/value-out-of-range"],
    },
    "delays in a loop": {
      layers: [dense([[2]], { type: "dense_rec", weight_rec: { data: [2], shape: [1, 1] }, delay: 3 })],
      codes: ["netx/delayed-loop"],
    },
    "missing fields, all of them": {
      layers: [{ type: "dense", neuron: { type: "CUBA", vDecay: 1 } }],
      codes: ["netx/field-missing", "netx/field-missing", "netx/field-missing"],
    },
    "text for numbers": { layers: [dense([[2]], { weight: "heavy" })], codes: ["netx/field-shape"] },
  };
  for (const [name, { layers, codes }] of Object.entries(faults))
    test(`is refused by name: ${name}`, async () => {
      const result = await read(layers);
      assert.deepEqual(result.codes, codes);
      assert.equal(result.network, undefined);
      for (const diagnostic of result.diagnostics)
        assert.match(formatDiagnostic(diagnostic), /^error\[.*[^.]\.\n {2}at .*\n {2}try: .*\.$/s);
    });

  test("is told apart from what Lava ignores too", async () => {
    const neuron = { ...cuba, refDelay: 3, wgtExp: 2 };
    const { network, codes } = await read([dense(two, { neuron, colour: 3 })], { reset: "subtract" });
    assert.ok(network);
    assert.deepEqual(codes, [
      "netx/field-unknown",
      "netx/option-ignored",
      "netx/refractory-ignored",
      "netx/weight-exponent-ignored",
    ]);
  });

  test("ends in diagnostics or in a sound network, whatever stands in the fields", async () => {
    const four = Array.from({ length: 4 }, () => [2, 0, -4, 6]);
    const number = fc.constantFrom(0, 1, 2, 3, -1, 0.5, 64, 4096, 1e9, NaN, Infinity);
    const field = fc.oneof(
      { weight: 4, arbitrary: number },
      { weight: 4, arbitrary: fc.array(number, { minLength: 1, maxLength: 4 }) },
      { weight: 1, arbitrary: fc.constantFrom("dense", "conv", "flatten", "CUBA", "") },
    );
    const base = fc.constantFrom<LayerFields>(
      input([1, 2, 2]),
      input([1, 2, 2], { neuron: cuba }),
      dense(four),
      dense(four, { type: "dense_rec", weight_rec: { data: four.flat(), shape: [4, 4] } }),
      conv([1, 1, 1, 1]),
      { type: "pool", kernelSize: [2, 2], weight: [2], neuron: cuba },
      { type: "flatten", shape: [4] },
      { type: "average", shape: [1] },
      { type: "concat", shape: [8], layers: [0, 1] },
    );
    const names = [
      "layers",
      "shape",
      "weight",
      "bias",
      "delay",
      "stride",
      "padding",
      "groups",
      "inFeatures",
      "kernelSize",
    ];
    const layer = fc
      .tuple(base, fc.dictionary(fc.constantFrom(...names), field, { maxKeys: 2 }), fc.nat(2))
      .map(([fields, changed, luck]): LayerFields => (luck === 0 ? { ...fields, ...changed } : fields));
    let sound = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 4 }), async (layers) => {
        const { network, diagnostics } = await read(layers);
        assert.equal(
          network === undefined,
          diagnostics.some(({ severity }) => severity === "error"),
        );
        for (const { message } of diagnostics) assert.doesNotMatch(message, /undefined|\[object/);
        if (network === undefined) return;
        sound++;
        const sink = new DiagnosticSink();
        validateNetwork(network, sink, { models: NEURON_MODELS });
        assert.deepEqual(sink.diagnostics, []);
      }),
      { numRuns: 250 },
    );
    assert.ok(sound > 8, `only ${sound} files were networks`);
  });

  test("never throws for damaged bytes of a file", async () => {
    const whole = await netxFile([input([1, 2, 2]), conv([1, 1, 2, 2]), dense([[2], [4]])]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (changes) => {
          const bytes = Uint8Array.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          const sink = new DiagnosticSink();
          netxImporter.recognizes(bytes);
          const network = await netxImporter.read(bytes, {}, sink);
          assert.equal(network === undefined, sink.hasErrors);
        },
      ),
      { numRuns: 400 },
    );
  });
});
