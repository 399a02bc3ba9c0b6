// The exported network as a file of its own kind: it comes back with its conventions, nobody has to say anything.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { networkToNir, readNetwork, writeNirFile } from "#formats/index";
import type { Network } from "#ir/network";
import { trainedModelToNetwork } from "#train/export/trained-network";
import { NEURONS, type NeuronName } from "#train/neurons";
import { DiagnosticSink } from "#util/diagnostic";
import {
  arbitraryModel,
  batchNorm,
  chain,
  type ChainLayer,
  conv,
  linear,
  neuron,
  outputOf,
  pool,
  randomData,
} from "./compare.ts";

const LIVELY = { weightGain: 8 };

async function writtenAndRead(network: Network): Promise<Network> {
  const bytes = await writeNirFile(networkToNir(network));
  const sink = new DiagnosticSink();
  const back = await readNetwork(bytes, { name: network.name }, sink);
  assert.deepEqual(
    sink.diagnostics.filter(({ severity }) => severity !== "note"),
    [],
  );
  return back!;
}

describe("an exported network written as NIR and read back", () => {
  test.each(Object.keys(NEURONS) as NeuronName[])("has the neurons of %s, ties included", async (name) => {
    const spec = NEURONS[name];
    const graph = chain([1], [linear("l", 4, false), neuron("n", spec)]);
    const { model } = arbitraryModel(graph, { pruned: 0 });
    // Currents that reach the threshold exactly, in the first step or the second.
    const once = spec.threshold / spec.gain;
    model.values["l.weight"].set([once, once / (1 + spec.keep), 1.01 * once, 0.7 * once]);
    const { network } = trainedModelToNetwork(model, { name: "net" });
    const data = {
      steps: 8,
      shape: [1],
      samples: [{ step: Uint32Array.from({ length: 8 }, (_, t) => t), index: new Uint32Array(8) }],
    };
    const expected = outputOf(network, data);
    const back = await writtenAndRead(network);
    assert.deepEqual(outputOf(back, data), expected);
    assert.equal(expected[0], Number(spec.compare === ">="));
    const neurons = back.populations.find((population) => population.name === "n")!;
    assert.equal(neurons.dynamics?.compare ?? ">", spec.compare);
  });

  const lif = NEURONS["lif-sj"];
  const CASES: Readonly<Record<string, readonly ChainLayer[]>> = {
    "residual sums of spikes and of currents": [
      conv("c1", 4, { bias: false }),
      batchNorm("b1"),
      neuron("n1", lif),
      conv("c2", 4),
      neuron("n2", lif),
      { name: "a1", op: "add", inputs: ["n1", "n2"] },
      conv("c3", 4),
      { name: "a2", op: "add", inputs: ["c3", "n1"] },
      neuron("n3", NEURONS["lif-wu"]),
    ],
    "a concatenation": [
      conv("c1", 2),
      neuron("n1", lif),
      { name: "cat", op: "concat", inputs: ["n1", "input"] },
      conv("c2", 3, { stride: [2, 1] }),
      neuron("n2", lif),
    ],
    "pooling of both kinds, groups, flatten and voting": [
      conv("c1", 4),
      neuron("n1", lif),
      pool("m", "max"),
      conv("c2", 4, { groups: 4 }),
      neuron("n2", lif),
      pool("p", "average"),
      { name: "f", op: "flatten" },
      linear("l", 12),
      neuron("n3", NEURONS["plif-bc"]),
      { name: "v", op: "voting", groupSize: 4 },
    ],
    "a normalisation by itself": [
      neuron("n1", NEURONS["lif-wu"]),
      batchNorm("b1"),
      neuron("n2", NEURONS["lif-wu"]),
      conv("c", 2),
    ],
  };
  test.each(Object.entries(CASES))("spikes as before: %s", async (_, layers) => {
    const graph = chain([2, 7, 7], layers);
    const { network } = trainedModelToNetwork(arbitraryModel(graph, LIVELY).model, { name: "net" });
    const { spikes } = randomData(graph.inputShape, "spikes");
    const expected = outputOf(network, spikes);
    assert.deepEqual(outputOf(await writtenAndRead(network), spikes), expected);
    assert.ok(expected.some((value) => value !== 0));
  });

  test("takes a rate-encoded image, and real values", async () => {
    const graph = chain([1, 6, 6], [conv("c", 3), batchNorm("b"), neuron("n", lif)]);
    const { model } = arbitraryModel(graph, { ...LIVELY, staticInput: true });
    const coded = { coding: "rate-encode", mean: 0.2, deviation: 0.4 } as const;
    for (const [input, kind] of [
      [coded, "spikes"],
      [{ coding: "analog" }, "static-values"],
    ] as const) {
      const { network } = trainedModelToNetwork(model, { name: "net", input });
      const { spikes } = randomData(graph.inputShape, kind);
      const expected = outputOf(network, spikes);
      assert.deepEqual(outputOf(await writtenAndRead(network), spikes), expected);
      assert.ok(expected.includes(1));
    }
  });
});
