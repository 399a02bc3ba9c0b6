import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { coreLoads } from "#compiler/hypergraph/bounds";
import { incomingOf, type Incoming } from "#compiler/hypergraph/fill";
import { bisect } from "#compiler/hypergraph/bisect";
import { clusterTies, edgeTies, neuronTies, type Ties } from "#compiler/hypergraph/ties";
import {
  clusterGraph,
  contractGraph,
  smoothParts,
  type WeightedGraph,
} from "#compiler/hypergraph/weighted-graph";
import type { AxonGraph } from "#ir/axon-graph";
import { createRng } from "#util/rng";
import { CORE, graphs } from "#test/hypergraphs";

/** Neurons as nodes, synapses as edges that weigh what travels along them: the plain twin of `neuronTies`. */
function neuronGraph(graph: AxonGraph, { inStart, inSource }: Incoming): WeightedGraph {
  const { neurons, axonStart, target, rate } = graph;
  const start = new Uint32Array(neurons + 1);
  const neighbour = new Uint32Array(2 * target.length);
  const weight = new Float32Array(2 * target.length);
  let at = 0;
  for (let n = 0; n < neurons; n++) {
    for (let s = axonStart[n]; s < axonStart[n + 1]; s++) {
      if (target[s] === n || rate[n] === 0) continue;
      neighbour[at] = target[s];
      weight[at++] = rate[n];
    }
    for (let i = inStart[n]; i < inStart[n + 1]; i++) {
      if (inSource[i] === n || rate[inSource[i]] === 0) continue;
      neighbour[at] = inSource[i];
      weight[at++] = rate[inSource[i]];
    }
    start[n + 1] = at;
  }
  return {
    nodes: neurons,
    size: new Uint32Array(neurons).fill(1),
    start,
    neighbour: neighbour.subarray(0, at),
    weight: weight.subarray(0, at),
  };
}

describe("bisection", () => {
  /** `blobs` groups that only know themselves, of 8 neurons each, numbered in turn. */
  const blobs = (many: number): AxonGraph => {
    const neurons = 8 * many;
    const targets = Array.from({ length: neurons }, (_, n) =>
      Array.from({ length: 8 }, (_, k) => k * many + (n % many)).filter((t) => t !== n),
    );
    return {
      neurons,
      axonStart: Uint32Array.from({ length: neurons + 1 }, (_, n) => 7 * n),
      target: Uint32Array.from(targets.flat()),
      rate: new Float64Array(neurons).fill(2),
    };
  };

  test("finds groups that only know themselves", () => {
    const graph = blobs(6);
    const partOf = bisect(neuronGraph(graph, incomingOf(graph)), 6, createRng(3));
    assert.equal(new Set(partOf).size, 6);
    for (let n = 6; n < graph.neurons; n++) assert.equal(partOf[n], partOf[n - 6]);
  });

  test("cuts a grid along a short line", () => {
    const side = 14;
    const targets = Array.from({ length: side * side }, (_, n) => [
      ...(n % side < side - 1 ? [n + 1] : []),
      ...(n < side * (side - 1) ? [n + side] : []),
    ]);
    const axonStart = new Uint32Array(side * side + 1);
    targets.forEach((list, n) => (axonStart[n + 1] = axonStart[n] + list.length));
    const rate = new Float64Array(side * side).fill(1);
    const graph = { neurons: side * side, axonStart, target: Uint32Array.from(targets.flat()), rate };
    const fine = neuronGraph(graph, incomingOf(graph));
    for (const seed of [1, 2, 4]) {
      const partOf = bisect(fine, 2, createRng(seed));
      const crossing = targets.flatMap((list, n) => list.filter((t) => partOf[t] !== partOf[n])).length;
      assert.ok(crossing <= side + 1, `${crossing}`);
    }
  });

  test("coarsening keeps neurons and what travels between clusters", () => {
    fc.assert(
      fc.property(graphs, ({ rng, graph }) => {
        const fine = neuronGraph(graph, incomingOf(graph));
        const ties = neuronTies(graph, incomingOf(graph));
        const { clusterOf, clusters } = clusterGraph(ties, 5, rng);
        const coarse = contractGraph(ties, clusterOf, clusters, fine.neighbour.length);
        assert.equal(
          coarse.size.reduce((a, b) => a + b, 0),
          graph.neurons,
        );
        assert.ok(coarse.size.every((size) => size >= 1 && size <= 5));
        let across = 0;
        for (let n = 0; n < graph.neurons; n++)
          for (let s = graph.axonStart[n]; s < graph.axonStart[n + 1]; s++)
            if (clusterOf[n] !== clusterOf[graph.target[s]]) across += 2 * graph.rate[n];
        assert.equal(
          coarse.weight.reduce((a, b) => a + b, 0),
          across,
        );
      }),
      { numRuns: 40 },
    );
  });

  test("neurons are tied by their synapses as by edges that are written out", () => {
    fc.assert(
      fc.property(graphs, ({ rng, graph }) => {
        const incoming = incomingOf(graph);
        const ties = neuronTies(graph, incoming);
        const twin = edgeTies(neuronGraph(graph, incoming));
        assert.deepEqual([ties.nodes, ties.size], [twin.nodes, twin.size]);
        const labelOf = Uint32Array.from({ length: graph.neurons }, () => Math.floor(rng() * 7));
        const gathered = ({ gather }: Ties, v: number): (readonly [number, number])[] => {
          const sums = new Float64Array(7);
          const seen = new Uint32Array(7);
          const many = gather(v, labelOf, sums, seen, 0);
          return Array.from(seen.subarray(0, many), (label) => [label, sums[label]]);
        };
        for (let v = 0; v < graph.neurons; v++) assert.deepEqual(gathered(ties, v), gathered(twin, v));
        const { clusterOf, clusters } = clusterGraph(ties, 4, rng);
        const written = edgeTies(contractGraph(ties, clusterOf, clusters, 2 * graph.target.length));
        const lean = clusterTies(graph, incoming, clusterOf, clusters);
        assert.deepEqual([lean.nodes, lean.size], [written.nodes, written.size]);
        const sorted = (pairs: (readonly [number, number])[]): (readonly [number, number])[] =>
          pairs.sort(([a], [b]) => a - b);
        for (let c = 0; c < clusters; c++)
          assert.deepEqual(sorted(gathered(lean, c)), sorted(gathered(written, c)));
      }),
      { numRuns: 60 },
    );
  });

  test("smoothing never makes more travel, nor a part too large", () => {
    fc.assert(
      fc.property(graphs, ({ rng, graph }) => {
        const fine = neuronGraph(graph, incomingOf(graph));
        const partOf = Uint32Array.from({ length: graph.neurons }, (_, n) => n % 4);
        const most = Math.ceil(graph.neurons / 4) + 2;
        const across = (): number => {
          let sum = 0;
          for (let v = 0; v < fine.nodes; v++)
            for (let e = fine.start[v]; e < fine.start[v + 1]; e++)
              if (partOf[v] !== partOf[fine.neighbour[e]]) sum += fine.weight[e];
          return sum;
        };
        const before = across();
        smoothParts(edgeTies(fine), partOf, 4, { most, passes: 3, rng });
        assert.ok(across() <= before);
        for (let part = 0; part < 4; part++) assert.ok(partOf.filter((p) => p === part).length <= most);
      }),
      { numRuns: 40 },
    );
  });

  test("loads are the cores that would hold all of a resource", () => {
    const graph = blobs(6);
    const coreOf = Uint16Array.from({ length: 48 }, (_, n) => n % 6);
    // 48 neurons of 12; 48 lists of 60; 48 lists of 7 synapses at 3 words, of 90.
    assert.deepEqual(coreLoads(graph, coreOf, 6, CORE), { lists: 48, needed: 4 });
    assert.equal(coreLoads(graph, coreOf, 6, { ...CORE, neurons: 100 }).needed, (48 * 3) / 90);
    assert.equal(coreLoads(graph, coreOf, 6, { ...CORE, neurons: 100, synapseWords: 1000 }).needed, 48 / 60);
  });
});
