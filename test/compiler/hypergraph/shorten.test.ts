import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { Assignment } from "#compiler/hypergraph/assignment";
import { evaluatePartition } from "#compiler/hypergraph/evaluate";
import { finestLevel } from "#compiler/hypergraph/level";
import { repair } from "#compiler/hypergraph/repair";
import { shorten } from "#compiler/hypergraph/shorten";
import type { AxonGraph } from "#ir/axon-graph";
import { createRng } from "#util/rng";
import { checkAgainstOutsider, CORE, graphs } from "#test/hypergraphs";

/** Rate x (cutLinks + links) over the other cores that axons go to, from the definition. */
function waysOf(
  { neurons, axonStart, target, rate }: AxonGraph,
  coreOf: Uint16Array,
  cutLinks: number,
  { x, y }: { readonly x: readonly number[]; readonly y: readonly number[] },
): number {
  const distance = (a: number, b: number): number =>
    a === b ? 0 : cutLinks + Math.abs(x[a] - x[b]) + Math.abs(y[a] - y[b]);
  let sum = 0;
  for (let n = 0; n < neurons; n++)
    for (const core of new Set(Array.from(target.subarray(axonStart[n], axonStart[n + 1]), (t) => coreOf[t])))
      sum += rate[n] * distance(coreOf[n], core);
  return sum;
}

describe("shorten", () => {
  test("never lengthens the ways that an outsider counts, nor breaks a wall, and repeats", () => {
    fc.assert(
      fc.property(graphs, ({ rng, graph }) => {
        const room = 100;
        const coreOf = Uint16Array.from({ length: graph.neurons }, (_, n) => n % 6);
        const state = new Assignment(finestLevel(graph), CORE, coreOf, 6, room);
        if (!repair(state, room)) return;
        const { cores } = state;
        // No core may take more than the fullest has now.
        const most = (load: Int32Array): number => load.reduce((a, b) => Math.max(a, b), 1);
        const full = {
          ...CORE,
          neurons: most(state.neurons),
          axonsIn: most(state.axonsIn),
          axonsOut: most(state.axonsOut),
          synapseWords: most(state.words),
        };
        const place = (): number[] => Array.from({ length: cores }, () => Math.floor(7 * rng()) - 2);
        const places = { x: place(), y: place() };
        const cutLinks = Math.floor(3 * rng());
        const before = waysOf(graph, state.coreOf, cutLinks, places);
        const [once, again] = [0, 1].map(() => {
          const shorter = new Assignment(finestLevel(graph), full, state.coreOf.slice(), cores);
          shorten(shorter, { cutLinks, places, rounds: 3, rng: createRng(5) });
          return shorter;
        });
        assert.ok(waysOf(graph, once.coreOf, cutLinks, places) <= before + 1e-3);
        checkAgainstOutsider(once, graph, once.coreOf);
        const { over } = evaluatePartition(graph, once.coreOf, full);
        assert.deepEqual(over, { neurons: 0, axonsIn: 0, axonsOut: 0, synapseWords: 0 });
        assert.deepEqual(again.coreOf, once.coreOf);
      }),
      { numRuns: 60 },
    );
  });

  test("swaps where no neuron can move alone", () => {
    // Two full cores, 0..11 and 12..23; 0 belongs to the second group, 12 to the first.
    const groupOf = (n: number): number => (n === 0 ? 1 : n === 12 ? 0 : n < 12 ? 0 : 1);
    const targets = Array.from({ length: 24 }, (_, n) =>
      Array.from({ length: 24 }, (_, t) => t).filter((t) => t !== n && groupOf(t) === groupOf(n)),
    );
    const axonStart = Uint32Array.from({ length: 25 }, (_, n) => 11 * n);
    const rate = new Float64Array(24).fill(1);
    const graph = { neurons: 24, axonStart, target: Uint32Array.from(targets.flat()), rate };
    const coreOf = Uint16Array.from({ length: 24 }, (_, n) => (n < 12 ? 0 : 1));
    const state = new Assignment(finestLevel(graph), CORE, coreOf, 2);
    assert.equal(state.overload, 0);
    assert.ok(!state.fits(0, 1) && !state.fits(12, 0));
    shorten(state, { cutLinks: 1, rounds: 2, rng: createRng(1) });
    assert.equal(state.cutSpikes, 0);
  });

  test("puts what talks to each other on cores that are near, where the cut is the same", () => {
    // 0 sends to 1; 1 is on core 2, and could as well be on core 1, which is nearer.
    const graph = {
      neurons: 3,
      axonStart: Uint32Array.of(0, 1, 1, 1),
      target: Uint32Array.of(1),
      rate: new Float64Array(3).fill(1),
    };
    const tight = { ...CORE, neurons: 1 };
    const state = new Assignment(finestLevel(graph), tight, Uint16Array.of(0, 2, 1), 3);
    const places = { x: [0, 0, 4], y: [0, 0, 0] };
    shorten(state, { cutLinks: 1, places, rounds: 2, rng: createRng(1) });
    assert.deepEqual([...state.coreOf], [0, 1, 2]);
  });
});

test("shorten moves a neuron alone where nobody would change places with it", () => {
  // 0, which sends to itself too, stays where it is.
  const graph = {
    neurons: 2,
    axonStart: Uint32Array.of(0, 2, 2),
    target: Uint32Array.of(0, 1),
    rate: new Float64Array(2).fill(1),
  };
  const state = new Assignment(finestLevel(graph), { ...CORE, neurons: 2 }, Uint16Array.of(0, 1), 2);
  shorten(state, { cutLinks: 1, rounds: 2, rng: createRng(1) });
  assert.deepEqual([...state.coreOf], [0, 0]);
});
