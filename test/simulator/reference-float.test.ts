import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { accuracy, predictions, simulateReference, sumsOverSteps } from "#simulator/reference";
import { cubaLif, dense, edge, input, lif, network, oneToOne, population, relay } from "#test/networks";
import { ToolchainError } from "#util/diagnostic";

/** One sample of dense values, `[steps][elements]`. */
function values(...rows: number[][]): SpikeData {
  const step: number[] = [];
  const index: number[] = [];
  const value: number[] = [];
  rows.forEach((row, t) => {
    row.forEach((x, i) => {
      if (x === 0) return;
      step.push(t);
      index.push(i);
      value.push(x);
    });
  });
  return {
    steps: rows.length,
    shape: [rows[0].length],
    samples: [
      { step: Uint32Array.from(step), index: Uint32Array.from(index), value: Float64Array.from(value) },
    ],
  };
}

/** A recording as dense values, `[steps][elements]`. */
function rowsOf({ steps, shape, samples }: SpikeData, sample = 0): number[][] {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const rows = Array.from({ length: steps }, () => new Array<number>(size).fill(0));
  const { step, index, value } = samples[sample];
  step.forEach((t, e) => (rows[t][index[e]] = value?.[e] ?? 1));
  return rows;
}

function codesOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ToolchainError);
    return error.diagnostics.map((d) => d.code);
  }
  return [];
}

describe("the float reference", () => {
  test("runs a neuron through relays in the step of its input", () => {
    const net = network(
      [input("in", 2), relay("fc", 1, [0.25]), lif("out", 1, { tauSteps: 1 })],
      [edge("in", "fc", dense([[1], [-0.5]])), edge("fc", "out", oneToOne(1))],
    );
    const { recorded } = simulateReference(net, { in: values([1, 0], [1, 1], [0.5, 0]) }, { record: "all" });
    assert.deepEqual(rowsOf(recorded["fc"]), [[1.25], [0.75], [0.75]]);
    assert.deepEqual(rowsOf(recorded["out"]), [[1], [0], [0]]);
    assert.equal(recorded["out"].samples[0].value, undefined);
  });

  test("computes populations in the order of their dependence, not of the list", () => {
    const net = network(
      [relay("last", 1), relay("middle", 1), input("in", 1)],
      [edge("middle", "last", oneToOne(1, 3)), edge("in", "middle", oneToOne(1, 2))],
      { outputs: ["last"] },
    );
    assert.deepEqual(rowsOf(simulateReference(net, { in: values([1], [0], [2]) }).recorded["last"]), [
      [6],
      [0],
      [12],
    ]);
  });

  test("adds up several projections, several events of one element, and the bias", () => {
    const net = network(
      [input("a", 1), input("b", 1), relay("sum", 1, [10])],
      [edge("a", "sum", oneToOne(1)), edge("b", "sum", oneToOne(1)), edge("a", "sum", oneToOne(1))],
    );
    const twice: SpikeData = {
      steps: 1,
      shape: [1],
      samples: [{ step: Uint32Array.of(0, 0), index: Uint32Array.of(0, 0) }],
    };
    assert.deepEqual(rowsOf(simulateReference(net, { a: twice, b: values([5]) }).recorded["sum"]), [[19]]);
  });

  test("delays by whole steps, and nothing arrives before", () => {
    const net = network(
      [input("in", 1), relay("out", 1)],
      [edge("in", "out", oneToOne(1), { delaySteps: 2 })],
    );
    assert.deepEqual(rowsOf(simulateReference(net, { in: values([1], [2], [3], [4]) }).recorded["out"]), [
      [0],
      [0],
      [1],
      [2],
    ]);
  });

  describe("on a loop cut by a delay", () => {
    const loop = (beforeStart: "absent" | "zeros-through"): Network =>
      network(
        [input("in", 1), population("neuron", "if", 1, { r: 1, vThreshold: 1 }), relay("rec", 1, [0.75])],
        [
          edge("in", "neuron", oneToOne(1)),
          edge("neuron", "rec", oneToOne(1, -4)),
          edge("rec", "neuron", oneToOne(1), { delaySteps: 1, beforeStart }),
        ],
        { outputs: ["neuron"] },
      );
    const drive = { in: values([0.5], [0.5], [0.5], [0.5]) };

    test("zeros go through the path before the first step, so that its bias acts", () => {
      const { recorded } = simulateReference(loop("zeros-through"), drive);
      assert.deepEqual(rowsOf(recorded["neuron"]), [[1], [0], [0], [0]]);
    });

    test("or nothing arrives", () => {
      const { recorded } = simulateReference(loop("absent"), drive);
      assert.deepEqual(rowsOf(recorded["neuron"]), [[0], [1], [0], [0]]);
    });

    test("the bias of a relay further up the path acts too", () => {
      const net = network(
        [input("in", 1), relay("far", 1, [2]), relay("near", 1, [1]), relay("out", 1)],
        [
          edge("in", "out", oneToOne(1)),
          edge("in", "far", oneToOne(1)),
          edge("far", "near", oneToOne(1, 10)),
          edge("near", "out", oneToOne(1), { delaySteps: 1, beforeStart: "zeros-through" }),
        ],
      );
      const { recorded } = simulateReference(net, { in: values([7], [0]) });
      assert.deepEqual(rowsOf(recorded["out"]), [[7 + 21], [91]]);
    });
  });

  test("holds a population at rest and silent until its start step", () => {
    const net = network(
      [input("in", 1), relay("hop", 1, [1]), lif("out", 1, { tauSteps: 1, vLeak: 2 }, { startStep: 2 })],
      [edge("in", "hop", oneToOne(1)), edge("hop", "out", oneToOne(1), { delaySteps: 1 })],
    );
    assert.deepEqual(rowsOf(simulateReference(net, { in: values([0], [0], [0], [0]) }).recorded["out"]), [
      [0],
      [0],
      [1],
      [1],
    ]);
  });

  test("starts every sample from rest, and runs only the samples asked for", () => {
    const net = network(
      [input("in", 1), population("sum", "i", 1, { r: 1 })],
      [edge("in", "sum", oneToOne(1))],
    );
    const one = values([1], [1]);
    const data = { ...one, samples: [one.samples[0], values([0], [3]).samples[0], one.samples[0]] };
    const all = simulateReference(net, { in: data });
    assert.equal(all.samples, 3);
    assert.deepEqual(rowsOf(all.recorded["sum"], 2), [[1], [2]]);
    const some = simulateReference(net, { in: data }, { samples: [1, 2] });
    assert.equal(some.samples, 1);
    assert.deepEqual(rowsOf(some.recorded["sum"]), [[0], [3]]);
  });

  test("runs on when the data have ended", () => {
    const net = network(
      [input("in", 1), population("sum", "i", 1, { r: 1 })],
      [edge("in", "sum", oneToOne(1))],
    );
    assert.deepEqual(rowsOf(simulateReference(net, { in: values([1]) }, { steps: 3 }).recorded["sum"]), [
      [1],
      [1],
      [1],
    ]);
  });

  test("shifts recordings by the output delay", () => {
    const net = network([input("in", 1), relay("out", 1)], [edge("in", "out", oneToOne(1))]);
    const { recorded } = simulateReference(net, { in: values([1], [2], [3]) }, { outDelaySteps: 1 });
    assert.deepEqual(rowsOf(recorded["out"]), [[0], [1], [2]]);
  });

  test("shows membranes after the reset or before it", () => {
    const net = network(
      [input("in", 1), cubaLif("out", 1, { tauSynSteps: 1, tauMemSteps: 1 })],
      [edge("in", "out", oneToOne(1))],
    );
    const run = (membraneMoment: "after-reset" | "before-reset"): number[] => {
      const result = simulateReference(
        net,
        { in: values([0.5], [2], [0.25]) },
        { recordMembranes: ["out"], membraneMoment },
      );
      assert.deepEqual(rowsOf(result.recorded["out"]), [[0], [1], [0]]);
      return [...result.membranes["out"][0]];
    };
    assert.deepEqual(run("after-reset"), [0.5, 0, 0.25]);
    assert.deepEqual(run("before-reset"), [0.5, 2, 0.25]);
  });

  test("multiplies weights by their scale", () => {
    const net = network(
      [input("in", 1), relay("out", 1)],
      [edge("in", "out", oneToOne(1, 3), { weightScale: 0.5 })],
    );
    assert.deepEqual(rowsOf(simulateReference(net, { in: values([1]) }).recorded["out"]), [[1.5]]);
  });

  test("tells how far it is, and lets an observer see every step", () => {
    const net = network([input("in", 1), relay("out", 1)], [edge("in", "out", oneToOne(1, 2))]);
    const seen: number[][] = [];
    const told: number[] = [];
    simulateReference(
      net,
      { in: values([1], [3]) },
      {
        observe: ({ step, outputs, carried }) => seen.push([step, outputs[1][0], carried(0)![0]]),
      },
      (_, done, total) => told.push(done / total),
    );
    assert.deepEqual(seen, [
      [0, 2, 1],
      [1, 6, 3],
    ]);
    assert.deepEqual(told, [0, 1]);
  });

  test("gives the same whatever the order of the populations", () => {
    const build = (order: readonly string[]): Network => {
      const byName = {
        in: input("in", 2),
        hidden: lif("hidden", 3, { tauSteps: 2 }),
        out: lif("out", 1, { tauSteps: 3 }),
      };
      return network(
        order.map((name) => byName[name as keyof typeof byName]),
        [
          edge(
            "in",
            "hidden",
            dense([
              [6, 3, 9],
              [3, -6, 6],
            ]),
          ),
          edge("hidden", "out", dense([[6], [9], [-3]])),
          edge("out", "hidden", dense([[-1, 2, 1]]), { delaySteps: 1 }),
        ],
        { outputs: ["out"] },
      );
    };
    const data = { in: values([1, 0], [1, 1], [0, 1], [1, 1], [1, 0], [1, 1]) };
    const forward = simulateReference(build(["in", "hidden", "out"]), data).recorded["out"];
    assert.ok(forward.samples[0].step.length > 0);
    assert.deepEqual(simulateReference(build(["out", "hidden", "in"]), data).recorded["out"], forward);
  });
});

describe("what can be wrong", () => {
  const net = network([input("in", [2, 3]), lif("out", 6)], [edge("in", "out", oneToOne(6))]);
  const data = (shape: number[]): SpikeData => ({
    steps: 1,
    shape,
    samples: [{ step: Uint32Array.of(0), index: Uint32Array.of(5) }],
  });

  test("inputs of another name or shape are named with both", () => {
    assert.throws(
      () => simulateReference(net, { in: data([3, 2]) }),
      /input "in" takes \[2, 3\] per step, but the spikes given have \[3, 2\]/,
    );
    assert.deepEqual(
      codesOf(() => simulateReference(net, { inn: data([2, 3]) })),
      ["simulate/input-unknown", "simulate/input-missing", "simulate/steps-missing"],
    );
  });

  test("axes of length one do not matter", () => {
    assert.equal(simulateReference(net, { in: data([1, 2, 3]) }).samples, 1);
  });

  test("events outside, out of order or not finite", () => {
    const bad = (step: number[], index: number[], value?: number[]): SpikeData => ({
      steps: 2,
      shape: [2, 3],
      samples: [
        {
          step: Uint32Array.from(step),
          index: Uint32Array.from(index),
          ...(value === undefined ? {} : { value: Float64Array.from(value) }),
        },
      ],
    });
    const codes = (given: SpikeData): string[] => codesOf(() => simulateReference(net, { in: given }));
    assert.deepEqual(codes(bad([2], [0])), ["simulate/input-outside"]);
    assert.deepEqual(codes(bad([0], [6])), ["simulate/input-outside"]);
    assert.deepEqual(codes(bad([1, 0], [0, 0])), ["simulate/input-order"]);
    assert.deepEqual(codes(bad([0], [0], [NaN])), ["simulate/input-not-finite"]);
    assert.deepEqual(codes(bad([0], [0], [-1.5])), []);
  });

  test("everything at once: loops without delay, unknown recordings, integer models, sample ranges", () => {
    const broken = network(
      [input("in", 1), relay("a", 1), relay("b", 1), population("chip", "loihi-cuba", 1)],
      [edge("in", "a", oneToOne(1)), edge("a", "b", oneToOne(1)), edge("b", "a", oneToOne(1))],
    );
    assert.deepEqual(
      codesOf(() => simulateReference(broken, { in: values([1]) }, { record: ["bb"], samples: [0, 2] })),
      ["simulate/no-samples", "simulate/record-unknown", "simulate/instant-loop", "simulate/model-not-float"],
    );
  });
});

describe("accuracy", () => {
  const output: SpikeData = {
    steps: 3,
    shape: [3],
    samples: [
      { step: Uint32Array.of(0, 1, 2), index: Uint32Array.of(2, 2, 0) },
      { step: Uint32Array.of(0, 1), index: Uint32Array.of(1, 2) },
      { step: Uint32Array.of(0), index: Uint32Array.of(2), value: Float64Array.of(3) },
    ],
  };

  test("is the share of samples whose most active element is the label; the first one wins a tie", () => {
    assert.deepEqual(
      sumsOverSteps(output).map((sums) => [...sums]),
      [
        [1, 0, 2],
        [0, 1, 1],
        [0, 0, 3],
      ],
    );
    assert.deepEqual([...predictions(output)], [2, 1, 2]);
    assert.equal(accuracy(output, [2, 2, 2]), 2 / 3);
  });

  test("needs a label for every sample", () => {
    assert.deepEqual(
      codesOf(() => accuracy(output, [1])),
      ["simulate/labels-differ"],
    );
  });
});
