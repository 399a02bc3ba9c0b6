import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { compile, type CompileOptions } from "#compiler/index";
import { validateBlockGraph, validateDeployment } from "#ir/validate";
import { simulate } from "#simulator/index";
import { inModelSteps, simulateIntegerReference } from "#simulator/reference";
import { edge, input, loihiCuba, matrix, network, randomQuantized, randomSpikes } from "#test/networks";
import { loihi1 } from "#targets/loihi1/index";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";

const EXCITATORY = { weightBits: 8, signMode: "excitatory", weightExponent: 0 } as const;

/** Two input lines, three neurons, and one that reads them. */
const small = () =>
  network(
    [input("in", 2), loihiCuba("hidden", 3, {}, { startStep: 1 }), loihiCuba("out", 1, {}, { startStep: 2 })],
    [
      edge(
        "in",
        "hidden",
        matrix([
          [5, null, 7],
          [null, 9, null],
        ]),
        { delaySteps: 1, quantization: EXCITATORY },
      ),
      edge("hidden", "out", matrix([[3], [null], [4]]), { delaySteps: 1, quantization: EXCITATORY }),
    ],
  );

describe("emit", () => {
  test("writes one list for each source and core, and routes that lead to it", () => {
    const { deployment } = compile(small(), loihi1);
    assert.deepEqual(
      deployment.cores.map(({ core }) => core),
      [0, 1],
    );
    const [hidden, out] = deployment.cores;
    assert.deepEqual([...hidden.axonStart], [0, 2, 3]);
    assert.deepEqual([...hidden.target], [0, 2, 1]);
    assert.deepEqual([...hidden.weight], [5, 7, 9]);
    assert.deepEqual([...hidden.axonWords], [1, 1]);
    assert.deepEqual([...hidden.routeStart], [0, 1, 1, 2]);
    assert.deepEqual([...hidden.routeCore], [1, 1]);
    assert.deepEqual([...hidden.routeAxon], [0, 1]);
    assert.deepEqual([...out.axonStart], [0, 1, 2]);
    assert.deepEqual([...out.weight], [3, 4]);
    assert.deepEqual([...out.routeCore], []);
    const [port] = deployment.inputs;
    assert.deepEqual(
      [[...port.routeStart], [...port.routeCore], [...port.routeAxon]],
      [
        [0, 1, 2],
        [0, 0],
        [0, 1],
      ],
    );
  });

  test("writes the zeros that a dense list bridges", () => {
    const row = Array.from({ length: 60 }, (_, i) => (i === 30 ? null : 1));
    const net = network(
      [input("in", 1), loihiCuba("out", 60, {}, { startStep: 1 })],
      [edge("in", "out", matrix([row]), { delaySteps: 1, quantization: EXCITATORY })],
    );
    const [core] = compile(net, loihi1).deployment.cores;
    assert.equal(core.formats[core.format[0]].encoding, "dense");
    assert.equal(core.target.length, 60);
    assert.deepEqual([core.target[30], core.weight[30]], [30, 0]);
  });

  test("stores zeros as synapses only if they are to be kept", () => {
    const net = network(
      [input("in", 1), loihiCuba("out", 100, {}, { startStep: 1 })],
      [
        edge("in", "out", matrix([Array.from({ length: 100 }, (_, i) => (i % 50 === 0 ? 1 : 0))]), {
          delaySteps: 1,
          quantization: EXCITATORY,
        }),
      ],
    );
    assert.deepEqual([...compile(net, loihi1).deployment.cores[0].target], [0, 50]);
    assert.equal(compile(net, loihi1, { keepZeros: true }).deployment.cores[0].target.length, 100);
  });

  test("reads a population that never fires by its membrane", () => {
    const base = small();
    const populations = base.populations.map((population) =>
      population.name === "out"
        ? {
            ...population,
            params: { ...population.params, thresholdMantissa: Float64Array.of(2 ** 17 - 1) },
            membraneQuantum: Float64Array.of(0.25),
          }
        : population,
    );
    const { deployment } = compile({ ...base, populations }, loihi1);
    assert.deepEqual(deployment.outputs, [
      { name: "out", population: 2, readout: "membrane", membraneQuantum: Float64Array.of(0.25) },
    ]);
    assert.equal(compile(base, loihi1).deployment.outputs[0].readout, "spikes");
  });

  test("is the same every time", () => {
    const net = randomQuantized(createRng(11), { recurrent: true });
    assert.deepEqual(compile(net, loihi1), compile(net, loihi1));
  });

  test("makes what the validators accept", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom("never", "always"), (seed, share) => {
        const net = randomQuantized(createRng(seed), { recurrent: true, maxDelaySteps: 3 });
        const { deployment, blockGraph } = compile(net, loihi1, { share: share as "never" | "always" });
        const sink = new DiagnosticSink();
        validateDeployment(deployment, sink);
        validateBlockGraph(blockGraph, net, sink);
        assert.deepEqual(sink.diagnostics, []);
      }),
      { numRuns: 50 },
    );
  });

  test("computes what the integer reference computes, for all options", () => {
    const options = fc.record({
      packer: fc.constantFrom("nxtf", "nengo"),
      share: fc.constantFrom("never", "always"),
      keepZeros: fc.boolean(),
      rules: fc.constantFrom("lava", "nengo"),
    });
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 5 }), options, (seed, maxDelaySteps, chosen) => {
        const rng = createRng(seed);
        const net = randomQuantized(rng, { recurrent: true, maxDelaySteps });
        const inputs = { in: randomSpikes(rng, net.populations[0].shape, { steps: 12, samples: 2 }) };
        const { deployment } = compile(net, loihi1, chosen as CompileOptions);
        const run = simulate(deployment, loihi1, loihi1.profiles[0], inputs, { record: "all" });
        const reference = simulateIntegerReference(net, inputs, { rules: deployment.rules, record: "all" });
        for (const { name, model, startStep } of net.populations) {
          if (model === "input") continue;
          assert.deepEqual(
            run.spikes[name],
            inModelSteps(reference.recorded[name], startStep ?? 0, 12),
            name,
          );
        }
      }),
      { numRuns: 60 },
    );
  });
});
