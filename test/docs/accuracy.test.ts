// The accuracy page: it says what its results say, the results agree with themselves, and what is cheap is estimated again.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, test } from "vitest";
import { gestureRow, keywordRow, lsnnRows, mapped } from "#test/accuracy/cases";
import { drivenAt, drivenNetwork, synapsesOf } from "#test/accuracy/driven";
import { estimateStep } from "#test/accuracy/estimate";
import { goldenRows } from "#test/accuracy/golden";
import { NOT_JUDGED } from "#test/accuracy/not-judged";
import { accuracyPage, accuracySummary } from "#test/accuracy/page";
import { digits, rowOf, type AccuracyResults, type AccuracyRow } from "#test/accuracy/rows";
import { keywordChains, keywordSpotter, nxtfMnist, pseudoMobileNet } from "#test/accuracy/shapes";
import { ROOT } from "#test/shared";

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const results = JSON.parse(read("docs/accuracy/results.json")) as AccuracyResults;
const stored = (id: string): AccuracyRow => {
  const row = results.rows.find((one) => one.id === id);
  assert.ok(row !== undefined, `results.json has a row ${id}`);
  return row;
};

describe("accuracy page", () => {
  test("is what its results make", () => {
    assert.equal(read("docs/accuracy/README.md"), accuracyPage(results));
  });

  test("has its essence in the simulator's README", () => {
    const tables = tableRows(read("simulator/README.md"));
    for (const row of tableRows(accuracySummary(results)))
      assert.ok(tables.includes(row), `simulator/README.md lacks the row ${row}`);
  });

  test("judges every published measurement of Loihi 1 and 2, or says why not", () => {
    const ids = [...results.rows, ...results.notJudged].flatMap(({ id }) => id.match(/\b[LK]\d+\b/g) ?? []);
    const wanted = [..."123456789"].map((n) => `L${n}`).concat("L10", "L11", "L12");
    for (const id of [...wanted, ...[..."1234567"].map((n) => `K${n}`)])
      assert.ok(ids.includes(id), `${id} is missing`);
    assert.deepEqual(results.notJudged, NOT_JUDGED);
  });

  test("reports both errors of the middle estimate, inside its range", () => {
    for (const { id, estimate, measured, errorShare, logRatio, davies } of results.rows) {
      const ratio = estimate.middle / measured;
      assertClose(errorShare, ratio - 1, 1e-5, `${id}, error`);
      assertClose(logRatio, Math.abs(Math.log(ratio)), 1e-5, `${id}, ln`);
      for (const { low, middle, high } of davies === undefined ? [estimate] : [estimate, davies])
        assert.ok(low <= middle && middle <= high, `${id}: ${low}, ${middle}, ${high}`);
    }
  });
});

describe("accuracy results", () => {
  test("are those of the peer's cases A to J, estimated again", () => {
    const rows = goldenRows();
    assert.deepEqual(results.golden, rows);
    for (const { name, simpleErrorShare, detailedErrorShare, nocErrorShare, energyErrorShare = 0 } of rows) {
      for (const share of [simpleErrorShare, detailedErrorShare, energyErrorShare])
        assert.ok(Math.abs(share) < 2e-6, `${name}: ${share}`);
      assert.ok(Math.abs(nocErrorShare) < 0.01, `${name}: ${nocErrorShare}`);
    }
  });

  test("are those of the LSNN's neurons and of the gesture network's prices, estimated again", () => {
    for (const row of [...lsnnRows(), gestureRow()]) assert.deepEqual(stored(row.id), row);
  });

  test("are those of the keyword spotter, estimated again", () => {
    const [ours, theirs] = [keywordRow(), stored("L1")];
    // Where its cores are is for the placer to say: a hop is 3 or 4 pJ.
    for (const of of ["low", "middle", "high"] as const)
      assertClose(theirs.estimate[of], ours.estimate[of], 0.02, of);
  });
});

describe("driven networks", () => {
  test("have the published sizes", () => {
    const neurons = (network: ReturnType<typeof nxtfMnist>): number =>
      network.populations.reduce((sum, { model, size }) => sum + (model === "input" ? 0 : size), 0);
    assert.equal(neurons(pseudoMobileNet()), 76_810);
    assert.equal(synapsesOf(keywordChains(2)) - synapsesOf(keywordChains(1)), 10 * 65_536 + 65_536);
    const weights = nxtfMnist().projections.reduce((sum, { connectivity, post }) => {
      assert.ok(connectivity.kind === "kernel");
      // Biases count as parameters: one for each channel.
      return sum + connectivity.weights.length + nxtfMnist().populations[post].shape[0];
    }, 0);
    assert.equal(weights, 33_802);
  });

  test("fire in the share of steps they are driven to, whatever their weights", () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 110 }), fc.nat(1000), (perMille, seed) => {
        const network = drivenNetwork(
          "small",
          [16],
          [
            { name: "a", shape: [200], from: ["input"] },
            { name: "b", shape: [200], from: ["a"] },
          ],
          seed,
        );
        const { deployment, target } = mapped(network);
        const share = perMille / 1000;
        const { firingShare } = estimateStep(drivenAt(deployment, share, seed), target, share);
        assertClose(firingShare, share, 0.1, "firing share");
      }),
      { numRuns: 8 },
    );
  });

  test("cost what their counts cost by hand", () => {
    const { deployment, target } = mapped(keywordSpotter());
    const step = estimateStep(drivenAt(deployment, 0.05, 5), target, 0.05);
    const neurons = 256 + 256 + 29;
    // All lists are dense, all cores in one tile.
    const pj =
      neurons * (51.2 + 21.6) + step.spikes * 69.3 + step.messages * 111 + step.synapticEvents * 35.5;
    assertClose(step.nahukuNj, pj / 1000, 1e-9, "energy");
    assertClose(
      step.daviesNj,
      (neurons * 81 + step.messages * 1.7 + step.synapticEvents * 23.6) / 1000,
      1e-9,
      "davies2018",
    );
  });

  test("meet the measurement at the share that the row names", () => {
    const given = {
      id: "",
      what: "",
      unit: "",
      source: "",
      verdict: "",
      assumptions: "",
      measured: 40,
      estimate: { low: 10, middle: 25, high: 50 },
    };
    const row = rowOf(given, [0.02, 0.1]);
    assert.equal(row.meetingShare, digits(0.02 + 0.08 * (30 / 40)));
    assert.equal(row.errorShare, -0.375);
    assert.equal(rowOf(given).meetingShare, undefined);
  });
});

/** Rows of all tables of a text, whatever the width of their columns. */
function tableRows(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^[|\s-]+$/.test(line))
    .map((line) => line.replace(/\s+/g, " "));
}

function assertClose(actual: number, expected: number, share: number, what: string): void {
  assert.ok(
    Math.abs(actual - expected) <= share * Math.abs(expected),
    `${what}: ${actual} against ${expected}`,
  );
}
