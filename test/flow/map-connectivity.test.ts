import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, test } from "vitest";
import { stepCosts } from "#compiler/balance/step-costs";
import { predictStepTime } from "#compiler/balance/step-time";
import { readPartition } from "#formats/connectivity/partition";
import { JSON_SCHEMAS } from "#report/schema";
import { graphOf, someGraph } from "#test/axon-graphs";
import { plainCosts } from "#test/map-plain";
import { mappingNetwork } from "#test/mapping-networks";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { sharedPath } from "#test/shared";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { coreProfileNamed, type CoreProfile } from "../../src/core-profile.ts";
import { mapConnectivity, type ConnectivityMapOptions } from "../../src/map-connectivity.ts";
import { makeMapSeeds } from "../../src/map-seeds.ts";
import type { MapTiming } from "../../src/map-step-time.ts";

const TINY: CoreProfile = coreProfileNamed("neurons=6,axons-in=14,axons-out=16,words=20");
const options = (change: Partial<ConnectivityMapOptions> = {}): ConnectivityMapOptions => ({
  name: "test",
  core: TINY,
  effort: "fast",
  ...change,
});

function refusal(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof ToolchainError, String(error));
    return error.diagnostics.map(({ code }) => code);
  }
  return [];
}

/** Any partition and placement of a random graph. */
const anyMap = fc.record({
  neurons: fc.integer({ min: 1, max: 40 }),
  cores: fc.integer({ min: 1, max: 9 }),
  seed: fc.integer(),
});

function givenMap({ neurons, cores, seed }: { neurons: number; cores: number; seed: number }) {
  const rng = createRng(seed);
  const graph = someGraph(neurons, 5, seed);
  const used = Math.min(cores, neurons);
  const coreOf = Uint16Array.from({ length: neurons }, (_, n) => (n < used ? n : Math.floor(rng() * used)));
  const places = Array.from({ length: 4 * used }, (_, place) => place).sort(() => rng() - 0.5);
  const placement = {
    x: Int32Array.from({ length: used }, (_, c) => places[c] % 4),
    y: Int32Array.from({ length: used }, (_, c) => Math.floor(places[c] / 4)),
  };
  const numberOf = Uint32Array.from({ length: used }, (_, c) => 10 * c);
  return { graph, partition: { coreOf, cores: used, numberOf }, placement };
}

describe("a map that is given", () => {
  test("costs what a plain count says: cores, walls, hops, every link", () => {
    fc.assert(
      fc.property(anyMap, (facts) => {
        const { graph, partition, placement } = givenMap(facts);
        const { report } = mapConnectivity(graph, options({ partition, placement }), new DiagnosticSink());
        const plain = plainCosts(graph, partition.coreOf, TINY, placement);
        JSON_SCHEMAS["spinec/map/1"].parse({ ...report, diagnostics: [] });
        assert.equal(report.partition.cores, plain.cores);
        assert.equal(report.partition.connectivity, plain.connectivity);
        assert.equal(report.partition.cutSpikes, plain.cutSpikes);
        assert.equal(report.placement.unicastHops, plain.unicastHops);
        assert.equal(report.placement.treeHops, plain.treeHops);
        for (const { resource, worst, mean, over, limit } of report.walls) {
          const used = plain[resource];
          assert.equal(worst, Math.max(...used));
          assert.ok(Math.abs(mean - used.reduce((a, b) => a + b, 0) / used.length) < 1e-9);
          assert.equal(over, used.filter((value) => value > limit!).length);
          assert.deepEqual(
            report.cores.map((core) => core[resource]),
            used,
          );
        }
        const links = (which: "unicast" | "tree"): Map<string, number> =>
          new Map(
            report.links.map((link) => {
              const [dx, dy] = { "+x": [1, 0], "-x": [-1, 0], "+y": [0, 1], "-y": [0, -1] }[link.to];
              return [`${link.x},${link.y}>${link.x + dx},${link.y + dy}`, link[which]];
            }),
          );
        assert.deepEqual(sorted(links("unicast")), sorted(plain.unicastLinks));
        assert.deepEqual(sorted(links("tree")), sorted(plain.treeLinks));
        const busiest = Math.max(0, ...plain.unicastLinks.values());
        assert.equal(report.placement.busiestLink, busiest);
        assert.equal(report.placement.busiestTreeLink, Math.max(0, ...plain.treeLinks.values()));
      }),
      { numRuns: 60 },
    );
  });

  test("is never below its bounds", () => {
    fc.assert(
      fc.property(anyMap, (facts) => {
        const { graph, partition, placement } = givenMap(facts);
        const { report } = mapConnectivity(graph, options({ partition, placement }), new DiagnosticSink());
        const { bounds, placement: cost } = report;
        const slack = 1 + 1e-9;
        assert.ok(bounds.unicastHops <= cost.unicastHops * slack);
        assert.ok(bounds.treeHops <= cost.treeHops * slack);
        assert.ok(bounds.busiestLink <= cost.busiestLink * slack);
        if (report.walls.every(({ over }) => over === 0))
          for (const bound of bounds.cores) assert.ok(bound.cores <= report.partition.cores, bound.resource);
      }),
      { numRuns: 60 },
    );
  });

  test("is named where it breaks a wall, with the core's number in the file", () => {
    const graph = graphOf(Array.from({ length: 8 }, () => []));
    const partition = {
      coreOf: Uint16Array.of(0, 1, 1, 1, 1, 1, 1, 1),
      cores: 2,
      numberOf: Uint32Array.of(3, 5),
    };
    const sink = new DiagnosticSink();
    const { report } = mapConnectivity(graph, options({ partition }), sink);
    assert.deepEqual(
      sink.diagnostics.map(({ code }) => code),
      ["map/core-over-wall"],
    );
    assert.match(sink.diagnostics[0].message, /1 of 2 cores need more neurons than the 6 .*: up to 7\./);
    assert.equal(report.walls[0].worstCore, 5);
    assert.deepEqual(
      report.cores.map(({ core }) => core),
      [3, 5],
    );
  });

  test.for([
    ["convu.mtk", "loihi1", 127, 177_861, 3_627_103, 7_318_748],
    ["mlp10.greedy", "small", 28, 18_950, 705_870, 2_335_793],
  ] as const)(
    "has the figures on record: %s",
    async ([file, profile, cores, connectivity, cut, hops], context) => {
      const folder = sharedPath("golden/mapping");
      if (folder === undefined) return context.skip();
      const graph = mappingNetwork(file.split(".")[0]).make();
      const bytes = readFileSync(join(folder, `partitions/${file}.u16.gz`));
      const partition = await readPartition(
        bytes,
        { fileName: `${file}.u16.gz`, neurons: graph.neurons },
        new DiagnosticSink(),
      );
      const { report } = mapConnectivity(
        graph,
        options({ core: coreProfileNamed(profile), partition: partition!, effort: "fast" }),
        new DiagnosticSink(),
      );
      assert.deepEqual(
        [report.partition.cores, report.partition.connectivity, report.partition.cutSpikes],
        [cores, connectivity, cut],
      );
      assert.ok(report.walls.every(({ over }) => over === 0));
      // Annealing's figure, with a quarter more for the fast effort.
      assert.ok(report.placement.unicastHops < 1.25 * hops, String(report.placement.unicastHops));
    },
  );
});

const sorted = (map: Map<string, number>): [string, number][] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1));

describe("a map that is found", () => {
  test("fits every core under every wall, and is what was counted", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.integer(), (neurons, seed) => {
        const graph = someGraph(neurons, 4, seed);
        const core = coreProfileNamed("neurons=9,axons-in=40,axons-out=60,words=60");
        const { report, coreOf, places } = mapConnectivity(graph, options({ core }), new DiagnosticSink());
        const plain = plainCosts(graph, coreOf, core, places);
        assert.ok(report.walls.every(({ over }) => over === 0));
        assert.deepEqual(
          report.cores.map((each) => each.neurons),
          plain.neurons,
        );
        assert.equal(report.partition.cutSpikes, plain.cutSpikes);
        assert.equal(report.placement.unicastHops, plain.unicastHops);
        assert.ok(
          plain.neurons.every((count) => count > 0),
          "no core is empty",
        );
        assert.equal(new Set(report.cores.map(({ x, y }) => `${x},${y}`)).size, plain.cores);
      }),
      { numRuns: 25 },
    );
  });

  test("is the same for the same seed, times apart", () => {
    const graph = someGraph(90, 5, 2);
    const [a, b] = [1, 1].map(() => mapConnectivity(graph, options({ seed: 3 }), new DiagnosticSink()));
    const timeless = (map: typeof a): unknown => ({
      ...map.report,
      stages: map.report.stages.map(({ stage }) => stage),
    });
    assert.deepEqual(timeless(a), timeless(b));
    assert.deepEqual(a.coreOf, b.coreOf);
  });

  test("is the same if its first partitions are made elsewhere, in however many shares, or only some of them", () => {
    for (const effort of ["fast", "default", "best"] as const) {
      const graph = someGraph(50, 4, 11);
      const asked = options({ effort });
      const alone = mapConnectivity(graph, asked, new DiagnosticSink());
      for (const shares of [1, 2, 5]) {
        const seeds = Array.from({ length: shares }, (_, index) =>
          makeMapSeeds(graph, asked, { index, of: shares }),
        ).reverse();
        assert.ok(seeds.flat().length > 1);
        for (const given of [seeds.flat(), seeds[0]]) {
          const map = mapConnectivity(graph, { ...asked, seeds: given }, new DiagnosticSink());
          assert.deepEqual(map.coreOf, alone.coreOf);
          assert.deepEqual(map.places, alone.places);
        }
      }
    }
  });

  test("is legal too when it is told to stop at once", () => {
    const graph = someGraph(90, 4, 5);
    const { report, coreOf } = mapConnectivity(
      graph,
      options({ effort: "best", shouldStop: () => true }),
      new DiagnosticSink(),
    );
    assert.ok(report.stopped);
    assert.equal(coreOf.length, 90);
    assert.ok(report.walls.every(({ over }) => over === 0));
  });

  test("tells its progress, with what it costs", () => {
    const stages: string[] = [];
    mapConnectivity(
      someGraph(200, 5, 7),
      options({
        effort: "default",
        onProgress: ({ stage, cores }) => {
          stages.push(stage);
          assert.ok(cores === undefined || cores > 0);
        },
      }),
      new DiagnosticSink(),
    );
    assert.ok(stages.length > 2);
    assert.ok(stages.some((stage) => stage.startsWith("place: ")));
  });

  test("counts multicast tables where it is asked to: no more entries than without merging, keys for every axon", () => {
    const graph = someGraph(60, 4, 8);
    const { report } = mapConnectivity(graph, options({ tables: true }), new DiagnosticSink());
    const { entries, fullest, unmerged, keyBits } = report.tables!;
    assert.ok(0 < fullest && fullest <= entries && entries <= unmerged, JSON.stringify(report.tables));
    assert.ok(2 ** keyBits >= report.graph.axons);
    JSON_SCHEMAS["spinec/map/1"].parse({ ...report, diagnostics: [] });
    assert.equal(mapConnectivity(graph, options(), new DiagnosticSink()).report.tables, undefined);
  });

  test("is refused where a neuron is too large for any core", () => {
    const graph = graphOf([[5], [5], [5], [5, 3], [5, 3], []]);
    const codes = refusal(() =>
      mapConnectivity(
        graph,
        options({ core: coreProfileNamed("neurons=9,axons-in=4,words=6,bits-per-synapse=60") }),
        new DiagnosticSink(),
      ),
    );
    assert.deepEqual(codes, ["compile/neuron-over-capacity"]);
  });
});

describe("a map for short steps", () => {
  const timing: MapTiming = { target: loihi1, profile: nahukuFit, rateSteps: 100 };
  const core = coreProfileNamed("neurons=9,axons-in=40,axons-out=60,words=60");

  test("is legal, says what an outsider predicts, is no slower than the one for hops, and not below its bound", () => {
    let shorter = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.integer(),
        fc.integer({ min: 0, max: 12 }),
        (neurons, seed, more) => {
          const graph = someGraph(neurons, 4, seed);
          const map = (objective: "hops" | "step-time", maxCores?: number) =>
            mapConnectivity(
              graph,
              options({
                core,
                objective,
                timing: { ...timing, ...(maxCores !== undefined && { maxCores }) },
              }),
              new DiagnosticSink(),
            );
          const hops = map("hops").report;
          const { report, coreOf } = map("step-time", hops.partition.cores + more);
          JSON_SCHEMAS["spinec/map/1"].parse({ ...report, diagnostics: [] });
          assert.ok(report.walls.every(({ over }) => over === 0));
          assert.ok(report.partition.cores <= hops.partition.cores + more);
          const { stepNs, core: binding } = predictStepTime(
            graph,
            coreOf,
            stepCosts(loihi1, nahukuFit, { windowSteps: 100 }),
          );
          const time = report.stepTime!;
          assert.deepEqual([time.stepNs, time.core ?? -1], [stepNs, binding]);
          assert.ok(Math.abs(time.beforeNs! - hops.stepTime!.stepNs) < 1e-6);
          assert.ok(time.stepNs <= time.beforeNs! + 1e-6);
          assert.ok(time.boundNs <= time.stepNs + 1e-6 && time.evenNs <= time.stepNs + 1e-6);
          assert.equal(hops.stepTime!.beforeNs, undefined);
          if (time.stepNs < 0.99 * time.beforeNs!) shorter++;
        },
      ),
      { numRuns: 25 },
    );
    assert.ok(shorter > 5, `${shorter} were shorter`);
  });

  test("leaves a partition that is given as it is, and says how long its steps are", () => {
    const graph = someGraph(12, 3, 1);
    const coreOf = Uint16Array.from({ length: 12 }, (_, n) => n % 3);
    const partition = { coreOf, cores: 3, numberOf: Uint32Array.of(4, 5, 6) };
    const map = mapConnectivity(
      graph,
      options({ partition, objective: "step-time", timing }),
      new DiagnosticSink(),
    );
    assert.deepEqual([...map.coreOf], [...coreOf]);
    assert.equal(map.report.stepTime!.beforeNs, undefined);
    assert.ok([4, 5, 6].includes(map.report.stepTime!.core!));
  });

  test("waits for the busiest link where the law does", () => {
    // Two cores in the middle of a row of four, with a link that both ends' messages go over.
    const graph = { ...graphOf([[2], [3], [], []]), rate: Float64Array.of(1, 1, 0, 0) };
    const rates = {
      neuronNs: 1,
      synapseNs: 1,
      wordNs: 1,
      linkNsPerBit: 10,
      messageBits: 10,
      barrierNs: 1,
    };
    const four = [0, 1, 2, 3];
    const partition = { coreOf: Uint16Array.from(four), cores: 4, numberOf: Uint32Array.from(four) };
    const placement = { x: Int32Array.from(four), y: new Int32Array(4) };
    const profile = { ...nahukuFit, law: "max-affine" as const };
    const { report } = mapConnectivity(
      graph,
      options({ partition, placement, timing: { target: loihi1, profile, rateSteps: 1, rates } }),
      new DiagnosticSink(),
    );
    // A message is 100 ns.
    assert.deepEqual([report.stepTime!.stepNs, report.stepTime!.phase], [200, "network"]);
    assert.equal(report.stepTime!.busiestLinkNs, 200);
  });

  test("is refused without the steps that rates are of, and for laws that no map changes", () => {
    const graph = someGraph(12, 3, 1);
    const refused = (other: Partial<MapTiming>): string[] => {
      return refusal(() =>
        mapConnectivity(
          graph,
          options({ objective: "step-time", timing: { target: loihi1, profile: nahukuFit, ...other } }),
          new DiagnosticSink(),
        ),
      );
    };
    assert.deepEqual(refused({}), ["map/rate-steps-needed"]);
    assert.deepEqual(refused({ rateSteps: 4, profile: { ...nahukuFit, law: "cycles" } }), [
      "balance/law-is-a-sum",
    ]);
    assert.deepEqual(refused({ rateSteps: 4, profile: { ...nahukuFit, law: "pipeline" } }), [
      "balance/rates-missing",
    ]);
  });
});

describe("a map for little energy", () => {
  const timing: MapTiming = { target: loihi1, profile: nahukuFit };

  test("costs what links cost message by message, no less than its bound", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), fc.integer(), (neurons, seed) => {
        const graph = someGraph(neurons, 4, seed);
        const { report, coreOf, places } = mapConnectivity(
          graph,
          options({ objective: "energy", timing }),
          new DiagnosticSink(),
        );
        JSON_SCHEMAS["spinec/map/1"].parse({ ...report, diagnostics: [] });
        let energyPj = 0;
        for (const [link, spikes] of plainCosts(graph, coreOf, TINY, places).unicastLinks) {
          const [[, fromY], [, toY]] = link.split(">").map((place) => place.split(","));
          energyPj += spikes * (fromY === toY ? 3 : 4.2);
        }
        assert.ok(Math.abs(report.placement.energyPj! - energyPj) <= 1e-9 * energyPj);
        assert.ok(report.bounds.energyPj! <= energyPj * (1 + 1e-9));
      }),
      { numRuns: 25 },
    );
  });

  test("is refused where links have no price", () => {
    const profile = { ...nahukuFit, energy: { ...nahukuFit.energy, hopNorthSouth: null } };
    const codes = refusal(() =>
      mapConnectivity(
        someGraph(12, 3, 1),
        options({ objective: "energy", timing: { ...timing, profile } }),
        new DiagnosticSink(),
      ),
    );
    assert.deepEqual(codes, ["map/links-unpriced"]);
  });
});

describe("options", () => {
  const graph = someGraph(12, 3, 1);
  const partition = { coreOf: new Uint16Array(12), cores: 1, numberOf: Uint32Array.of(0) };

  test("shapes must hold the neurons of the file", () => {
    const codes = refusal(() =>
      mapConnectivity(
        graph,
        options({
          shapes: [
            [3, 2, 1],
            [5, 1, 1],
          ],
        }),
        new DiagnosticSink(),
      ),
    );
    assert.deepEqual(codes, ["map/shapes-do-not-match"]);
  });

  test("a mesh must hold the cores, and every place that is given", () => {
    const placement = { x: Int32Array.of(3), y: Int32Array.of(0) };
    const { report } = mapConnectivity(graph, options({ partition, placement }), new DiagnosticSink());
    assert.deepEqual([report.placement.columns, report.placement.rows], [4, 1]);
    const codes = refusal(() =>
      mapConnectivity(
        graph,
        options({ partition, placement, mesh: { columns: 3, rows: 9 } }),
        new DiagnosticSink(),
      ),
    );
    assert.deepEqual(codes, ["map/mesh-too-small"]);
  });
});
