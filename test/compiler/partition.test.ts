// What every partitioner owes us (loops over the registry), and what the steps behind it add.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { available, measureCore, shortagesOf } from "#compiler/encode/measure";
import { createWorkload } from "#compiler/encode/workload";
import { compile, PARTITIONERS } from "#compiler/index";
import { slicesOf } from "#compiler/partition/partitioner";
import { fitExactly } from "#compiler/partition/fit-exactly";
import { layerOrder } from "#compiler/partition/layer-order";
import { mapBlock } from "#compiler/partition/mapped-block";
import { Misfits } from "#compiler/partition/misfits";
import { settleOutputs } from "#compiler/partition/settle-outputs";
import type { Slice } from "#ir/block-graph";
import type { Network } from "#ir/network";
import {
  between,
  edge,
  input,
  kernel,
  loihiCuba,
  network,
  randomQuantized,
  randomSparse,
} from "#test/networks";
import { tightTarget } from "#test/tight-target";
import { loihi1 } from "#targets/loihi1/index";
import type { Target } from "#targets/target";
import { createRng } from "#util/rng";

const MIXED = { weightBits: 8, signMode: "mixed", weightExponent: 0 } as const;

/** 40 -> 60 -> 20, random synapses. */
const layered = (seed: number, density = 0.4): Network => {
  const rng = createRng(seed);
  const weight = () => 2 * between(rng, 1, 100);
  const projection = { delaySteps: 1, quantization: MIXED };
  return network(
    [input("in", 40), loihiCuba("a", 60, {}, { startStep: 1 }), loihiCuba("b", 20, {}, { startStep: 2 })],
    [
      edge("in", "a", randomSparse(rng, 40, 60, density, weight), projection),
      edge("a", "b", randomSparse(rng, 60, 20, density, weight), projection),
    ],
  );
};

/** Two convolutions, 2 x 6 x 6 -> 4 x 6 x 6 -> 3 x 6 x 6. */
const imaged = (seed: number): Network => {
  const rng = createRng(seed);
  const conv = (from: number, to: number) =>
    kernel({
      inputShape: [from, 6, 6],
      kernelShape: [to, from, 3, 3],
      weights: Array.from({ length: to * from * 9 }, () => (rng() < 0.5 ? 0 : 2 * between(rng, -100, 100))),
      padding: [1, 1, 1, 1],
    });
  const projection = { delaySteps: 1, quantization: MIXED };
  return network(
    [
      input("in", [2, 6, 6]),
      loihiCuba("a", [4, 6, 6], {}, { startStep: 1 }),
      loihiCuba("b", [3, 6, 6], {}, { startStep: 2 }),
    ],
    [edge("in", "a", conv(2, 4), projection), edge("a", "b", conv(4, 3), projection)],
  );
};

const workloadOf = (net: Network, target: Target) => createWorkload(net, target, target.packers[0], false);

const TIGHT = fc.record(
  {
    neurons: fc.integer({ min: 1, max: 30 }),
    synapseWords: fc.integer({ min: 30, max: 300 }),
    axonsIn: fc.integer({ min: 20, max: 60 }),
    wordsPerAxon: fc.integer({ min: 1, max: 6 }),
    neuronConfigs: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: [] },
);

for (const partitioner of PARTITIONERS.filter(({ keepsWhole }) => keepsWhole !== true)) {
  describe(`partitioner ${partitioner.name}`, () => {
    const run = (net: Network, target: Target) => {
      const misfits = new Misfits();
      const workload = workloadOf(net, target);
      const blocks = slicesOf(partitioner.partition(workload, { misfits, rng: createRng(1) }));
      return { workload, blocks, misfits };
    };

    test("puts every neuron into one block, unless it fits into none alone", () => {
      fc.assert(
        fc.property(fc.nat(), fc.constantFrom(layered, imaged), TIGHT, (seed, make, walls) => {
          const { workload, blocks, misfits } = run(make(seed), tightTarget(walls));
          const times = workload.network.populations.map(({ size }) => new Uint8Array(size));
          for (const { population, begin, end } of blocks.flat())
            for (let n = begin; n < end; n++) times[population][n]++;
          let unplaced = 0;
          times.forEach((count, population) =>
            count.forEach((seen, n) => {
              const alone = measureCore(workload, [{ population, begin: n, end: n + 1 }]);
              const fits =
                workload.mapped[population] && shortagesOf(alone, available(workload)).length === 0;
              assert.equal(seen, fits ? 1 : 0);
              if (workload.mapped[population] && !fits) unplaced++;
            }),
          );
          assert.equal(misfits.all.length > 0, unplaced > 0);
        }),
        { numRuns: 20 },
      );
    });

    test("keeps every wall in every block", () => {
      fc.assert(
        fc.property(fc.nat(), fc.constantFrom(layered, imaged), TIGHT, (seed, make, walls) => {
          const { workload, blocks } = run(make(seed), tightTarget(walls));
          for (const slices of blocks)
            assert.deepEqual(shortagesOf(measureCore(workload, slices), available(workload)), []);
        }),
        { numRuns: 20 },
      );
    });

    test("gives equal results for equal seeds", () => {
      const target = tightTarget({ synapseWords: 100 });
      assert.deepEqual(run(layered(7), target).blocks, run(layered(7), target).blocks);
    });

    test("makes no blocks of a network without neurons", () => {
      assert.deepEqual(run(network([input("in", 3)], []), loihi1).blocks, []);
    });
  });
}

describe("layer-order", () => {
  /** Neuron by neuron, measuring each step: slow and obvious. */
  const greedy = (net: Network, target: Target): Slice[] => {
    const workload = workloadOf(net, target);
    const slices: Slice[] = [];
    net.populations.forEach(({ size }, population) => {
      if (!workload.mapped[population]) return;
      const fits = (begin: number, end: number) =>
        shortagesOf(measureCore(workload, [{ population, begin, end }]), available(workload)).length === 0;
      for (let begin = 0; begin < size;) {
        let end = begin;
        while (end < size && fits(begin, end + 1)) end++;
        if (end > begin) slices.push({ population, begin, end });
        begin = Math.max(end, begin + 1);
      }
    });
    return slices;
  };

  test("makes as many blocks as growing each by one neuron at a time", () => {
    fc.assert(
      fc.property(fc.nat(), TIGHT, (seed, walls) => {
        const [net, target] = [layered(seed), tightTarget(walls)];
        const blocks = slicesOf(
          layerOrder.partition(workloadOf(net, target), { misfits: new Misfits(), rng: createRng(1) }),
        );
        assert.equal(blocks.length, greedy(net, target).length);
      }),
      { numRuns: 15 },
    );
  });

  test("evens out the blocks of a population", () => {
    const { blockGraph } = compile(layered(1), tightTarget({ neurons: 50 }));
    assert.deepEqual(
      blockGraph.blocks.map(({ slices }) => slices.map(({ begin, end }) => end - begin)),
      [[30], [30], [20]],
    );
  });
});

describe("tiles", () => {
  const blocksOf = (net: Network, target: Target, partitioner: string) =>
    compile(net, target, { partitioner }).blockGraph.blocks;

  test("cuts an image into rectangles through all channels", () => {
    const [first] = blocksOf(imaged(1), tightTarget({ neurons: 36, axonsIn: 50 }), "tiles");
    // 4 channels, 3 x 3 pixels each: rows of three.
    assert.equal(first.demand.neurons, 36);
    assert.deepEqual(
      first.slices.slice(0, 4).map(({ begin, end }) => [begin, end]),
      [
        [0, 3],
        [6, 9],
        [12, 15],
        [36, 39],
      ],
    );
  });

  test("takes no more blocks than layer-order, and fewer where input axons are scarce", () => {
    const count = (walls: Parameters<typeof tightTarget>[0], seed: number): [number, number] => [
      blocksOf(imaged(seed), tightTarget(walls), "tiles").length,
      blocksOf(imaged(seed), tightTarget(walls), "layer-order").length,
    ];
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 36, max: 150 }), (seed, axonsIn) => {
        const [inTiles, inOrder] = count({ axonsIn, axonsOut: 1e9 }, seed);
        assert.ok(inTiles <= inOrder);
      }),
      { numRuns: 15 },
    );
    assert.deepEqual(count({ neurons: 36, axonsIn: 64, axonsOut: 1e9 }, 1), [8, 21]);
  });

  test("leaves flat populations to layer-order", () => {
    const target = tightTarget({ synapseWords: 100 });
    assert.deepEqual(blocksOf(layered(7), target, "tiles"), blocksOf(layered(7), target, "layer-order"));
  });
});

describe("fitExactly", () => {
  test("cuts pieces that are over a wall, and loses nobody", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom(layered, imaged),
        fc.integer({ min: 60, max: 200 }),
        (seed, make, words) => {
          const workload = workloadOf(make(seed), tightTarget({ synapseWords: words, axonsIn: 200 }));
          const { populations } = workload.network;
          const whole = [1, 2].map((population) => [
            { population, begin: 0, end: populations[population].size },
          ]);
          const pieces = fitExactly(workload, whole);
          for (const slices of pieces)
            assert.deepEqual(shortagesOf(measureCore(workload, slices), available(workload)), []);
          const held = (population: number): number[] =>
            pieces
              .flat()
              .filter((slice) => slice.population === population)
              .flatMap(({ begin, end }) => Array.from({ length: end - begin }, (_, i) => begin + i))
              .sort((a, b) => a - b);
          for (const population of [1, 2])
            assert.deepEqual(
              held(population),
              Array.from({ length: populations[population].size }, (_, n) => n),
            );
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe("settleOutputs", () => {
  test("splits blocks until no core has too many output entries", () => {
    const target = tightTarget({ neurons: 30, axonsOut: 20 });
    const { blockGraph, deployment } = compile(layered(3), target);
    assert.equal(blockGraph.blocks.length, 5);
    for (const { routeCore } of deployment.cores) assert.ok(routeCore.length <= 20);
    deployment.cores.forEach(({ routeCore, core }) => {
      const block = deployment.cores.findIndex((program) => program.core === core);
      assert.equal(blockGraph.blocks[block].demand.axonsOut, routeCore.length);
    });
  });

  test("names a neuron that alone sends to too many cores", () => {
    const target = tightTarget({ neurons: 1, axonsOut: 5 });
    const workload = workloadOf(layered(3, 1), target);
    const misfits = new Misfits();
    const slices = slicesOf(layerOrder.partition(workload, { misfits, rng: createRng(1) }));
    settleOutputs(
      workload,
      slices.map((piece) => mapBlock(workload, piece)),
      misfits,
    );
    assert.deepEqual(misfits.all, [
      { population: 1, neuron: 0, resource: "axonsOut", needed: 20, available: 5, neurons: 60 },
    ]);
  });

  test("counts an entry more for each way to another chip", () => {
    const mesh = { columns: 1, rows: 1, coresPerTile: 2 };
    const target = tightTarget({ neurons: 20 }, mesh);
    const net = layered(4, 1);
    const { blockGraph, placement, deployment } = compile(net, target, { chips: 2 });
    assert.deepEqual([...placement.coreOfBlock], [0, 1, 2, 3]);
    assert.equal(deployment.chips, 2);
    assert.deepEqual(
      blockGraph.blocks.map(({ demand }) => demand.axonsOut),
      [40, 40, 20, 0],
    );
  });
});

describe("sharing cores", () => {
  const net = layered(5);

  test("is left alone while there are cores", () => {
    assert.equal(compile(net, loihi1).blockGraph.blocks.length, 2);
  });

  test("happens when cores run out", () => {
    const { blockGraph } = compile(net, tightTarget({}, { columns: 1, rows: 1, coresPerTile: 1 }));
    assert.deepEqual(
      blockGraph.blocks.map(({ slices }) => slices),
      [
        [
          { population: 1, begin: 0, end: 60 },
          { population: 2, begin: 0, end: 20 },
        ],
      ],
    );
  });

  test("happens on request, within the walls", () => {
    assert.equal(compile(net, loihi1, { share: "always" }).blockGraph.blocks.length, 1);
    const { blockGraph } = compile(net, tightTarget({ neurons: 70 }), { share: "always" });
    assert.equal(blockGraph.blocks.length, 2);
  });

  test("joins slices that continue one another", () => {
    const { blockGraph } = compile(randomQuantized(createRng(2), { sizes: [9] }), loihi1, {
      share: "always",
    });
    assert.deepEqual(
      blockGraph.blocks.map(({ slices }) => slices),
      [[{ population: 1, begin: 0, end: 9 }]],
    );
  });
});
