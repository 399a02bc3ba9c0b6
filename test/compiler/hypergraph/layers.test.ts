import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { evaluatePartition } from "#compiler/hypergraph/evaluate";
import { incomingOf } from "#compiler/hypergraph/fill";
import { inferShapes } from "#compiler/hypergraph/infer-shapes";
import { imageBlocks } from "#compiler/hypergraph/image-blocks";
import { pieceClusters } from "#compiler/hypergraph/image-places";
import { createRng } from "#util/rng";
import { CORE, randomGraph, convolutions } from "#test/hypergraphs";

describe("inferred shapes", () => {
  test("are those of the convolutions that made the connectivity", () => {
    const graph = convolutions();
    assert.deepEqual(inferShapes(graph, incomingOf(graph)), [
      { first: 0, channels: 3, height: 8, width: 8 },
      { first: 192, channels: 4, height: 8, width: 8 },
      { first: 448, channels: 5, height: 4, width: 4 },
    ]);
  });

  test("are none where connectivity is random, or layers are not given", () => {
    const graph = randomGraph(createRng(5), 96, 6);
    assert.equal(inferShapes(graph, incomingOf(graph)), undefined);
    const layer = Uint32Array.from({ length: 96 }, (_, n) => (n < 48 ? 0 : 1));
    const layered = { ...graph, layer };
    assert.equal(inferShapes(layered, incomingOf(layered)), undefined);
  });

  test("are none where neighbours meet, but every neuron has taps of its own", () => {
    const rng = createRng(2);
    const targets = Array.from({ length: 128 }, (_, n) => {
      const list: number[] = [];
      for (let down = -1; down <= 1 && n < 64; down++)
        for (let right = -1; right <= 1; right++) {
          const row = Math.floor(n / 8) + down;
          const column = (n % 8) + right;
          if (row >= 0 && row < 8 && column >= 0 && column < 8 && rng() < 0.5)
            list.push(64 + 8 * row + column);
        }
      return list;
    });
    const axonStart = new Uint32Array(129);
    targets.forEach((list, n) => (axonStart[n + 1] = axonStart[n] + list.length));
    const graph = {
      neurons: 128,
      axonStart,
      target: Uint32Array.from(targets.flat()),
      rate: new Float64Array(128).fill(1),
      layer: Uint32Array.from({ length: 128 }, (_, n) => (n < 64 ? 0 : 1)),
    };
    assert.equal(inferShapes(graph, incomingOf(graph)), undefined);
  });
});

describe("image blocks", () => {
  test("are compact tiles, each of about its share of the neurons", () => {
    const graph = convolutions();
    const incoming = incomingOf(graph);
    const shapes = inferShapes(graph, incoming)!;
    const capacity = { ...CORE, neurons: 70, axonsIn: 1e4, axonsOut: 1e4, synapseWords: 1e4 };
    const { coreOf, cores } = imageBlocks({ graph, incoming, capacity, shapes, cores: 9 });
    const { neurons, cutSpikes } = evaluatePartition(graph, coreOf, capacity);
    assert.equal(cores, 9);
    assert.ok(neurons.every((held) => held > 40 && held < 80));
    const inOrder = Uint16Array.from({ length: graph.neurons }, (_, n) =>
      Math.floor((9 * n) / graph.neurons),
    );
    assert.ok(cutSpikes < 0.8 * evaluatePartition(graph, inOrder, capacity).cutSpikes);
  });

  test("clusters are the channels of one place and core", () => {
    const shapes = [
      { first: 0, channels: 3, height: 2, width: 2 },
      { first: 12, channels: 2, height: 1, width: 1 },
    ];
    const coreOf = Uint16Array.from([0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 2, 2]);
    assert.deepEqual([...pieceClusters(shapes, coreOf)], [0, 2, 3, 4, 0, 2, 3, 4, 1, 2, 3, 4, 5, 5]);
  });
});
