import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import type { IntegerRules } from "#ir/deployment";
import type { Network, Projection } from "#ir/network";
import { sparseFromTriplets } from "#ir/sparse";
import type { SpikeData } from "#ir/spikes";
import { loihiCubaModel } from "#neurons/loihi-cuba";
import { storeLoihiWeight } from "#neurons/loihi-weights";
import { inModelSteps, pipelineDepth, simulateIntegerReference } from "#simulator/reference";
import { dense, edge, input, lif, loihiCuba, network, oneToOne } from "#test/networks";
import { sharedPath } from "#test/shared";
import { ToolchainError } from "#util/diagnostic";
import { RULES_OF, caseParams, type LoihiCase } from "./loihi-int-case.ts";

const spikes = (shape: number[], steps: number, ...events: [step: number, index: number][]): SpikeData => ({
  steps,
  shape,
  samples: [
    {
      step: Uint32Array.from(events, ([step]) => step),
      index: Uint32Array.from(events, ([, index]) => index),
    },
  ],
});

const eventsOf = ({ samples }: SpikeData, sample = 0): number[][] =>
  Array.from(samples[sample].step, (step, e) => [step, samples[sample].index[e]]);

describe("the integer reference", () => {
  const chain = network(
    [
      input("in", 1),
      loihiCuba("a", 1, { thresholdMantissa: 9 }, { startStep: 1 }),
      loihiCuba("b", 1, { thresholdMantissa: 9, u0: 640, vDecay: 0 }, { startStep: 3 }),
    ],
    [
      edge("in", "a", oneToOne(1, 10), { delaySteps: 1 }),
      edge("a", "b", oneToOne(1, 5), {
        delaySteps: 2,
        quantization: { weightBits: 8, signMode: "excitatory", weightExponent: 1 },
      }),
    ],
  );

  test("carries a spike in at least one step, and holds a population until its start step", () => {
    const { recorded, registers, steps } = simulateIntegerReference(
      chain,
      { in: spikes([1], 2, [0, 0]) },
      { rules: "lava", record: "all", recordRegisters: ["b"] },
    );
    assert.equal(steps, 2 + pipelineDepth(chain));
    assert.deepEqual(eventsOf(recorded["in"]), [[0, 0]]);
    assert.deepEqual(eventsOf(recorded["a"]), [[1, 0]]);
    assert.deepEqual(eventsOf(recorded["b"]), [[3, 0]]);
    // u0 stands until step 3, where it is gone (uDecay 4095) and 5 x 2 x 64 comes in.
    assert.deepEqual([...registers["b"][0].u], [640, 640, 640, 640, 0]);
    assert.deepEqual([...registers["b"][0].v], [0, 0, 0, 0, 0]);
  });

  test("gives recordings in model steps", () => {
    const { recorded } = simulateIntegerReference(
      chain,
      { in: spikes([1], 2, [0, 0], [1, 0]) },
      { rules: "lava", steps: 9 },
    );
    assert.deepEqual(eventsOf(recorded["b"]), [
      [3, 0],
      [4, 0],
    ]);
    assert.deepEqual(eventsOf(inModelSteps(recorded["b"], 3, 1)), [[0, 0]]);
    assert.equal(inModelSteps(recorded["b"], 3, 1).steps, 1);
  });

  test("takes k spikes of one line in one step as k events", () => {
    const net = network(
      [input("in", 1), loihiCuba("a", 1)],
      [edge("in", "a", oneToOne(1, 2), { delaySteps: 1 })],
    );
    const { registers } = simulateIntegerReference(
      net,
      { in: spikes([1], 2, [0, 0], [0, 0], [0, 0]) },
      { rules: "nengo", recordRegisters: ["a"] },
    );
    assert.deepEqual([...registers["a"][0].u], [0, 3 * 2 * 64]);
  });

  test("rounds the sum down by Lava's rules and each weight by nengo's where the exponent is negative", () => {
    const net = network(
      [input("in", 2), loihiCuba("a", 1)],
      [
        edge("in", "a", dense([[6], [6]]), {
          delaySteps: 1,
          quantization: { weightBits: 8, signMode: "mixed", weightExponent: -2 },
        }),
      ],
    );
    const u = (rules: IntegerRules): number =>
      simulateIntegerReference(net, { in: spikes([2], 2, [0, 0], [0, 1]) }, { rules, recordRegisters: ["a"] })
        .registers["a"][0].u[1] / 64;
    assert.equal(u("lava"), 3);
    assert.equal(u("nengo"), 4);
  });

  test("starts every sample afresh", () => {
    const one = spikes([1], 3, [0, 0]);
    const data = { ...one, samples: [one.samples[0], spikes([1], 3).samples[0], one.samples[0]] };
    const { recorded } = simulateIntegerReference(chain, { in: data }, { rules: "lava", record: ["a"] });
    assert.deepEqual(
      [0, 1, 2].map((sample) => eventsOf(recorded["a"], sample)),
      [[[1, 0]], [], [[1, 0]]],
    );
  });

  test("names all that a quantized network must not have", () => {
    const broken = network(
      [input("in", 1), lif("float", 1), loihiCuba("a", 1)],
      [edge("in", "float", oneToOne(1)), edge("float", "a", oneToOne(1, 0.5), { delaySteps: 1 })],
    );
    assert.throws(
      () => simulateIntegerReference(broken, { in: spikes([1], 1) }, { rules: "lava", record: ["b"] }),
      (error: unknown) => {
        assert.ok(error instanceof ToolchainError);
        assert.deepEqual(
          error.diagnostics.map((d) => d.code),
          [
            "simulate/record-unknown",
            "simulate/model-not-integer",
            "simulate/delay-too-short",
            "simulate/weight-not-integer",
          ],
        );
        return true;
      },
    );
  });
});

/** A golden case as a quantized network: one projection for each group and delay. */
function networkOf(loihiCase: LoihiCase, rules: IntegerRules): Network {
  const { n, inputs, synapse_groups } = loihiCase;
  const params = caseParams(loihiCase, rules);
  const named = Object.fromEntries(
    loihiCubaModel.params.map(({ name }, i) => [name, Float64Array.from(params[i])]),
  );
  const projections = synapse_groups.flatMap((group): Projection[] => {
    const quantization = { weightBits: 8, signMode: group.sign_mode, weightExponent: group.weight_exp };
    const pre = group.source === "input" ? 0 : 1;
    const delays = [...new Set(group.entries.map(([, , , delay = 0]) => delay))];
    return delays.map((delay) => {
      const entries = group.entries.filter(([, , , d = 0]) => d === delay);
      return {
        name: `${group.source}/${delay}`,
        pre,
        post: 1,
        weightScale: 1,
        delaySteps: 1 + delay,
        quantization: rules === "nengo" ? { ...quantization, weightExponent: 0 } : quantization,
        connectivity: sparseFromTriplets(pre === 0 ? inputs : n, n, {
          row: entries.map(([source]) => source),
          col: entries.map(([, target]) => target),
          value: entries.map(([, , mantissa]) => storeLoihiWeight(mantissa, quantization, rules)),
        }),
      };
    });
  });
  return {
    name: loihiCase.id,
    populations: [
      { name: "input", model: "input", shape: [inputs], size: inputs, params: {} },
      { name: "neurons", model: "loihi-cuba", shape: [n], size: n, params: named },
    ],
    projections,
    inputs: [{ name: "input", population: 0 }],
    outputs: [{ name: "neurons", population: 1 }],
  };
}

describe("loihi-int through the integer reference", () => {
  const folder = sharedPath("golden/loihi-int");
  const files =
    folder === undefined
      ? []
      : readdirSync(folder)
          .filter((name) => name.endsWith(".json"))
          .sort();
  test.skipIf(folder === undefined)("loihi-int has cases for it", () => {
    assert.ok(files.length > 0);
  });

  for (const file of files) {
    const loihiCase = JSON.parse(readFileSync(join(folder!, file), "utf8")) as LoihiCase;
    if (!("runs" in loihiCase)) continue;
    for (const [implementation, expected] of Object.entries(loihiCase.runs)) {
      const rules = RULES_OF[implementation] as IntegerRules | undefined;
      const limits = loihiCase.nengo_limits;
      // The reference has no periodic reset, and one upper clip for all: `loihi-int.test.ts` has those cases.
      const special =
        loihiCase.reset_interval !== undefined ||
        (rules === "nengo" && limits !== undefined && limits.vmax !== 2 ** 23 - 1);
      if (special || rules === undefined) continue;
      test(`loihi-int ${loihiCase.id} as ${implementation}`, () => {
        const data = spikes(
          [loihiCase.inputs],
          loihiCase.steps,
          ...loihiCase.input_spikes.flatMap((lines, t) => lines.map((line): [number, number] => [t, line])),
        );
        const { recorded, registers } = simulateIntegerReference(
          networkOf(loihiCase, rules),
          { input: data },
          { rules: rules, steps: loihiCase.steps, recordRegisters: ["neurons"] },
        );
        assert.deepEqual([...registers["neurons"][0].u], expected.u.flat());
        assert.deepEqual([...registers["neurons"][0].v], expected.v.flat());
        assert.deepEqual(
          eventsOf(recorded["neurons"]),
          expected.spikes.flatMap((fired, t) => fired.map((i) => [t, i])),
        );
      });
    }
  }
});
