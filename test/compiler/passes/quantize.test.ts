import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import { alignDelays } from "#compiler/passes/align-delays";
import { type QuantizationReport, quantize, type QuantizeOptions } from "#compiler/passes/quantize";
import { expand, storedWeights } from "#ir/connectivity";
import type { Network, Population, Projection } from "#ir/network";
import { validateNetwork } from "#ir/validate";
import { NEURON_MODELS } from "#neurons/index";
import { inModelSteps, simulateIntegerReference, simulateReference } from "#simulator/reference";
import { loihi1 } from "#targets/loihi1/index";
import {
  between,
  cubaLif,
  dense,
  edge,
  input,
  kernel,
  lif,
  matrix,
  network,
  oneToOne,
  population,
  randomSparse,
  randomSpikes,
  relay,
  twoLayers,
} from "#test/networks";
import { DiagnosticSink, formatDiagnostic, ToolchainError } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";

interface Done {
  readonly network: Network;
  readonly report: QuantizationReport;
  readonly codes: string[];
}

function run(before: Network, options: QuantizeOptions = {}): Done {
  const sink = new DiagnosticSink();
  const done = quantize(before, loihi1, options, sink);
  const faults = new DiagnosticSink();
  validateNetwork(done.network, faults, { models: NEURON_MODELS });
  assert.deepEqual(faults.diagnostics, []);
  return { ...done, codes: sink.diagnostics.map(({ code }) => code) };
}

function errorsOf(before: Network, options: QuantizeOptions = {}): string[] {
  try {
    quantize(before, loihi1, options, new DiagnosticSink());
  } catch (error) {
    assert.ok(error instanceof ToolchainError);
    return error.diagnostics.map(formatDiagnostic);
  }
  return [];
}

const intAndFire = (name: string, size: number, rest: Partial<Population> = {}): Population =>
  population(name, "if", size, { r: 1, vThreshold: 1, vReset: 0 }, rest);
const weightsOf = ({ connectivity }: Projection): number[] => [...storedWeights(connectivity)];
const param = (n: Network, name: string, key: string): number[] => [
  ...n.populations.find((p) => p.name === name)!.params[key],
];

describe("the numbers of a small network", () => {
  const {
    network: chip,
    report,
    codes,
  } = run(
    network(
      [input("in", 2), intAndFire("out", 2)],
      [edge("in", "out", matrix([[0.5, -0.25], [0.75, null]]))], // prettier-ignore
    ),
  );

  test("are exact where the weights have a common unit", () => {
    // Unit 0.25, the largest is 3 units. 100 steps of inhibition reach 25 thresholds below: 2^17 / 25 limits the scale.
    const { weightExponent, signMode } = chip.projections[0].quantization!;
    assert.equal(signMode, "mixed");
    assert.deepEqual(weightsOf(chip.projections[0]), [160, -80, 240]);
    assert.equal(weightExponent, 4);
    assert.deepEqual(param(chip, "out", "thresholdMantissa"), [320 * 16, 320 * 16]);
    assert.equal(report.projections[0].snrDb, Infinity);
    assert.equal(report.projections[0].zerosCreated, 0);
    assert.deepEqual(codes, []);
  });

  test("carry their scales", () => {
    assert.equal(chip.projections[0].weightScale * 160, 0.5);
    assert.equal(report.projections[0].weightUnit, "model");
    assert.deepEqual([...chip.populations[1].membraneQuantum!], [1 / (64 * 320 * 16)]);
    assert.deepEqual(param(chip, "out", "uDecay"), [4095, 4095]);
    assert.deepEqual(param(chip, "out", "vDecay"), [0, 0]);
  });
});

test("returns the very same network when it is quantized already", () => {
  const { network: chip } = run(twoLayers(matrix([[0.5, 0.3]])));
  const again = run(chip);
  assert.equal(again.network, chip);
  assert.deepEqual(again.report, { populations: [], projections: [] });
});

test("measures each neuron in its own threshold, so that a population needs one", () => {
  const { network: chip, report } = run(
    network([input("in", 1), lif("out", 2, { vThreshold: [1, 4] })], [edge("in", "out", matrix([[1, 4]]))]),
  );
  const [a, b] = param(chip, "out", "thresholdMantissa");
  assert.equal(a, b);
  const [x, y] = weightsOf(chip.projections[0]);
  assert.equal(x, y);
  assert.equal(report.projections[0].weightUnit, "threshold");
  assert.ok(Math.abs(chip.projections[0].weightScale * x - 0.25) < 1e-12);
  assert.equal(chip.populations[1].membraneQuantum!.length, 2);
});

test("fires at equality where the model does", () => {
  const dynamics = { integrator: "euler", compare: ">=", reset: "value", current: "new" } as const;
  const { network: chip, codes } = run(
    network([input("in", 1), intAndFire("out", 1, { dynamics })], [edge("in", "out", matrix([[0.5]]))]),
  );
  const two = param(chip, "out", "thresholdMantissa")[0];
  const [weight] = weightsOf(chip.projections[0]);
  const sum = 2 * weight * 2 ** chip.projections[0].quantization!.weightExponent;
  assert.equal(sum, two + 1);
  assert.deepEqual(codes, ["quantize/compare"]);
});

test("keeps a convolution as a kernel, and expands it where neurons of a channel differ", () => {
  const k = kernel({ inputShape: [1, 3, 3], kernelShape: [1, 1, 2, 2], weights: [1, -0.3, 0.7, 0.21] });
  const same = run(network([input("in", [1, 3, 3]), lif("out", [1, 2, 2])], [edge("in", "out", k)]));
  assert.equal(same.network.projections[0].connectivity.kind, "kernel");
  const differs = run(
    network(
      [input("in", [1, 3, 3]), lif("out", [1, 2, 2], { vThreshold: [1, 1, 1, 2] })],
      [edge("in", "out", k)],
    ),
  );
  assert.equal(differs.network.projections[0].connectivity.kind, "sparse");
});

test("drops weights that round to zero, unless told to keep them", () => {
  const weights = dense([[1, 0.001, 0, 0.57]]);
  const dropped = run(twoLayers(weights));
  assert.equal(dropped.network.projections[0].connectivity.kind, "sparse");
  assert.equal(weightsOf(dropped.network.projections[0]).length, 2);
  assert.equal(dropped.report.projections[0].zerosCreated, 1);
  const kept = run(twoLayers(weights), { keepZeros: true });
  assert.equal(weightsOf(kept.network.projections[0]).length, 4);
});

test("follows nengo's rules where they differ: mixed signs only, and no -256", () => {
  const { network: chip } = run(twoLayers(matrix([[-1, -0.37, -0.911]])), { rules: "nengo" });
  assert.equal(chip.projections[0].quantization!.signMode, "mixed");
  assert.equal(Math.min(...weightsOf(chip.projections[0])), -254);
  const lava = run(twoLayers(matrix([[-1, -0.37, -0.911]])));
  assert.equal(lava.network.projections[0].quantization!.signMode, "inhibitory");
  assert.equal(Math.min(...weightsOf(lava.network.projections[0])), -255);
});

test("merges decays to as many pairs as asked for", () => {
  const tauSteps = Array.from({ length: 40 }, (_, i) => 2 + i * 0.7);
  const before = network(
    [input("in", 1), lif("out", 40, { tauSteps })],
    [edge("in", "out", matrix([new Array<number>(40).fill(1)]))],
  );
  const free = run(before);
  assert.equal(free.report.populations[0].decayPairs, 40);
  assert.deepEqual(free.codes, ["quantize/many-decays"]);
  assert.ok(free.report.populations[0].vDecayError < 0.005);
  const merged = run(before, { decayLevels: 5 });
  assert.equal(merged.report.populations[0].decayPairs, 5);
  const pairs = new Set(param(merged.network, "out", "vDecay"));
  assert.equal(pairs.size, 5);
  assert.ok(merged.report.populations[0].vDecayError < 0.45);
  assert.deepEqual(merged.codes, []);
});

test("keeps the membrane of a readout below the largest threshold", () => {
  const readout = population("out", "li", 2, { tauSteps: 20, r: 1, vLeak: 0 });
  const before = network(
    [input("in", 30), readout],
    [
      edge(
        "in",
        "out",
        randomSparse(createRng(5), 30, 2, 1, () => 0.1 + createRng(7)()),
      ),
    ],
  );
  const { network: chip, report } = run(before);
  assert.ok(param(chip, "out", "thresholdMantissa").every((m) => m === 2 ** 17 - 1));
  assert.ok(report.populations[0].worstCaseFill <= 1);
  const always = {
    steps: 200,
    shape: [30],
    samples: [{ step: Uint32Array.from({ length: 6000 }, (_, i) => Math.floor(i / 30)), index: Uint32Array.from({ length: 6000 }, (_, i) => i % 30) }], // prettier-ignore
  };
  const aligned = alignDelays.run(chip, { target: loihi1, sink: new DiagnosticSink() });
  const result = simulateIntegerReference(
    aligned,
    { in: always },
    { rules: "lava", recordRegisters: ["out"] },
  );
  assert.equal(result.recorded.out.samples[0].step.length, 0);
  const model = simulateReference(before, { in: always }, { recordMembranes: ["out"] });
  const quantum = chip.populations[1].membraneQuantum!;
  const v = result.registers.out[0].v;
  for (let step = 0; step < 200; step++) {
    const got = v[(step + 1) * 2] * quantum[0];
    const wanted = model.membranes.out[0][step * 2];
    assert.ok(Math.abs(got - wanted) <= 0.01 * Math.abs(wanted) + 0.01, `${got} for ${wanted}`);
  }
});

/** Random networks whose weights are multiples of a quarter and whose neurons do not leak. */
function exactNetwork(rng: Rng, compare: ">" | ">="): Network {
  const dynamics = { integrator: "euler", compare, reset: "value", current: "new" } as const;
  const layers = between(rng, 1, 3);
  const populations = [
    input("in", between(rng, 1, 6)),
    ...Array.from({ length: layers }, (_, i) => {
      const bias = rng() < 0.3 ? { bias: Float64Array.of(0.25) } : {};
      return intAndFire(`p${i}`, between(rng, 1, 6), { dynamics, ...bias });
    }),
  ];
  const value = (): number => (between(rng, 0, 9) - 3) / 4;
  const edges = populations.slice(1).map((post, i) => {
    const pre = populations[i];
    return edge(pre.name, post.name, randomSparse(rng, pre.size, post.size, 0.7, value));
  });
  if (layers > 1) {
    const [pre, post] = [populations[layers], populations[1]];
    const back = randomSparse(rng, pre.size, post.size, 0.4, value);
    edges.push(edge(pre.name, post.name, back, { delaySteps: layers }));
  }
  return network(populations, edges, { outputs: populations.slice(1).map(({ name }) => name) });
}

describe("random networks", () => {
  test("fire exactly the model's spikes where nothing needs rounding", () => {
    let spikes = 0;
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom(">" as const, ">=" as const),
        fc.constantFrom("lava", "nengo"),
        (seed, compare, rules) => {
          // prettier-ignore
          const rng = createRng(seed);
          const before = exactNetwork(rng, compare);
          const { network: chip } = run(before, { rules: rules as "lava" });
          const aligned = alignDelays.run(chip, { target: loihi1, sink: new DiagnosticSink() });
          const data = randomSpikes(rng, before.populations[0].shape, { steps: 20, density: 0.5 });
          const model = simulateReference(before, { in: data });
          const padded = simulateIntegerReference(aligned, { in: data }, { rules: rules as "lava", steps: 24, record: "all" }); // prettier-ignore
          for (const { name, startStep = 0 } of aligned.populations.slice(1)) {
            const got = inModelSteps(padded.recorded[name], startStep, 20).samples[0];
            const wanted = model.recorded[name].samples[0];
            assert.deepEqual([...got.step], [...wanted.step]);
            assert.deepEqual([...got.index], [...wanted.index]);
            spikes += got.step.length;
          }
        },
      ),
      { numRuns: 80 },
    );
    assert.ok(spikes > 1000);
  });

  const anyNetwork = (rng: Rng): Network => {
    const size = between(rng, 1, 8);
    const make = rng() < 0.5 ? lif : cubaLif;
    const out = make("out", size, { vThreshold: Array.from({ length: size }, () => 0.5 + rng()) });
    const sign = rng() < 0.3 ? Math.abs : (w: number): number => w;
    const weight = (): number => sign(rng() - 0.4) * 3;
    return network(
      [input("in", 10), { ...out, bias: Float64Array.of(rng() - 0.5) }],
      [edge("in", "out", randomSparse(rng, 10, size, 0.8, weight))],
    );
  };

  test("store only what the chip can, up to the end of its range", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...loihi1.weights.bits), (seed, weightBits) => {
        const before = anyNetwork(createRng(seed));
        if (expand(before.projections[0].connectivity).values.length < 8) return;
        const { network: chip, report } = run(before, { weightBits });
        const { signMode, weightExponent, weightBits: bits } = chip.projections[0].quantization!;
        const weights = weightsOf(chip.projections[0]);
        const step = 2 ** (8 - bits + (signMode === "mixed" ? 1 : 0));
        assert.equal(bits, signMode === "mixed" ? Math.max(2, weightBits) : weightBits);
        assert.ok(weightExponent >= 0 && weightExponent <= 7);
        for (const w of weights) {
          assert.equal(Math.abs(w) % step, 0);
          assert.ok(w >= (signMode === "mixed" ? -256 : -255) && w <= (signMode === "mixed" ? 254 : 255));
        }
        const ends = [Math.floor(255 / step) * step, signMode === "mixed" ? 256 : 255];
        const largest = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
        assert.ok(largest >= 0.9 * ends[0] - step || largest >= ends[1], `${largest} of ${ends.join()}`);
        const { worstCaseFill, scale, thresholdMantissa } = report.populations[0];
        assert.ok(worstCaseFill <= 1);
        assert.equal(scale, thresholdMantissa);
      }),
    );
  });

  test("carry weights that mean what the model's mean, to half a step", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const before = anyNetwork(createRng(seed));
        const { network: chip, report } = run(before, { keepZeros: true });
        const wanted = expand(before.projections[0].connectivity, { keepZeros: true });
        const got = expand(chip.projections[0].connectivity, { keepZeros: true });
        const { params, model } = before.populations[1];
        const gain = model === "lif" ? 1 / 4 : 1 / 8;
        const { weightScale, quantization } = chip.projections[0];
        const { weightUnit, maxError } = report.projections[0];
        const step = quantization!.signMode === "mixed" ? 2 : 1;
        got.values.forEach((stored, i) => {
          const factor = weightUnit === "model" ? 1 : gain / params.vThreshold[got.colIndex[i]];
          const error = Math.abs(stored * weightScale - wanted.values[i] * factor);
          assert.ok(error <= maxError * (1 + 1e-9));
          assert.ok(error <= (step / 2) * weightScale * 1.01);
        });
      }),
    );
  });
});

describe("what the chip cannot do", () => {
  const one = matrix([[1]]);

  test("is refused with everything that was found", () => {
    const soft = { integrator: "euler", compare: ">", reset: "subtract", current: "new" } as const;
    const texts = errorsOf(
      network(
        [
          input("in", 1),
          lif("a", 1, {}, { dynamics: soft }),
          population("mean", "li", 1, { tauSteps: 5, r: 1, vLeak: 0 }),
          relay("sum", 1),
          lif("out", 1, { vThreshold: 0.5, vReset: 1 }),
        ],
        [edge("in", "a", one), edge("a", "mean", one), edge("mean", "sum", one), edge("sum", "out", one)],
      ),
      { weightBits: 7 },
    );
    assert.equal(
      texts.join("\n"),
      [
        `error[quantize/weight-bits]: weights of 7 bits were asked for, but loihi1 stores 1, 2, 3, 4, 5, 6, 8.`,
        `  try: choose one of 1, 2, 3, 4, 5, 6, 8 for "weightBits".`,
        `error[quantize/reset-unsupported]: "a" resets by "subtract", but loihi1 has "value" only.`,
        `  at network.populations["a"]`,
        `  try: train with a reset to a value, or accept other spikes with --reset value.`,
        `error[quantize/graded-output]: "mean" (li) sends values to "sum", but the chip sends spikes only.`,
        `  at network.populations["mean"]`,
        `  try: give "mean" a threshold, or read it out instead of sending it on.`,
        `error[quantize/relay-left]: "sum" only adds up (relay), and a core holds nothing but neurons.`,
        `  at network.populations["sum"]`,
        `  try: run the pass "fold-linear-chains" first.`,
        `error[quantize/threshold-not-positive]: neuron 0 of "out" fires 0.5 below its reset value, but the chip needs a threshold above it.`,
        `  at network.populations["out"][0]`,
        `  try: raise the threshold of "out" or lower its reset value.`,
      ].join("\n"),
    );
  });

  test("is told where it only gets worse", () => {
    const rng = createRng(3);
    const slow = cubaLif("out", 1, { tauSynSteps: 200 });
    const many = network([input("in", 1000), slow], [edge("in", "out", randomSparse(rng, 1000, 1, 1, rng))]);
    assert.deepEqual(run(many).codes, ["quantize/worst-case-overflow"]);
    const fast = network([input("in", 1), lif("out", 1, { tauSteps: 1e5 })], [edge("in", "out", one)]);
    assert.deepEqual(run(fast).codes, ["quantize/decay"]);
    const bit = run(twoLayers(matrix([[1, -1]])), { weightBits: 1 });
    assert.deepEqual(bit.codes, ["quantize/sign-bit"]);
    assert.equal(bit.network.projections[0].quantization!.weightBits, 2);
  });
});

test("takes a population without inputs, or with nothing but silence", () => {
  const { network: chip } = run(
    network(
      [input("in", 2), lif("alone", 3, {}, { bias: Float64Array.of(2) }), lif("deaf", 2)],
      [edge("in", "deaf", oneToOne(2, 0))],
    ),
  );
  assert.equal(weightsOf(chip.projections[0]).length, 0);
  assert.ok(param(chip, "alone", "biasMantissa").every((b) => b > 0));
});
