import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { runPasses } from "#compiler/pass";
import { splitSigns } from "#compiler/passes/split-signs";
import { expand } from "#ir/connectivity";
import type { Network } from "#ir/network";
import { simulateReference } from "#simulator/reference";
import { edge, input, lif, matrix, network, randomSparse, randomSpikes } from "#test/networks";
import { loihi1 } from "#targets/loihi1/index";
import { odin } from "#targets/odin/index";
import type { Target } from "#targets/target";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";

const run = (net: Network, target: Target = odin): Network =>
  runPasses(net, [splitSigns], { target, sink: new DiagnosticSink() });

/** in -> a -> a, a -> b. */
const loop = (seed: number): Network => {
  const rng = createRng(seed);
  return network(
    [input("in", 6), lif("a", 7), lif("b", 4)],
    [
      edge("in", "a", randomSparse(rng, 6, 7, 0.8)),
      edge("a", "a", randomSparse(rng, 7, 7, 0.3), { delaySteps: 1 }),
      edge("a", "b", randomSparse(rng, 7, 4, 0.7)),
    ],
  );
};

describe("split-signs", () => {
  test("it leaves every neuron with one sign, and spikes as they were", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
        const net = loop(seed);
        const now = run(net);
        const signs = now.populations.map(({ size }) => new Uint8Array(size));
        for (const { pre, connectivity } of now.projections) {
          if (now.populations[pre].model === "input") continue;
          const { rows, rowStart, values } = expand(connectivity);
          for (let r = 0; r < rows; r++)
            for (let i = rowStart[r]; i < rowStart[r + 1]; i++) signs[pre][r] |= values[i] > 0 ? 1 : 2;
        }
        assert.ok(signs.every((row) => row.every((sign) => sign < 3)));
        const inputs = { in: randomSpikes(createRng(seed), [6], { steps: 12, density: 0.5 }) };
        const [before, after] = [net, now].map((one) =>
          simulateReference(one, inputs, { steps: 12, record: "all" }),
        );
        for (const { name } of net.populations)
          assert.deepEqual(after.recorded[name], before.recorded[name], name);
      }),
      { numRuns: 40 },
    );
  });

  test("it copies only the neurons that have both signs", () => {
    const net = network(
      [input("in", 1), lif("a", 3), lif("b", 2)],
      [
        edge("in", "a", matrix([[1, 1, 1]])),
        edge(
          "a",
          "b",
          matrix([
            [1, -1],
            [1, 1],
            [-1, -1],
          ]),
        ),
      ],
    );
    const now = run(net);
    assert.deepEqual(
      now.populations.map(({ name, size }) => `${name} ${size}`),
      ["in 1", "a 3", "b 2", "a.inhibitory 1"],
    );
    assert.deepEqual(now.outputs, net.outputs);
    const sent = now.projections
      .filter(({ pre }) => pre === 3)
      .map(({ connectivity }) => [...expand(connectivity).values]);
    assert.deepEqual(sent, [[-1]]);
  });

  test("it leaves input lines alone, networks of one sign, and chips with signed weights", () => {
    const both = network([input("in", 1), lif("a", 2)], [edge("in", "a", matrix([[1, -1]]))]);
    assert.equal(run(both), both);
    const net = loop(1);
    assert.equal(run(net, loihi1), net);
  });
});
