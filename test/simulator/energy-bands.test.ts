import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import { priceRun, type EnergyBreakdown } from "#simulator/energy";
import type { EnergyBand } from "#simulator/energy-bands";
import type { RunResult } from "#simulator/result";
import { davies2018 } from "#targets/loihi1/davies2018";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { parseTarget, targetToJson } from "#targets/parse";
import { spreadOf } from "#targets/quantity";
import { PRICED_ACTIONS, type PricedAction, type Profile, type Quantity } from "#targets/target";
import { runOf, StepCounts } from "#test/counts";
import { DiagnosticSink } from "#util/diagnostic";

type Counts = Partial<Record<PricedAction, number>>;

function runWith(counts: Counts, samples = 1): RunResult {
  const step = new StepCounts();
  for (const action of PRICED_ACTIONS) step.add(0, action, counts[action] ?? 0);
  return runOf(step, samples, 1000, samples);
}

const priced = (counts: Counts, profile: Profile = nahukuFit): EnergyBreakdown =>
  priceRun(runWith(counts), profile, loihi1);

function withPrice(action: PricedAction, change: Partial<Quantity>, base: Profile = nahukuFit): Profile {
  return { ...base, energy: { ...base.energy, [action]: { ...base.energy[action]!, ...change } } };
}

/** Equal up to rounding; null is null. */
function assertBand(band: EnergyBand, lowPj: number | null, nominalPj: number, highPj: number | null): void {
  const close = (actual: number | null, expected: number | null): boolean =>
    actual === null || expected === null
      ? actual === expected
      : Math.abs(actual - expected) <= 1e-12 * Math.abs(expected);
  assert.ok(
    close(band.lowPj, lowPj) && close(band.nominalPj, nominalPj) && close(band.highPj, highPj),
    JSON.stringify(band),
  );
}

describe("the band of a term", () => {
  const bandOf = (action: PricedAction, profile: Profile): EnergyBand =>
    priced({ [action]: 10 }, profile).terms[0].band;

  test("is unknown on both sides where nobody published one", () => {
    assertBand(bandOf("spikeOut", nahukuFit), null, 693, null);
  });

  test("is the published one", () => {
    assertBand(bandOf("spikeOut", withPrice("spikeOut", { band: [0.5, 1.25] })), 346.5, 693, 866.25);
  });

  test("of a one-sided bound is known on one side only", () => {
    assertBand(bandOf("synapseDense", davies2018), 236, 236, null);
    assertBand(bandOf("hopEastWest", withPrice("hopEastWest", { bound: "max" })), null, 30, 30);
  });

  test("of a bound with a published spread goes from the bound to the far side of the spread", () => {
    assert.deepEqual(spreadOf({ ...nahukuFit.energy.spikeOut!, bound: "min", band: [0.5, 3] }), {
      low: 1,
      high: 3,
    });
  });
});

describe("the band of a run", () => {
  test("is the published error for fitted prices, and says so", () => {
    const { dynamicBand } = priced({ spikeOut: 10, messageIn: 4, hopEastWest: 2 });
    assertBand(dynamicBand.band, 699 * (1 - 0.117), 699, 699 * 1.117);
    assert.equal(dynamicBand.publishedError?.energyShare, 0.117);
    assert.match(dynamicBand.publishedError.note, /averages/);
    assert.deepEqual(dynamicBand.withoutBand, []);
  });

  test("adds terms with a band of their own to what the published error covers", () => {
    const profile = withPrice("spikeOut", { band: [0.9, 2] });
    const { dynamicBand } = priced({ spikeOut: 1, messageOut: 1 }, profile);
    assertBand(dynamicBand.band, 69.3 * 0.9 + 111 * 0.883, 180.3, 69.3 * 2 + 111 * 1.117);
  });

  test("is unknown where a term is neither fitted nor banded", () => {
    const { dynamicBand } = priced({ spikeOut: 1, synapseRunLength: 1 });
    assertBand(dynamicBand.band, null, 102.9, null);
    assert.deepEqual(dynamicBand.withoutBand, ["synapseRunLength"]);
    const { dynamicBand: simulated } = priced({ neuronAccess: 1, synapseDense: 1 }, davies2018);
    assertBand(simulated.band, null, 75.6, null);
    assert.deepEqual(simulated.withoutBand, ["synapseDense", "neuronAccess"]);
    assert.equal(simulated.publishedError, undefined);
  });

  test("keeps the side that is known", () => {
    assertBand(priced({ synapseDense: 1 }, davies2018).dynamicBand.band, 23.6, 23.6, null);
    assertBand(
      priced({ spikeOut: 2 }, withPrice("spikeOut", { bound: "max" })).dynamicBand.band,
      null,
      138.6,
      138.6,
    );
  });

  test("does not end below zero, however large the published error", () => {
    const profile = { ...nahukuFit, errors: { ...nahukuFit.errors!, energyShare: 1.5 } };
    assertBand(priced({ spikeOut: 1 }, profile).dynamicBand.band, 0, 69.3, 69.3 * 2.5);
  });

  test("of nothing is nothing, and a price of at most zero pJ is known on one side only", () => {
    assertBand(priced({}).dynamicBand.band, 0, 0, 0);
    assertBand(priced({ messageIn: 5 }).dynamicBand.band, 0, 0, 0);
    assertBand(
      priced({ messageIn: 5 }, withPrice("messageIn", { bound: "min" })).dynamicBand.band,
      0,
      0,
      null,
    );
  });

  test("with static energy is known only if the band of the power is", () => {
    const { chip } = nahukuFit.staticPower;
    assertBand(priced({ spikeOut: 1 }).totalBand, null, 69.3 + 104.4 * 1000, null);
    const banded = {
      ...nahukuFit,
      staticPower: { ...nahukuFit.staticPower, chip: { ...chip!, band: [0.5, 1.5] } },
    } as const;
    assertBand(
      priced({ spikeOut: 1 }, banded).totalBand,
      69.3 * 0.883 + 52_200,
      69.3 + 104_400,
      69.3 * 1.117 + 156_600,
    );
    const untimed = priceRun({ ...runWith({ spikeOut: 1 }), stepNs: Float64Array.of(NaN) }, banded, loihi1);
    assert.equal(untimed.totalBand.highPj, null);
  });
});

test("energy per synaptic operation is all dynamic energy over entries met, and unknown without any", () => {
  const { dynamicPjPerSynapticOperation: each } = priced({ synapseDense: 3, synapseSparse: 1, spikeOut: 2 });
  assert.ok(Math.abs(each - (3 * 35.5 + 33.6 + 2 * 69.3) / 4) < 1e-12);
  assert.ok(Number.isNaN(priced({ spikeOut: 2 }).dynamicPjPerSynapticOperation));
});

/** Counts of any actions; a profile with evidence, bounds and bands of all kinds. */
const anyCounts = fc.dictionary(fc.constantFrom(...PRICED_ACTIONS), fc.nat(1e6), { noNullPrototype: true });
const anyProfile = fc
  .array(
    fc.record({
      value: fc.nat(8000).map((eighths) => eighths / 8),
      evidence: fc.constantFrom("fitted" as const, "measured" as const),
      bound: fc.constantFrom(undefined, undefined, undefined, "min" as const, "max" as const),
      band: fc.option(
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 1, max: 9, noNaN: true })),
        {
          nil: undefined,
        },
      ),
    }),
    { minLength: PRICED_ACTIONS.length, maxLength: PRICED_ACTIONS.length },
  )
  .map((prices): Profile => {
    const energy = PRICED_ACTIONS.map((action, i) => {
      const { value, evidence, bound, band } = prices[i];
      const price: Quantity = {
        value,
        unit: "pJ",
        evidence,
        src: [],
        ...(bound && { bound }),
        ...(band && { band }),
      };
      return [action, price];
    });
    return { ...nahukuFit, energy: Object.fromEntries(energy) as Profile["energy"], inside: {} };
  });

describe("energy", () => {
  const close = (actual: number | null, expected: number | null): void => {
    if (actual === null || expected === null) assert.equal(actual, expected);
    else
      assert.ok(
        Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
        `${actual}, ${expected}`,
      );
  };

  test("lies inside its band, term by term and in sum", () => {
    fc.assert(
      fc.property(anyCounts, anyProfile, (counts, profile) => {
        const { terms, dynamicBand, dynamicPj, totalBand } = priced(counts, profile);
        for (const band of [...terms.map((term) => term.band), dynamicBand.band, totalBand]) {
          assert.ok(band.lowPj === null || (band.lowPj >= 0 && band.lowPj <= band.nominalPj * (1 + 1e-12)));
          assert.ok(band.highPj === null || band.highPj >= band.nominalPj * (1 - 1e-12));
        }
        close(dynamicBand.band.nominalPj, dynamicPj);
      }),
    );
  });

  test("is linear in counts, bands included", () => {
    fc.assert(
      fc.property(
        anyCounts,
        anyCounts,
        fc.integer({ min: 1, max: 9 }),
        anyProfile,
        (a, b, times, profile) => {
          // An action that did not happen in one of the two can only be unknown in the other.
          const all = (value: number): Counts =>
            Object.fromEntries(PRICED_ACTIONS.map((action) => [action, value]));
          const first = { ...all(1), ...a };
          const second = { ...all(1), ...b };
          const both = Object.fromEntries(
            PRICED_ACTIONS.map((action) => [action, first[action]! + times * second[action]!]),
          );
          const [x, y, sum] = [first, second, both].map((counts) => priced(counts, profile));
          close(sum.dynamicPj, x.dynamicPj + times * y.dynamicPj);
          const { band } = sum.dynamicBand;
          if (band.lowPj !== null)
            close(band.lowPj, x.dynamicBand.band.lowPj! + times * y.dynamicBand.band.lowPj!);
          if (band.highPj !== null)
            close(band.highPj, x.dynamicBand.band.highPj! + times * y.dynamicBand.band.highPj!);
        },
      ),
    );
  });

  test("halves where all prices are halved, and so does everything made of it", () => {
    fc.assert(
      fc.property(anyCounts, anyProfile, (counts, profile) => {
        const half = <Q extends Quantity | null>(q: Q): Q => (q === null ? q : { ...q, value: q.value / 2 });
        const cheap: Profile = {
          ...profile,
          energy: Object.fromEntries(
            PRICED_ACTIONS.map((action) => [action, half(profile.energy[action])]),
          ) as Profile["energy"],
          staticPower: {
            chip: half(profile.staticPower.chip),
            core: half(profile.staticPower.core),
            io: null,
          },
        };
        const [full, halved] = [priced(counts, profile), priced(counts, cheap)];
        close(halved.dynamicPj * 2, full.dynamicPj);
        close(halved.totalPj * 2, full.totalPj);
        close(halved.static.corePj * 2, full.static.corePj);
        for (const side of ["lowPj", "highPj"] as const) {
          const value = halved.dynamicBand.band[side];
          close(value === null ? null : 2 * value, full.dynamicBand.band[side]);
        }
        assert.deepEqual(halved.evidenceShare, full.evidenceShare);
      }),
    );
  });
});

describe("a band in a target file", () => {
  const read = (band: unknown): string[] => {
    const target = JSON.parse(targetToJson(loihi1)) as { profiles: { energy: Record<string, object> }[] };
    target.profiles[0].energy.spikeOut = { ...target.profiles[0].energy.spikeOut, band };
    const sink = new DiagnosticSink();
    const parsed = parseTarget(JSON.stringify(target), sink);
    if (parsed !== undefined) assert.deepEqual(parsed.profiles[0].energy.spikeOut?.band, band);
    return sink.diagnostics.map(({ code, message }) => `${code}: ${message}`);
  };

  test("is read", () => {
    assert.deepEqual(read([0.8, 1.3]), []);
    assert.deepEqual(read([1, 1]), []);
  });

  test("has to hold the value itself", () => {
    for (const band of [
      [1.1, 1.3],
      [0.5, 0.9],
      [-0.1, 2],
    ]) {
      const found = read(band);
      assert.equal(found.length, 1, JSON.stringify(band));
      assert.match(found[0], /^targets\/.*two factors/s);
    }
    assert.equal(read([1]).length, 1);
    assert.equal(read("wide").length, 1);
  });
});
