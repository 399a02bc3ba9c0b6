import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { formatDiagnostic } from "#util/diagnostic";
import { array, chain, file, filled, lif, lower, type Value } from "./nir-network-builders.ts";

const LIF = { tau: [1e-3], r: [10], v_leak: [0], v_threshold: [1], v_reset: [0] };
const one = (fields: Record<string, Value>) => lower(chain([1], { n: ["LIF", { ...LIF, ...fields }] }));

describe("the fields of a node", () => {
  test("are all checked at once, across nodes", () => {
    const { network, codes } = lower(
      chain([2], {
        fc: ["Linear", { weight: array([1, NaN, Infinity, 4], [2, 2]) }],
        a: ["LIFF", {}],
        b: ["LIF", { ...LIF, tau: [0] }],
        c: ["Affine", { bias: [1] }],
        d: ["Linear", { weight: [1, 2] }],
      }),
    );
    assert.equal(network, undefined);
    const errors = [
      "nir/bad-field",
      "nir/missing-field",
      "nir/non-finite",
      "nir/tau-not-positive",
      "nir/unknown-node-type",
    ];
    for (const code of errors) assert.ok(codes.includes(code), code);
  });

  test("of an unknown type come with the nearest type", () => {
    const { diagnostics } = lower(chain([1], { n: ["LIFF", {}] }));
    const found = diagnostics.find(({ code }) => code === "nir/unknown-node-type");
    assert.match(found?.message ?? "", /^"n" is a LIFF, which NIR does not define; did you mean LIF\?$/);
    assert.match(found?.hint ?? "", /CubaLIF/);
  });

  test("that hold no finite number are counted, with the first index", () => {
    const { diagnostics } = lower(
      chain([2], { fc: ["Linear", { weight: array([1, NaN, 3, -Infinity], [2, 2]) }] }, [2]),
    );
    const found = diagnostics.find(({ code }) => code === "nir/non-finite");
    assert.equal(
      found && formatDiagnostic(found),
      [
        'error[nir/non-finite]: 2 of 4 values of weight of Linear "fc" are no finite numbers; the first is NaN at index 1.',
        "  at /node/nodes/fc/weight[1]",
        "  try: the training has probably diverged; export an earlier checkpoint.",
      ].join("\n"),
    );
  });

  test("that are missing are asked for, or assumed with a warning", () => {
    const { tau, r, v_threshold } = LIF;
    assert.deepEqual(lower(chain([1], { n: ["LIF", { tau, r, v_threshold }] })).codes, ["nir/field-assumed"]);
    assert.deepEqual(lower(chain([1], { n: ["LIF", { tau, r }] })).codes, [
      "nir/field-assumed",
      "nir/missing-field",
    ]);
    assert.deepEqual(lower(chain([1], { fc: ["Affine", { weight: array([1], [1, 1]) }] })).codes, [
      "nir/field-assumed",
    ]);
  });

  test("that NIR does not know are ignored, with a guess at what was meant", () => {
    const { diagnostics, network } = one({ tau_mem: [1] });
    assert.ok(network);
    assert.deepEqual(
      diagnostics.filter(({ severity }) => severity === "warning").map(({ code }) => code),
      ["nir/extra-field"],
    );
    const rest = { r: LIF.r, v_leak: LIF.v_leak, v_threshold: LIF.v_threshold, v_reset: LIF.v_reset };
    const typo = lower(chain([1], { n: ["LIF", { ...rest, tua: [1] }] })).diagnostics;
    assert.match(typo.find(({ code }) => code === "nir/extra-field")?.message ?? "", /did you mean "tau"\?$/);
  });

  test("must be numbers", () => {
    const { diagnostics } = one({ tau: "fast" });
    assert.match(diagnostics[0].message, /^tau of LIF "n" needs numbers; the file has the text "fast"\.$/);
  });

  test("named like parts of every object are no trouble", () => {
    const { codes } = one({ constructor: [1], toString: [2] });
    assert.deepEqual(codes, ["nir/extra-field", "nir/extra-field"]);
  });
});

describe("time constants", () => {
  test("of zero or less are refused", () => {
    for (const tau of [0, -1])
      assert.deepEqual(one({ tau: [tau] }).codes.filter((code) => code === "nir/tau-not-positive").length, 1);
  });

  test("shorter than a step are a warning under Euler, and none under exponential decay", () => {
    const nir = chain(
      [2],
      {
        n: [
          "LIF",
          { ...LIF, tau: [2e-4, 5e-4], r: [2, 5], v_leak: [0, 0], v_threshold: [1, 1], v_reset: [0, 0] },
        ],
      },
      [2],
    );
    const { diagnostics } = lower(nir, { dtSeconds: 4e-4 });
    const found = diagnostics.find(({ code }) => code === "nir/tau-below-step");
    assert.deepEqual(found?.data, { field: "tau", neurons: 1, of: 2, smallestSteps: 0.5 });
    assert.deepEqual(lower(nir, { dtSeconds: 4e-4, integrator: "exponential" }).codes, []);
  });

  test("of exactly one step are fine, in 32-bit floats too", () => {
    const single = { data: Float32Array.of(1e-4), shape: [1], dtype: "float32" };
    assert.deepEqual(one({ tau: single, r: [1] }).codes, []);
  });
});

test("thresholds of zero or less, and resets above them, are warnings", () => {
  const { codes, network } = one({ v_threshold: [-1] });
  assert.ok(network);
  assert.deepEqual(codes, ["nir/reset-above-threshold", "nir/threshold-not-positive"]);
});

test("delays that are no whole steps are rounded, halves to even, and named", () => {
  const nir = chain([4], { d: ["Delay", { delay: [0.5, 1.5, 2.4, 3] }], n: lif([4]) }, [4]);
  const { diagnostics, network } = lower(nir, { timeUnit: "steps" });
  assert.deepEqual(diagnostics.find(({ code }) => code === "nir/delay-rounded")?.data, {
    delays: 3,
    exampleSteps: 0.5,
  });
  assert.deepEqual(
    network?.projections
      .filter(({ name }) => name.startsWith("input->d"))
      .map(({ delaySteps }) => delaySteps),
    [0, 2, 3],
  );
  assert.ok(lower(chain([1], { d: ["Delay", { delay: [-1] }] })).codes.includes("nir/bad-field"));
});

test("a reset mode for a node that does not exist is a fault, with the nearest name", () => {
  const { diagnostics, network } = lower(chain([1], { lif1: lif([1]) }), { reset: { lif2: "subtract" } });
  assert.equal(network, undefined);
  assert.match(
    diagnostics.find(({ severity }) => severity === "error")?.message ?? "",
    /no neuron node of that name; did you mean "lif1"\?$/,
  );
});

test("the order of nodes and edges in the file does not change the network", () => {
  const nodes = {
    i: ["Input", { shape: [1] }],
    n: lif([1]),
    s: ["Scale", { scale: filled(2, [1]) }],
    o: ["Output", { shape: [1] }],
  } as const;
  const edges = [
    ["i", "s"],
    ["s", "n"],
    ["n", "o"],
  ] as const;
  const reversed = file(nodes, edges.toReversed());
  assert.deepEqual(lower(reversed).network, lower(file(nodes, edges)).network);
});
