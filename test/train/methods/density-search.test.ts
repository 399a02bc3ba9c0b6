import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { searchDensity } from "#train/density-search";
import { gradR } from "#train/methods/grad-r";
import { lats } from "#train/methods/lats";
import type { SparseMethod } from "#train/methods/method";
import { formatDiagnostic, ToolchainError } from "#util/diagnostic";
import { hashed, startTrial } from "./harness.ts";

/** As measured: density about 1 / (1 + 45·D). */
const curve = (knob: number): number => 1 / (1 + 45 * knob);
const probeOf = (density: (knob: number) => number) => (knob: number) => Promise.resolve(density(knob));

describe("the search", () => {
  test("finds the knob of a falling curve, from far off on either side", async () => {
    for (const start of [1e-4, 0.09, 50])
      for (const target of [0.5, 0.1, 0.02]) {
        const found = await searchDensity({
          probe: probeOf(curve),
          start,
          target,
          tolerance: 0.02,
          maxProbes: 20,
        });
        assert.equal(found.diagnostic, undefined);
        assert.ok(Math.abs(found.density / target - 1) <= 0.02, `${start}, ${target}: ${found.density}`);
        assert.equal(found.density, curve(found.knob));
        assert.ok(found.probes.length <= 14, `${found.probes.length} probes`);
      }
  });

  test("takes 5 probes or fewer from the rule of thumb to within a tenth", async () => {
    for (const target of [0.5, 0.2, 0.1, 0.05, 0.02]) {
      const { probes, diagnostic } = await searchDensity({
        probe: probeOf(curve),
        start: 5 * 0.018,
        target,
        tolerance: 0.1,
        maxProbes: 5,
      });
      assert.equal(diagnostic, undefined, `${target}: ${JSON.stringify(probes)}`);
    }
  });

  test("walks by fours to a bracket, then aims as for a power law, and keeps off the ends", async () => {
    const factors = async (density: (knob: number) => number, maxProbes: number): Promise<number[]> => {
      const { probes } = await searchDensity({
        probe: probeOf(density),
        start: 0.1,
        target: 0.05,
        tolerance: 1e-6,
        maxProbes,
      });
      return probes.map(({ knob }) => Math.log2(knob / 0.1));
    };
    const close = (found: readonly number[], expected: readonly number[]): void => {
      assert.equal(found.length, expected.length);
      expected.forEach((log, i) => assert.ok(Math.abs(found[i] - log) < 1e-9, found.join(", ")));
    };
    // A power law is met at once.
    close(await factors((knob) => Math.min(1, 0.2 / (knob / 0.1)), 9), [0, 2]);
    close(await factors((knob) => Math.min(1, 0.1 / (knob / 0.1)), 9), [0, 2, 1]);
    // A step is approached by quarters, or by halves if what lies behind is dead.
    close(await factors((knob) => (knob < 0.35 ? 0.06 : 0.001), 5), [0, 2, 0.5, 0.875, 1.15625]);
    close(await factors((knob) => (knob < 0.35 ? 0.06 : 0), 5), [0, 2, 1, 1.5, 1.75]);
  });

  test("lives with noise, and gives the same probes every time", async () => {
    const noisy = (knob: number): number => curve(knob) * (1 + 0.04 * (hashed(knob * 1e9) - 0.5));
    const run = () =>
      searchDensity({ probe: probeOf(noisy), start: 0.09, target: 0.05, tolerance: 0.05, maxProbes: 12 });
    const found = await run();
    assert.equal(found.diagnostic, undefined);
    assert.deepEqual(await run(), found);
  });

  test("says so when the probes do not suffice, and gives the nearest", async () => {
    const found = await searchDensity({
      probe: probeOf(curve),
      start: 0.09,
      target: 0.001,
      tolerance: 0.05,
      maxProbes: 3,
    });
    assert.equal(found.probes.length, 3);
    assert.equal(found.knob, 1.44);
    assert.ok(found.diagnostic !== undefined);
    assert.equal(
      formatDiagnostic(found.diagnostic),
      [
        "error[train/density-not-reached]: the search needs a density of 0.1 %, give or take 5 % of it, but the nearest of 3 probes, at 1.44, gave 1.52 % (tried: between 0.09 and 1.44).",
        '  try: allow more probes, start the search nearer, or choose a method with an exact density ("gmp", "esl").',
      ].join("\n"),
    );
  });

  test("says so when the density jumps over the target, as when a network dies", async () => {
    const found = await searchDensity({
      probe: probeOf((knob) => (knob < 0.7 ? 0.05 : 0)),
      start: 0.09,
      target: 0.02,
      tolerance: 0.05,
      maxProbes: 50,
    });
    assert.ok(found.probes.length < 20);
    assert.equal(found.diagnostic?.data?.cause, "jump");
    const { lowestKnob, highestKnob } = found.diagnostic.data as Record<string, number>;
    assert.ok(lowestKnob < 0.7 && highestKnob >= 0.7 && highestKnob / lowestKnob < 1.001);
  });

  test("reports every option that is out of range", async () => {
    await assert.rejects(
      searchDensity({ probe: probeOf(curve), start: 0, target: 1, tolerance: NaN, maxProbes: 0.5 }),
      (error: unknown) => {
        assert.ok(error instanceof ToolchainError);
        assert.deepEqual(
          error.diagnostics.map(({ subject }) => subject),
          ["start", "target", "tolerance", "maxProbes"],
        );
        return true;
      },
    );
  });

  test("takes no target at which nothing, or less, would be left", async () => {
    for (const target of [0, -0.5])
      await assert.rejects(
        searchDensity({ probe: probeOf(curve), start: 1, target, tolerance: 0.1, maxProbes: 3 }),
        (error: unknown) => error instanceof ToolchainError && error.diagnostics[0].subject === "target",
      );
  });

  test("reports a probe that gives no density, and passes on what a probe throws", async () => {
    const search = (probe: (knob: number) => Promise<number>) =>
      searchDensity({ probe, start: 1, target: 0.1, tolerance: 0.1, maxProbes: 3 });
    for (const density of [NaN, -0.1, 1.1])
      await assert.rejects(search(probeOf(() => density)), { name: "ToolchainError" });
    await assert.rejects(
      search(() => Promise.reject(new Error("disk full"))),
      { message: "disk full" },
    );
  });
});

test("reaches a density with the methods it is for", async () => {
  for (const [method, target] of [
    [gradR, 0.3],
    [lats, 0.3],
  ] as readonly (readonly [SparseMethod, number])[]) {
    const { density } = method;
    assert.ok(density.kind === "emergent");
    const found = await searchDensity({
      probe: (knob) => {
        const trial = startTrial(method, { [density.knob]: knob });
        trial.steps(120);
        const weights = trial.weights();
        return Promise.resolve(weights.filter((w) => w !== 0).length / weights.length);
      },
      start: density.start({ meanAbsoluteWeight: 0.1, rateSum: 1.2 }),
      target,
      tolerance: 0.05,
      maxProbes: 12,
    });
    assert.equal(found.diagnostic, undefined, method.name);
  }
});
