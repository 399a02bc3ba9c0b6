import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { Assignment } from "#compiler/hypergraph/assignment";
import { eliminate } from "#compiler/hypergraph/eliminate";
import { evaluatePartition } from "#compiler/hypergraph/evaluate";
import { finestLevel } from "#compiler/hypergraph/level";
import { refine, sweep } from "#compiler/hypergraph/refine";
import { repair } from "#compiler/hypergraph/repair";
import { vCycle } from "#compiler/hypergraph/v-cycle";
import type { AxonGraph } from "#ir/axon-graph";
import { createRng } from "#util/rng";
import { checkAgainstOutsider, CORE, randomGraph, graphs } from "#test/hypergraphs";

describe("refinement", () => {
  const start = (graph: AxonGraph): Assignment => {
    const cores = Math.ceil(graph.neurons / 4);
    const coreOf = Uint16Array.from({ length: graph.neurons }, (_, n) => n % cores);
    const state = new Assignment(finestLevel(graph), CORE, coreOf, cores, 4 * cores + 60);
    repair(state, 4 * cores + 60);
    return state;
  };

  for (const [name, run] of [
    ["refine", refine],
    ["sweep", sweep],
  ] as const)
    test(`${name} never breaks a wall that held, and never costs`, () => {
      fc.assert(
        fc.property(graphs, ({ rng, graph }) => {
          const state = start(graph);
          if (state.overload > 0) return;
          for (let again = 0; again < 5; again++) {
            const before = state.cutSpikes;
            run(state, { relax: 1, passes: 1, rng });
            assert.ok(state.cutSpikes <= before + 1e-9);
          }
          assert.equal(state.overload, 0);
          checkAgainstOutsider(state, graph, state.coreOf);
          const { over } = evaluatePartition(graph, state.coreOf, CORE);
          assert.deepEqual(over, { neurons: 0, axonsIn: 0, axonsOut: 0, synapseWords: 0 });
        }),
        { numRuns: 80 },
      );
    });

  test("goes back to the best state exactly, and finds the same again", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const graph = randomGraph(createRng(seed), 50, 5);
        const results = [0, 1].map(() => {
          const state = start(graph);
          refine(state, { relax: 1.2, passes: 2, rng: createRng(7) });
          checkAgainstOutsider(state, graph, state.coreOf);
          return state.coreOf;
        });
        assert.deepEqual(results[0], results[1]);
      }),
      { numRuns: 20 },
    );
  });

  test("brings two groups that only know themselves together", () => {
    const targets = Array.from({ length: 16 }, (_, n) =>
      Array.from({ length: 8 }, (_, k) => 2 * k + (n % 2)).filter((t) => t !== n),
    );
    const axonStart = Uint32Array.from({ length: 17 }, (_, n) => 7 * n);
    const rate = new Float64Array(16).fill(1);
    const graph = { neurons: 16, axonStart, target: Uint32Array.from(targets.flat()), rate };
    const coreOf = Uint16Array.from({ length: 16 }, (_, n) => (n < 8 ? 0 : 1));
    const state = new Assignment(finestLevel(graph), CORE, coreOf, 2);
    refine(state, { relax: 1, passes: 4, rng: createRng(1) });
    assert.equal(state.cutSpikes, 0);
  });

  test("moves clusters inside the walls, and every neuron with one of them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const rng = createRng(seed);
        const graph = randomGraph(rng, 200, 3);
        const core = { ...CORE, neurons: 110, axonsIn: 900, axonsOut: 900, synapseWords: 900 };
        const coreOf = Uint16Array.from({ length: 200 }, (_, n) => n % 2);
        const before = evaluatePartition(graph, coreOf, core).cutSpikes;
        const found = vCycle(finestLevel(graph), core, coreOf, { cores: 2, relax: 1, rng });
        const truth = evaluatePartition(graph, found, core);
        assert.deepEqual(truth.over, { neurons: 0, axonsIn: 0, axonsOut: 0, synapseWords: 0 });
        assert.ok(truth.cutSpikes < before);
      }),
      { numRuns: 10 },
    );
  });

  test("dissolves cores only while there is room", () => {
    fc.assert(
      fc.property(graphs, ({ graph }) => {
        const state = start(graph);
        if (state.overload > 0) return;
        const before = state.cores;
        eliminate(state, 1, 1);
        assert.ok(state.cores <= before);
        assert.equal(state.overload, 0);
        assert.ok(state.coreOf.every((core) => core < state.cores));
        checkAgainstOutsider(state, graph, state.coreOf);
      }),
      { numRuns: 40 },
    );
  });
});

test("repair opens a core for what finds room nowhere else", () => {
  // 0 and 1 send to both cores: four entries on core 0, which has three.
  const graph = {
    neurons: 4,
    axonStart: Uint32Array.of(0, 2, 4, 4, 4),
    target: Uint32Array.of(0, 2, 1, 3),
    rate: new Float64Array(4).fill(1),
  };
  const core = { ...CORE, axonsOut: 3, neurons: 2 };
  const state = new Assignment(finestLevel(graph), core, Uint16Array.of(0, 0, 1, 1), 2, 8);
  assert.ok(repair(state, 8));
  assert.equal(state.overload, 0);
});
