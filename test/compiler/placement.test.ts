// What every placement of cores owes us: seeds, searches, objectives, bounds. Costs are counted by `meshMetrics` alone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, test } from "vitest";
import { coreNeighbours } from "#compiler/placement/core-neighbours";
import { coreTraffic } from "#compiler/placement/core-traffic";
import { hilbertIndex } from "#compiler/hilbert";
import { LinkState } from "#compiler/placement/link-state";
import { meshMetrics } from "#compiler/placement/mesh-metrics";
import { placementLowerBound } from "#compiler/placement/lower-bound";
import { placeCores, quickHops } from "#compiler/placement/place";
import { SEED_PLACERS } from "#compiler/placement/placers";
import { placementProblem, type PlacementObjective } from "#compiler/placement/problem";
import { hopsBetween, sitesToFill, squareMesh, targetSites, type Sites } from "#compiler/placement/sites";
import { createState } from "#compiler/placement/state";
import type { AxonGraph } from "#ir/axon-graph";
import { randomTraffic, shuffledGrid } from "#test/core-traffic";
import { between } from "#test/networks";
import { sharedPath } from "#test/shared";
import { loihi1 } from "#targets/loihi1/index";
import { ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";

const OBJECTIVES: readonly PlacementObjective[] = ["hops", "tree", "busiest-link", "energy"];
/** Of a link along a row and along a column. */
const prices = { x: 3, y: 4.25 };

/** A mesh of routers with several cores, on several chips if asked for. */
function tiled(columns: number, rows: number, perTile: number, chips: number, chipHops: number): Sites {
  const places = Array.from({ length: columns * rows * perTile }, (_, s) => Math.floor(s / perTile));
  const x = Int32Array.from(places, (place) => place % columns);
  return {
    count: places.length,
    x,
    y: Int32Array.from(places, (place) => Math.floor(place / columns)),
    chip: x.map((column) => Math.floor((column * chips) / columns)),
    chipHops,
  };
}

const MESHES: readonly [name: string, sites: Sites][] = [
  ["a square mesh", squareMesh(20)],
  ["tiles of three cores", tiled(3, 3, 3, 1, 0)],
  ["two chips with a dear border", tiled(6, 4, 1, 2, 5)],
  ["a target of two chips", targetSites(loihi1, 2)],
];

function assertLegal(siteOf: Uint32Array, cores: number, sites: Sites): void {
  assert.equal(siteOf.length, cores);
  assert.equal(new Set(siteOf).size, cores);
  assert.ok(siteOf.every((site) => site < sites.count));
}

const costOf = (objective: PlacementObjective, ...args: Parameters<typeof meshMetrics>): number => {
  const { unicastHops, treeHops, busiestLink } = meshMetrics(...args);
  return {
    hops: unicastHops,
    tree: treeHops,
    "busiest-link": busiestLink,
    energy: linkEnergy(...args),
  }[objective];
};

/** Message by message, step by step; a chip border is so many links more, along the row. */
function linkEnergy(...[traffic, sites, siteOf]: Parameters<typeof meshMetrics>): number {
  let sum = 0;
  for (let f = 0; f < traffic.flows; f++)
    for (const sink of traffic.sink.subarray(traffic.sinkStart[f], traffic.sinkStart[f + 1])) {
      const from = siteOf[traffic.source[f]];
      const to = siteOf[sink];
      const columns =
        Math.abs(sites.x[to] - sites.x[from]) + Math.abs(sites.chip[to] - sites.chip[from]) * sites.chipHops;
      for (let k = 0; k < columns; k++) sum += traffic.spikes[f] * prices.x;
      for (let y = sites.y[from]; y !== sites.y[to]; y += Math.sign(sites.y[to] - y))
        sum += traffic.spikes[f] * prices.y;
    }
  return sum;
}

const close = (a: number, b: number): void =>
  assert.ok(Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b)), `${a} is not ${b}`);

describe("coreTraffic", () => {
  test("adds up axons of equal source and sinks, as a plain count does", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const rng = createRng(seed);
        const neurons = 40;
        const cores = between(rng, 1, 6);
        const lists = Array.from({ length: neurons }, () =>
          Array.from({ length: neurons }, (_, t) => t).filter(() => rng() < 0.08),
        );
        const axonStart = new Uint32Array(neurons + 1);
        lists.forEach(({ length }, n) => (axonStart[n + 1] = axonStart[n] + length));
        const rate = Float64Array.from(lists, () => between(rng, 0, 9));
        const graph: AxonGraph = { neurons, axonStart, target: Uint32Array.from(lists.flat()), rate };
        const coreOf = Uint16Array.from(lists, () => between(rng, 0, cores - 1));

        const expected = new Map<string, number>();
        lists.forEach((targets, n) => {
          const remote = [...new Set(targets.map((t) => coreOf[t]))].filter((core) => core !== coreOf[n]);
          if (remote.length === 0) return;
          const key = `${coreOf[n]}:${remote.sort((a, b) => a - b).join()}`;
          expected.set(key, (expected.get(key) ?? 0) + rate[n]);
        });
        const traffic = coreTraffic(graph, coreOf, cores);
        const { flows, source, spikes, sinkStart, sink, flowOf } = traffic;
        const found = Array.from({ length: flows }, (_, f): [string, number] => [
          `${source[f]}:${sink.subarray(sinkStart[f], sinkStart[f + 1]).join()}`,
          spikes[f],
        ]);
        assert.deepEqual(new Map(found), expected);
        assert.equal(found.length, expected.size);
        flowOf!.forEach((flow, n) => assert.ok(flow < 0 || source[flow] === coreOf[n]));

        // Every pair of cores, in both lists, with the spikes of either direction.
        const { start, neighbour, spikes: weight } = coreNeighbours(traffic);
        for (let a = 0; a < cores; a++)
          for (let b = 0; b < cores; b++) {
            let both = 0;
            let any = false;
            lists.forEach((targets, n) => {
              const reaches = (from: number, to: number): boolean =>
                coreOf[n] === from && targets.some((t) => coreOf[t] === to);
              if (a === b || !(reaches(a, b) || reaches(b, a))) return;
              any = true;
              both += rate[n];
            });
            const at = neighbour.subarray(start[a], start[a + 1]).indexOf(b);
            assert.equal(at >= 0, any);
            if (at >= 0) assert.equal(weight[start[a] + at], both);
          }
      }),
      { numRuns: 30 },
    );
  });
});

describe("sites", () => {
  test("of a small network lie together, on as few chips as hold it", () => {
    const fill = sitesToFill(targetSites(loihi1, 3), 16);
    const { x, y } = targetSites(loihi1, 3);
    assert.equal(fill.length, 16);
    assert.ok(fill.every((site) => x[site] < 2 && y[site] < 2));
    assert.equal(sitesToFill(targetSites(loihi1, 3), 129).length, 256);
    assert.equal(sitesToFill(squareMesh(7), 0).length, 0);
  });

  test("follow each other along the Hilbert curve, each once", () => {
    const way = Array.from({ length: 64 }, (_, i) => [i % 8, i >> 3]).sort(
      (a, b) => hilbertIndex(8, a[0], a[1]) - hilbertIndex(8, b[0], b[1]),
    );
    for (let i = 1; i < way.length; i++)
      assert.equal(Math.abs(way[i][0] - way[i - 1][0]) + Math.abs(way[i][1] - way[i - 1][1]), 1);
  });
});

for (const { name, place } of SEED_PLACERS) {
  describe(`first placement ${name}`, () => {
    test.each(MESHES)("gives every core a site of its own on %s", (_, sites) => {
      for (const cores of [0, 1, 2, 7, sites.count - 1, sites.count]) {
        const problem = placementProblem(randomTraffic(cores, cores), sites);
        const siteOf = place(problem, createRng(3));
        assertLegal(siteOf, cores, sites);
        assert.ok(siteOf.every((site) => problem.fill.includes(site)));
        assert.deepEqual(siteOf, place(problem, createRng(3)));
      }
    });
  });
}

describe.each(OBJECTIVES)("the cost of %s", (objective) => {
  test.each(MESHES)("is kept as an outsider counts it, swap by swap, on %s", (_, sites) => {
    for (const [cores, most] of [
      [Math.min(19, sites.count - 1), 4],
      [sites.count, 4],
      // Enough partners for sums by columns and rows.
      [Math.min(120, sites.count), 119],
    ]) {
      const traffic = randomTraffic(cores, 11, most);
      const rng = createRng(5);
      const problem = placementProblem(traffic, sites, objective, prices);
      const state = createState(
        problem,
        Uint32Array.from({ length: cores }, (_, c) => c),
      );
      for (let i = 0; i < 60; i++) {
        const core = between(rng, 0, cores - 1);
        const site = between(rng, 0, sites.count - 1);
        if (site === state.board.siteOf[core]) continue;
        const before = state.cost;
        const change = state.change(core, site);
        assert.equal(state.cost, before);
        state.swap(core, site, change);
        const again = createState(problem, state.board.siteOf);
        close(state.cost, again.cost);
        close(state.cost, before + change);
        const told = state instanceof LinkState ? state.busiest : state.cost;
        close(told, costOf(objective, traffic, sites, state.board.siteOf));
      }
      assertLegal(state.board.siteOf, cores, sites);
    }
  });
});

describe.each(OBJECTIVES)("placeCores by %s", (objective) => {
  test.each(MESHES.slice(0, 3))("is legal, repeats, and reports the outsider's cost on %s", (_, sites) => {
    for (const cores of [0, 1, 12]) {
      const traffic = randomTraffic(cores, 7);
      const place = (effort: "fast" | "default") =>
        placeCores(traffic, sites, { effort, seed: 4, objective, prices });
      const placed = place("default");
      assertLegal(placed.siteOf, cores, sites);
      assert.deepEqual(placed, place("default"));
      close(placed.cost, costOf(objective, traffic, sites, placed.siteOf));
      assert.ok(placed.lowerBound <= placed.cost + 1e-9);
      const rowMajor = sitesToFill(sites, cores).slice(0, cores);
      for (const { cost } of [placed, place("fast")])
        assert.ok(cost <= costOf(objective, traffic, sites, rowMajor) + 1e-9);
    }
  });

  test("is no worse than the best of all placements allows, and finds it on a mesh of six", () => {
    const sites = squareMesh(6);
    const traffic = randomTraffic(6, 21, 3);
    let best = Infinity;
    const permute = (left: number[], taken: number[]): void => {
      if (left.length === 0) best = Math.min(best, costOf(objective, traffic, sites, taken));
      left.forEach((site, i) =>
        permute(
          left.filter((_, j) => j !== i),
          [...taken, site],
        ),
      );
    };
    permute([0, 1, 2, 3, 4, 5], []);
    const { cost, lowerBound } = placeCores(traffic, sites, { objective, prices });
    assert.ok(lowerBound <= best && lowerBound > 0, `${lowerBound} is above ${best}`);
    // The search for the busiest link follows a stand-in.
    assert.ok(
      objective === "busiest-link" ? cost <= 1.25 * best : cost <= best + 1e-9,
      `${cost}, not ${best}`,
    );
  });

  test("returns the best so far once it is told to stop, and says how it goes", () => {
    const traffic = shuffledGrid(6, 2);
    const sites = squareMesh(36);
    for (const after of [0, 1, 4, 30]) {
      let asked = 0;
      const costs: number[] = [];
      const bounds = new Set<number>();
      const { siteOf, cost, lowerBound } = placeCores(traffic, sites, {
        objective,
        prices,
        shouldStop: () => ++asked > after,
        onProgress: (progress) => {
          assert.ok(progress.done >= 0 && progress.done <= 1 && progress.stage !== "");
          bounds.add(progress.lowerBound);
          costs.push(progress.cost);
        },
      });
      assertLegal(siteOf, 36, sites);
      close(cost, costOf(objective, traffic, sites, siteOf));
      bounds.forEach((bound) => assert.equal(bound, lowerBound));
      for (let i = 1; i < costs.length; i++) assert.ok(costs[i] <= costs[i - 1]);
    }
  });
});

describe("placeCores", () => {
  test("finds a shuffled grid again", () => {
    const traffic = shuffledGrid(8, 9);
    const { cost, lowerBound } = placeCores(traffic, squareMesh(64));
    // Every one of the 4 x 8 x 7 messages goes over one link, which the bound knows.
    assert.equal(lowerBound, 224);
    assert.equal(cost, 224);
  });

  test("puts cores that talk on one chip when the border is dear", () => {
    const clique = (first: number): number[] => [0, 1, 2, 3, 4, 5].map((i) => first + 2 * i);
    const sink = Uint32Array.from(
      [0, 1].flatMap((first) => clique(first).flatMap((c) => clique(first).filter((o) => o !== c))),
    );
    const source = Uint32Array.from([0, 1].flatMap(clique));
    const traffic = {
      cores: 12,
      flows: 12,
      source,
      spikes: new Float64Array(12).fill(1),
      sinkStart: Uint32Array.from({ length: 13 }, (_, f) => 5 * f),
      sink,
    };
    const sites = tiled(6, 2, 1, 2, 100);
    const { siteOf, cost } = placeCores(traffic, sites, { effort: "fast" });
    for (const first of [0, 1])
      assert.equal(new Set(clique(first).map((core) => sites.chip[siteOf[core]])).size, 1);
    assert.ok(cost < 2 * 30 * 2);
  });

  test("refuses a mesh that is too small", () => {
    assert.throws(
      () => placeCores(randomTraffic(7, 1), squareMesh(6)),
      (error) =>
        error instanceof ToolchainError &&
        error.message ===
          "error[placement/too-few-sites]: 7 cores are to be placed, but the mesh has sites for 6.\n" +
            "  try: use a larger mesh or more chips, or partition into fewer cores.",
    );
  });

  test("estimates no less than it reaches itself", () => {
    for (const seed of [1, 2, 3]) {
      const traffic = randomTraffic(30, seed);
      assert.ok(quickHops(traffic) >= placeCores(traffic, squareMesh(30)).cost);
      assert.ok(quickHops(traffic) >= placementLowerBound(traffic, squareMesh(30), "hops"));
    }
  });
});

describe("meshMetrics", () => {
  test("counts, on paper", () => {
    // 0 1 2    core 0 sends 10 spikes to the cores at its right end and below that, and one to 3.
    // 3 4 5
    const traffic = {
      cores: 6,
      flows: 2,
      source: Uint32Array.of(0, 0),
      spikes: Float64Array.of(10, 1),
      sinkStart: Uint32Array.of(0, 2, 3),
      sink: Uint32Array.of(2, 5, 3),
    };
    assert.deepEqual(meshMetrics(traffic, squareMesh(6), [0, 1, 2, 3, 4, 5]), {
      unicastHops: 51,
      treeHops: 31,
      meanHops: 51 / 21,
      busiestLink: 20,
      busiestTreeLink: 10,
    });
    assert.equal(hopsBetween(tiled(4, 1, 1, 2, 3), 0, 3), 6);
  });
});

const MAPPING = sharedPath("golden/mapping");

describe.skipIf(MAPPING === undefined)("on the stored partition of the small perceptron", () => {
  test("is at most what annealing reached before, and agrees with its other figures", async () => {
    const url = pathToFileURL(join(MAPPING!, "gen.mjs")).href;
    const { NETS } = (await import(/* @vite-ignore */ url)) as {
      NETS: Record<
        string,
        {
          seed: number;
          make: (seed: number) => { n: number; off: Uint32Array; dst: Uint32Array; rate: Uint32Array };
        }
      >;
    };
    const { n, off, dst, rate } = NETS.mlp10.make(NETS.mlp10.seed);
    const bytes = gunzipSync(readFileSync(join(MAPPING!, "partitions/mlp10.greedy.u16.gz")));
    const coreOf = new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const results = JSON.parse(readFileSync(join(MAPPING!, "results.json"), "utf8")) as {
      name: string;
      label: string;
      stage: string;
      hopsUnicast: Record<string, number>;
      hopsTree: Record<string, number>;
      lbUnicast: number;
    }[];
    const { hopsUnicast, hopsTree, lbUnicast } = results.find(
      ({ name, label, stage }) => name === "mlp10" && label === "greedy" && stage === "legal",
    )!;
    const traffic = coreTraffic(
      { neurons: n, axonStart: off, target: dst, rate: Float64Array.from(rate) },
      coreOf,
      28,
    );
    const sites = squareMesh(28);
    const row = meshMetrics(
      traffic,
      sites,
      Uint32Array.from({ length: 28 }, (_, c) => c),
    );
    assert.equal(row.unicastHops, hopsUnicast.row);
    assert.equal(row.treeHops, hopsTree.row);
    const { cost, lowerBound } = placeCores(traffic, sites);
    assert.ok(cost <= hopsUnicast.sa, `${cost} hops, ${hopsUnicast.sa} before`);
    assert.ok(lowerBound >= lbUnicast && lowerBound <= cost);
    assert.ok(placeCores(traffic, sites, { objective: "tree" }).cost <= hopsTree.sa);
  });
});
