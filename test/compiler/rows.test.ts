// Plain lists on cores: what the compiler counts is what verify counts, and planted faults are found.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { compile, type CompileResult } from "#compiler/compile";
import { verify } from "#compiler/verify";
import type { CoreProgram, Deployment } from "#ir/deployment";
import { storedWords } from "#ir/deployment";
import type { Network } from "#ir/network";
import { prepareModel } from "#spinec";
import { findTarget } from "#targets/index";
import { spinnaker1 } from "#targets/spinnaker1/index";
import { spinnaker2 } from "#targets/spinnaker2/index";
import type { Target } from "#targets/target";
import { tianjic } from "#targets/tianjic/index";
import { between, edge, input, lif, network, randomSparse } from "#test/networks";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";

function model(seed: number, sizes: readonly number[], density: number): Network {
  const rng = createRng(seed);
  const names = sizes.map((_, i) => `layer ${i}`);
  return network(
    sizes.map((size, i) => (i === 0 ? input(names[0], size) : lif(names[i], size))),
    sizes.slice(1).map((size, i) =>
      edge(
        names[i],
        names[i + 1],
        randomSparse(rng, sizes[i], size, density, () => between(rng, 1, 8) / 8),
      ),
    ),
  );
}

function mapped(target: Target, network: Network, chips = 1): CompileResult {
  const { quantized } = prepareModel(network, target, {}, new DiagnosticSink());
  return compile(quantized, target, { chips });
}

function violations({ network }: CompileResult, deployment: Deployment, target: Target): readonly string[] {
  return Object.keys(verify(deployment, network, target, new DiagnosticSink()).violations);
}

const digital = findTarget("generic-digital-45nm", new DiagnosticSink())!;

describe.each([spinnaker1, spinnaker2, tianjic, digital])("lists of $name", (target) => {
  test("are counted alike by compiler and verify, and every neuron fits its core", () => {
    for (let seed = 1; seed <= 5; seed++) {
      const result = mapped(target, model(seed, [20, 60, 30], 0.3));
      assert.deepEqual(violations(result, result.deployment, target), []);
      for (const { demand } of result.blockGraph.blocks) {
        for (const [resource, budget] of Object.entries(target.budgets ?? {}))
          assert.ok(demand[resource as "neurons"] <= budget!.value);
      }
    }
  });

  test("with a planted fault are found out", () => {
    const result = mapped(target, model(1, [20, 60, 30], 0.3));
    const { deployment } = result;
    const at = deployment.cores.findIndex(({ axonWords }) => axonWords.length > 0);
    const planted = (change: (core: CoreProgram) => Partial<CoreProgram>): readonly string[] =>
      violations(
        result,
        {
          ...deployment,
          cores: deployment.cores.map((core, i) => (i === at ? { ...core, ...change(core) } : core)),
        },
        target,
      );
    const plus = (words: Uint16Array): Uint16Array =>
      words.map((count, axon) => (axon === 0 ? count + 1 : count));
    assert.ok(
      planted(({ axonWords }) => ({ axonWords: plus(axonWords) })).includes("verify/axon-words-differ"),
    );
    const format = (change: object): readonly string[] =>
      planted(({ formats }) => ({ formats: formats.map((form) => ({ ...form, ...change })) }));
    for (const change of [
      { encoding: "dense" },
      { weightBits: 3 },
      { indexBits: 7 },
      { delayBits: 9 },
      { skipBits: 1 },
      { weightExponent: 1 },
    ])
      assert.ok(format(change).includes("verify/format-unknown"), JSON.stringify(change));
    const far = planted(({ weight }) => ({ weight: weight.map((w, i) => (i === 0 ? 32_767 : w)) }));
    assert.ok(far.includes(target === spinnaker1 ? "verify/weight-differs" : "verify/field-too-narrow"));
  });
});

describe("spinnaker1", () => {
  test("keeps a layer of 600 neurons to cores of 255", () => {
    const { blockGraph } = mapped(spinnaker1, model(2, [10, 600], 0.5));
    assert.deepEqual(
      blockGraph.blocks.map(({ demand }) => demand.neurons).every((neurons) => neurons <= 255),
      true,
    );
    assert.equal(blockGraph.blocks.length, 3);
    const [{ demand }] = blockGraph.blocks;
    assert.equal(demand.neuronWords, 24 * demand.neurons);
  });

  test("has one memory and one routing table for all cores of a chip", () => {
    const result = mapped(spinnaker1, model(3, [10, 300, 20], 0.5));
    const words = result.deployment.cores.reduce((sum, core) => sum + storedWords(core), 0);
    const withMemory = (words: number, routes: number): Target => ({
      ...spinnaker1,
      chipMemory: {
        words: { ...spinnaker1.chipMemory!.words!, value: words },
        routes: { ...spinnaker1.chipMemory!.routes!, value: routes },
      },
    });
    const senders = result.deployment.cores.filter(({ routeCore }) => routeCore.length > 0).length;
    assert.equal(senders, 2);
    assert.deepEqual(violations(result, result.deployment, withMemory(words, senders)), []);
    assert.deepEqual(violations(result, result.deployment, withMemory(words - 1, senders)), [
      "verify/over-chip-memory",
    ]);
    assert.deepEqual(violations(result, result.deployment, withMemory(words, senders - 1)), [
      "verify/over-chip-memory",
    ]);
  });
});

test("a neuron of tianjic with 300 inputs fits nowhere, and the wall is named", () => {
  assert.throws(
    () => mapped(tianjic, model(4, [300, 4], 1)),
    (error) =>
      error instanceof ToolchainError && error.diagnostics.some(({ message }) => message.includes("256")),
  );
});

test("a core of tianjic that states more weights than its codebook holds is found out", () => {
  const result = mapped(tianjic, model(1, [20, 60], 0.8));
  const [core] = result.deployment.cores;
  const small: Target = {
    ...tianjic,
    packers: [{ ...tianjic.packers[0], codebook: { entries: 2, entryBits: 8 } } as Target["packers"][number]],
  };
  assert.ok(new Set(core.weight).size > 2);
  assert.ok(violations(result, result.deployment, small).includes("verify/field-too-narrow"));
});
