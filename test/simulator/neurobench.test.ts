import assert from "node:assert/strict";
import { test } from "vitest";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { createNeuroBenchCounter, type NeuroBenchColumns } from "#simulator/neurobench";
import { simulateReference } from "#simulator/reference";
import { dense, edge, input, kernel, lif, network, oneToOne, population, relay } from "#test/networks";

/** Samples of events `[step, index, value]`. */
const events = (steps: number, shape: number[], ...samples: [number, number, number][][]): SpikeData => ({
  steps,
  shape,
  samples: samples.map((sample) => ({
    step: Uint32Array.from(sample, ([step]) => step),
    index: Uint32Array.from(sample, ([, index]) => index),
    value: Float64Array.from(sample, ([, , value]) => value),
  })),
});

function count(net: Network, data: SpikeData): NeuroBenchColumns {
  const counter = createNeuroBenchCounter(net);
  simulateReference(net, { in: data }, { observe: counter.observe });
  return counter.columns();
}

const linear = network(
  [input("in", 3), relay("fc", 2, [0, 0]), lif("out", 2, { tauSteps: 1, vThreshold: [0.5, 100] })],
  [
    edge(
      "in",
      "fc",
      dense([
        [1, 0],
        [2, 3],
        [0, 0],
      ]),
      { layer: { node: "fc", kind: "linear" } },
    ),
    edge("fc", "out", oneToOne(2)),
  ],
);

test("counts a pair for each nonzero input and nonzero weight", () => {
  const columns = count(
    linear,
    events(
      2,
      [3],
      [
        [0, 0, 1],
        [0, 1, 1],
        [1, 2, 1],
      ],
    ),
  );
  assert.deepEqual(columns.synopsPerSample, { effectiveAcs: 3, effectiveMacs: 0, dense: 12 });
  assert.deepEqual(columns.layers, [
    { node: "fc", effectiveAcs: 3, effectiveMacs: 0, dense: 12, weights: 6, nonzeroWeights: 3 },
  ]);
  assert.equal(columns.connectionSparsity, 0.5);
});

test("one value of the batch that is not 0, 1 or -1 makes the whole call a multiplication", () => {
  const columns = count(
    linear,
    events(
      2,
      [3],
      [
        [0, 0, 1],
        [1, 0, -1],
      ],
      [[0, 1, 0.5]],
    ),
  );
  assert.deepEqual(columns.synopsPerSample, { effectiveAcs: 0.5, effectiveMacs: 1.5, dense: 12 });
});

test("counts spikes, silence and membranes that move", () => {
  const columns = count(
    linear,
    events(
      3,
      [3],
      [
        [0, 0, 1],
        [1, 0, 1],
      ],
    ),
  );
  assert.deepEqual(columns.populations, [{ name: "out", spikesPerSample: 2, activationSparsity: 1 - 2 / 6 }]);
  // Neuron 0 is reset to 0 in both steps, so its membrane stays; neuron 1 never moves: only the first step counts.
  assert.equal(columns.membraneUpdatesPerSample, 2);
  const moving = count(linear, events(3, [3], [[1, 1, 1]]));
  assert.equal(moving.membraneUpdatesPerSample, 2 + 1 + 1);
});

test("counts parameters: weights, biases, and neuron parameters where they differ", () => {
  const columns = count(linear, events(1, [3], []));
  assert.equal(columns.parameters, 6 + 2);
  assert.equal(columns.neuronParameters, 4 + 2);
  assert.equal(columns.footprintBytes, 4 * 14);
});

test("does not count padding in a convolution, and counts its kernel and channel biases once", () => {
  const conv = kernel({
    inputShape: [1, 3, 3],
    kernelShape: [2, 1, 3, 3],
    weights: new Array<number>(18).fill(1),
    padding: [1, 1, 1, 1],
  });
  const net = network(
    [input("in", [1, 3, 3]), relay("conv", [2, 3, 3], new Array<number>(18).fill(1))],
    [edge("in", "conv", conv, { layer: { node: "conv", kind: "conv" } })],
  );
  const columns = count(
    net,
    events(
      1,
      [1, 3, 3],
      [
        [0, 0, 1],
        [0, 4, 1],
      ],
    ),
  );
  assert.deepEqual(columns.synopsPerSample, { effectiveAcs: 2 * (4 + 9), effectiveMacs: 0, dense: 2 * 49 });
  assert.equal(columns.layers[0].weights, 18);
  assert.equal(columns.parameters, 18 + 2);
});

test("a neuron with several spikes in a step counts once as active and all its spikes as spikes", () => {
  const net = network(
    [
      input("in", 1),
      population(
        "out",
        "if",
        1,
        { r: 1, vThreshold: 1 },
        {
          dynamics: { integrator: "euler", compare: ">=", reset: "multi-subtract", current: "new" },
        },
      ),
    ],
    [edge("in", "out", oneToOne(1))],
  );
  const columns = count(net, events(2, [1], [[0, 0, 3]]));
  assert.deepEqual(columns.populations, [{ name: "out", spikesPerSample: 3, activationSparsity: 0.5 }]);
});

test("a network without layers and neurons is not sparse", () => {
  const net = network([input("in", 1), relay("out", 1)], [edge("in", "out", oneToOne(1))]);
  const columns = count(net, events(1, [1], []));
  assert.equal(columns.connectionSparsity, 0);
  assert.equal(columns.activationSparsity, 0);
  assert.deepEqual(columns.synopsPerSample, { effectiveAcs: 0, effectiveMacs: 0, dense: 0 });
});
