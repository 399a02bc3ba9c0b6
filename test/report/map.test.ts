import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { compareDeployments, compareMaps, comparisonText } from "#report/comparison";
import { deploymentPicture, mapPicture } from "#report/core-map-pictures";
import { coreMapSvg } from "#report/core-map-svg";
import type { MapReport } from "#report/map-report";
import { mapReportText } from "#report/map-text";
import { JSON_SCHEMAS } from "#report/schema";
import { ToolchainError } from "#util/diagnostic";
import { randomRun } from "../simulator/random-run.ts";
import { parseMapReport } from "../../src/compare-maps.ts";

/** Two cores beside each other, the second over its wall of neurons. */
const REPORT: MapReport = {
  schema: "spinec/map/1",
  generator: "test",
  name: "net.snnc",
  graph: { neurons: 9, synapses: 20, axons: 8, spikes: 16 },
  core: { name: "own", limits: { neurons: 4, synapseWords: 10, axonsIn: null, axonsOut: 8 } },
  effort: "default",
  seed: 1,
  stopped: false,
  partition: { from: "spinec", cores: 2, connectivity: 5, cutSpikes: 12, synapticReuse: 2 },
  walls: [
    { resource: "neurons", limit: 4, mean: 4.5, worst: 5, worstCore: 7, over: 1 },
    { resource: "synapseWords", limit: 10, mean: 5, worst: 5, worstCore: 3, over: 0 },
    { resource: "axonsIn", limit: null, mean: 6, worst: 6, worstCore: 3, over: 0 },
    { resource: "axonsOut", limit: 8, mean: 6, worst: 8, worstCore: 3, over: 0 },
  ],
  placement: {
    from: "spinec",
    objective: "hops",
    columns: 2,
    rows: 1,
    unicastHops: 12,
    treeHops: 10,
    meanHops: 1,
    busiestLink: 9,
    busiestTreeLink: 8,
    meanLink: 6,
  },
  bounds: {
    cores: [
      { resource: "neurons", cores: 3, always: true },
      { resource: "synapseWords", cores: 1, always: true },
      { resource: "axonsOut", cores: 2, always: false },
    ],
    unicastHops: 12,
    treeHops: 5,
    busiestLink: 0,
  },
  stages: [
    { stage: "seed", cpuSeconds: 0.25, cores: 2, cutSpikes: 14 },
    { stage: "placement", cpuSeconds: 1, hops: 12 },
  ],
  cores: [
    { core: 3, x: 0, y: 0, neurons: 4, synapseWords: 5, axonsIn: 6, axonsOut: 8 },
    { core: 7, x: 1, y: 0, neurons: 5, synapseWords: 5, axonsIn: 6, axonsOut: 4 },
  ],
  links: [
    { x: 0, y: 0, to: "+x", unicast: 9, tree: 8 },
    { x: 1, y: 0, to: "-x", unicast: 3, tree: 2 },
  ],
};

describe("the report of a map", () => {
  test("holds to its schema", () => {
    const result = JSON_SCHEMAS["spinec/map/1"].safeParse({ ...REPORT, diagnostics: [] });
    assert.ok(result.success);
  });

  test("says what a step waits for, and what it could be", () => {
    const stepTime = {
      target: "loihi1",
      profile: "nahuku-fit",
      law: "max-core",
      rateSteps: 100,
      stepNs: 3000,
      beforeNs: 4500,
      boundNs: 2000,
      boundCores: 4,
      evenNs: 2400,
      barrierNs: 600,
      phase: "reception",
      core: 7,
      busiestLinkNs: 9,
      untimed: [],
    };
    const report: MapReport = {
      ...REPORT,
      placement: { ...REPORT.placement, energyPj: 36 },
      bounds: { ...REPORT.bounds, energyPj: 30 },
      stepTime,
    };
    assert.ok(JSON_SCHEMAS["spinec/map/1"].safeParse({ ...report, diagnostics: [] }).success);
    const lines = mapReportText(report);
    const begin = lines.findIndex((line) => line.startsWith("Step time"));
    assert.equal(
      lines.slice(begin, begin + 8).join("\n"),
      `Step time: predicted for loihi1, profile nahuku-fit, law max-core, rates of 100 steps
  mean step           3 µs
  before balancing    4.500 µs  (1.50 ×)
  decided by          reception of core 7
  work spread evenly  2.400 µs  (1.25 ×)
  at least            2 µs on 4 cores  (1.50 ×)
  barrier             600 ns
  busiest link        9 ns`,
    );
    assert.ok(lines.some((line) => /energy of the links +36 pJ {2}\(at least 30 pJ: 1.20 ×\)/.test(line)));
  });

  test("reads like this", () => {
    assert.equal(
      mapReportText(REPORT).join("\n"),
      `net.snnc: 9 neurons, 20 synapses, 8 axons, on cores like own

Partition: effort default, seed 1
  cores           2
  at least        3 for neurons: 0.67 ×
  connectivity    5
  cut spikes      12  (0.75 other cores for each spike)
  synaptic reuse  2.00 synapses for each list

Walls:
  resource       limit  mean    share  worst    share  on core  cores over
  ─────────────  ─────  ────  ───────  ─────  ───────  ───────  ──────────
  neurons            4     5  112.5 %      5  125.0 %        7           1
  synapse words     10     5   50.0 %      5   50.0 %        3           0
  input axons     none     6        –      6        –        3           0
  output axons       8     6   75.0 %      8  100.0 %        3           0

Placement: for hops
  mesh                          2 × 1
  hops, a message to each core  12  (at least 12: reached)
  hops, XY trees                10  (at least 5: 2.00 ×)
  mean hops of a message        1.00
  busiest link                  9  (at least 0: –)
  busiest link, XY trees        8
  mean of the links in use      6

Time: 1.25 s of CPU time
  stage      CPU s  cores  cut spikes  hops
  ─────────  ─────  ─────  ──────────  ────
  seed        0.25      2          14
  placement   1.00                       12`,
    );
  });

  test("says what multicast tables hold, where they were made", () => {
    const tables = { entries: 12_345, fullest: 17, unmerged: 20_000, keyBits: 9 };
    const text = mapReportText({ ...REPORT, tables }).join("\n");
    assert.match(text, /^ {2}entries of multicast tables +12,345 {2}\(20,000 before merging\)$/m);
    assert.match(text, /^ {2}entries of the fullest router +17$/m);
  });

  test("says what was given, and that it was stopped", () => {
    const given: MapReport = {
      ...REPORT,
      stopped: true,
      stages: [],
      partition: { ...REPORT.partition, from: "file" },
      placement: { ...REPORT.placement, from: "file" },
    };
    const text = mapReportText(given).join("\n");
    for (const line of [/^Stopped: /m, /^Partition: from a file$/m, /^Placement: from a file$/m])
      assert.match(text, line);
    assert.doesNotMatch(text, /^Time/m);
  });

  test("is read back from JSON; what is none is refused by name", () => {
    const text = JSON.stringify({ ...REPORT, diagnostics: [] });
    const { diagnostics, ...rest } = parseMapReport(text, "a.json") as MapReport & { diagnostics: unknown };
    assert.deepEqual([rest, diagnostics], [REPORT, []]);
    for (const [other, reason] of [
      ["{", "it is not JSON"],
      ["null", "it does not name its schema"],
      ['{"schema": "spinec/run/1"}', "its schema is spinec/run/1"],
      [JSON.stringify({ ...REPORT, walls: 3 }), "walls: "],
    ])
      assert.throws(
        () => parseMapReport(other, "a.json"),
        (error: unknown) =>
          error instanceof ToolchainError &&
          error.diagnostics[0].code === "map/not-a-report" &&
          error.diagnostics[0].message.includes(reason),
        other,
      );
  });
});

describe("two maps side by side", () => {
  const other: MapReport = { ...REPORT, partition: { ...REPORT.partition, cores: 3, cutSpikes: 6 } };
  const comparison = compareMaps(["a", "b"], [REPORT, other]);

  test("hold to their schema, with a ratio for each value", () => {
    JSON_SCHEMAS["spinec/compare/1"].parse({ ...comparison, diagnostics: [] });
    const row = (what: string) => comparison.rows.find((each) => each.what === what);
    assert.deepEqual(row("cut spikes"), { what: "cut spikes", values: [12, 6], ratio: 0.5 });
    assert.deepEqual(row("synapse words, cores over")?.ratio, null);
  });

  test("read like this", () => {
    const text = comparisonText(comparison);
    assert.match(text[0], /^ +a +b +ratio$/);
    assert.ok(
      text.some((line) => /^cores +2 +3 +1\.500$/.test(line)),
      text.join("\n"),
    );
    assert.ok(text.some((line) => /^neurons, cores over +1 +1 +=$/.test(line)));
    assert.ok(text.some((line) => /^synapse words, cores over +0 +0 +=$/.test(line)));
    assert.ok(text.some((line) => /^connectivity +5 +5 +=$/.test(line)));
  });

  test("compare deployments too, hops where the target is known", () => {
    const { deployment, target } = randomRun(3);
    const both = compareDeployments(["a", "b"], [{ deployment, target }, { deployment }]);
    JSON_SCHEMAS["spinec/compare/1"].parse({ ...both, diagnostics: [] });
    const row = (what: string) => both.rows.find((each) => each.what === what);
    assert.deepEqual(row("cores")?.values, [deployment.cores.length, deployment.cores.length]);
    assert.equal(row("chip borders crossed")?.values[1], null);
    assert.equal(row("synapses")?.ratio, 1);
  });
});

describe("the picture of a map", () => {
  const svg = coreMapSvg(mapPicture({ ...REPORT, name: "<net> & co" }));
  const count = (pattern: RegExp): number => [...svg.matchAll(pattern)].length;

  test("has a square for each core and resource, red over the wall, and a line for each link", () => {
    assert.equal(count(/<title>core /g), 2 * 4);
    assert.equal(
      count(
        /class="o" x="[\d.]+" y="[\d.]+" width="[\d.]+" height="[\d.]+"><title>core 7 at 1, 0: 5 of 4 \(125\.0 %\) neurons/g,
      ),
      1,
    );
    assert.equal(count(/<line class="l"[^>]*><title>from /g), 2);
    assert.match(svg, /stroke-opacity="1"><title>from 0, 0 to \+x: 9 spikes/);
  });

  test("stands alone: its own style, no script, text that is safe", () => {
    assert.ok(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"'));
    assert.match(svg, /<style>/);
    assert.doesNotMatch(svg, /<script|<net>|NaN|undefined|Infinity/);
    assert.match(svg, /&#60;net&#62; &#38; co on 2 cores/);
  });

  test("draws deployments: every core in its tile, as many tooltips as cores and resources", () => {
    const { deployment, target } = randomRun(3);
    const picture = deploymentPicture(deployment, target);
    assert.equal(picture.cores.length, deployment.cores.length);
    assert.equal(picture.columns, deployment.chips * target.mesh.columns);
    const drawn = coreMapSvg(picture);
    assert.equal([...drawn.matchAll(/<title>core /g)].length, 4 * deployment.cores.length);
    assert.doesNotMatch(drawn, /NaN|undefined|Infinity/);
  });

  test("is drawn for no core at all", () => {
    const empty: MapReport = {
      ...REPORT,
      cores: [],
      links: [],
      placement: { ...REPORT.placement, columns: 0, rows: 0 },
    };
    assert.doesNotMatch(coreMapSvg(mapPicture(empty)), /NaN|undefined|Infinity/);
  });
});
