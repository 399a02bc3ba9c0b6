import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { ImportOptions } from "#formats/format";
import type { NirFile } from "#formats/nir/graph";
import { detectWriter, WRITER_NAMES, type WriterFingerprint } from "#formats/nir/writers";
import { chain, filled, graph, lower, network, population, type Value } from "./nir-network-builders.ts";

const lifFile = (tau: readonly number[], r: readonly number[], more: Record<string, Value> = {}): NirFile => {
  const zero = filled(0, [tau.length]);
  const n = { tau, r, v_leak: zero, v_threshold: filled(1, [tau.length]), v_reset: zero, ...more };
  return chain([tau.length], { n: ["LIF", n] }, [tau.length]);
};
const cubaFile = (tauSyn: readonly number[], tauMem: readonly number[], r: readonly number[]): NirFile => {
  const zero = filled(0, [tauSyn.length]);
  const n = { tau_syn: tauSyn, tau_mem: tauMem, r, v_leak: zero, v_threshold: filled(1, [r.length]) };
  return chain([r.length], { n: ["CubaLIF", n] }, [r.length]);
};
const ifFile = (r: number): NirFile => chain([2], { n: ["IF", { r: [r, r], v_threshold: [1, 1] }] }, [2]);
/** As a file keeps it: rounded to 32 bits. */
const single = (...values: number[]): number[] => [...Float32Array.from(values)];

describe("the writer of a file", () => {
  const rockpool = (tau: number, dt: number): number => (tau * Math.exp(-dt / tau)) / dt;
  const cases: [WriterFingerprint["writer"], string, NirFile, Partial<WriterFingerprint>][] = [
    [
      "snnTorch",
      "tau / r is 1e-4",
      lifFile(single(1e-3, 7e-4), single(10, 7)),
      { dtSeconds: 1e-4, timeUnit: "s", reset: "value", compare: ">" },
    ],
    [
      "snnTorch",
      "tau_mem / r is 1e-4",
      cubaFile(single(2e-4, 2e-4), single(1e-3, 1e-3), [10, 10]),
      { dtSeconds: 1e-4 },
    ],
    [
      "SpikingJelly",
      "IF has r = 1e4",
      ifFile(1e4),
      { dtSeconds: 1e-4, compare: ">=", ifStep: "dt", reset: "value" },
    ],
    [
      "SpikingJelly",
      "r is 1, tau two steps of 1e-4 s",
      lifFile(single(2e-4, 2e-4), [1, 1]),
      { dtSeconds: 1e-4, compare: ">=" },
    ],
    [
      "Norse",
      "r is 1, tau in the milliseconds",
      lifFile(single(5e-3, 1e-2), [1, 1]),
      { dtSeconds: 1e-3, compare: ">", reset: "value" },
    ],
    [
      "sinabs",
      "r is 1, tau at least 1",
      lifFile([10, 20.5], [1, 1]),
      {
        timeUnit: "steps",
        integrator: "exponential",
        reset: "multi-subtract",
        compare: ">=",
        vMinThresholds: -1,
      },
    ],
    [
      "sinabs",
      "IF has r = 1",
      ifFile(1),
      { timeUnit: "steps", reset: "multi-subtract", compare: ">=", vMinThresholds: -1 },
    ],
    [
      "Spyx",
      "r is the decay at a step of 1",
      lifFile(single(4, 10), single(0.75, 0.9)),
      { timeUnit: "steps", reset: "subtract", compare: ">" },
    ],
    [
      "Spyx",
      "r is the decay of several taus",
      lifFile(single(4e-3, 1e-2), single(0.75, 0.9)),
      { timeUnit: "s", dtSeconds: 1e-3 },
    ],
    [
      "Rockpool",
      "r is tau exp(-dt/tau)/dt",
      lifFile(single(2.5e-3, 1e-2), single(rockpool(2.5e-3, 1e-4), rockpool(1e-2, 1e-4))),
      { dtSeconds: 1e-4, integrator: "exponential", reset: "subtract", compare: ">=" },
    ],
    ["hxtorch/jaxsnn", "milliseconds", cubaFile([5, 5], [10, 10], [3, 3]), { timeUnit: "ms" }],
    ["SpiNNaker2", "tau is 4", lifFile([4, 4], [1, 1]), { timeUnit: "steps" }],
    ["unknown", "no relation", lifFile([3e-3, 5e-3], [7, 9]), { timeUnit: "s", reset: "value" }],
    ["unknown", "one tau proves no step", lifFile([2e-2, 2e-2], [0.5, 0.5]), { timeUnit: "s" }],
    ["unknown", "no time constant below 1", lifFile([3, 5], [7, 9]), { timeUnit: "steps" }],
  ];
  for (const [writer, title, nir, expected] of cases)
    test(`is recognised: ${writer}, ${title}`, () => {
      const found = detectWriter(nir);
      assert.equal(found.writer, writer, found.evidence);
      for (const [key, value] of Object.entries(expected))
        assert.equal(found[key as keyof WriterFingerprint], value, key);
    });

  test("is looked for in nested graphs, too", () => {
    const inner = lifFile([1e-3], [10]).root;
    const nir = { root: graph({ sub: inner }, []) };
    assert.equal(detectWriter(nir).writer, "snnTorch");
  });

  test("is one of the names that the list has", () => {
    for (const [writer] of cases) assert.ok(WRITER_NAMES.includes(writer));
  });
});

describe("the conventions of a file", () => {
  const dynamicsOf = (nir: NirFile, options: ImportOptions = {}) =>
    population(network(nir, options), "n").dynamics;

  test("are printed with their evidence, and follow the writer", () => {
    const { diagnostics } = lower(ifFile(1));
    const note = diagnostics.find(({ code }) => code === "nir/writer");
    assert.equal(note?.severity, "note");
    assert.match(note?.message ?? "", /looks like written by sinabs \(every neuron is an IF with r = 1\)/);
    assert.match(note?.message ?? "", /reset multi-subtract/);
    assert.deepEqual(dynamicsOf(ifFile(1)), {
      integrator: "euler",
      compare: ">=",
      reset: "multi-subtract",
      current: "new",
      vMinThresholds: -1,
    });
  });

  test("are absent where they are the defaults", () => {
    assert.equal(dynamicsOf(lifFile([1e-3], [10])), undefined);
  });

  test("give way to every option", () => {
    const options = {
      integrator: "exponential",
      compare: ">",
      reset: "subtract",
      current: "old",
      vMinThresholds: -2,
      dtSeconds: 1e-3,
    } as const;
    assert.deepEqual(dynamicsOf(ifFile(1), options), {
      integrator: "exponential",
      compare: ">",
      reset: "subtract",
      current: "old",
      vMinThresholds: -2,
    });
    assert.deepEqual(dynamicsOf(ifFile(1), { reset: { n: "delayed-value" } })?.reset, "delayed-value");
    assert.deepEqual(dynamicsOf(ifFile(1), { reset: {} })?.reset, "multi-subtract");
    assert.equal(network(lifFile([1e-3], [10]), { dtSeconds: 5e-4 }).timestepNs, 5e5);
  });

  test("clamp IF membranes only", () => {
    assert.equal(dynamicsOf(lifFile([1e-3], [10]), { vMinThresholds: -1 }), undefined);
  });

  test("include a step that nobody knows, with a warning and the option that sets it", () => {
    const { diagnostics, codes } = lower(lifFile([3e-3, 5e-3], [7, 9]));
    assert.deepEqual(codes, ["nir/dt-assumed"]);
    assert.match(diagnostics.find(({ code }) => code === "nir/dt-assumed")?.hint ?? "", /--dt/);
    assert.deepEqual(lower(lifFile([3e-3, 5e-3], [7, 9]), { dtSeconds: 1e-3 }).codes, []);
    assert.deepEqual(lower(lifFile([3, 5], [7, 9])).codes, ["nir/time-unit-assumed"]);
    assert.deepEqual(lower(lifFile([3, 5], [7, 9]), { timeUnit: "steps" }).codes, []);
  });

  test("say that a reset to zero may hide a subtraction, where the writer hides it", () => {
    const noted = (nir: NirFile, options: ImportOptions = {}): boolean =>
      lower(nir, options).diagnostics.some(({ code }) => code === "nir/reset-ambiguous");
    assert.equal(noted(lifFile([1e-3], [10])), true);
    assert.equal(noted(lifFile([1e-3], [10]), { reset: "value" }), false);
    assert.equal(noted(lifFile([1e-3], [10], { v_reset: [0.1] })), false);
    assert.equal(noted(lifFile([5e-3], [1])), false);
  });

  test("do not include a step of no length", () => {
    for (const dtSeconds of [0, -1, NaN, Infinity])
      assert.ok(
        lower(lifFile([1e-3], [10]), { dtSeconds }).codes.includes("nir/bad-step"),
        String(dtSeconds),
      );
  });
});
