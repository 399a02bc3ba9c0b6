import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { runPasses } from "#compiler/pass";
import { biasNeurons } from "#compiler/passes/bias-neurons";
import type { Network } from "#ir/network";
import { simulateReference } from "#simulator/reference";
import { edge, input, lif, network, population, randomSparse, randomSpikes } from "#test/networks";
import { loihi1 } from "#targets/loihi1/index";
import type { Target } from "#targets/target";
import { truenorth } from "#targets/truenorth/index";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";

const run = (net: Network, target: Target = truenorth): Network =>
  runPasses(net, [biasNeurons], { target, sink: new DiagnosticSink() });

const biased = (bias: readonly number[]): Network => {
  const rng = createRng(2);
  return network(
    [
      input("in", 5),
      lif("a", 6, {}, { bias: Float64Array.from(bias) }),
      population("b", "if", 4, { r: 1, vThreshold: 1, vReset: 0 }, { bias: Float64Array.of(0.1) }),
    ],
    [edge("in", "a", randomSparse(rng, 5, 6, 0.8)), edge("a", "b", randomSparse(rng, 6, 4, 0.8))],
  );
};

describe("bias-neurons", () => {
  test("it gives leaking neurons their bias through a neuron that always fires, and spikes stay as they were", () => {
    const net = biased([0.5, 0, -0.25, 1, 0, 0.75]);
    const now = run(net);
    assert.deepEqual(
      now.populations.map(({ name, size }) => `${name} ${size}`),
      ["in 5", "a 6", "b 4", "bias 1"],
    );
    assert.equal(now.populations[1].bias, undefined);
    assert.deepEqual(now.populations[2].bias, net.populations[2].bias);
    const inputs = { in: randomSpikes(createRng(3), [5], { steps: 15, density: 0.3 }) };
    const [before, after] = [net, now].map((one) =>
      simulateReference(one, inputs, { steps: 15, record: "all" }),
    );
    assert.ok(before.recorded["a"].samples[0].step.length > 0);
    for (const name of ["a", "b"]) assert.deepEqual(after.recorded[name], before.recorded[name]);
    assert.equal(after.recorded["bias"].samples[0].step.length, 15);
  });

  test("it leaves networks alone that need none, and chips with a bias register", () => {
    const none = biased([0]);
    assert.equal(run(none), none);
    const net = biased([0.5]);
    assert.equal(run(net, loihi1), net);
  });
});
