import { test } from "vitest";
import { type Demand, RESOURCES } from "#ir/block-graph";
import { blockGraphText, deploymentText, networkText } from "#ir/text";
import { deploymentOf } from "#test/deployments";
import { assertGolden } from "#test/golden";
import {
  dense,
  edge,
  input,
  kernel,
  lif,
  matrix,
  network,
  oneToOne,
  randomQuantized,
  relay,
} from "#test/networks";
import { createRng } from "#util/rng";

const model = network(
  [
    input("in", [1, 4, 4]),
    relay("conv", [2, 2, 2], [0.5]),
    lif("hidden", [2, 2, 2], { tauSteps: [2, 4, 2, 4, 2, 4, 2, 4] }),
    lif(
      "out",
      3,
      {},
      { dynamics: { integrator: "euler", compare: ">=", reset: "subtract", current: "new" } },
    ),
  ],
  [
    edge("in", "conv", kernel({ inputShape: [1, 4, 4], kernelShape: [2, 1, 2, 2], stride: [2, 2], weights: [1, 0, -1, 0.25, 1, 1, 0, 1] }), { layer: { node: "conv", kind: "conv" } }), // prettier-ignore
    edge("conv", "hidden", oneToOne(8)),
    edge("hidden", "out", dense(Array.from({ length: 8 }, (_, i) => [i / 3, 0, -1]))),
    edge("out", "out", matrix([[null, -1, -1], [-1, null, -1], [-1, -1, null]]), { delaySteps: 1, beforeStart: "zeros-through" }), // prettier-ignore
  ],
  { name: "example" },
);

test("lists a network as a person would read it", () => {
  assertGolden("ir/network.txt", networkText({ ...model, timestepNs: 1e6 }));
});

test("lists a quantized network with its scales, delays and start steps", () => {
  const chip = randomQuantized(createRng(4), { inputs: 5, sizes: [6, 4], recurrent: true });
  assertGolden("ir/quantized.txt", networkText(chip));
});

test("lists a block graph by names", () => {
  const demand = Object.fromEntries(RESOURCES.map((resource, i) => [resource, 10 * i])) as Demand;
  const slice = (population: number, begin: number, end: number) => ({ population, begin, end });
  const graph = {
    blocks: [
      { slices: [slice(2, 0, 8)], demand },
      { slices: [slice(3, 0, 2), slice(3, 2, 3)], demand },
    ],
    nets: [
      { source: -1, sinks: Uint32Array.of(0), spikesPerStep: 2.5 },
      { source: 0, sinks: Uint32Array.of(0, 1), spikesPerStep: 1 / 3 },
    ],
  };
  assertGolden("ir/block-graph.txt", blockGraphText(graph, model));
});

test("lists a deployment core by core", () => {
  const deployment = deploymentOf({
    inputs: [{ name: "in", size: 2 }],
    populations: [
      { name: "hidden", size: 3, startStep: 1, core: (i) => (i < 2 ? 0 : 4) },
      { name: "out", size: 1, startStep: 2, core: () => 4 },
    ],
    projections: [
      { pre: "in", post: "hidden", synapses: [{ pre: 0, post: 0, weight: 12 }, { pre: 1, post: 2, weight: -4 }] }, // prettier-ignore
      { pre: "hidden", post: "out", weightExponent: 2, encoding: "dense", synapses: [{ pre: 0, post: 0, weight: 8, delaySteps: 3 }] }, // prettier-ignore
    ],
    outputs: [{ name: "out", readout: "spikes" }],
  });
  assertGolden("ir/deployment.txt", deploymentText(deployment));
});
