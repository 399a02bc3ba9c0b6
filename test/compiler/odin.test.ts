// ODIN's limits as published: 256 neurons, 256 rows, a sign for each row.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { compile } from "#compiler/index";
import { verify } from "#compiler/verify";
import type { Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import { between, edge, input, network, randomSparse } from "#test/networks";
import { digitalLif } from "#test/digital-networks";
import { odin } from "#targets/odin/index";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";

const projection = (signMode: "mixed" | "excitatory") => ({
  delaySteps: 1,
  quantization: { weightBits: 3, signMode, weightExponent: 0 } as const,
});
const positive = (rng: Rng) => (): number => between(rng, 1, 7);

function mapped(net: Network): Deployment {
  const sink = new DiagnosticSink();
  const { deployment, network: now } = compile(net, odin, {}, sink);
  assert.ok(verify(deployment, now, odin, sink).ok, JSON.stringify(sink.diagnostics));
  return deployment;
}

const direct = (inputs: number, neurons: number): Network => {
  const rng = createRng(1);
  return network(
    [input("in", inputs), digitalLif("l", neurons, 1)],
    [edge("in", "l", randomSparse(rng, inputs, neurons, 1, positive(rng)), projection("excitatory"))],
  );
};

const chained = (inputs: number, hidden: number, outputs: number): Network => {
  const rng = createRng(2);
  return network(
    [input("in", inputs), digitalLif("h", hidden, 1), digitalLif("out", outputs, 2)],
    [
      edge("in", "h", randomSparse(rng, inputs, hidden, 1, positive(rng)), projection("excitatory")),
      edge("h", "out", randomSparse(rng, hidden, outputs, 1, positive(rng)), projection("excitatory")),
    ],
  );
};

describe("odin", () => {
  test("it holds 256 neurons and 256 input lines where no neuron sends, and not one more", () => {
    const { cores } = mapped(direct(256, 256));
    assert.equal(cores.length, 1);
    assert.equal(cores[0].target.length, 65_536);
    assert.throws(
      () => mapped(direct(257, 10)),
      /the neurons of the network need 257 input axons, but odin has 256/,
    );
    assert.throws(
      () => mapped(direct(10, 257)),
      /the neurons of the network need 257 compartments, but odin has 256/,
    );
  });

  test("it gives every neuron a row where neurons send", () => {
    assert.equal(mapped(chained(156, 90, 10)).cores[0].neurons, 100);
    assert.throws(() => mapped(chained(157, 90, 10)), /need 257 input axons, but odin has 256/);
  });

  test("it takes a row for each sign of an input line", () => {
    const rng = createRng(3);
    const mixed = (lines: number): Network =>
      network(
        [input("in", lines), digitalLif("l", 8, 1)],
        [
          edge(
            "in",
            "l",
            randomSparse(rng, lines, 8, 1, () => between(rng, 1, 7) * (rng() < 0.5 ? 1 : -1)),
            projection("mixed"),
          ),
        ],
      );
    const net = mixed(40);
    const { cores, inputs } = mapped(net);
    const { weight, axonStart } = cores[0];
    for (let axon = 0; axon + 1 < axonStart.length; axon++) {
      const row = weight.subarray(axonStart[axon], axonStart[axon + 1]);
      assert.ok(row.every((w) => w > 0) || row.every((w) => w < 0));
    }
    assert.ok(inputs[0].routeCore.length > 40);
    assert.equal(inputs[0].routeCore.length, axonStart.length - 1);
  });

  test("it refuses a neuron that excites and inhibits", () => {
    const rng = createRng(4);
    const net = network(
      [input("in", 2), digitalLif("h", 3, 1), digitalLif("out", 8, 2)],
      [
        edge("in", "h", randomSparse(rng, 2, 3, 1, positive(rng)), projection("excitatory")),
        edge(
          "h",
          "out",
          randomSparse(rng, 3, 8, 1, () => (rng() < 0.5 ? 3 : -3)),
          projection("mixed"),
        ),
      ],
    );
    assert.throws(() => mapped(net), /destinations of one neuron/);
  });
});
