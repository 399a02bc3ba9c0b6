import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import { detailSections, type DetailSections } from "#report/detail-sections";
import { detailTexts, warningTexts } from "#report/detail-text";
import { energySection, runSection, timeSection } from "#report/run-report";
import { JSON_SCHEMAS } from "#report/schema";
import { simulationReportText, type SimulationReport } from "#report/simulation-text";
import { meshMap } from "#report/svg-mesh";
import { createFloorline } from "#simulator/bottleneck";
import { priceRun } from "#simulator/energy";
import { ACTIONS, type RunResult } from "#simulator/result";
import { TIMING_MODELS } from "#simulator/timing/index";
import { davies2018 } from "#targets/loihi1/davies2018";
import type { Profile } from "#targets/target";
import { PROFILE, randomRun, type RandomRun } from "../simulator/random-run.ts";

interface Detailed extends RandomRun {
  readonly details: DetailSections;
}

function detailsOf(seed: number, profile: Profile = PROFILE, change: Partial<RunResult> = {}): Detailed {
  const { deployment, target } = randomRun(seed);
  const floorline = createFloorline(deployment, target, profile, TIMING_MODELS[0])!;
  const random = randomRun(seed, { observe: floorline.observe });
  const run = { ...random.run, ...change };
  return { ...random, details: detailSections(run, deployment, target, profile, floorline.tally()) };
}

function reportOf({ run, target, details }: Detailed, profile: Profile): SimulationReport {
  return {
    schema: "spinec/simulate/1",
    generator: "test",
    name: "random",
    on: target.name,
    samples: run.samples,
    modelSteps: 5,
    outputs: [],
    run: runSection(run, 5),
    energy: energySection(priceRun(run, profile, target)),
    time: timeSection(run, "simple"),
    ...details,
  };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe("energy part by part", () => {
  test("adds up to the energy of the run: over populations, over cores, and hops over links", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { run, target, details } = detailsOf(seed);
        const { populations, cores, links } = details.attribution!;
        const energy = priceRun(run, PROFILE, target);
        const close = (actual: number, expected: number): void =>
          assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.max(1, expected), `${actual}, ${expected}`);
        close(sum(populations.map(({ dynamicPj }) => dynamicPj)), energy.dynamicPjPerSample);
        close(sum(cores.map(({ dynamicPj }) => dynamicPj)), energy.dynamicPjPerSample);
        close(sum(populations.map(({ share }) => share)), energy.dynamicPj === 0 ? 0 : 1);
        const hopsPj = energy.byGroupPj.hop / run.samples;
        close(sum(links.map(({ dynamicPj }) => dynamicPj ?? 0)), hopsPj);
        const hops = ACTIONS.flatMap((action, column) =>
          action.startsWith("hop") && action !== "hopTile"
            ? Array.from(run.coreIds, (_, row) => run.counts[row * ACTIONS.length + column])
            : [],
        );
        close(sum(links.map(({ messages }) => messages)), sum(hops) / run.samples);
        for (const { dynamicPj, leavesChip } of links) if (leavesChip) assert.equal(dynamicPj, null);
      }),
      { numRuns: 25 },
    );
  });

  test("is left out for a run that does not know the spikes of each neuron", () => {
    const { run, deployment, target } = randomRun(3);
    const without: RunResult = Object.fromEntries(
      Object.entries(run).filter(([field]) => field !== "spikesOf"),
    ) as unknown as RunResult;
    assert.equal(detailSections(without, deployment, target, PROFILE).attribution, undefined);
  });
});

describe("a report with all parts", () => {
  test("fits its schema and shows nothing that is not there", () => {
    for (const profile of [PROFILE, davies2018])
      for (let seed = 0; seed < 8; seed++) {
        const report = reportOf(detailsOf(seed, profile), profile);
        assert.doesNotMatch(simulationReportText(report).join("\n"), /NaN|undefined|null|Infinity/);
        JSON_SCHEMAS["spinec/simulate/1"].parse(JSON.parse(JSON.stringify({ ...report, diagnostics: [] })));
      }
  });

  test("says that it was stopped, and which registers could not hold a value, before all else", () => {
    const { deployment, details } = detailsOf(5, PROFILE, {
      stoppedAfter: 2,
      stateEvents: [
        { kind: "current-wrap", count: 12, first: { sample: 1, step: 3, population: 2, neuron: 4 } },
      ],
    });
    const name = deployment.populations[2].name;
    assert.deepEqual(details.stateEvents, [
      { kind: "current-wrap", count: 12, first: { sample: 1, step: 3, population: name, neuron: 4 } },
    ]);
    const text = warningTexts(details).join("\n");
    assert.match(text, /Stopped after 2 inferences/);
    assert.match(text, new RegExp(`the current left its register +12 +${name} neuron 4, step 3 of sample 1`));
    assert.deepEqual(warningTexts(detailsOf(5, PROFILE, { stateEvents: [] }).details), []);
  });

  test("names the counting model where the run's follows messages", () => {
    const { details } = detailsOf(5);
    assert.match(detailTexts(details, "noc").join("\n"), /timing model "simple"; "noc" follows messages/);
    assert.doesNotMatch(detailTexts(details, "simple").join("\n"), /follows messages/);
  });

  test("has no bottleneck where the profile has no times", () => {
    const { details } = detailsOf(5, davies2018);
    assert.equal(details.bottleneck, undefined);
    assert.ok(details.attribution !== undefined);
  });
});

describe("the picture of the mesh", () => {
  const shape = { columns: 2, rows: 2, coresPerTile: 4 };
  const topOf = (svg: string): number => Number(/class="on"[^>]* y="([\d.]+)"/.exec(svg)![1]);
  const cell = { x: 0, place: 0, share: 1, tooltip: "core" };

  test("has north at the top", () => {
    const [south, north] = [0, 1].map((y) => topOf(meshMap("t", shape, [{ ...cell, y }])));
    assert.ok(north < south);
  });

  test("draws an arrow for each link, also out of the chip, and escapes what it is told", () => {
    const directions = ["east", "west", "north", "south"] as const;
    const links = directions.map((direction) => ({ x: 1, y: 1, direction, share: 0.5, tooltip: "<a>" }));
    const svg = meshMap("t", shape, [], links);
    assert.deepEqual(
      [...svg.matchAll(/rotate\((\d+)\)/g)].map(([, turn]) => Number(turn)),
      [0, 180, 270, 90],
    );
    assert.equal(svg.match(/<polygon/g)?.length, 4);
    assert.ok(!svg.includes("<a>"));
    assert.doesNotMatch(svg, /NaN|undefined/);
  });
});
