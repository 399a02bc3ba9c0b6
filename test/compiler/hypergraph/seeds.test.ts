import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { Frontier } from "#compiler/hypergraph/frontier";
import { evaluatePartition } from "#compiler/hypergraph/evaluate";
import { incomingOf } from "#compiler/hypergraph/fill";
import { inferShapes } from "#compiler/hypergraph/infer-shapes";
import { finestLevel } from "#compiler/hypergraph/level";
import { SEEDS } from "#compiler/hypergraph/seeds";
import type { AxonGraph } from "#ir/axon-graph";
import { createRng } from "#util/rng";
import { CORE, graphs, convolutions } from "#test/hypergraphs";

describe("seeds", () => {
  for (const seed of SEEDS)
    test(`${seed.name}: every neuron on a core, inside all walls but output entries`, () => {
      const make = (graph: AxonGraph): void => {
        const incoming = incomingOf(graph);
        const level = finestLevel(graph);
        const shapes = inferShapes(graph, incoming);
        const cut = seed.make({ graph, level, incoming, capacity: CORE, shapes, cores: 60 });
        if (cut === undefined) {
          assert.ok(shapes === undefined || !seed.isForLayers);
          return;
        }
        assert.equal(cut.coreOf.length, graph.neurons);
        const { over, cores, neurons } = evaluatePartition(graph, cut.coreOf, CORE);
        assert.equal(cores, cut.cores);
        assert.ok(neurons.every((count) => count > 0));
        if (seed.isRough === true) return;
        assert.deepEqual({ ...over, axonsOut: 0 }, { neurons: 0, axonsIn: 0, axonsOut: 0, synapseWords: 0 });
      };
      make(convolutions());
      fc.assert(
        fc.property(graphs, ({ graph }) => make(graph)),
        { numRuns: 25 },
      );
    });
});

test("a frontier takes the largest key, the first of equals, as a plain search does", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const rng = createRng(seed);
      const nodes = 1 + Math.floor(3000 * rng());
      const frontier = new Frontier(nodes);
      const plain = new Map<number, number>();
      for (let step = 0; step < 400; step++) {
        const v = Math.floor(nodes * rng());
        const choice = rng();
        if (choice < 0.6) {
          const key = (plain.get(v) ?? -10) + Math.floor(4 * rng());
          frontier.set(v, key);
          plain.set(v, key);
        } else if (choice < 0.7) {
          frontier.remove(v);
          plain.delete(v);
        } else {
          let best = { node: -1, key: -Infinity };
          for (const [node, key] of [...plain].sort(([a], [b]) => a - b))
            if (key > best.key) best = { node, key };
          assert.deepEqual(frontier.pop(), best);
          plain.delete(best.node);
        }
      }
    }),
    { numRuns: 100 },
  );
});
