// From the trained model to the chip: what maps, what is exact, what is refused.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { runModel } from "#spinec";
import { predictions, sumsOverSteps } from "#simulator/accuracy";
import { simulateReference } from "#simulator/reference-float";
import { loihi1 } from "#targets/loihi1/index";
import { trainedModelToNetwork } from "#train/export/trained-network";
import type { LayerGraph } from "#train/graph";
import { NEURONS, type NeuronName, type NeuronSpec } from "#train/neurons";
import { createRandom } from "#train/random";
import type { TrainedModel } from "#train/trained-model";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { arbitraryModel, batchNorm, chain, conv, linear, neuron, pool, randomData } from "./compare.ts";

/** A residual block, pooling of both kinds, two normalisations and voting. */
function everything(n: NeuronSpec): LayerGraph {
  return chain(
    [2, 8, 8],
    [
      conv("c1", 6, { bias: false }),
      { ...batchNorm("b1"), op: "batch-norm", epsilon: 0, momentum: 0.1, gammaInit: 1 },
      neuron("n1", n),
      conv("c2", 6),
      neuron("n2", n),
      { name: "sum", op: "add", inputs: ["n1", "n2"] },
      pool("p", "average"),
      conv("c3", 6),
      neuron("n3", n),
      pool("m", "max"),
      { name: "f", op: "flatten" },
      linear("l", 20),
      neuron("n4", n),
      { name: "v", op: "voting", groupSize: 5 },
    ],
  );
}

/** Weights and normalisations in steps of 1/16, so that 8 bits hold them and ties at the threshold are common. */
function onLattice(model: TrainedModel): TrainedModel {
  const random = createRandom(5);
  const whole = (low: number, high: number): number => low + Math.floor((high - low + 1) * random.next());
  for (const [name, values] of Object.entries(model.values)) {
    const role = name.slice(name.indexOf(".") + 1);
    for (let i = 0; i < values.length; i++) {
      if (role === "weight") values[i] = random.next() < 0.5 ? 0 : whole(-7, 8) / 16;
      else if (role === "gamma") values[i] = random.next() < 0.2 ? -1 : 1;
      else values[i] = whole(-1, 2) / 16;
    }
  }
  for (const { mean, variance } of Object.values(model.statistics)) {
    for (let i = 0; i < mean.length; i++) mean[i] = whole(-2, 2) / 16;
    variance.fill(1);
  }
  return model;
}

const data = randomData([2, 8, 8], "spikes", { samples: 5, steps: 10, rate: 0.3 });
const inputs = { input: data.spikes };

function run(
  network: Parameters<typeof runModel>[0],
): ReturnType<typeof runModel> & { sink: DiagnosticSink } {
  const sink = new DiagnosticSink();
  return { ...runModel(network, loihi1, loihi1.profiles[0], inputs, {}, sink), sink };
}

describe("an exported network on loihi1", () => {
  test("spikes like the training, tie for tie, where 8 bits hold the weights", () => {
    const { model } = arbitraryModel(everything(NEURONS["if-sj"]));
    const { network } = trainedModelToNetwork(onLattice(model), { name: "net" });
    const { report, spikes } = run(network);
    for (const { population, modelSpikes, differing } of report.quantization?.changedSpikes ?? []) {
      assert.ok(modelSpikes > 0, population);
      assert.equal(differing, 0, population);
    }
    assert.deepEqual(
      report.quantization?.changedSpikes?.map(({ population }) => population),
      ["n1", "n2", "n3", "m", "n4"],
    );
    const { recorded } = simulateReference(network, inputs);
    // A membrane keeps 1/4096 of the step before, which can only decide between classes with as many votes.
    const votes = sumsOverSteps(recorded["v.readout"]);
    const classes = predictions(spikes["v.readout"]);
    classes.forEach((best, b) => assert.equal(votes[b][best], Math.max(...votes[b])));
    assert.ok(new Set(classes).size > 1);
  });

  test.each(Object.keys(NEURONS) as NeuronName[])(
    "maps without a warning and spikes nearly alike: %s",
    (name) => {
      const { model } = arbitraryModel(everything(NEURONS[name]), { weightGain: 6, pruned: 0.5 });
      const { network } = trainedModelToNetwork(model, { name: "net" });
      const { report, sink } = run(network);
      assert.deepEqual(
        sink.diagnostics.filter(({ severity }) => severity !== "note"),
        [],
      );
      const first = report.quantization?.changedSpikes?.[0];
      assert.equal(first?.population, "n1");
      assert.ok(first.modelSpikes > 0 && first.differing < 0.05 * first.modelSpikes, JSON.stringify(first));
    },
  );

  test("halves the membranes of LIF-SJ exactly", () => {
    const { model } = arbitraryModel(everything(NEURONS["lif-sj"]));
    const { network } = trainedModelToNetwork(model, { name: "net" });
    const { quantized } = run(network).mapped;
    const neurons = quantized.populations.filter(({ name }) => /^n\d$/.test(name));
    assert.equal(neurons.length, 4);
    for (const { params } of neurons) assert.ok(params.vDecay.every((decay) => decay === 2048));
  });

  test("has no rectifier: says so by name", () => {
    const graph = chain([6], [linear("l", 4), { name: "r", op: "relu" }, linear("l2", 3)]);
    const { network, notes } = trainedModelToNetwork(arbitraryModel(graph).model, { name: "net" });
    assert.ok(notes.some(({ code }) => code === "train/export-relu"));
    assert.throws(
      () => run(network),
      (error: unknown) =>
        error instanceof ToolchainError &&
        error.diagnostics.some(
          ({ code, subject }) => code.startsWith("quantize/") && subject?.includes('"r"'),
        ),
    );
  });
});
