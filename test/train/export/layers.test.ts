// Spike for spike: every kind of layer and every neuron, in the training engine and in the exported network.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { Network } from "#ir/network";
import { validateNetwork } from "#ir/validate-network";
import { NEURON_MODELS } from "#neurons/index";
import { trainedModelToNetwork } from "#train/export/trained-network";
import type { LayerGraph } from "#train/graph";
import { NEURONS, type NeuronName, type NeuronSpec } from "#train/neurons";
import { DiagnosticSink } from "#util/diagnostic";
import {
  arbitraryModel,
  assertSameAsTraining,
  batchNorm,
  chain,
  conv,
  linear,
  neuron,
  outputOf,
  pool,
  randomData,
} from "./compare.ts";

const NAMES = Object.keys(NEURONS) as NeuronName[];

/** One network for each kind of layer; `n` is the neuron under test. */
const GRAPHS: Readonly<Record<string, (n: NeuronSpec) => LayerGraph>> = {
  "linear layers with and without bias": (n) =>
    chain([12], [linear("fc1", 9), neuron("n1", n), linear("fc2", 5, false), neuron("n2", n)]),
  "a convolution with padding and bias": (n) => chain([2, 6, 5], [conv("c1", 3), neuron("n1", n)]),
  "a convolution with oblong kernel, stride and padding": (n) =>
    chain(
      [2, 9, 8],
      [conv("c1", 4, { kernel: [3, 2], stride: [2, 3], padding: [1, 0], bias: false }), neuron("n1", n)],
    ),
  "grouped and depthwise convolutions": (n) =>
    chain(
      [4, 5, 5],
      [
        conv("c1", 6, { groups: 2 }),
        neuron("n1", n),
        conv("c2", 6, { groups: 6, padding: [0, 0] }),
        neuron("n2", n),
      ],
    ),
  "average pooling before weights, flatten and dropout": (n) =>
    chain(
      [2, 7, 7],
      [
        conv("c1", 3),
        neuron("n1", n),
        pool("p1", "average"),
        { name: "d1", op: "dropout", rate: 0.5 },
        { name: "f1", op: "flatten" },
        linear("fc1", 8),
        neuron("n2", n),
      ],
    ),
  "average pooling of currents, windows that overlap": (n) =>
    chain([2, 7, 7], [conv("c1", 3), pool("p1", "average", 3, 2), neuron("n1", n)]),
  "batch normalisation behind convolution and linear": (n) =>
    chain(
      [2, 6, 6],
      [
        conv("c1", 4, { bias: false }),
        batchNorm("b1"),
        neuron("n1", n),
        { name: "f1", op: "flatten" },
        linear("fc1", 6),
        batchNorm("b2"),
        neuron("n2", n),
      ],
    ),
  "max pooling of spikes": (n) =>
    chain(
      [2, 7, 7],
      [conv("c1", 3), neuron("n1", n), pool("m1", "max", 3, 2), conv("c2", 2), neuron("n2", n)],
    ),
};

describe("an exported network", () => {
  for (const [title, graphOf] of Object.entries(GRAPHS))
    test.each(NAMES)(`spikes as in training: ${title}, %s`, (name) => {
      const graph = graphOf(NEURONS[name]);
      const model = arbitraryModel(graph, { weightGain: 8 });
      assertSameAsTraining(model, randomData(graph.inputShape, "spikes"));
    });

  test("takes event counts where training does", () => {
    const graph = GRAPHS["average pooling before weights, flatten and dropout"](NEURONS["lif-sj"]);
    assertSameAsTraining(arbitraryModel(graph, { weightGain: 8 }), randomData(graph.inputShape, "counts"));
  });

  test("is a network without faults", () => {
    for (const graphOf of Object.values(GRAPHS)) {
      const { network } = trainedModelToNetwork(arbitraryModel(graphOf(NEURONS["plif-bc"])).model, {
        name: "n",
      });
      const sink = new DiagnosticSink();
      validateNetwork(network, sink, { models: NEURON_MODELS });
      assert.deepEqual(sink.diagnostics, []);
    }
  });
});

describe("an exported neuron", () => {
  /** One neuron with a constant current: the traces of the literature, ties at the threshold included. */
  const traceOf = (spec: NeuronSpec, current: number, leak?: number): string => {
    const model = arbitraryModel(chain([1], [linear("fc", 1, false), neuron("n", spec)]), { pruned: 0 });
    model.parameters.list[0].value[0] = current;
    if (leak !== undefined) model.parameters.list[1].value[0] = leak;
    const values = Object.fromEntries(model.parameters.list.map((p) => [p.name, Float32Array.from(p.value)]));
    const { network } = trainedModelToNetwork({ ...model.model, values }, { name: "n" });
    return trace(network);
  };

  test.each([
    ["lif-sj", 1.5, "01010101"],
    ["lif-sj", Math.fround(1.2), "00100100"],
    ["lif-sj", 1, "00000000"],
    ["lif-sj", 2, "11111111"],
    ["if-sj", 0.5, "01010101"],
    ["lif-wu", 0.5, "01010101"],
    ["lif-tet", 1, "01010101"],
    ["lif-bc", 1, "01010101"],
    ["plif-bc", 1, "01010101"],
  ] as const)("%s with a current of %d fires %s", (name, current, expected) => {
    assert.equal(traceOf(NEURONS[name], current, name === "plif-bc" ? 0 : undefined), expected);
  });

  test("has the leak that was learnt", () => {
    // sigmoid(ln 3) = 0.75: membranes 0.45, 0.5625 with a current of 0.6 and a threshold of 0.5.
    assert.equal(traceOf(NEURONS["plif-bc"], Math.fround(0.6), Math.log(3)), "01010101");
    assert.equal(traceOf(NEURONS["plif-bc"], Math.fround(0.6), 0), "00100100");
  });
});

/** Spikes of the only neuron in eight steps of input. */
function trace(network: Network): string {
  const step = Uint32Array.from({ length: 8 }, (_, t) => t);
  const always = { steps: 8, shape: [1], samples: [{ step, index: new Uint32Array(8) }] };
  return [...outputOf(network, always)].join("");
}
