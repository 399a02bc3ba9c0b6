import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { Assignment } from "#compiler/hypergraph/assignment";
import { offerAt } from "#compiler/hypergraph/offers";
import { coreBounds } from "#compiler/hypergraph/bounds";
import { coarsen } from "#compiler/hypergraph/coarsen";
import { evaluatePartition } from "#compiler/hypergraph/evaluate";
import { finestLevel } from "#compiler/hypergraph/level";
import { orderByCore, reorderGraph } from "#compiler/hypergraph/reorder";
import { checkAgainstOutsider, CORE, graphs, randomCores } from "#test/hypergraphs";

describe("assignment", () => {
  test("keeps count of all that moves change, as an outsider counts it", () => {
    fc.assert(
      fc.property(graphs, ({ rng, graph }) => {
        const cores = 5;
        const state = new Assignment(finestLevel(graph), CORE, randomCores(rng, graph.neurons, cores), cores);
        state.setWalls(0.3);
        for (let k = 0; k < 40; k++) {
          state.move(Math.floor(rng() * graph.neurons), Math.floor(rng() * cores));
          if (k % 8 === 0) checkAgainstOutsider(state, graph, state.coreOf);
        }
        checkAgainstOutsider(state, graph, state.coreOf);
      }),
      { numRuns: 60 },
    );
  });

  test("counts the same on a coarser level, whose nets are merged", () => {
    fc.assert(
      fc.property(graphs, ({ rng, graph }) => {
        const { level, clusterOf } = coarsen(finestLevel(graph), {
          maxSize: 6,
          maxAxonsIn: 40,
          rng,
          share: 0.4,
        });
        assert.equal(
          level.size.reduce((a, b) => a + b, 0),
          graph.neurons,
        );
        const state = new Assignment(level, CORE, randomCores(rng, level.nodes, 4), 4);
        for (let k = 0; k < 30; k++) state.move(Math.floor(rng() * level.nodes), Math.floor(rng() * 4));
        checkAgainstOutsider(
          state,
          graph,
          Uint16Array.from(clusterOf, (c) => state.coreOf[c]),
        );
      }),
      { numRuns: 60 },
    );
  });

  test("offers what a move then saves and takes, and says whether it fits", () => {
    fc.assert(
      fc.property(graphs, ({ rng, graph }) => {
        const cores = 4;
        const state = new Assignment(finestLevel(graph), CORE, randomCores(rng, graph.neurons, cores), cores);
        for (let k = 0; k < 20; k++) {
          const node = Math.floor(rng() * graph.neurons);
          const to = Math.floor(rng() * cores);
          if (to === state.coreOf[node]) continue;
          state.setWalls([0.3, 0.6, 1][k % 3]);
          const fits = state.fits(node, to);
          const offers = state.offersFor(node);
          const { saves, axonsIn: takes, words } = offerAt(offers, to);
          state.releaseOffers();
          const before = {
            cut: state.cutSpikes,
            axonsIn: state.axonsIn[to],
            words: state.words[to],
            out: state.axonsOut.slice(),
          };
          state.move(node, to);
          assert.ok(Math.abs(before.cut - state.cutSpikes - saves) < 1e-6);
          assert.equal(state.axonsIn[to] - before.axonsIn, takes);
          assert.equal(state.words[to] - before.words, words);
          const { walls } = state;
          const hasRoom =
            state.neurons[to] <= walls.neurons &&
            state.axonsIn[to] <= walls.axonsIn &&
            state.words[to] <= walls.words &&
            state.axonsOut.every((out, core) => out <= walls.axonsOut || out <= before.out[core]);
          // A core over its wall is refused even what would not make it fuller.
          if (fits) assert.ok(hasRoom);
          else if (hasRoom) assert.ok(before.out[to] > walls.axonsOut || state.axonsOut[to] > walls.axonsOut);
        }
      }),
      { numRuns: 60 },
    );
  });
});

test("a node does not fit where one of its sources would need an entry that it has not", () => {
  // 0 and 1 send to 2, both on core 0, which uses two entries; both would need one more.
  const graph = {
    neurons: 3,
    axonStart: Uint32Array.from([0, 2, 4, 4]),
    target: Uint32Array.from([0, 2, 1, 2]),
    rate: new Float64Array(3).fill(1),
  };
  const fits = (axonsOut: number): boolean =>
    new Assignment(finestLevel(graph), { ...CORE, axonsOut }, new Uint16Array(3), 2).fits(2, 1);
  assert.deepEqual([2, 3, 4].map(fits), [false, false, true]);
  // 0 and 1 on core 1 send to 2 and 3 on core 0; what parts those costs core 1 two entries more.
  const far = {
    neurons: 4,
    axonStart: Uint32Array.from([0, 2, 4, 4, 4]),
    target: Uint32Array.from([2, 3, 2, 3]),
    rate: new Float64Array(4).fill(1),
  };
  const parted = (axonsOut: number): boolean =>
    new Assignment(finestLevel(far), { ...CORE, axonsOut }, Uint16Array.from([1, 1, 0, 0]), 3).fits(2, 2);
  assert.deepEqual([3, 4].map(parted), [false, true]);
  const withOwn = (axonsOut: number): boolean => {
    const state = new Assignment(finestLevel(graph), { ...CORE, axonsOut }, new Uint16Array(3), 2);
    return state.fits(0, 1);
  };
  // The first takes its entries along.
  assert.deepEqual([1, 2].map(withOwn), [false, true]);
});

describe("reordering", () => {
  test("keeps what a partition costs", () => {
    fc.assert(
      fc.property(graphs, ({ rng, graph }) => {
        const coreOf = randomCores(rng, graph.neurons, 4);
        const order = orderByCore(coreOf, 4);
        const again = reorderGraph(graph, order);
        assert.deepEqual(
          evaluatePartition(
            again,
            Uint16Array.from(order, (n) => coreOf[n]),
            CORE,
          ),
          evaluatePartition(graph, coreOf, CORE),
        );
      }),
    );
  });
});

test("bounds on cores hold a full list of each resource", () => {
  const graph = {
    neurons: 25,
    axonStart: Uint32Array.from({ length: 26 }, (_, n) => (n === 0 ? 0 : 24)),
    target: Uint32Array.from({ length: 24 }, (_, n) => n + 1),
    rate: new Float64Array(25),
  };
  assert.deepEqual(coreBounds(graph, CORE, 130), {
    neurons: 3,
    synapseWords: 1,
    axonsIn: 1,
    axonsOut: 1,
    cores: 3,
    atFoundConnectivity: 3,
  });
});
