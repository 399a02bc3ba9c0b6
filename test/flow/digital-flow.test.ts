// Chips with other neurons than Loihi's: from a random model to cores, where every spike is the plain reference's.
import assert from "node:assert/strict";
import { describe, expect, test } from "vitest";
import { DEFAULT_DYNAMICS, type Dynamics, type Network, type Population } from "#ir/network";
import { inModelSteps, simulateIntegerReference, simulateReference } from "#simulator/reference";
import { ACTIONS, COLUMN, type Action } from "#simulator/result";
import { simulate } from "#simulator/simulate";
import { mapModel } from "#spinec";
import { spikesOf } from "#test/deployments";
import { CHIPS, LINEAR_CHIP, SHIFT_CHIP, SOFTWARE_CHIP, TRUENORTH_CHIP } from "#test/digital-targets";
import {
  between,
  edge,
  input,
  matrix,
  network,
  population,
  randomSparse,
  randomSpikes,
} from "#test/networks";
import type { Target } from "#targets/target";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { modelFor } from "./model-for.ts";
import { assertSameSpikes } from "./same-spikes.ts";

const STEPS = 14;

describe.each(CHIPS.map((target) => [target.name, target] as const))("on %s", (_, target) => {
  test("random models run on cores as the plain reference says, spike by spike", () => {
    let spikes = 0;
    let membranes = 0;
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(seed + 1);
      const model = modelFor(target, rng);
      const inputs = {
        in: randomSpikes(rng, model.populations[0].shape, { steps: STEPS, samples: 2, density: 0.5 }),
      };
      const sink = new DiagnosticSink();
      const { compiled, quantized } = mapModel(model, target, { steps: STEPS }, sink);
      for (const { model: name } of quantized.populations.slice(1)) assert.equal(name, target.neuron.model);
      const { deployment } = compiled;
      for (const kernels of ["compiled", "plain"] as const) {
        const run = simulate(deployment, target, target.profiles[0], inputs, { record: "all", kernels });
        spikes += assertSameSpikes(quantized, deployment, run, inputs, STEPS, [0, 2]).spikes;
      }
      membranes += deployment.outputs.filter(({ readout }) => readout === "membrane").length;
    }
    expect(spikes).toBeGreaterThan(1000);
    expect(membranes).toBeGreaterThan(5);
  });
});

test("a neuron that gives several spikes in a step sends each of them", () => {
  const dynamics: Dynamics = { ...DEFAULT_DYNAMICS, reset: "multi-subtract", compare: ">=" };
  const neurons = (name: string): Population =>
    population(
      name,
      "cuba-lif",
      1,
      { tauSynSteps: 2, tauMemSteps: 2, r: 2, vLeak: 0, wIn: 2, vThreshold: 1, vReset: 0 },
      { dynamics },
    );
  const model = network(
    [input("in", 1), neurons("a"), neurons("b")],
    [
      edge(
        "in",
        "a",
        randomSparse(createRng(1), 1, 1, 1, () => 3),
      ),
      edge(
        "a",
        "b",
        randomSparse(createRng(1), 1, 1, 1, () => 1),
      ),
    ],
    { outputs: ["a", "b"] },
  );
  const inputs = { in: randomSpikes(createRng(3), [1], { steps: 6, density: 0.9 }) };
  const { compiled, quantized } = mapModel(model, SHIFT_CHIP, {}, new DiagnosticSink());
  const { deployment } = compiled;
  const run = simulate(deployment, SHIFT_CHIP, SHIFT_CHIP.profiles[0], inputs, {
    record: "all",
    timing: "detailed",
  });
  assertSameSpikes(quantized, deployment, run, inputs, 6);
  const [events] = run.spikes["a"].samples;
  assert.ok(events.value !== undefined && Math.max(...events.value) > 1);
  const counts = events.value.reduce((sum, value) => sum + value, 0);
  // The chip runs two steps more than the model, for "b".
  const [, [ofA], [ofB]] = run.spikesOf!;
  assert.ok(ofA >= counts);
  const total = (action: Action): number =>
    run.coreIds.reduce((sum, _, row) => sum + run.counts[row * ACTIONS.length + COLUMN[action]], 0);
  assert.equal(total("spikeOut"), ofA + ofB);
  assert.equal(total("messageOut"), ofA);
  assert.equal(total("messageIn"), ofA + total("inputMessage"));
  // The outputs give one at most.
  assert.equal(run.spikes["b"].samples[0].value, undefined);
});

test("registers that are held at an end or at the clamp are told with the run", () => {
  const dynamics: Dynamics = { ...DEFAULT_DYNAMICS, vMinThresholds: -1 };
  const model = network(
    [input("in", 1), population("a", "if", 2, { r: 1, vThreshold: 1, vReset: 0 }, { dynamics })],
    [edge("in", "a", matrix([[0.5, -0.75]]))],
  );
  const inputs = {
    in: spikesOf(
      5,
      1,
      [0, 1, 2, 3].map((step) => [step, 0] as const),
    ),
  };
  const { compiled } = mapModel(model, CHIPS[0], {}, new DiagnosticSink());
  const { stateEvents } = simulate(compiled.deployment, CHIPS[0], CHIPS[0].profiles[0], inputs);
  // -0.75 is above the clamp at -1; from the second spike on, it holds.
  assert.deepEqual(stateEvents, [
    { kind: "membrane-low", count: 3, first: { sample: 0, step: 2, population: 1, neuron: 1 } },
  ]);
});

describe("what the chip cannot be", () => {
  const lif = (rest: Partial<Population> = {}, params = {}): Network =>
    network(
      [
        input("in", 1),
        population(
          "out",
          "lif",
          1,
          { tauSteps: 4, r: 4, vLeak: 0, vThreshold: 1, vReset: 0, ...params },
          rest,
        ),
      ],
      [
        edge(
          "in",
          "out",
          randomSparse(createRng(1), 1, 1, 1, () => 1),
        ),
      ],
    );
  const found = (model: Network, target: Target): string[] => {
    const sink = new DiagnosticSink();
    try {
      mapModel(model, target, {}, sink);
    } catch {
      // The sink has it all.
    }
    return sink.diagnostics.map(({ severity, code }) => `${severity} ${code}`);
  };
  const subtract = { dynamics: { ...DEFAULT_DYNAMICS, reset: "subtract" as const } };

  test("is refused where it would be another network", () => {
    assert.deepEqual(found(lif(), CHIPS[0]), ["error quantize/no-leak"]);
    assert.deepEqual(found(lif({}, { vLeak: 0.5 }), LINEAR_CHIP), ["error quantize/no-bias"]);
    assert.deepEqual(found(lif({}, { vLeak: 0.5 }), TRUENORTH_CHIP), ["error quantize/no-leak-and-bias"]);
    assert.deepEqual(found(lif(), SHIFT_CHIP), [
      "error quantize/reset-unsupported",
      "warning quantize/deviation",
      "warning quantize/deviation",
    ]);
    const cuba = population("out", "cuba-lif", 1, {
      tauSynSteps: 2,
      tauMemSteps: 4,
      r: 4,
      vLeak: 0,
      wIn: 2,
      vThreshold: 1,
      vReset: 0,
    });
    const model = network(
      [input("in", 1), cuba],
      [
        edge(
          "in",
          "out",
          randomSparse(createRng(1), 1, 1, 1, () => 1),
        ),
      ],
    );
    assert.deepEqual(found(model, LINEAR_CHIP), ["error quantize/no-synaptic-current"]);
  });

  test("is said where something is lost", () => {
    assert.deepEqual(found(lif(), LINEAR_CHIP), ["warning quantize/linear-leak"]);
    // One spike a step in the model, up to one (it is an output) on the chip; and the chip fires at the threshold.
    const codes = found(lif(subtract), SHIFT_CHIP);
    assert.ok(
      codes.includes("warning quantize/deviation") && codes.includes("warning quantize/decay"),
      codes.join(),
    );
    const clamped = { dynamics: { ...DEFAULT_DYNAMICS, vMinThresholds: -1 } };
    assert.deepEqual(found(lif(clamped), LINEAR_CHIP), [
      "warning quantize/deviation",
      "warning quantize/linear-leak",
    ]);
    assert.deepEqual(found(lif(), SOFTWARE_CHIP), []);
  });
});

test("weights that are multiples of one unit, and their thresholds, come out exactly", () => {
  const dynamics: Dynamics = { ...DEFAULT_DYNAMICS, reset: "subtract", compare: ">=", vMinThresholds: -1 };
  const unit = 1 / 32;
  const out = population("out", "if", 3, { r: 1, vThreshold: 100 * unit, vReset: 0 }, { dynamics });
  // All are multiples of three, and 48 fits seven times in thirds; the threshold is whole at 200 and not at 233.
  const values = [3, -6, 48, 9, -45, 12, 30, 33, -36, 39, 27, 21].map((k) => k * unit);
  const model = network(
    [input("in", 4), out],
    [
      edge(
        "in",
        "out",
        randomSparse(createRng(5), 4, 3, 1, () => values.pop()!),
      ),
    ],
  );
  const { quantized, quantization } = mapModel(model, CHIPS[0], {}, new DiagnosticSink());
  assert.equal(quantization.projections[0].snrDb, Infinity);
  assert.deepEqual([...quantized.populations[1].params["threshold"]], [200, 200, 200]);
  assert.deepEqual([...quantized.populations[1].params["vMin"]], [-200, -200, -200]);
  assertAsModel(model, CHIPS[0]);
});

/** Asserts that the integers fire when the model does. */
function assertAsModel(model: Network, target: Target): void {
  const [source] = model.populations;
  const inputs = { in: randomSpikes(createRng(2), source.shape, { steps: 60, density: 0.4 }) };
  const { quantized } = mapModel(model, target, {}, new DiagnosticSink());
  const { recorded } = simulateIntegerReference(quantized, inputs, { rules: "lava" });
  const { name, startStep = 0 } = quantized.populations[1];
  const real = simulateReference(model, inputs, { steps: 60 }).recorded[name];
  assert.ok(real.samples[0].step.length > 5);
  assert.deepEqual(inModelSteps(recorded[name], startStep, 60).samples, real.samples);
}

test("resets to other values than 0 are the model's, by a register or by moving zero", () => {
  const weights = randomSparse(createRng(5), 4, 3, 1, () => between(createRng(7), 1, 3) / 4);
  const modelOf = (reset: "value" | "subtract"): Network =>
    network(
      [
        input("in", 4),
        population(
          "out",
          "if",
          3,
          { r: 1, vThreshold: 1, vReset: 0.5 },
          { dynamics: { ...DEFAULT_DYNAMICS, reset } },
        ),
      ],
      [edge("in", "out", weights)],
    );
  assertAsModel(modelOf("value"), SOFTWARE_CHIP);
  assertAsModel(modelOf("value"), CHIPS[0]);
  assertAsModel(modelOf("value"), TRUENORTH_CHIP);
  // The value is of no consequence here.
  assertAsModel(modelOf("subtract"), SOFTWARE_CHIP);
});

/** u and v of the only neuron after each step, in the model's units. */
function trace(model: Network, target: Target, steps: number): { u: number[]; v: number[]; quantum: number } {
  const { quantized } = mapModel(model, target, {}, new DiagnosticSink());
  const { name, membraneQuantum, startStep = 0 } = quantized.populations[1];
  const { registers } = simulateIntegerReference(
    quantized,
    { in: spikesOf(1, 1, [[0, 0]]) },
    { rules: "lava", steps: steps + startStep, recordRegisters: [name] },
  );
  const quantum = membraneQuantum![0] / (target.neuron.model === "truenorth-lif" ? 64 : 1);
  const real = (values: Int32Array): number[] => Array.from(values.subarray(startStep), (x) => x * quantum);
  const [{ u, v }] = registers[name];
  return { u: real(u), v: real(v), quantum };
}

test("a current that decays as the chip can brings as much in all as the model's", () => {
  // A fifth is lost per step in the model, a quarter on the chip; the gain is 1/5, so that a spike of weight 3 brings 3 in all.
  const readout = population("out", "cuba-li", 1, { tauSynSteps: 5, tauMemSteps: 4, r: 4, vLeak: 0, wIn: 1 });
  const model = network([input("in", 1), readout], [edge("in", "out", matrix([[3]]))]);
  const { u } = trace(model, SHIFT_CHIP, 60);
  const sum = u.reduce((all, each) => all + each, 0);
  assert.ok(Math.abs(sum - 3) < 0.15, `${sum}`);
});

test("a linear leak takes the same in each step, down to zero", () => {
  for (const target of [LINEAR_CHIP, TRUENORTH_CHIP]) {
    const neuron = population("out", "lif", 1, { tauSteps: 4, r: 4, vLeak: 0, vThreshold: 1, vReset: 0 });
    const model = network([input("in", 1), neuron], [edge("in", "out", matrix([[0.75]]))]);
    const { v, quantum } = trace(model, target, 4);
    // A quarter of half the threshold is an eighth.
    [0.75, 0.625, 0.5, 0.375].forEach((expected, step) => {
      assert.ok(
        Math.abs(v[step] - expected) < step * quantum + 1e-9,
        `${target.name}, step ${step}: ${v[step]}`,
      );
    });
  }
});
