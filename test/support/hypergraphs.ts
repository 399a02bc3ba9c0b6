import assert from "node:assert/strict";
import fc from "fast-check";
import type { Assignment } from "#compiler/hypergraph/assignment";
import { blockedList, type CoreCapacity } from "#compiler/hypergraph/capacity";
import { evaluatePartition } from "#compiler/hypergraph/evaluate";
import type { AxonGraph } from "#ir/axon-graph";
import { createRng, type Rng } from "#util/rng";

/** Everything that an assignment keeps, against a count from the definitions. */
export function checkAgainstOutsider(state: Assignment, graph: AxonGraph, coreOf: Uint16Array): void {
  const truth = evaluatePartition(graph, coreOf, state.capacity);
  assert.ok(Math.abs(truth.cutSpikes - state.cutSpikes) < 1e-6, `${truth.cutSpikes} ${state.cutSpikes}`);
  for (const [kept, counted] of [
    [state.neurons, truth.neurons],
    [state.axonsIn, truth.axonsIn],
    [state.axonsOut, truth.axonsOut],
    [state.words, truth.synapseWords],
  ])
    for (let core = 0; core < state.cores; core++) assert.equal(kept[core], counted[core] ?? 0);
  const over = (load: Int32Array, wall: number): number =>
    load.subarray(0, state.cores).reduce((sum, held) => sum + Math.max(0, held - wall), 0);
  assert.equal(state.excess.neurons, over(state.neurons, state.walls.neurons));
  assert.equal(state.excess.axonsIn, over(state.axonsIn, state.walls.axonsIn));
  assert.equal(state.excess.axonsOut, over(state.axonsOut, state.walls.axonsOut));
  assert.equal(state.excess.words, over(state.words, state.walls.words));
}

export const CORE: CoreCapacity = {
  name: "tiny",
  neurons: 12,
  axonsIn: 60,
  axonsOut: 60,
  synapseWords: 90,
  wordsOfList: blockedList(18, 10),
};

/** Some neurons without targets, some that reach themselves, rates from 0 up. */
export function randomGraph(rng: Rng, neurons: number, fanOut: number): AxonGraph {
  const targets = Array.from({ length: neurons }, () => {
    const many = Math.floor(rng() * 2 * fanOut);
    const set = new Set<number>();
    for (let k = 0; k < many; k++) set.add(Math.floor(rng() * neurons));
    return [...set].sort((a, b) => a - b);
  });
  const axonStart = new Uint32Array(neurons + 1);
  for (let n = 0; n < neurons; n++) axonStart[n + 1] = axonStart[n] + targets[n].length;
  const rate = Float64Array.from({ length: neurons }, () => Math.floor(rng() * 20));
  return { neurons, axonStart, target: Uint32Array.from(targets.flat()), rate };
}

export const graphs = fc
  .tuple(
    fc.integer({ min: 1, max: 2 ** 30 }),
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 0, max: 6 }),
  )
  .map(([seed, neurons, fanOut]) => {
    const rng = createRng(seed);
    return { rng, graph: randomGraph(rng, neurons, fanOut) };
  });

export function randomCores(rng: Rng, nodes: number, cores: number): Uint16Array {
  return Uint16Array.from({ length: nodes }, () => Math.floor(rng() * cores));
}

/** 3 x 8 x 8 inputs, 4 channels of the same size, 5 of half the size; kernels of random taps. */
export function convolutions(): AxonGraph {
  const rng = createRng(3);
  const shapes = [
    [3, 8, 1],
    [4, 8, 1],
    [5, 4, 2],
  ];
  const firsts = [0, 192, 448];
  const neurons = 448 + 80;
  const targets: Set<number>[] = Array.from({ length: neurons }, () => new Set());
  for (let l = 1; l < 3; l++) {
    const [channels, side, stride] = shapes[l];
    const [inputs, inputSide] = shapes[l - 1];
    for (let o = 0; o < channels; o++)
      for (let c = 0; c < inputs; c++)
        for (let tap = 0; tap < 9; tap++) {
          if (rng() > 0.4) continue;
          for (let y = 0; y < side; y++)
            for (let x = 0; x < side; x++) {
              const row = y * stride + Math.floor(tap / 3) - 1;
              const column = x * stride + (tap % 3) - 1;
              if (row < 0 || column < 0 || row >= inputSide || column >= inputSide) continue;
              targets[firsts[l - 1] + (c * inputSide + row) * inputSide + column].add(
                firsts[l] + (o * side + y) * side + x,
              );
            }
        }
  }
  const lists = targets.map((set) => [...set].sort((a, b) => a - b));
  const axonStart = new Uint32Array(neurons + 1);
  lists.forEach((list, n) => (axonStart[n + 1] = axonStart[n] + list.length));
  return {
    neurons,
    axonStart,
    target: Uint32Array.from(lists.flat()),
    rate: Float64Array.from({ length: neurons }, () => 1 + Math.floor(rng() * 9)),
    layer: Uint32Array.from({ length: neurons }, (_, n) => (n < 192 ? 0 : n < 448 ? 1 : 2)),
  };
}
