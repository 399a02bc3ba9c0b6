import assert from "node:assert/strict";
import { beforeAll, describe, test } from "vitest";
import { findProfile, findTarget, readInputData, readNetwork, runModel } from "../../src/index.ts";
import { runReportHtml } from "#report/run-html";
import type { RunReport } from "#report/run-report";
import { runReportText } from "#report/run-text";
import { JSON_SCHEMAS } from "#report/schema";
import { barChart, escapeHtml, lineChart, stackedBars } from "#report/svg";
import { meshMap } from "#report/svg-mesh";
import { keyValueLines, textTable } from "#report/text-table";
import { modelBytes, spikesJson } from "#test/cli-models";
import { assertGolden } from "#test/golden";
import { DiagnosticSink } from "#util/diagnostic";

async function smallReport(profileName: string): Promise<RunReport> {
  const sink = new DiagnosticSink();
  const model = await readNetwork(await modelBytes(), { name: "small" }, sink);
  const target = findTarget("loihi1", sink);
  const profile = findProfile(target!, profileName, sink);
  const ports = [{ name: model!.inputs[0].name, shape: [4] }];
  const bytes = new TextEncoder().encode(spikesJson());
  const data = await readInputData(bytes, { fileName: "spikes.json", ports }, sink);
  const options = { labels: [1, 0], compareDense: true };
  return runModel(model!, target!, profile!, data!.inputs, options, sink).report;
}

let report: RunReport;
let untimed: RunReport;
beforeAll(async () => {
  report = await smallReport("nahuku-fit");
  untimed = await smallReport("davies2018");
});

describe("the text", () => {
  test("it stays as it is", () => {
    assertGolden("report/small-nahuku-fit.txt", `${runReportText(report).join("\n")}\n`);
    assertGolden("report/small-davies2018.txt", `${runReportText(untimed).join("\n")}\n`);
  });

  test("it never shows what is not there", () => {
    for (const each of [report, untimed])
      assert.doesNotMatch(runReportText(each).join("\n"), /NaN|undefined|null|Infinity/);
  });
});

describe("the page", () => {
  test("it is one file that needs nothing else", () => {
    for (const each of [report, untimed]) {
      const page = runReportHtml(each);
      assert.doesNotMatch(page, /<script|<link|https?:|url\(|@import|NaN|undefined|Infinity/);
      assert.ok(page.includes(escapeHtml(runReportText(each).join("\n"))));
    }
  });

  test("it shows bounds as bounds, and no time where there is none", () => {
    assert.match(runReportHtml(untimed), /<b>≥ [^<]+<\/b><span>dynamic energy/);
    assert.doesNotMatch(runReportHtml(untimed), /Length of every step/);
    assert.match(runReportHtml(report), /Length of every step/);
  });

  test("it draws the spikes of the first sample, and says what it leaves out", () => {
    const sample = { step: Uint32Array.of(0, 1200), index: Uint32Array.of(1, 0) };
    const recorded = { steps: 1300, shape: [2], samples: [sample, sample] };
    const heading = /Spikes of the first inference/;
    assert.doesNotMatch(runReportHtml(report), heading);
    const page = runReportHtml(report, { out: recorded });
    assert.match(page, heading);
    assert.match(page, /1 spike of 2 neurons/);
    assert.match(page, /The first 1,000 of 1,300 steps are drawn\./);
    const many = Object.fromEntries(Array.from({ length: 10 }, (_, p) => [`p${p}`, recorded]));
    assert.match(runReportHtml(report, many), /2 more populations fire\./);
  });

  test("it escapes every name that comes from a file", () => {
    const evil = '<img src=x onerror="alert(1)">';
    const { model } = report;
    const layers = model.layers.map((layer) => ({ ...layer, node: evil }));
    const page = runReportHtml({ ...report, model: { ...model, name: evil, layers } });
    assert.ok(!page.includes("<img"));
    assert.ok(page.includes(`<h1>${escapeHtml(evil)} on loihi1</h1>`));
  });
});

describe("the schema", () => {
  test("it holds both reports", () => {
    for (const each of [report, untimed]) {
      const json: unknown = JSON.parse(JSON.stringify({ ...each, diagnostics: [] }));
      JSON_SCHEMAS["spinec/run/1"].parse(json);
    }
  });

  test("it refuses a field that it does not know, at any depth", () => {
    const strange = {
      ...report,
      diagnostics: [],
      map: { ...report.map, mesh: { ...report.map.mesh, depth: 2 } },
    };
    assert.equal(JSON_SCHEMAS["spinec/run/1"].safeParse(strange).success, false);
  });
});

describe("pictures", () => {
  /** Widest x of any text's start, and the width of the picture. */
  const widthOf = (svg: string): number => Number(/viewBox="0 0 ([\d.]+)/.exec(svg)?.[1]);

  test("they leave room for long labels, and shorten those that are longer", () => {
    const bar = (label: string): string => barChart("t", [{ label, value: 1, text: "1" }]);
    assert.ok(widthOf(bar("synaptic operations, run-length lists")) > widthOf(bar("fc1")) + 150);
    const long = `${"a".repeat(60)}end`;
    assert.match(bar(long), />a+…a+end<\/text>/);
    assert.equal(widthOf(bar(long)), widthOf(bar(long + long)));
  });

  test("they survive values that are all zero, and single steps", () => {
    const pictures = [
      barChart("t", [{ label: "a", value: 0, text: "0" }]),
      lineChart("t", [0], { top: "0", left: "a", right: "b" }),
      stackedBars("t", ["a", "b"], [{ label: "l", shares: [0, 0], text: "" }]),
      meshMap("t", { columns: 1, rows: 1, coresPerTile: 1 }, [
        { x: 0, y: 0, place: 0, share: 0, tooltip: "" },
      ]),
    ];
    for (const picture of pictures) assert.doesNotMatch(picture, /NaN|Infinity/);
  });
});

describe("text tables", () => {
  test("they align to the widest cell, on the side that is asked for", () => {
    const columns = [{ heading: "a" }, { heading: "long", align: "right" as const }];
    assert.deepEqual(textTable(columns, [["xyz", "1"], ["", "12345"], ["µ"]]), [
      "a     long",
      "───  ─────",
      "xyz      1",
      "     12345",
      "µ",
    ]);
    assert.deepEqual(textTable(columns, []), ["a  long", "─  ────"]);
  });

  test("they put values under each other", () => {
    assert.deepEqual(
      keyValueLines([
        ["a", "1"],
        ["long", ""],
      ]),
      ["  a     1", "  long"],
    );
  });
});
