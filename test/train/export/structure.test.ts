// Branches, readouts and what is folded: exact, and in the form that is wanted.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { Network } from "#ir/network";
import { predictions } from "#simulator/accuracy";
import { simulateReference } from "#simulator/reference-float";
import { trainedModelToNetwork } from "#train/export/trained-network";
import { NEURONS } from "#train/neurons";
import {
  arbitraryModel,
  assertSameAsTraining,
  batchNorm,
  chain,
  conv,
  dense,
  linear,
  neuron,
  pool,
  randomData,
  trainingActivations,
} from "./compare.ts";

const lif = NEURONS["lif-sj"];
const wu = NEURONS["lif-wu"];
const LIVELY = { weightGain: 8 };

const namesOf = ({ populations }: Network): string[] => populations.map(({ name }) => name);

describe("batch normalisation", () => {
  test("leaves no population and no weight that was not there", () => {
    const graph = chain([2, 6, 6], [conv("c", 4, { bias: false }), batchNorm("b"), neuron("n", lif)]);
    const model = arbitraryModel(graph, { ...LIVELY, pruned: 0.8 });
    const { network } = assertSameAsTraining(model, randomData(graph.inputShape, "spikes"));
    assert.deepEqual(namesOf(network), ["input", "c", "n"]);
    const { connectivity } = network.projections[0];
    assert.ok(connectivity.kind === "kernel");
    const trained = model.model.values["c.weight"];
    connectivity.weights.forEach((w, i) => assert.equal(w === 0, trained[i] === 0));
  });

  test("is folded through dropout, average pooling and a second one", () => {
    const graph = chain(
      [2, 6, 6],
      [
        conv("c", 4),
        { name: "d", op: "dropout", rate: 0.5 },
        batchNorm("b1"),
        pool("p", "average"),
        batchNorm("b2"),
        neuron("n", lif),
      ],
    );
    const { network } = assertSameAsTraining(
      arbitraryModel(graph, LIVELY),
      randomData(graph.inputShape, "spikes"),
    );
    assert.deepEqual(namesOf(network), ["input", "c", "p", "n"]);
  });

  test("of what others read too stays a map of its own", () => {
    const graph = chain(
      [2, 6, 6],
      [
        conv("c", 4),
        batchNorm("b"),
        neuron("n1", lif),
        neuron("n2", lif, ["c"]),
        { name: "a", op: "add", inputs: ["n1", "n2"] },
        conv("c2", 3),
        neuron("n3", wu),
      ],
    );
    const { network } = assertSameAsTraining(
      arbitraryModel(graph, LIVELY),
      randomData(graph.inputShape, "spikes"),
    );
    assert.deepEqual(namesOf(network), ["input", "c", "n1.in", "n1", "n2", "a", "c2", "n3"]);
  });

  test.each([
    ["linear", [linear("l", 8)], [10], 1],
    ["a convolution without padding", [conv("l", 3, { padding: [0, 0] })], [3, 6, 6], 1],
    ["a grouped convolution without padding", [conv("l", 6, { padding: [0, 0], groups: 3 })], [3, 6, 6], 1],
    ["a convolution with padding", [conv("l", 3)], [3, 6, 6], 2],
  ] as const)("of the data goes into %s behind it where it can", (_, layers, shape, projections) => {
    const graph = chain(shape, [batchNorm("b"), ...layers, neuron("n", lif)]);
    const { network } = assertSameAsTraining(
      arbitraryModel(graph, LIVELY),
      randomData(graph.inputShape, "spikes"),
    );
    assert.equal(network.projections.length, projections + 1);
  });
});

describe("a residual connection", () => {
  test("of spikes adds them before the weights", () => {
    const graph = chain(
      [2, 6, 6],
      [
        conv("c1", 4),
        neuron("n1", lif),
        conv("c2", 4),
        batchNorm("b2"),
        neuron("n2", lif),
        { name: "sum", op: "add", inputs: ["n1", "n2"] },
        conv("c3", 3, { stride: [2, 2] }),
        neuron("n3", lif),
      ],
    );
    assertSameAsTraining(arbitraryModel(graph, LIVELY), randomData(graph.inputShape, "spikes"));
  });

  test("of currents adds them before the neurons", () => {
    const graph = chain(
      [2, 6, 6],
      [
        conv("c1", 4),
        neuron("n1", wu),
        conv("c2", 4, { inputs: ["n1"] }),
        batchNorm("b2"),
        conv("short", 4, { inputs: ["input"], kernel: [1, 1], padding: [0, 0] }),
        batchNorm("b3"),
        { name: "sum", op: "add", inputs: ["b2", "b3", "n1"] },
        neuron("n2", wu),
      ],
    );
    const { network } = assertSameAsTraining(
      arbitraryModel(graph, LIVELY),
      randomData(graph.inputShape, "spikes"),
    );
    assert.deepEqual(namesOf(network), ["input", "c1", "n1", "c2", "short", "sum", "n2"]);
  });

  test("with itself counts twice", () => {
    const graph = chain(
      [6],
      [
        linear("l1", 6),
        neuron("n1", lif),
        { name: "sum", op: "add", inputs: ["n1", "n1", "input"] },
        linear("l2", 4),
        neuron("n2", lif),
      ],
    );
    assertSameAsTraining(arbitraryModel(graph, LIVELY), randomData(graph.inputShape, "spikes"));
  });
});

describe("a concatenation", () => {
  const branches = [
    conv("c1", 2),
    neuron("n1", lif),
    conv("c2", 3, { inputs: ["input"] }),
    neuron("n2", wu),
    { name: "cat", op: "concat", inputs: ["n1", "n2", "input"] },
  ] as const;

  test("splits the weights behind it by channel", () => {
    const graph = chain([2, 6, 6], [...branches, conv("c3", 4), batchNorm("b"), neuron("n3", lif)]);
    const { network } = assertSameAsTraining(
      arbitraryModel(graph, LIVELY),
      randomData(graph.inputShape, "spikes"),
    );
    const inChannels = network.projections.flatMap(({ connectivity, layer }) =>
      layer?.node.startsWith("c3") && connectivity.kind === "kernel" ? [connectivity.kernelShape[1]] : [],
    );
    assert.deepEqual(inChannels, [2, 3, 2]);
  });

  test.each([
    ["pooled and flattened", [pool("p", "average"), { name: "f", op: "flatten" }, linear("l", 30)]],
    ["max-pooled", [pool("m", "max"), conv("l", 4)]],
    ["normalised", [batchNorm("b"), conv("l", 4)]],
    ["read in groups", [conv("l", 14, { groups: 7 })]],
    ["added to something", [conv("c3", 7), { name: "sum", op: "add", inputs: ["cat", "c3"] }]],
    ["read by neurons", [neuron("m", wu), conv("l", 3)]],
  ] as const)("may be %s", (_, layers) => {
    const graph = chain([2, 6, 6], [...branches, ...layers, neuron("n3", lif)]);
    assertSameAsTraining(arbitraryModel(graph, LIVELY), randomData(graph.inputShape, "spikes"), {
      inputIsBinary: true,
    });
  });
});

describe("max pooling", () => {
  test("adds one population of neurons and says so", () => {
    const graph = chain([2, 6, 6], [conv("c", 3), neuron("n", lif), pool("m", "max"), pool("m2", "max", 3)]);
    const { network, notes } = assertSameAsTraining(
      arbitraryModel(graph, LIVELY),
      randomData(graph.inputShape, "spikes", { rate: 0.1 }),
    );
    assert.deepEqual(namesOf(network), ["input", "c", "n", "m.sum", "m", "m2.sum", "m2"]);
    assert.deepEqual(
      notes.map(({ code, data }) => [code, data]),
      [
        ["train/export-max-pool-neurons", { layer: "m", neurons: 27 }],
        ["train/export-max-pool-neurons", { layer: "m2", neurons: 3 }],
      ],
    );
  });
});

describe("the readout", () => {
  test("is the last population of neurons, and nothing is added", () => {
    const graph = chain([6], [linear("l", 4), neuron("n", lif)]);
    const { network, notes } = trainedModelToNetwork(arbitraryModel(graph).model, { name: "n" });
    assert.deepEqual(network.outputs, [{ name: "output", population: 2 }]);
    assert.deepEqual(notes, []);
  });

  test.each([
    ["voting", [linear("l", 12), neuron("n", lif), { name: "vote", op: "voting", groupSize: 4 }]],
    ["a layer of weights", [linear("l", 9), neuron("n", lif), linear("last", 3, false)]],
    ["a normalisation", [linear("l", 9), neuron("n", lif), linear("last", 3), batchNorm("b")]],
    ["a sum of spikes", [linear("l", 3), neuron("n", lif), { name: "a", op: "add", inputs: ["n", "n"] }]],
    ["a rectifier", [linear("l", 3), { name: "r", op: "relu" }]],
  ] as const)(
    "behind %s is the value itself, so that the largest sum is the class of the training",
    (_, layers) => {
      const graph = chain([7], layers);
      const model = arbitraryModel(graph, LIVELY);
      const data = randomData([7], "spikes", { samples: 40 });
      const { network, notes } = assertSameAsTraining(model, data);
      const { population } = network.outputs[0];
      assert.equal(network.populations[population].name, `${graph.output}.readout`);
      assert.ok(notes.some(({ code }) => code === "train/export-readout"));

      const { recorded } = simulateReference(network, { input: data.spikes });
      const output = Object.values(recorded)[0];
      const wanted = trainingActivations(model, data)[graph.output];
      const classes = dense(output).length / (data.steps * data.samples);
      const best = Array.from({ length: data.samples }, (_, b) => {
        const sums = Array.from({ length: classes }, (_, c) => {
          let sum = 0;
          for (let t = 0; t < data.steps; t++) sum += wanted[(t * data.samples + b) * classes + c];
          return sum;
        });
        return sums.indexOf(Math.max(...sums));
      });
      assert.deepEqual([...predictions(output)], best);
      assert.ok(new Set(best).size > 1);
    },
  );
});

test("layers that the output does not need are left out", () => {
  const graph = chain([6], [linear("l", 4), neuron("n", lif), linear("aside", 3), neuron("m", lif)]);
  const { network } = assertSameAsTraining(
    arbitraryModel({ ...graph, output: "n", layers: graph.layers.slice(0, 2) }, LIVELY),
    randomData([6], "spikes"),
  );
  const { model } = arbitraryModel({ ...graph, output: "n" }, LIVELY);
  assert.deepEqual(namesOf(trainedModelToNetwork(model, { name: "n" }).network), namesOf(network));
});
