import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { Assignment } from "#compiler/hypergraph/assignment";
import { offerAt } from "#compiler/hypergraph/offers";
import { Frontier } from "#compiler/hypergraph/frontier";
import { coreBounds, coreLoads } from "#compiler/hypergraph/bounds";
import { blockedList, type CoreCapacity } from "#compiler/hypergraph/capacity";
import { coarsen } from "#compiler/hypergraph/coarsen";
import { eliminate } from "#compiler/hypergraph/eliminate";
import { evaluatePartition } from "#compiler/hypergraph/evaluate";
import { incomingOf, type Incoming } from "#compiler/hypergraph/fill";
import { inferShapes } from "#compiler/hypergraph/infer-shapes";
import { finestLevel } from "#compiler/hypergraph/level";
import { makeSeed, seedProblem, seedTasks } from "#compiler/hypergraph/choose-seed";
import { partitionGraph } from "#compiler/hypergraph/partition";
import { refine, sweep } from "#compiler/hypergraph/refine";
import { orderByCore, reorderGraph } from "#compiler/hypergraph/reorder";
import { repair } from "#compiler/hypergraph/repair";
import { shorten } from "#compiler/hypergraph/shorten";
import { imageBlocks } from "#compiler/hypergraph/image-blocks";
import { pieceClusters } from "#compiler/hypergraph/image-places";
import { bisect } from "#compiler/hypergraph/bisect";
import { clusterTies, edgeTies, neuronTies, type Ties } from "#compiler/hypergraph/ties";
import {
  clusterGraph,
  contractGraph,
  smoothParts,
  type WeightedGraph,
} from "#compiler/hypergraph/weighted-graph";
import { EFFORTS, SEEDS } from "#compiler/hypergraph/seeds";
import { vCycle } from "#compiler/hypergraph/v-cycle";
import type { AxonGraph } from "#ir/axon-graph";
import { ToolchainError } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";

const CORE: CoreCapacity = {
  name: "tiny",
  neurons: 12,
  axonsIn: 60,
  axonsOut: 60,
  synapseWords: 90,
  wordsOfList: blockedList(18, 10),
};

/** Some neurons without targets, some that reach themselves, rates from 0 up. */
function randomGraph(rng: Rng, neurons: number, fanOut: number): AxonGraph {
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

const graphs = fc
  .tuple(
    fc.integer({ min: 1, max: 2 ** 30 }),
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 0, max: 6 }),
  )
  .map(([seed, neurons, fanOut]) => {
    const rng = createRng(seed);
    return { rng, graph: randomGraph(rng, neurons, fanOut) };
  });

function randomCores(rng: Rng, nodes: number, cores: number): Uint16Array {
  return Uint16Array.from({ length: nodes }, () => Math.floor(rng() * cores));
}

/** Everything that an assignment keeps, against a count from the definitions. */
function checkAgainstOutsider(state: Assignment, graph: AxonGraph, coreOf: Uint16Array): void {
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

/** 3 x 8 x 8 inputs, 4 channels of the same size, 5 of half the size; kernels of random taps. */
function convolutions(): AxonGraph {
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
