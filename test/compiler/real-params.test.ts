// Neurons with real parameters, on a chip that runs them.
import assert from "node:assert/strict";
import { test } from "vitest";
import { compile } from "#compiler/compile";
import { simulate } from "#simulator/simulate";
import { loihi1 } from "#targets/loihi1/index";
import { spikesOf } from "#test/deployments";
import { edge, input, network, oneToOne } from "#test/networks";

const clocked = {
  name: "n",
  model: "sanafe-lif",
  shape: [2],
  size: 2,
  params: {
    threshold: Float64Array.of(0.3),
    bias: Float64Array.of(0.1, 0),
    refractorySteps: Float64Array.of(2),
  },
  startStep: 1,
};
const chip = { weightBits: 8, signMode: "mixed", weightExponent: 0 } as const;
/** Weights are whole 64ths: 0.25. */
const NETWORK = network(
  [input("in", 2), clocked],
  [edge("in", "n", oneToOne(2, 16), { quantization: chip, delaySteps: 1 })],
);

test("a target that lists a model with real parameters gets them as they are, verified, and runs them", () => {
  const target = { ...loihi1, neuronModels: ["sanafe-lif"] };
  const { deployment } = compile(NETWORK, target);
  const [{ params }] = deployment.cores[0].groups;
  assert.deepEqual(params[0], Float64Array.of(0.3, 0.3));
  assert.deepEqual(params[1], Float64Array.of(0.1, 0));
  assert.deepEqual(params[10], Int32Array.of(2, 2));
  assert.deepEqual(
    deployment.outputs.map(({ readout }) => readout),
    ["spikes"],
  );
  const spikes = spikesOf(3, 2, [
    [0, 0],
    [0, 1],
    [1, 1],
  ]);
  const run = simulate(deployment, target, target.profiles[0], { in: spikes });
  // Neuron 0: 0.1 + 0.25 at once; neuron 1: 0.25, then 0.5.
  const [{ step, index }] = run.spikes["n"].samples;
  assert.deepEqual([...step], [0, 1]);
  assert.deepEqual([...index], [0, 1]);
});

test("loihi1 does not run it", () => {
  assert.throws(() => compile(NETWORK, loihi1), /sanafe-lif/);
});
