import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { ACTIONS } from "#simulator/result";
import { TIMING_MODELS } from "#simulator/timing/index";
import { barrierNs, simple, simpleStepTime } from "#simulator/timing/simple";
import type { StepTime } from "#simulator/timing/timing";
import { davies2018 } from "#targets/loihi1/davies2018";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { countsOfCase, StepCounts } from "#test/counts";
import { SANAFE_CASES } from "#test/sanafe-cases";

/** Relative difference below 1e-9. */
function assertClose(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.abs(expected), `${actual} against ${expected}`);
}

describe("simple timing", () => {
  for (const definition of SANAFE_CASES) {
    test(`gives the time of case ${definition.name}: ${definition.description}`, () => {
      const step = countsOfCase(definition);
      assertClose(simpleStepTime(step.counts(), nahukuFit, step.tilesOn).timeNs, definition.simpleNs);
    });
  }

  test("names the core and the phase that decided", () => {
    const [a, , c] = SANAFE_CASES.map((definition) => countsOfCase(definition));
    const sending = simpleStepTime(a.counts(), nahukuFit, 1);
    assert.deepEqual([sending.core, sending.phase], [0, 0]);
    const receiving = simpleStepTime(c.counts(), nahukuFit, 1);
    assert.deepEqual([receiving.core, receiving.phase], [1, 1]);
  });

  test("takes the barrier alone for a step in which nothing happens", () => {
    const idle = simpleStepTime(new Float64Array(3 * ACTIONS.length), nahukuFit, 1);
    assert.deepEqual(idle, { timeNs: 600, core: -1, phase: 0 });
  });

  test("reads the barrier of the largest listed tile count that is in use", () => {
    const barriers = [0, 1, 2, 3, 4, 28, 29, 32, 64].map((tiles) => barrierNs(nahukuFit, tiles));
    assert.deepEqual(barriers, [600, 600, 1000, 1000, 1400, 1400, 1800, 1800, 1800]);
  });

  test("agrees with adding up every event of every core, whatever the counts", () => {
    const count = fc.nat(1000);
    const cores = fc.array(fc.array(count, { minLength: ACTIONS.length, maxLength: ACTIONS.length }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(cores, (rows) => {
        const at = (row: readonly number[], action: (typeof ACTIONS)[number]): number =>
          row[ACTIONS.indexOf(action)];
        const sending = rows.map(
          (r) =>
            6 * at(r, "neuronAccess") +
            3.7 * at(r, "neuronUpdate") +
            30 * at(r, "spikeOut") +
            5.1 * at(r, "messageOut"),
        );
        const receiving = rows.map(
          (r) =>
            16 * at(r, "messageIn") +
            3.8 * at(r, "synapseDense") +
            4.7 * at(r, "synapseSparse") +
            4.7 * at(r, "synapseRunLength") +
            3.1 * at(r, "synapseConv"),
        );
        const longest = Math.max(0, ...sending, ...receiving);
        const { timeNs, core, phase } = simpleStepTime(Float64Array.from(rows.flat()), nahukuFit, 1);
        assertClose(timeNs, longest + 600);
        if (longest > 0) assertClose((phase === 0 ? sending : receiving)[core], longest);
      }),
    );
  });

  test("leaves a step untimed in which an action without a time happens", () => {
    const step = new StepCounts();
    step.add(0, "neuronAccess", 3);
    assertClose(simpleStepTime(step.counts(), davies2018, 1).timeNs, 3 * 5.3 + 113);
    step.add(1, "messageIn");
    assert.deepEqual(simpleStepTime(step.counts(), davies2018, 1), { timeNs: NaN, core: -1, phase: 0 });
  });

  test("says which actions those are", () => {
    assert.deepEqual(simple.prepare(davies2018, 1).untimed, ["messageOut", "messageIn"]);
    assert.deepEqual(simple.prepare(nahukuFit, 1).untimed, []);
  });
});

describe("the registry", () => {
  for (const model of TIMING_MODELS) {
    test(`holds ${model.name}, which forgets the step before`, () => {
      const timer = model.prepare(nahukuFit, 1);
      const out: StepTime = { timeNs: 0, core: 0, phase: 0 };
      const busy = countsOfCase(SANAFE_CASES[2]);
      timer.time(busy.counts(), busy.coreIds.length, out);
      const first = { ...out };
      timer.time(new Float64Array(ACTIONS.length), 1, out);
      assert.equal(out.timeNs, timer.barrierNs);
      timer.time(busy.counts(), busy.coreIds.length, out);
      assert.deepEqual(out, first);
    });
  }

  test("has simple as its default", () => {
    assert.equal(TIMING_MODELS[0], simple);
  });
});
