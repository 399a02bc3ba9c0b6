// What every placer and every router owes us. Loops over the registries: a new one is tested by being listed.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { PLACERS, placementCost, ROUTERS } from "#compiler/index";
import { RESOURCES, type BlockGraph, type Demand, type Net } from "#ir/block-graph";
import { between } from "#test/networks";
import { tightTarget } from "#test/tight-target";
import { loihi1 } from "#targets/loihi1/index";
import { routeHops } from "#targets/route";
import { coresPerChip, tileOf, type Target } from "#targets/target";
import { createRng } from "#util/rng";

const NOTHING = Object.fromEntries(RESOURCES.map((resource) => [resource, 0])) as Demand;

const randomGraph = (blocks: number, nets: number, seed: number): BlockGraph => {
  const rng = createRng(seed);
  return {
    blocks: Array.from({ length: blocks }, (_, i) => ({
      slices: [{ population: 0, begin: i, end: i + 1 }],
      demand: NOTHING,
    })),
    nets: Array.from({ length: nets }, (): Net => ({
      source: between(rng, -1, blocks - 1),
      sinks: Uint32Array.of(between(rng, 0, blocks - 1)),
      spikesPerStep: between(rng, 1, 9),
    })),
  };
};

const CORES = coresPerChip(loihi1);

for (const placer of PLACERS) {
  describe(`placer ${placer.name}`, () => {
    const place = (graph: BlockGraph, chips = 1, seed = 1) =>
      placer.place(graph, loihi1, chips, createRng(seed));

    test("places nothing when there is nothing to place", () => {
      assert.deepEqual(place(randomGraph(0, 0, 1)), { coreOfBlock: new Uint32Array(0), cost: 0 });
    });

    test("gives every block a core of its own, up to full chips", () => {
      for (const [blocks, chips] of [
        [1, 1],
        [2, 1],
        [CORES - 1, 1],
        [CORES, 1],
        [3 * CORES, 3],
      ]) {
        const { coreOfBlock } = place(randomGraph(blocks, 20, blocks), chips);
        assert.equal(new Set(coreOfBlock).size, blocks);
        assert.ok(coreOfBlock.every((core) => core < chips * CORES));
      }
    });

    test("reports the cost that an outsider computes", () => {
      const graph = randomGraph(CORES, 400, 7);
      const { coreOfBlock, cost } = place(graph);
      let expected = 0;
      for (const { source, sinks, spikesPerStep } of graph.nets) {
        if (source < 0) continue;
        const [a, b] = [coreOfBlock[source], coreOfBlock[sinks[0]]].map((core) => tileOf(loihi1, core));
        expected += spikesPerStep * (Math.abs(a.x - b.x) + Math.abs(a.y - b.y));
      }
      assert.equal(cost, expected);
      assert.equal(cost, placementCost(graph, loihi1, coreOfBlock));
    });

    test("gives equal results for equal seeds", () => {
      const graph = randomGraph(CORES, 40, 7);
      assert.deepEqual(place(graph, 1, 42), place(graph, 1, 42));
    });
  });
}

describe("in-order", () => {
  test("goes from each tile to one beside it", () => {
    for (const tileOrder of ["column-major", "row-major"] as const) {
      const target = tightTarget({}, { tileOrder });
      const graph = randomGraph(CORES, 0, 1);
      const { coreOfBlock } = PLACERS[0].place(graph, target, 1, createRng(1));
      for (let b = 1; b < CORES; b++) {
        const hops = routeHops(target, coreOfBlock[b - 1], coreOfBlock[b]);
        assert.equal(hops.eastWest + hops.northSouth + hops.withinTile, 1);
      }
    }
  });
});

describe("routeHops", () => {
  test("counts links by direction, as one can on paper", () => {
    // Tiles of 4 cores in columns of 4: core 17 is in tile 4 = (1, 0), core 60 in tile 15 = (3, 3).
    assert.deepEqual(routeHops(loihi1, 17, 60), { eastWest: 2, northSouth: 3, chips: 0, withinTile: 0 });
    assert.deepEqual(routeHops(loihi1, 4, 7), { eastWest: 0, northSouth: 0, chips: 0, withinTile: 1 });
    assert.deepEqual(routeHops(loihi1, 5, 5), { eastWest: 0, northSouth: 0, chips: 0, withinTile: 1 });
  });

  test("counts a chip border instead of an east-west link", () => {
    // From tile (7, 0) of chip 0 to tile (0, 1) of chip 1; then to the same tile one chip further.
    assert.deepEqual(routeHops(loihi1, 112, 132), { eastWest: 0, northSouth: 1, chips: 1, withinTile: 0 });
    assert.deepEqual(routeHops(loihi1, 0, 256), { eastWest: 14, northSouth: 0, chips: 2, withinTile: 0 });
  });

  test("is the same both ways", () => {
    const core = fc.nat({ max: 4 * CORES - 1 });
    fc.assert(
      fc.property(core, core, (a, b) => assert.deepEqual(routeHops(loihi1, a, b), routeHops(loihi1, b, a))),
    );
  });
});

for (const router of ROUTERS) {
  describe(`router ${router.name}`, () => {
    const tileNumber = (target: Target, core: number) => Math.floor(core / target.mesh.coresPerTile);

    test("goes from tile to tile beside it, as many links as routeHops counts", () => {
      const order = fc.constantFrom("column-major" as const, "row-major" as const);
      const core = fc.nat({ max: 3 * CORES - 1 });
      fc.assert(
        fc.property(order, core, core, (tileOrder, from, to) => {
          const target = tightTarget({}, { tileOrder });
          const path = router.path(target, from, to);
          assert.equal(path[0], tileNumber(target, from));
          assert.equal(path.at(-1), tileNumber(target, to));
          const hops = routeHops(target, from, to);
          assert.equal(path.length - 1, hops.eastWest + hops.northSouth + hops.chips);
          for (let i = 1; i < path.length; i++) {
            const [a, b] = [path[i - 1], path[i]].map((tile) => tile * target.mesh.coresPerTile);
            const step = routeHops(target, a, b);
            assert.equal(step.eastWest + step.northSouth + step.chips, 1);
          }
        }),
      );
    });
  });
}
