import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { DEFAULT_DYNAMICS, type DenseMatrix, type Network } from "#ir/network";
import type { SpikeEvents } from "#ir/spikes";
import { lifModel } from "#neurons/lif";
import { createArrayEngine } from "#train/engine-arrays";
import { createMlp, maskLayer } from "#train/model";
import { toNetwork } from "#train/to-network";
import { createBatch } from "#train/trainer";
import { createRng } from "#util/rng";
import { barImages } from "#test/tiny-digits";

const STEPS = 15;

/** A chain of dense projections and lif populations, step by step, in nothing but the network's own words. */
function spikeCounts(network: Network, sample: SpikeEvents): Float64Array[] {
  const counts = network.populations.map(({ size }) => new Float64Array(size));
  const states = network.populations.map(({ size }) => lifModel.state.map(() => new Float64Array(size)));
  for (let t = 0; t < STEPS; t++) {
    const outputs = network.populations.map(({ size }) => new Float64Array(size));
    sample.step.forEach((step, e) => step === t && (outputs[0][sample.index[e]] = 1));
    network.projections.forEach(({ pre, post, connectivity }) => {
      const { rows, cols, values } = connectivity as DenseMatrix;
      const input = new Float64Array(cols);
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < cols; c++) input[c] += outputs[pre][r] * values[c * rows + r];
      const { params, size } = network.populations[post];
      lifModel.stepFloat!({
        state: states[post],
        params: lifModel.params.map(({ name }) => params[name]),
        dynamics: DEFAULT_DYNAMICS,
        input,
        output: outputs[post],
        size,
      });
    });
    outputs.forEach((output, p) => output.forEach((spikes, i) => (counts[p][i] += spikes)));
  }
  return counts;
}

describe("toNetwork", () => {
  const model = createMlp(
    { sizes: [36, 20, 12, 3], tauSteps: 8, threshold: 1, initGains: [1, 2, 2.5] },
    createRng(3),
  );
  const layers = model.layers.map((layer, l) =>
    maskLayer(
      layer,
      layer.mask.map((_, i) => ((i * 5 + l) % 4 === 0 ? 0 : 1)),
    ),
  );

  test("describes a chain of input, dense layers and lif populations", () => {
    const network = toNetwork({ layers }, "bars");
    assert.deepEqual(
      network.populations.map(({ name, model, shape }) => [name, model, shape]),
      [
        ["input", "input", [36]],
        ["lif1", "lif", [20]],
        ["lif2", "lif", [12]],
        ["lif3", "lif", [3]],
      ],
    );
    assert.deepEqual(
      network.projections.map(({ name, pre, post, layer }) => [name, pre, post, layer]),
      [
        ["fc1", 0, 1, { node: "fc1", kind: "linear" }],
        ["fc2", 1, 2, { node: "fc2", kind: "linear" }],
        ["fc3", 2, 3, { node: "fc3", kind: "linear" }],
      ],
    );
    assert.deepEqual(network.inputs, [{ name: "input", population: 0 }]);
    assert.deepEqual(network.outputs, [{ name: "output", population: 3 }]);
    const { values } = network.projections[1].connectivity as DenseMatrix;
    assert.equal(values[2 * 20 + 7], layers[1].weights[7 * 12 + 2]);
  });

  test("has the spikes that the training engine computes", async () => {
    const batch = createBatch(barImages(12, 4), STEPS);
    const { counts, layerSpikes } = await createArrayEngine().forward({ layers }, batch);
    const network = toNetwork({ layers }, "bars");
    const totals = new Float64Array(3);
    batch.samples.forEach((sample, n) => {
      const reference = spikeCounts(network, sample);
      assert.deepEqual(reference[3], counts.slice(n * 3, n * 3 + 3));
      for (let l = 0; l < 3; l++) totals[l] += reference[l + 1].reduce((sum, spikes) => sum + spikes, 0);
    });
    assert.deepEqual(totals, layerSpikes);
    assert.ok(
      totals.every((spikes) => spikes > 10),
      "the sample network is alive in every layer",
    );
  });
});
