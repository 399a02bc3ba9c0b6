import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { trainedModelToNetwork } from "#train/export/trained-network";
import {
  exportAnalogInput,
  exportMaxPoolNeurons,
  exportMaxPoolOfValues,
  exportNotFinite,
  exportRateEncoded,
  exportReadout,
} from "#train/export/export-diagnostics";
import { NEURONS } from "#train/neurons";
import { formatDiagnostic, ToolchainError } from "#util/diagnostic";
import { arbitraryModel, batchNorm, chain, type ChainLayer, conv, linear, neuron, pool } from "./compare.ts";

const lif = NEURONS["lif-sj"];

/** Codes and data of what an export refuses. */
function refused(run: () => unknown): [string, unknown][] {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ToolchainError);
    return error.diagnostics.filter((d) => d.severity === "error").map(({ code, data }) => [code, data]);
  }
  return [];
}

describe("an export refuses", () => {
  test.each([
    ["currents", [conv("c", 2), pool("m", "max")], "c"],
    ["means", [neuron("n", lif), pool("p", "average"), pool("m", "max")], "p"],
    [
      "sums of spikes",
      [neuron("n", lif), { name: "a", op: "add", inputs: ["n", "input"] }, pool("m", "max")],
      "a",
    ],
    [
      "spikes beside currents",
      [neuron("n", lif), conv("c", 2), { name: "cat", op: "concat", inputs: ["n", "c"] }, pool("m", "max")],
      "cat",
    ],
    ["normalised spikes", [neuron("n", lif), batchNorm("b"), pool("m", "max")], "b"],
  ] as const)("max pooling of %s, by name", (_, layers: readonly ChainLayer[], input) => {
    const { model } = arbitraryModel(chain([2, 8, 8], layers));
    assert.deepEqual(
      refused(() => trainedModelToNetwork(model, { name: "n", inputIsBinary: true })),
      [["train/export-max-pool", { layer: "m", input }]],
    );
  });

  test("max pooling of data that nobody called binary", () => {
    const { model } = arbitraryModel(chain([2, 4, 4], [pool("m", "max"), neuron("n", lif)]));
    assert.deepEqual(
      refused(() => trainedModelToNetwork(model, { name: "n" })),
      [["train/export-max-pool-input", { layer: "m" }]],
    );
    assert.deepEqual(
      refused(() => trainedModelToNetwork(model, { name: "n", inputIsBinary: true })),
      [],
    );
  });

  test("all missing, misshapen and infinite values at once", () => {
    const plif = NEURONS["plif-bc"];
    const graph = chain([3], [linear("l", 2), batchNorm("b"), neuron("n", plif), linear("l2", 2)]);
    const { model } = arbitraryModel(graph);
    const values = Object.fromEntries(
      Object.entries({
        ...model.values,
        "l.weight": new Float32Array(5),
        "l2.bias": Float32Array.of(NaN, Infinity),
      }).filter(([name]) => name !== "n.leak"),
    );
    const faulty = {
      ...model,
      values,
      statistics: { b: { ...model.statistics.b, mean: new Float32Array(1) } },
    };
    assert.deepEqual(
      refused(() => trainedModelToNetwork(faulty, { name: "n" })),
      [
        ["train/trained-value-shape", { name: "l.weight", needed: 6, found: 5 }],
        ["train/trained-value-shape", { name: "b.mean", needed: 2, found: 1 }],
        ["train/trained-value-missing", { name: "n.leak", length: 1 }],
        ["train/export-not-finite", { name: "l2.bias", count: 2 }],
      ],
    );
  });

  test("a rate code for what was trained on spikes, and a deviation of 0", () => {
    const { model } = arbitraryModel(chain([3], [linear("l", 2), neuron("n", lif)]));
    const input = { coding: "rate-encode", mean: 0, deviation: 0 } as const;
    assert.deepEqual(
      refused(() => trainedModelToNetwork(model, { name: "n", input })),
      [
        ["train/export-input-coding", { model: "n" }],
        ["train/export-input-deviation", { mean: 0, deviation: 0 }],
      ],
    );
  });
});

test("messages read like this", () => {
  const texts = [
    exportAnalogInput({ model: "digits", values: 784 }),
    exportRateEncoded({ model: "digits", mean: 0.1307, deviation: 0.3081 }),
    exportMaxPoolNeurons({ layer: "pool1", neurons: 512 }),
    exportMaxPoolOfValues({ layer: "pool1", input: "conv1" }),
    exportReadout({ layer: "fc", op: "linear", population: "fc.readout" }),
    exportNotFinite({ name: "fc.weight", count: 1 }),
  ].map(formatDiagnostic);
  assert.deepEqual(texts, [
    [
      'note[train/export-analog-input]: "digits" was trained on images as they are: its input sends 784 real values in every step, which simulators take and chips do not.',
      "  try: export with a rate-encoded input for chips that take spikes only.",
    ].join("\n"),
    [
      'note[train/export-rate-encoded]: "digits" was trained on images as they are and gets the spikes of their rate code instead, normalisation (mean 0.1307, deviation 0.3081) included in the first weights: an approximation, so its spikes and its accuracy are not those of the training.',
      '  try: measure the accuracy of the exported network, or train with the encoder "rate-encode".',
    ].join("\n"),
    [
      'note[train/export-max-pool-neurons]: the max-pool layer "pool1" became 512 neurons that fire when any neuron of their window does: the same spikes, a population more.',
      '  at model.layers["pool1"]',
    ].join("\n"),
    [
      'error[train/export-max-pool]: the max-pool layer "pool1" needs spikes of 0 and 1, but "conv1" gives other values; neurons compute a maximum of spikes only.',
      '  at model.layers["pool1"]',
      '  try: put "pool1" behind the neurons, or use average pooling.',
    ].join("\n"),
    [
      'note[train/export-readout]: the last layer "fc" (linear) gives values, so "fc.readout" was added: neurons that never fire and whose membrane is that value in each step. The class is the one with the largest sum over the steps.',
      '  at model.layers["fc"]',
    ].join("\n"),
    [
      'error[train/export-not-finite]: "fc.weight" holds 1 number that is not finite; a network needs finite ones.',
      '  at model.values["fc.weight"]',
      "  try: take a checkpoint from before the training diverged, and lower the learning rate.",
    ].join("\n"),
  ]);
});
