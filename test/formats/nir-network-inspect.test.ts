import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { findingsOf, inspectNir } from "#formats/nir/findings";
import { inspectNetwork, spreadOf } from "#ir/summary";
import { array, chain, file, filled, lif, network } from "./nir-network-builders.ts";

const nir = file(
  {
    input: ["Input", { shape: [2] }],
    fc: ["Affine", { weight: array([1, 0, 0, 4, 0, 6], [3, 2]), bias: [0, 0, 1] }],
    lif: [
      "LIF",
      {
        tau: [1e-3, 2e-3, 4e-3],
        r: [10, 20, 40],
        v_leak: [0, 0, 0],
        v_threshold: [1, 1, 1],
        v_reset: [0, 0, 0],
      },
    ],
    w: ["Linear", { weight: array([1, 1, 1, 1, 1, 1, 1, 1, 0], [3, 3]) }],
    output: ["Output", { shape: [4] }],
  },
  [
    ["input", "fc"],
    ["fc", "lif"],
    ["lif", "w"],
    ["w", "lif"],
    ["lif", "output"],
  ],
);

describe("the summary of a network", () => {
  const summary = inspectNetwork(network(nir, { name: "net" }));

  test("counts neurons, and the weights of trained layers", () => {
    const { name, neurons, weights, nonzeroWeights, densityShare, synapses, timestepNs } = summary;
    assert.deepEqual(
      { name, neurons, weights, nonzeroWeights, densityShare, synapses, timestepNs },
      {
        name: "net",
        neurons: 3,
        weights: 15,
        nonzeroWeights: 11,
        densityShare: 11 / 15,
        synapses: 15 + 9,
        timestepNs: 1e5,
      },
    );
    assert.deepEqual(
      [summary.inputs, summary.outputs],
      [[{ name: "input", shape: [2] }], [{ name: "output", shape: [3] }]],
    );
  });

  test("has the spread of every parameter", () => {
    const population = summary.populations.find(({ name }) => name === "lif");
    const { min, median, max } = population?.params.tauSteps ?? spreadOf([]);
    assert.deepEqual(
      [min, median, max].map((value) => Number(value.toPrecision(12))),
      [10, 20, 40],
    );
    assert.equal(summary.populations.find(({ name }) => name === "fc")?.hasBias, true);
  });

  test("tells identities, layers and feedback apart", () => {
    const told = summary.projections.map(({ pre, post, kind, layer, isFeedback, nonzeroWeights }) => [
      pre,
      post,
      kind,
      layer,
      isFeedback,
      nonzeroWeights,
    ]);
    assert.deepEqual(told, [
      ["input", "fc", "dense", "fc", false, 3],
      ["fc", "lif", "identity", undefined, false, 1],
      ["w", "lif", "identity", undefined, true, 1],
      ["lif", "output", "identity", undefined, false, 1],
      ["lif", "w", "dense", "w", false, 8],
    ]);
  });

  test("is JSON and nothing else", () => {
    assert.deepEqual(JSON.parse(JSON.stringify(summary)), summary);
  });
});

test("the spread of an even number of values has the mean of the middle two as median", () => {
  assert.deepEqual(spreadOf([4, 1, 2, 3]), { min: 1, median: 2.5, max: 4 });
  assert.deepEqual(spreadOf(Float32Array.of(7)), { min: 7, median: 7, max: 7 });
  assert.ok(Number.isNaN(spreadOf([]).median));
});

describe("the inspection of a file", () => {
  test("shows every node with shapes, counts, time constants and what is odd", () => {
    const { nodes, feedback, writer, dtSeconds, edges } = inspectNir(nir);
    assert.deepEqual([writer.writer, dtSeconds, edges, feedback], ["snnTorch", 1e-4, 5, ["w -> lif"]]);
    const { timeConstants, ...lifNode } = nodes.find(({ name }) => name === "lif") ?? assert.fail();
    assert.deepEqual(lifNode, { name: "lif", type: "LIF", input: [3], output: [3], neurons: 3, odd: [] });
    assert.deepEqual(timeConstants[0].inFile, { min: 1e-3, median: 2e-3, max: 4e-3 });
    assert.deepEqual(Math.round(timeConstants[0].inSteps.max), 40);
    const fc = nodes.find(({ name }) => name === "fc");
    assert.deepEqual([fc?.weights, fc?.nonzeroWeights, fc?.densityShare], [6, 3, 0.5]);
    assert.deepEqual(nodes.find(({ name }) => name === "output")?.odd, ["nir/port-shape"]);
  });

  test("works for files that no network can be made of", () => {
    const broken = chain([3], { fc: ["Linear", { weight: array([1, 2], [1, 2]) }], x: ["LIFF", {}] });
    const { nodes, findings } = inspectNir(broken);
    assert.deepEqual(nodes.find(({ name }) => name === "x")?.odd, ["nir/unknown-node-type"]);
    assert.ok(findings.some(({ severity }) => severity === "error"));
    assert.deepEqual(nodes.find(({ name }) => name === "fc")?.odd, ["nir/shape-mismatch"]);
  });

  test("names what is well-formed and yet misread by others", () => {
    const conv = {
      bias: [0],
      stride: [1, 1],
      padding: [0, 0],
      dilation: [1, 1],
      groups: 2,
      input_shape: [5, 5],
      weight: filled(1, [2, 1, 3, 5]),
    };
    const traps = findingsOf(chain([2, 5, 5], { c: ["Conv2d", conv] }, [2, 3, 1])).filter(
      ({ code }) => code === "nir/reader-trap",
    );
    assert.deepEqual(
      traps.map(({ subject }) => subject),
      ["/node/nodes/c/groups", "/node/nodes/c/weight"],
    );
  });

  test("says nothing about a file in order, beside its writer", () => {
    const codes = findingsOf(chain([2], { n: lif([2]) }, [2])).map(({ code }) => code);
    assert.deepEqual(codes, ["nir/writer", "nir/reset-ambiguous"]);
  });
});
