import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { evaluatePartition } from "#compiler/hypergraph/evaluate";
import { makeSeed, seedProblem, seedTasks } from "#compiler/hypergraph/choose-seed";
import { partitionGraph } from "#compiler/hypergraph/partition";
import { EFFORTS, SEEDS } from "#compiler/hypergraph/seeds";
import { ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { CORE, randomGraph, graphs, convolutions } from "#test/hypergraphs";

describe("partitionGraph", () => {
  for (const effort of EFFORTS)
    test(`${effort}: gives a legal partition, the same for the same seed, within its bounds`, () => {
      fc.assert(
        fc.property(graphs, fc.integer({ min: 0, max: 99 }), ({ graph }, seed) => {
          const found = partitionGraph(graph, CORE, { effort, seed });
          const truth = evaluatePartition(graph, found.coreOf, CORE);
          assert.equal(found.cores, truth.cores);
          assert.ok(truth.neurons.every((count) => count > 0));
          assert.equal(
            found.isLegal,
            Object.values(truth.over).every((count) => count === 0),
          );
          assert.ok(found.isLegal);
          assert.ok(found.cores >= found.bounds.cores && found.bounds.cores >= 1);
          assert.ok(found.cores >= found.bounds.atFoundConnectivity);
          assert.deepEqual(partitionGraph(graph, CORE, { effort, seed }).coreOf, found.coreOf);
        }),
        { numRuns: 20 },
      );
    });

  test("cuts no more than its cheapest legal seed with as many cores", () => {
    const graph = convolutions();
    const found = partitionGraph(graph, CORE, { effort: "default", seed: 1 });
    const { cutSpikes } = evaluatePartition(graph, found.coreOf, CORE);
    const seeds = found.history.filter(({ stage }) =>
      SEEDS.some(({ name, isRough }) => name === stage && isRough !== true),
    );
    assert.ok(seeds.length >= 2);
    for (const seed of seeds) if (seed.cores >= found.cores) assert.ok(cutSpikes < seed.cutSpikes);
  });

  test("lets a score choose the seed, and stops when asked", () => {
    const graph = convolutions();
    const scored: number[] = [];
    const seedsOf = (isLiked: (cores: number) => boolean): readonly string[] => {
      const { history, isLegal } = partitionGraph(graph, CORE, {
        effort: "best",
        seed: 1,
        score: (_, cores) => {
          scored.push(cores);
          return isLiked(cores) ? 1e-6 : 1e9;
        },
        shouldStop: () => scored.length > 0,
      });
      assert.ok(isLegal);
      return history.map(({ cutSpikes }) => String(Math.round(cutSpikes)));
    };
    const first = seedsOf(() => true);
    assert.ok(scored.length > 1);
    const last = Math.max(...scored);
    scored.length = 0;
    assert.notDeepEqual(
      seedsOf((cores) => cores === last),
      first,
    );
    const hasStopped = partitionGraph(graph, CORE, { effort: "best", seed: 1, shouldStop: () => true });
    assert.ok(hasStopped.isLegal);
    assert.equal(hasStopped.history.length, 2);
  });

  test("gives the same partition where its seeds were made elsewhere, in any order", () => {
    for (const graph of [convolutions(), randomGraph(createRng(11), 150, 5)]) {
      const options = { effort: "best", seed: 4 } as const;
      const { coreOf } = partitionGraph(graph, CORE, options);
      for (const threads of [1, 2, 3]) {
        const tasks = seedTasks(seedProblem(graph, CORE, {}), "best");
        const seeds = Array.from({ length: threads }, (_, thread) => {
          const own = seedProblem(graph, CORE, {});
          return tasks.filter((_, t) => t % threads === thread).map((name) => makeSeed(own, name));
        })
          .reverse()
          .flat()
          .filter((cut) => cut !== undefined);
        assert.ok(seeds.length > 3);
        assert.deepEqual(partitionGraph(graph, CORE, { ...options, seeds }).coreOf, coreOf);
      }
    }
  });

  test("says which neuron no core can hold", () => {
    const axonStart = Uint32Array.from({ length: 102 }, (_, n) => Math.min(n, 100));
    const graph = {
      neurons: 101,
      axonStart,
      target: new Uint32Array(100).fill(100),
      rate: new Float64Array(101),
    };
    assert.throws(
      () => partitionGraph(graph, CORE, { effort: "fast", seed: 1 }),
      (error) =>
        error instanceof ToolchainError &&
        error.diagnostics[0].message === `neuron 100 needs 100 input axons, but a core of "tiny" has 60.`,
    );
  });
});
