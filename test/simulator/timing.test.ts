import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { ACTIONS } from "#simulator/result";
import { TIMING_MODELS } from "#simulator/timing/index";
import { barrierNs, simple, simpleStepTime } from "#simulator/timing/simple";
import { PHASE, PHASES, type StepTime, type TimingContext, type TimingModel } from "#simulator/timing/timing";
import { loihi1 } from "#targets/loihi1/index";
import { davies2018 } from "#targets/loihi1/davies2018";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { countsOfCase, StepCounts } from "#test/counts";
import { SANAFE_CASES } from "#test/sanafe-cases";
import { stepOf, type Step, type StepSpec } from "#test/step-activity";
import { randomStep, smallMesh, timedProfile } from "#test/step-arbitrary";

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
    assert.deepEqual(idle, { timeNs: 600, core: -1, phase: PHASE.barrier });
  });

  test("reads the barrier of the largest listed tile count that is in use", () => {
    const barriers = [0, 1, 2, 3, 4, 28, 29, 32, 64].map((tiles) => barrierNs(nahukuFit, tiles));
    assert.deepEqual(barriers, [600, 600, 1000, 1000, 1400, 1400, 1800, 1800, 1800]);
  });

  test("agrees with adding up every event of every core, whatever the counts", () => {
    // No input neurons: the fit has no times for them.
    const row = fc.tuple(
      ...ACTIONS.map((action) => (action.startsWith("input") ? fc.constant(0) : fc.nat(1000))),
    );
    const cores = fc.array(row, { maxLength: 6 });
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
    const untimed = [davies2018, nahukuFit].map(
      (profile) =>
        simple.prepare({ profile, target: loihi1, coreIds: Uint32Array.of(0), tilesOn: 1 }).untimed,
    );
    // Loihi has no input neurons on its cores.
    const never = ["inputAccess", "inputUpdate", "inputSpike"];
    assert.deepEqual(untimed, [["messageOut", ...never, "messageIn"], never]);
  });

  test("takes input neurons on cores for part of the generation", () => {
    const step = new StepCounts();
    step.add(0, "inputAccess", 10);
    step.add(0, "inputUpdate", 4);
    step.add(0, "inputSpike", 3);
    const { timeNs, phase } = simpleStepTime(step.counts(), timedProfile, 1);
    assertClose(timeNs, 10 * 0.6 + 4 * 0.2 + 3 * 0.9 + 600);
    assert.equal(phase, PHASE.generation);
  });
});

/** Rates for every law that needs them. */
const RATES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "max-affine": {
    neuronNs: 3,
    synapseNs: 0.76,
    wordNs: 0.5,
    linkNsPerBit: 0.3,
    chipLinkNsPerBit: 2,
    messageBits: 32,
    barrierNs: 200,
  },
  cycles: { cycleNs: 20, inputs: 16 },
  deadline: { tickNs: 400, neuronNs: 5, synapseNs: 2, messageNs: 3, spikeNs: 4 },
  pipeline: { synapseNs: 33, firstCoreSynapseNs: 10, layerNs: 120 },
};
/** Laws in which nothing that happens in addition can make a step shorter; queues may well sort themselves out better. */
const LAWS = ["simple", ...Object.keys(RATES)];

/** Nothing is updated, sent or received; not even a neuron is there. */
const IDLE: StepSpec = { cores: [{ id: 3, neurons: [] }] };

function rated(model: TimingModel, { context }: Step): TimingContext {
  const rates = RATES[model.name] as Readonly<Record<string, number>> | undefined;
  return rates === undefined ? context : { ...context, rates };
}

function timeStep(model: TimingModel, step: Step): StepTime {
  const out: StepTime = { timeNs: 0, core: 0, phase: 0 };
  model.prepare(rated(model, step)).time(step.activity, out);
  return out;
}

const mesh = smallMesh(4);
const stepIn = (spec: StepSpec): Step => stepOf(spec, mesh, timedProfile);

describe("the registry", () => {
  for (const model of TIMING_MODELS) {
    describe(`holds ${model.name}, which`, () => {
      test("times any step, and names a core and a phase", () => {
        fc.assert(
          fc.property(randomStep, (spec) => {
            const step = stepIn(spec);
            const { timeNs, core, phase } = timeStep(model, step);
            const barrier = model.prepare(rated(model, step)).barrierNs;
            assert.ok(timeNs >= barrier, `${timeNs} ns is shorter than the barrier`);
            assert.ok(core >= -1 && core < step.activity.rows);
            assert.ok(phase >= 0 && phase < PHASES.length);
            assert.equal(core === -1, phase === PHASE.barrier);
          }),
          { numRuns: 50 },
        );
      });

      test("takes the barrier alone for a step in which nothing happens", () => {
        const step = stepIn(IDLE);
        const { barrierNs: barrier } = model.prepare(rated(model, step));
        assert.deepEqual(timeStep(model, step), { timeNs: barrier, core: -1, phase: PHASE.barrier });
      });

      test("forgets the step before", () => {
        fc.assert(
          fc.property(randomStep, (spec) => {
            const busy = stepIn(spec);
            const idle = stepIn({ cores: spec.cores.map(({ id }) => ({ id, neurons: [] })) });
            const timer = model.prepare(rated(model, busy));
            const out: StepTime = { timeNs: 0, core: 0, phase: 0 };
            timer.time(busy.activity, out);
            const first = { ...out };
            const messages = timer.lastMessages && structuredClone({ ...timer.lastMessages });
            const { messages: nothing, ...rest } = busy.activity;
            const silent = {
              ...nothing,
              status: nothing.status.map(() => 0),
              firedEnd: busy.context.tables.neuronBegin.slice(0, -1),
              hostMessages: 0,
            };
            timer.time({ ...rest, counts: idle.activity.counts, messages: silent }, out);
            timer.time(busy.activity, out);
            assert.deepEqual(out, first);
            assert.deepEqual(timer.lastMessages && { ...timer.lastMessages }, messages);
          }),
          { numRuns: 50 },
        );
      });

      test("never writes what the machine did", () => {
        fc.assert(
          fc.property(randomStep, (spec) => {
            const step = stepIn(spec);
            const before = structuredClone([step.activity, step.context.tables]);
            timeStep(model, step);
            assert.deepEqual([step.activity, step.context.tables], before);
          }),
          { numRuns: 20 },
        );
      });

      test("refuses rates that it does not know", () => {
        const { context } = stepIn(IDLE);
        const refusal = model.refuses?.({ ...context, rates: { ...RATES[model.name], neuroNs: 1 } });
        assert.equal(refusal?.code, "timing/rate-unknown");
        assert.equal(model.refuses?.(rated(model, stepIn(IDLE))), undefined);
      });

      if (!LAWS.includes(model.name)) return;
      test("never gets faster by more work", () => {
        fc.assert(
          fc.property(randomStep, fc.nat(), fc.nat(20), (spec, pick, events) => {
            // A core that sends: one that begins to send is no read-out core any more for `cycles`.
            const senders = spec.cores.filter(({ neurons }) =>
              neurons.some(({ routes }) => routes.length > 0),
            );
            const core = senders[pick % senders.length];
            const to = spec.cores[(pick >> 3) % spec.cores.length].id;
            const route = { to, sparse: events, words: 2 };
            const more: StepSpec = {
              cores: spec.cores.map((other) =>
                other === core
                  ? { ...core, neurons: [...core.neurons, { status: 2, routes: [route] } as const] }
                  : other,
              ),
              host: [...(spec.host ?? []), route],
            };
            const [less, longer] = [spec, more].map((of) => timeStep(model, stepIn(of)).timeNs);
            assert.ok(longer >= less, `${longer} ns with more work, ${less} ns before`);
          }),
          { numRuns: 100 },
        );
      });
    });
  }

  test("has simple as its default", () => {
    assert.equal(TIMING_MODELS[0], simple);
  });

  test("has a name of its own for each", () => {
    assert.equal(new Set(TIMING_MODELS.map(({ name }) => name)).size, TIMING_MODELS.length);
  });
});
