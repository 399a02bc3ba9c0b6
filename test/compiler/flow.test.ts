// The whole way: a model as importers make it, through passes and quantization, onto cores and back.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { compile, verify } from "#compiler/index";
import { runPasses } from "#compiler/pass";
import { PIPELINES, quantize } from "#compiler/passes/index";
import type { Network } from "#ir/network";
import { simulate } from "#simulator/index";
import { inModelSteps, simulateIntegerReference } from "#simulator/reference";
import { between, dense, edge, input, kernel, lif, network, randomSpikes, relay } from "#test/networks";
import { tightTarget } from "#test/tight-target";
import { loihi1 } from "#targets/loihi1/index";
import type { Target } from "#targets/target";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";

/** Convolution, pooling and two dense layers, half of the weights pruned. */
function convNet(rng: Rng): Network {
  const weights = (count: number): number[] =>
    Array.from({ length: count }, () => (rng() < 0.5 ? 0 : between(rng, -40, 60) / 50));
  const rows = (pre: number, post: number): number[][] => Array.from({ length: pre }, () => weights(post));
  const conv = kernel({
    inputShape: [2, 6, 6],
    kernelShape: [3, 2, 3, 3],
    weights: weights(3 * 2 * 9),
    padding: [1, 1, 1, 1],
  });
  const pool = kernel({
    inputShape: [3, 6, 6],
    kernelShape: [3, 1, 2, 2],
    weights: new Array<number>(12).fill(0.25),
    stride: [2, 2],
    groups: 3,
  });
  return network(
    [
      input("in", [2, 6, 6]),
      relay("conv", [3, 6, 6]),
      lif("spikes", [3, 6, 6]),
      relay("pool", [3, 3, 3]),
      relay("fc1", 20),
      lif("hidden", 20),
      relay("fc2", 4),
      lif("out", 4),
    ],
    [
      edge("in", "conv", conv),
      edge("conv", "spikes", { kind: "diagonal", rows: 108, cols: 108, values: Float64Array.of(1) }),
      edge("spikes", "pool", pool),
      edge("pool", "fc1", dense(rows(27, 20))),
      edge("fc1", "hidden", { kind: "diagonal", rows: 20, cols: 20, values: Float64Array.of(1) }),
      edge("hidden", "fc2", dense(rows(20, 4))),
      edge("fc2", "out", { kind: "diagonal", rows: 4, cols: 4, values: Float64Array.of(1) }),
    ],
  );
}

function quantized(model: Network, target: Target, keepZeros: boolean): Network {
  const sink = new DiagnosticSink();
  const context = { target, sink };
  const folded = runPasses(model, PIPELINES[keepZeros ? "keep-zeros" : "default"], context);
  const integer = quantize(folded, target, { keepZeros }, sink);
  return runPasses(integer.network, PIPELINES["after-quantize"], context);
}

describe("the way from model to cores", () => {
  test("keeps every synapse and every spike", () => {
    fc.assert(
      fc.property(fc.nat(), fc.boolean(), fc.boolean(), (seed, keepZeros, tight) => {
        const rng = createRng(seed);
        const target = tight ? tightTarget({ neurons: 25, synapseWords: 400, axonsOut: 120 }) : loihi1;
        const net = quantized(convNet(rng), target, keepZeros);
        const { deployment } = compile(net, target, { keepZeros });
        const sink = new DiagnosticSink();
        verify(deployment, net, target, sink);
        assert.deepEqual(sink.diagnostics, []);

        const inputs = { in: randomSpikes(rng, [2, 6, 6], { steps: 10 }) };
        const run = simulate(deployment, target, { ...loihi1.profiles[0], target: target.name }, inputs);
        const reference = simulateIntegerReference(net, inputs, { rules: "lava" });
        const out = net.populations.find(({ name }) => name === "out");
        assert.deepEqual(run.spikes.out, inModelSteps(reference.recorded.out, out?.startStep ?? 0, 10));
      }),
      { numRuns: 20 },
    );
  });

  test("stores more if zeros are kept", () => {
    const model = convNet(createRng(1));
    const words = (keepZeros: boolean): number =>
      compile(quantized(model, loihi1, keepZeros), loihi1, { keepZeros }).utilization.synapseWords;
    assert.ok(words(true) > words(false));
  });
});
