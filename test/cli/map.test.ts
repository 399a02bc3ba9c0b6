import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, test } from "vitest";
import { CONNECTIVITY_FORMATS } from "#formats/connectivity/index";
import { snnc } from "#formats/connectivity/snnc";
import type { Comparison } from "#report/comparison";
import type { MapReport } from "#report/map-report";
import { someGraph } from "#test/axon-graphs";
import { CLI, createWorkplace, expectFault, jsonOf, type CliResult, type Workplace } from "#test/cli";
import { modelBytes } from "#test/cli-models";
import { DiagnosticSink } from "#util/diagnostic";
import { createMapProgress } from "../../src/cli/map-progress.ts";

const GRAPH = someGraph(60, 4, 3);
const CORE = ["--core-profile", "neurons=9,axons-in=40,axons-out=60,words=60"];

let place: Workplace;
beforeAll(async () => {
  place = createWorkplace();
  for (const { write, extensions } of CONNECTIVITY_FORMATS)
    place.write(`net${extensions[0]}`, write(GRAPH, new DiagnosticSink()));
  place.write("model.nir", await modelBytes());
  const compiled = await place.run("compile", "model.nir", "-o", "model.spinec");
  assert.equal(compiled.code, 0, compiled.stderr);
});
afterAll(() => {
  place.remove();
});

const expectFine = (run: CliResult): void => {
  assert.equal(run.code, 0, run.stderr);
};

describe("map", () => {
  test("it reports, and writes cores, places and a picture", async () => {
    const run = await place.run(
      ...[
        "map",
        "net.snnc",
        ...CORE,
        "--out",
        "parts.txt",
        "--placement-out",
        "sites.txt",
        "--svg",
        "map.svg",
      ],
    );
    expectFine(run);
    for (const heading of ["Partition:", "Walls:", "Placement:", "Time:"])
      assert.match(run.stdout, new RegExp(`^${heading}`, "m"));
    const cores = place.read("parts.txt").toString().trimEnd().split("\n");
    assert.equal(cores.length, GRAPH.neurons);
    const used = new Set(cores).size;
    assert.equal(place.read("sites.txt").toString().trimEnd().split("\n").length, used);
    assert.match(place.read("map.svg").toString(), /^<svg xmlns/);
  });

  test("it judges what it wrote: the same costs, nothing over a wall", async () => {
    const found = jsonOf<MapReport>(
      await place.run(
        ...[
          "map",
          "net.snnc",
          ...CORE,
          "--effort",
          "fast",
          "--out",
          "a.txt",
          "--placement-out",
          "a-sites.txt",
          "--json",
        ],
      ),
    );
    const given = jsonOf<MapReport>(
      await place.run(
        ...["map", "net.snnc", ...CORE, "--partition", "a.txt", "--placement", "a-sites.txt", "--json"],
      ),
    );
    assert.equal(found.partition.from, "spinec");
    assert.deepEqual(given.partition, { ...found.partition, from: "file" });
    assert.deepEqual(given.walls, found.walls);
    assert.deepEqual(given.placement, { ...found.placement, from: "file" });
    assert.deepEqual(given.cores, found.cores);
    assert.deepEqual(given.diagnostics, []);
    assert.ok(found.walls.every(({ over }) => over === 0));
  });

  test("it gives the same map for every file format that can hold the network", async () => {
    const cutOf = async (file: string): Promise<number> =>
      jsonOf<MapReport>(await place.run("map", file, ...CORE, "--effort", "fast", "--json")).partition
        .cutSpikes;
    assert.equal(await cutOf("net.snn"), await cutOf("net.snnc"));
  });

  test("it shortens steps on as many cores as it may use, and says what a step waits for", async () => {
    const map = async (...more: string[]): Promise<MapReport> =>
      jsonOf<MapReport>(
        await place.run("map", "net.snnc", ...CORE, "--rate-steps", "100", "--json", ...more),
      );
    const hops = await map();
    const short = await map("--objective", "step-time", "--max-cores", "20");
    assert.equal(short.placement.objective, "step-time");
    assert.ok(short.partition.cores > hops.partition.cores && short.partition.cores <= 20);
    assert.ok(short.stepTime!.stepNs < hops.stepTime!.stepNs);
    assert.equal(short.stepTime!.beforeNs, hops.stepTime!.stepNs);
    const text = await place.run(
      "map",
      "net.snnc",
      ...CORE,
      "--objective",
      "step-time",
      "--rate-steps",
      "100",
    );
    expectFine(text);
    assert.match(text.stdout, /^Step time: predicted for loihi1, profile nahuku-fit.*\n +mean step/m);
  });

  test("it places for little energy", async () => {
    const run = await place.run("map", "net.snnc", ...CORE, "--objective", "energy");
    expectFine(run);
    assert.match(run.stdout, /energy of the links +\S+ [pnµ]J {2}\(at least/);
  });

  test("it warns of walls that a given partition breaks", async () => {
    place.write("one.u16.gz", gzipSync(new Uint8Array(2 * GRAPH.neurons)));
    const run = await place.run("map", "net.snnc", ...CORE, "--partition", "one.u16.gz");
    expectFine(run);
    assert.match(
      run.stderr,
      /warning\[map\/core-over-wall\]: 1 of 1 cores need more neurons than the 9 .*: up to 60\./,
    );
    const strict = await place.run("map", "net.snnc", ...CORE, "--partition", "one.u16.gz", "--strict");
    assert.equal(strict.code, 1);
  });

  test.each([
    ["a file that is not there", ["map", "no.snnc"], "cli/cannot-read"],
    ["a file of another kind", ["map", "model.nir"], "connectivity/unknown-format"],
    ["a core that is none", ["map", "net.snnc", "--core-profile", "words=8"], "map/bad-core-profile"],
    [
      "short steps of unknown rates",
      ["map", "net.snnc", "--objective", "step-time"],
      "map/rate-steps-needed",
    ],
    ["a profile that is none", ["map", "net.snnc", "--profile", "nahuku"], "targets/unknown-profile"],
    ["rates that are none", ["map", "net.snnc", "--rates", "x"], "cli/bad-option"],
    ["shapes that are none", ["map", "net.snnc", "--shapes", "3x3,10"], "cli/bad-option"],
    ["shapes of another network", ["map", "net.snnc", "--shapes", "3x3x3,10"], "map/shapes-do-not-match"],
    ["a placement of nothing", ["map", "net.snnc", "--placement", "net.hgr"], "cli/bad-option"],
    [
      "a partition of another network",
      ["map", "net.snnc", "--partition", "net.hgr"],
      "connectivity/bad-number",
    ],
    ["no folder for the output", ["map", "net.snnc", "--out", "no/parts.txt"], "cli/cannot-write"],
    [
      "a core too small for a neuron",
      ["map", "net.snnc", "--core-profile", "neurons=9,axons-in=1"],
      "compile/neuron-over-capacity",
    ],
  ])("it refuses %s", async (_, args, code) => {
    expectFault(await place.run(...args), code);
  });

  test("Ctrl-C gives the best map so far, whole and legal, and ends with 130", async () => {
    place.write("large.snnc", snnc.write(someGraph(20_000, 40, 1), new DiagnosticSink()));
    // Before the search, Ctrl-C ends the process at once: then wait longer.
    for (let delayMs = 1500; ; delayMs *= 1.5) {
      const args = ["map", "large.snnc", "--effort", "best", "--out", "large.txt", "--json"];
      const child = spawn(process.execPath, [CLI, ...args], { cwd: place.folder });
      const texts = { stdout: "", stderr: "" };
      for (const stream of ["stdout", "stderr"] as const)
        child[stream].on("data", (part: Buffer) => (texts[stream] += part.toString()));
      const closed = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
        child.on("close", (code, signal) => {
          resolve({ code, signal });
        });
      });
      await sleep(delayMs);
      child.kill("SIGINT");
      const { code, signal } = await closed;
      if (signal === "SIGINT") continue;
      assert.equal(code, 130, texts.stderr);
      const report = jsonOf<MapReport>({ code, signal, ...texts });
      assert.ok(report.stopped);
      assert.ok(report.walls.every(({ over }) => over === 0));
      assert.deepEqual(
        report.diagnostics.map(({ code: each }) => each),
        ["cli/map-stopped"],
      );
      assert.equal(place.read("large.txt").toString().trimEnd().split("\n").length, 20_000);
      return;
    }
  });
});

test("map gives the same for any number of threads", async () => {
  const maps: { cores: string; report: MapReport }[] = [];
  for (const threads of ["1", "2", "3"]) {
    const args = ["map", "net.snnc", ...CORE, "--threads", threads, "--out", "parts.txt", "--json"];
    const run = await place.run(...args);
    expectFine(run);
    maps.push({ cores: place.read("parts.txt").toString(), report: jsonOf<MapReport>(run) });
  }
  const [alone, ...others] = maps;
  for (const other of others) {
    assert.equal(other.cores, alone.cores);
    assert.deepEqual(other.report.placement, alone.report.placement);
    assert.deepEqual(
      other.report.stages
        .filter(({ stage }) => stage !== "first partitions")
        .map(({ stage, cores, cutSpikes }) => [stage, cores, cutSpikes]),
      alone.report.stages.map(({ stage, cores, cutSpikes }) => [stage, cores, cutSpikes]),
    );
  }
  expectFault(await place.run("map", "net.snnc", "--threads", "0"), "cli/bad-option");
});

describe("compare", () => {
  test("it puts two reports side by side", async () => {
    for (const seed of ["1", "2"]) {
      const run = await place.run("map", "net.snnc", ...CORE, "--seed", seed, "--effort", "fast", "--json");
      place.write(`r${seed}.json`, run.stdout);
    }
    const run = await place.run("compare", "r1.json", "r2.json");
    expectFine(run);
    assert.match(run.stdout, /^ +r1\.json +r2\.json +ratio$/m);
    const comparison = jsonOf<Comparison>(await place.run("compare", "r1.json", "r2.json", "--json"));
    assert.equal(comparison.kind, "maps");
    assert.deepEqual(comparison.rows.find(({ what }) => what === "neurons")?.values, [60, 60]);
  });

  test("it judges partitions of a network, and says when two maps are not of the same", async () => {
    place.write("in-order.txt", Array.from({ length: 60 }, (_, n) => `${Math.floor(n / 8)}\n`).join(""));
    const comparison = jsonOf<Comparison>(
      await place.run("compare", "in-order.txt", "r1.json", "--graph", "net.snnc", ...CORE, "--json"),
    );
    assert.equal(comparison.rows.find(({ what }) => what === "cores")?.values[0], 8);
    const report = JSON.parse(place.read("r1.json").toString()) as MapReport;
    place.write("other.json", JSON.stringify({ ...report, graph: { ...report.graph, neurons: 61 } }));
    const run = await place.run("compare", "r1.json", "other.json");
    expectFine(run);
    assert.match(run.stderr, /warning\[map\/different-graphs\]: .*60 neurons against 61/);
  });

  test("it puts two deployments side by side", async () => {
    const comparison = jsonOf<Comparison>(
      await place.run("compare", "model.spinec", "model.spinec", "--json"),
    );
    assert.equal(comparison.kind, "deployments");
    assert.ok(comparison.rows.every(({ values: [a, b] }) => a === b));
    assert.ok(comparison.rows.some(({ what }) => what === "mean hops of a message"));
  });

  test.each([
    ["a deployment beside a report", ["compare", "model.spinec", "r1.json"], "cli/bad-option"],
    ["a partition without its network", ["compare", "in-order.txt", "r1.json"], "map/not-a-report"],
    ["a model", ["compare", "model.nir", "r1.json"], "map/not-a-report"],
  ])("it refuses %s", async (_, args, code) => {
    expectFault(await place.run(...args), code);
  });
});

describe("inspect --svg", () => {
  test("it draws the chip of a deployment", async () => {
    expectFine(await place.run("inspect", "model.spinec", "--svg", "chip.svg"));
    assert.match(place.read("chip.svg").toString(), /^<svg xmlns.*<title>core \d+: /s);
  });

  test("it refuses models, which are on no chip", async () => {
    expectFault(await place.run("inspect", "model.nir", "--svg", "no.svg"), "cli/bad-option");
  });
});

describe("progress of a map", () => {
  const written: string[] = [];
  const stream = (isTTY: boolean): NodeJS.WriteStream =>
    ({ isTTY, columns: 60, write: (text: string) => written.push(text) }) as unknown as NodeJS.WriteStream;

  test("it is one line that says what the map costs, cut to the terminal, and is cleared", () => {
    written.length = 0;
    const { onProgress, stop } = createMapProgress(stream(true));
    onProgress({ stage: "refine", cores: 127, cutSpikes: 4_080_000.4 });
    onProgress({ stage: "place: anneal", cores: 127, cost: 300, lowerBound: 200 });
    onProgress({ stage: "x".repeat(100) });
    stop();
    stop();
    assert.deepEqual(written, [
      "\r\u001b[Krefine, 127 cores, 4,080,000 cut spikes",
      "\r\u001b[Kplace: anneal, 127 cores, cost 300, 1.50 × the bound",
      `\r\u001b[K${"x".repeat(59)}`,
      "\r\u001b[K",
    ]);
  });

  test("it is not drawn into files", () => {
    written.length = 0;
    const { onProgress, stop } = createMapProgress(stream(false));
    onProgress({ stage: "refine" });
    stop();
    assert.deepEqual(written, []);
  });
});
