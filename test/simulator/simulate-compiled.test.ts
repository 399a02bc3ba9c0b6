// The deciding test: what a compiled network does on the machine is what the plain reference says of the network.
import assert from "node:assert/strict";
import { test } from "vitest";
import fc from "fast-check";
import { compile } from "#compiler/compile";
import { readDeploymentFile, writeDeploymentFile } from "#formats/deployment-file/index";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { inModelSteps, simulateIntegerReference } from "#simulator/reference";
import { simulate } from "#simulator/simulate";
import { edge, input, loihiCuba, matrix, network } from "#test/networks";
import { tightTarget } from "#test/tight-target";
import { spikesOf } from "#test/deployments";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";

const STEPS = 10;
const INPUTS = 5;

test("a compiled network comes back from its file, and gives the spikes of the integer reference wherever its neurons are", () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom("lava" as const, "nengo" as const), (seed, rules) => {
      const rng = createRng(seed);
      const model = randomNetwork(rng);
      const target = tightTarget({ neurons: 1 + Math.floor(rng() * 8) });
      const { deployment } = compile(model, target, { rules });
      const sink = new DiagnosticSink();
      const file = readDeploymentFile(writeDeploymentFile(deployment, { generator: "test" }), sink);
      assert.deepEqual(sink.diagnostics, []);
      assert.deepEqual(file?.deployment, deployment);

      const profile = { ...target.profiles[0], target: target.name };
      const inputs = { in: randomSpikes(rng) };
      const run = simulate(deployment, target, profile, inputs, { record: "all" });
      const reference = simulateIntegerReference(model, inputs, { rules, record: "all", steps: run.steps });
      for (const { name, startStep = 0, model: kind } of model.populations) {
        if (kind === "input") continue;
        const expected = inModelSteps(reference.recorded[name], startStep, STEPS);
        const { samples } = run.spikes[name];
        samples.forEach(({ step, index }, sample) => {
          assert.deepEqual(step, expected.samples[sample].step, name);
          assert.deepEqual(index, expected.samples[sample].index, name);
        });
      }
    }),
    { numRuns: 150 },
  );
});

/** in -> a -> out with recurrence and a skip, delays of up to 3 steps, weight exponents of both signs. */
function randomNetwork(rng: Rng): Network {
  const between = (low: number, high: number): number => low + Math.floor(rng() * (high - low + 1));
  const each = (size: number, value: () => number): number[] => Array.from({ length: size }, value);
  const neurons = (name: string, size: number, startStep: number) =>
    loihiCuba(
      name,
      size,
      {
        uDecay: between(0, 4095),
        vDecay: between(0, 4095),
        thresholdMantissa: between(0, 200),
        biasMantissa: each(size, () => (rng() < 0.7 ? 0 : between(-500, 500))),
        biasExponent: between(0, 4),
        refractorySteps: between(0, 3),
      },
      { startStep },
    );
  const weights = (rows: number, cols: number) =>
    matrix(each(rows, () => 0).map(() => each(cols, () => (rng() < 0.5 ? 0 : 2 * between(-128, 127)))));
  const projection = (from: string, to: string, rows: number, cols: number) =>
    edge(from, to, weights(rows, cols), {
      delaySteps: between(1, 3),
      quantization: { weightBits: 8, signMode: "mixed", weightExponent: between(-3, 3) },
    });
  const a = between(1, 9);
  const out = between(1, 6);
  return network(
    [input("in", INPUTS), neurons("a", a, 1), neurons("out", out, between(1, 3))],
    [
      projection("in", "a", INPUTS, a),
      projection("a", "a", a, a),
      projection("a", "out", a, out),
      projection("in", "out", INPUTS, out),
    ],
    { inputs: ["in"], outputs: ["out"] },
  );
}

function randomSpikes(rng: Rng): SpikeData {
  const samples = [0, 1].map(() => {
    const events: [number, number, number][] = [];
    for (let step = 0; step < STEPS; step++)
      for (let i = 0; i < INPUTS; i++) if (rng() < 0.4) events.push([step, i, 1 + Math.floor(rng() * 2)]);
    return spikesOf(STEPS, INPUTS, events).samples[0];
  });
  return { steps: STEPS, shape: [INPUTS], samples };
}
