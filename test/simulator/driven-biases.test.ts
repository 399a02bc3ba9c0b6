// Inputs that are biases, and periodic resets: from the network through compiler, file and machine.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import { compile } from "#compiler/compile";
import { verify } from "#compiler/verify";
import { readDeploymentFile, writeDeploymentFile } from "#formats/deployment-file/index";
import type { Deployment } from "#ir/deployment";
import type { Network, PeriodicReset } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { validateNetwork } from "#ir/validate";
import { inModelSteps, simulateIntegerReference, simulateModelReference } from "#simulator/reference";
import { simulate } from "#simulator/simulate";
import { spikesOf } from "#test/deployments";
import { edge, input, loihiCuba, matrix, network } from "#test/networks";
import { tightTarget } from "#test/tight-target";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";

const STEPS = 12;
const quantization = { weightBits: 8, signMode: "mixed", weightExponent: 0 } as const;

const between = (rng: Rng, low: number, high: number): number => low + Math.floor(rng() * (high - low + 1));

/** enc (driven) -> out, both with resets of their own now and then. */
function drivenNetwork(rng: Rng): Network {
  const reset = (): { periodicReset?: PeriodicReset } => {
    if (rng() < 0.4) return {};
    const intervalSteps = between(rng, 1, 7);
    return { periodicReset: { intervalSteps, offsetSteps: between(rng, 0, intervalSteps - 1) } };
  };
  const [size, outputs] = [between(rng, 1, 7), between(rng, 1, 5)];
  const neurons = (name: string, count: number, startStep: number) =>
    loihiCuba(
      name,
      count,
      {
        uDecay: between(rng, 0, 4095),
        vDecay: between(rng, 0, 4095),
        thresholdMantissa: between(rng, 0, 60),
        biasMantissa: Array.from({ length: count }, () => between(rng, -50, 50)),
        biasExponent: between(rng, -2, 6),
        refractorySteps: between(rng, 0, 3),
      },
      { startStep, ...reset() },
    );
  const weights = matrix(
    Array.from({ length: size }, () => Array.from({ length: outputs }, () => 2 * between(rng, -100, 120))),
  );
  const { inputs, ...rest } = network(
    [neurons("enc", size, between(rng, 0, 2)), neurons("out", outputs, between(rng, 0, 2))],
    [edge("enc", "out", weights, { delaySteps: between(rng, 1, 3), quantization })],
    { inputs: [], outputs: ["out"] },
  );
  return { ...rest, inputs: [...inputs, { name: "image", population: 0, drives: "bias" }] };
}

function biases(rng: Rng, size: number): SpikeData {
  const steps = between(rng, 1, 5);
  const samples = [0, 1].map(() => {
    const events: { step: number; index: number; value: number }[] = [];
    for (let step = 0; step < steps; step++)
      for (let index = 0; index < size; index++)
        if (rng() < 0.7) events.push({ step, index, value: between(rng, -60, 90) });
    return {
      step: Uint32Array.from(events, (e) => e.step),
      index: Uint32Array.from(events, (e) => e.index),
      value: Float64Array.from(events, (e) => e.value),
    };
  });
  return { steps, shape: [size], samples };
}

describe("biases that the input drives, and periodic resets", () => {
  test("give the spikes of the integer reference after compiler and file", () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom("lava" as const, "nengo" as const), (seed, rules) => {
        const rng = createRng(seed);
        const model = drivenNetwork(rng);
        const target = tightTarget({ neurons: between(rng, 1, 8) });
        const { deployment } = compile(model, target, { rules });
        const sink = new DiagnosticSink();
        const file = readDeploymentFile(writeDeploymentFile(deployment, { generator: "test" }), sink);
        assert.deepEqual(file?.deployment, deployment);
        verify(deployment, model, target, sink);
        assert.deepEqual(sink.diagnostics, []);

        const profile = { ...target.profiles[0], target: target.name };
        const image = biases(rng, model.populations[0].size);
        const run = simulate(deployment, target, profile, { image }, { record: "all", steps: STEPS });
        const reference = simulateIntegerReference(
          model,
          { image },
          { rules, record: "all", steps: run.steps },
        );
        for (const { name, startStep = 0 } of model.populations) {
          const expected = inModelSteps(reference.recorded[name], startStep, STEPS);
          run.spikes[name].samples.forEach(({ step, index }, sample) => {
            assert.deepEqual(step, expected.samples[sample].step, `${name}, ${sample}`);
            assert.deepEqual(index, expected.samples[sample].index, `${name}, ${sample}`);
          });
        }
      }),
      { numRuns: 150 },
    );
  });

  test("hold the last step that was given; nothing of it is left in the next sample", () => {
    const model = oneNeuron();
    const image = {
      steps: 2,
      shape: [1],
      samples: [
        { step: Uint32Array.of(0, 1), index: new Uint32Array(2), value: Float64Array.of(7, -3) },
        { step: new Uint32Array(), index: new Uint32Array() },
      ],
    };
    const { registers } = simulateIntegerReference(
      model,
      { image },
      { rules: "lava", steps: 4, recordRegisters: ["n"] },
    );
    assert.deepEqual([...registers["n"][0].v], [7, 4, 1, -2]);
    assert.deepEqual([...registers["n"][1].v], [0, 0, 0, 0]);
  });

  test("are refused where they do not fit the register", () => {
    const { deployment, target, profile } = compiled(oneNeuron());
    const image = {
      steps: 1,
      shape: [1],
      samples: [{ step: Uint32Array.of(0), index: Uint32Array.of(0), value: Float64Array.of(4096) }],
    };
    const codes = (work: () => void): string[] => {
      try {
        work();
      } catch (error) {
        assert.ok(error instanceof ToolchainError);
        return error.diagnostics.map(({ code }) => code);
      }
      return [];
    };
    assert.deepEqual(
      codes(() => simulate(deployment, target, profile, { image })),
      ["simulate/input-not-bias"],
    );
    assert.deepEqual(
      codes(() => simulateIntegerReference(oneNeuron(), { image }, { rules: "lava" })),
      ["simulate/input-not-bias"],
    );
  });

  test("are part of what verify compares", () => {
    const reset = { intervalSteps: 5, offsetSteps: 1 };
    const model = oneNeuron(reset);
    const { deployment, target } = compiled(model);
    const faults = (changed: Partial<Deployment>): string[] => {
      const sink = new DiagnosticSink();
      verify({ ...deployment, ...changed }, model, target, sink);
      return sink.diagnostics.map(({ code }) => code);
    };
    const [{ drives: _, ...port }] = deployment.inputs;
    assert.equal(_, "bias");
    assert.deepEqual(faults({}), []);
    assert.deepEqual(faults({ inputs: [port] }), ["verify/port-differs"]);
    const populations = [{ ...deployment.populations[0], periodicReset: { ...reset, offsetSteps: 2 } }];
    assert.deepEqual(faults({ populations }), ["verify/population-differs"]);
  });

  test("need neurons that have a bias, and an offset inside the interval", () => {
    const model = oneNeuron({ intervalSteps: 3, offsetSteps: 3 });
    const sink = new DiagnosticSink();
    validateNetwork(model, sink);
    validateNetwork(
      { ...model, populations: [input("in", 1)], inputs: [{ name: "i", population: 0, drives: "bias" }] },
      sink,
    );
    assert.deepEqual(
      sink.diagnostics.map(({ code }) => code),
      ["ir/out-of-range", "ir/out-of-range"],
    );
  });
});

describe("the reference of a model", () => {
  test("that is in integers gives spikes in model steps, and the membranes of readouts", () => {
    const layers = [
      input("in", 1),
      loihiCuba("a", 1, { uDecay: 4095, vDecay: 0, thresholdMantissa: 1 }, { startStep: 1 }),
      loihiCuba("out", 1, { uDecay: 4095, vDecay: 0, thresholdMantissa: 2 ** 17 - 1 }, { startStep: 2 }),
    ];
    const join = { delaySteps: 1, quantization };
    const model = network(
      layers,
      [edge("in", "a", matrix([[2]]), join), edge("a", "out", matrix([[4]]), join)],
      { inputs: ["in"], outputs: ["out"] },
    );
    const inputs = {
      in: spikesOf(4, 1, [
        [0, 0, 1],
        [2, 0, 1],
      ]),
    };
    const recorded = simulateModelReference(model, inputs, { record: "all" });
    assert.deepEqual([...recorded["a"].samples[0].step], [0, 2]);
    assert.deepEqual([...recorded["out"].samples[0].value!], [256, 256, 512, 512]);
  });
});

function oneNeuron(periodicReset?: PeriodicReset): Network {
  const never = { uDecay: 4095, vDecay: 0, thresholdMantissa: 2 ** 17 - 1, biasExponent: 0 };
  const neuron = loihiCuba("n", 1, never, periodicReset === undefined ? {} : { periodicReset });
  const model = network([neuron], [], { inputs: [], outputs: ["n"] });
  return { ...model, inputs: [{ name: "image", population: 0, drives: "bias" }] };
}

function compiled(model: Network) {
  const target = tightTarget({ neurons: 8 });
  const { deployment } = compile(model, target);
  return { deployment, target, profile: { ...target.profiles[0], target: target.name } };
}
