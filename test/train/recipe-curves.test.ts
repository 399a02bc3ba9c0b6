import assert from "node:assert/strict";
import { test } from "vitest";
import { learningCurvesSvg } from "#train/curves";
import { logCsv, logJsonLines, type LogRow } from "#train/recipe-log";

const row = (probe: number, epoch: number, density: number, facts: Record<string, number> = {}): LogRow => ({
  probe,
  epoch,
  step: 10 * epoch,
  learningRate: 0.1,
  loss: 1 / epoch,
  accuracy: 1 - 1 / (epoch + 1),
  density,
  facts,
  ...(epoch % 2 === 0 && { validationLoss: 1.2 / epoch, validationAccuracy: 0.5 }),
});
const rows = [1, 2, 3, 4].map((epoch) => row(0, epoch, 1 / epoch, { threshold: epoch / 8 }));

/** Places of all lines of a colour. */
const linesOf = (svg: string, colour: string): number[][][] =>
  [...svg.matchAll(/<polyline points="([^"]+)" fill="none" stroke="([^"]+)"/g)]
    .filter(([, , stroke]) => stroke === colour)
    .map(([, points]) => points.split(" ").map((point) => point.split(",").map(Number)));

test("the log is a table with a heading, an empty cell where nothing is known", () => {
  assert.equal(
    logCsv(rows.slice(0, 2)),
    "probe,epoch,step,learningRate,loss,accuracy,validationLoss,validationAccuracy,density,threshold\n" +
      `0,1,10,0.1,1,0.5,,,1,0.125\n0,2,20,0.1,0.5,${1 - 1 / 3},0.6,0.5,0.5,0.25\n`,
  );
});

test("the log is one JSON object a line", () => {
  const lines = logJsonLines(rows).trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as unknown),
    rows,
  );
});

test("the curves have a line for what was learnt in every panel, one for what was watched in two", () => {
  const svg = learningCurvesSvg("a < b", rows);
  assert.equal(linesOf(svg, "#2563a8").length, 3);
  assert.equal(linesOf(svg, "#c2571a").length, 2);
  assert.ok(svg.includes("a &#60; b"));
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
});

test("a falling loss falls in the picture, and the epochs are evenly apart", () => {
  const [loss] = linesOf(learningCurvesSvg("x", rows), "#2563a8");
  const [xs, ys] = [loss.map(([x]) => x), loss.map(([, y]) => y)];
  assert.ok(
    ys.every((y, i) => i === 0 || y > ys[i - 1]),
    "y grows downwards",
  );
  const steps = xs.slice(1).map((x, i) => x - xs[i]);
  assert.ok(Math.max(...steps) - Math.min(...steps) < 0.2);
});

test("small densities are drawn on a logarithmic scale: equal factors, equal ways", () => {
  const halves = [1, 0.1, 0.01].map((density, i) => row(0, i + 1, density));
  const density = linesOf(learningCurvesSvg("x", halves), "#2563a8")[2];
  assert.ok(Math.abs(density[1][1] - density[0][1] - (density[2][1] - density[1][1])) < 0.2);
});

test("runs of a search that were not taken are pale", () => {
  const search = [...rows, ...rows.map((each) => ({ ...each, probe: 1 }))];
  assert.equal(linesOf(learningCurvesSvg("x", search), "#c9ced6").length, 3);
  assert.equal(linesOf(learningCurvesSvg("x", search, 0), "#c9ced6").length, 3);
  const first = learningCurvesSvg("x", [...rows, row(1, 1, 1)], 0);
  assert.deepEqual(linesOf(first, "#2563a8")[0].length, 4);
});

test("one epoch, none, and a loss that is no number are pictures too", () => {
  for (const few of [[], rows.slice(0, 1), [{ ...rows[0], loss: NaN }]]) {
    const svg = learningCurvesSvg("x", few);
    assert.match(svg, /^<svg .*<\/svg>\n$/s);
    assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
  }
});
