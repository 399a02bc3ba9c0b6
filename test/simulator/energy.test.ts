import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { ENERGY_GROUPS, priceRun } from "#simulator/energy";
import { loihi1 } from "#targets/loihi1/index";
import { davies2018 } from "#targets/loihi1/davies2018";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { EVIDENCE, PRICED_ACTIONS } from "#targets/target";
import { countsOfCase, runOf, StepCounts } from "#test/counts";
import { SANAFE_CASES } from "#test/sanafe-cases";

const STEPS = 10;
const PJ_PER_NJ = 1000;

function assertClose(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.abs(expected), `${actual} against ${expected}`);
}

describe("the prices of nahuku-fit", () => {
  for (const definition of SANAFE_CASES) {
    const { synapse, soma, network, total } = definition.energyNj;
    if (total === undefined) continue;
    test(`give the energy of case ${definition.name}: ${definition.description}`, () => {
      const energy = priceRun(runOf(countsOfCase(definition), STEPS, definition.simpleNs), nahukuFit, loihi1);
      const { byGroupPj } = energy;
      assertClose(energy.dynamicPj, total * PJ_PER_NJ);
      if (synapse !== undefined) assertClose(byGroupPj.synapse, synapse * PJ_PER_NJ);
      if (soma !== undefined) assertClose(byGroupPj.neuron + byGroupPj.spike, soma * PJ_PER_NJ);
      if (network !== undefined) assertClose(byGroupPj.message + byGroupPj.hop, network * PJ_PER_NJ);
    });
  }
});

describe("a priced run", () => {
  const caseA = countsOfCase(SANAFE_CASES[0]);
  const energy = priceRun(runOf(caseA, STEPS, SANAFE_CASES[0].simpleNs, 2), nahukuFit, loihi1);

  test("adds up: terms, groups and dynamic energy agree", () => {
    assertClose(
      energy.terms.reduce((sum, term) => sum + term.energyPj, 0),
      energy.dynamicPj,
    );
    assertClose(
      Object.values(energy.byGroupPj).reduce((sum, pj) => sum + pj, 0),
      energy.dynamicPj,
    );
    assertClose(energy.dynamicPjPerSample * 2, energy.dynamicPj);
  });

  test("keeps idle power on a line of its own", () => {
    // 104.4 mW for 10 steps of 12.0688 us: 12.6 uJ, against 0.9 uJ of events.
    assertClose(energy.static.chipPj, 104.4 * 120_688);
    assertClose(energy.static.corePj, 2 * 0.815 * 120_688);
    assertClose(energy.totalPj, energy.dynamicPj + energy.static.chipPj);
    assertClose(energy.totalPjPerSample * 2, energy.totalPj);
  });

  test("says how much rests on which evidence", () => {
    assertClose(energy.evidenceShare.fitted, 1);
    assertClose(energy.evidenceShareWithStatic.measured, energy.static.chipPj / energy.totalPj);
    assertClose(
      Object.values(energy.evidenceShareWithStatic).reduce((sum, share) => sum + share, 0),
      1,
    );
    assert.equal(energy.weakestEvidence, "fitted");
    assert.equal(energy.bound, "estimate");
  });

  test("names actions whose cost is inside another price", () => {
    assert.deepEqual(energy.unpriced, []);
    assert.deepEqual(
      energy.inside.map(({ action, count }) => [action, count]),
      [["hopTile", 2560]],
    );
  });

  test("lists every action that happened exactly once", () => {
    const step = new StepCounts();
    PRICED_ACTIONS.forEach((action, i) => step.add(0, action, i + 1));
    for (const profile of loihi1.profiles) {
      const priced = priceRun(runOf(step, 1, 1000), profile, loihi1);
      const seen = [...priced.terms, ...priced.unpriced, ...priced.inside].map(({ action, count }) => [
        action,
        count,
      ]);
      assert.deepEqual(
        seen.toSorted((a, b) => Number(a[1]) - Number(b[1])),
        PRICED_ACTIONS.map((action, i) => [action, i + 1]),
      );
    }
  });

  test("never drops an action that nobody has priced", () => {
    const step = new StepCounts();
    step.add(0, "hopChip", 7);
    step.add(0, "inputMessage", 3);
    const { unpriced, dynamicPj } = priceRun(runOf(step, 2, 1000), nahukuFit, loihi1);
    assert.deepEqual(unpriced, [
      { action: "hopChip", count: 14 },
      { action: "inputMessage", count: 6 },
    ]);
    assert.equal(dynamicPj, 0);
  });

  test("is a lower bound where a term is", () => {
    const step = new StepCounts();
    step.add(0, "neuronAccess", 10);
    assert.equal(priceRun(runOf(step, 1, 1000), davies2018, loihi1).bound, "estimate");
    step.add(0, "synapseSparse", 1);
    const bounded = priceRun(runOf(step, 1, 1000), davies2018, loihi1);
    assert.equal(bounded.bound, "min");
    assertClose(bounded.dynamicPj, 10 * 52 + 23.6);
  });

  test("is neither an upper nor a lower bound with terms of both kinds", () => {
    const step = new StepCounts();
    step.add(0, "synapseSparse", 1);
    step.add(0, "hopTile", 1);
    const hopTile = { ...davies2018.energy.hopTile!, bound: "max" } as const;
    const profile = { ...davies2018, energy: { ...davies2018.energy, hopTile } };
    assert.equal(priceRun(runOf(step, 1, 1000), profile, loihi1).bound, "mixed");
    const both = { ...profile.energy, synapseSparse: nahukuFit.energy.synapseSparse };
    assert.equal(priceRun(runOf(step, 1, 1000), { ...profile, energy: both }, loihi1).bound, "max");
  });

  test("counts assumed run-length prices as assumed", () => {
    const step = new StepCounts();
    step.add(0, "synapseRunLength", 1);
    step.add(0, "synapseSparse", 3);
    const priced = priceRun(runOf(step, 1, 1000), nahukuFit, loihi1);
    assertClose(priced.evidenceShare.assumed, 0.25);
    assert.equal(priced.weakestEvidence, "assumed");
  });

  test("has no total where the chip's time is unknown, but keeps the dynamic part", () => {
    const untimed = priceRun(runOf(caseA, STEPS, NaN), davies2018, loihi1);
    assert.ok(Number.isNaN(untimed.totalPj));
    assert.ok(untimed.dynamicPj > 0);
  });

  test("costs nothing where nothing happened", () => {
    const none = priceRun(runOf(new StepCounts(), 1, 0), nahukuFit, loihi1);
    assert.equal(none.totalPj, 0);
    assert.equal(none.weakestEvidence, undefined);
    assert.deepEqual(
      EVIDENCE.map((kind) => none.evidenceShare[kind]),
      EVIDENCE.map(() => 0),
    );
  });
});

test("every action is in exactly one line of the energy table", () => {
  const listed = Object.values(ENERGY_GROUPS).flat();
  assert.deepEqual([...listed].toSorted(), [...PRICED_ACTIONS].toSorted());
});
