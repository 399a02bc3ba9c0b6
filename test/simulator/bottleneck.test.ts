import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import type { StepView } from "#simulator/activity";
import { createFloorline, mergeFloorlines, type Floorline } from "#simulator/bottleneck";
import {
  BOUNDS,
  RetimingJudge,
  WORK_ACTIONS,
  type Bound,
  type StepVerdict,
} from "#simulator/bottleneck-retime";
import { SimpleJudge } from "#simulator/bottleneck-simple";
import { stepsOf, summarizeFloorline, type FloorlineSummary } from "#simulator/bottleneck-summary";
import { ACTIONS, type Action } from "#simulator/result";
import { TIMING_MODELS } from "#simulator/timing/index";
import { timeNs } from "#targets/quantity";
import { davies2018 } from "#targets/loihi1/davies2018";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { StepCounts } from "#test/counts";
import { deploymentOf } from "#test/deployments";
import { PROFILE, randomRun } from "./random-run.ts";

const modelOf = (name: string): (typeof TIMING_MODELS)[number] =>
  TIMING_MODELS.find((model) => model.name === name)!;
const simple = modelOf("simple");

/** 3 neurons of `a` on core 0; 2 of `a` and 3 of `b` on core 1; the two are one tile. */
const deployment = deploymentOf({
  populations: [
    { name: "a", size: 5, core: (i) => (i < 3 ? 0 : 1) },
    { name: "b", size: 3, core: () => 1 },
  ],
  projections: [],
});
const tables: StepView["tables"] = {
  neuronBegin: Uint32Array.of(0, 3, 8),
  routeStart: new Uint32Array(9),
  routeRow: new Uint32Array(),
  routeAxon: new Uint32Array(),
  axonTable: new Uint32Array(),
};

function countsOf(...cores: readonly Partial<Record<Action, number>>[]): Float64Array {
  const step = new StepCounts();
  cores.forEach((actions, core) => {
    for (const action of ACTIONS) step.add(core, action, actions[action] ?? 0);
  });
  return step.counts();
}

function watch(...steps: readonly Float64Array[]): FloorlineSummary {
  const floorline = createFloorline(deployment, loihi1, nahukuFit, simple)!;
  steps.forEach((counts, step) => floorline.observe({ step, tables, activity: { rows: 2, counts } }));
  return summarizeFloorline(floorline.tally());
}

const bySteps = (summary: FloorlineSummary): Record<string, number> =>
  Object.fromEntries(summary.bounds.map(({ bound, steps }) => [bound, steps]));
const lifted = (summary: FloorlineSummary): number[] =>
  summary.bounds.map(({ liftedStepNs }) => Number(liftedStepNs.toFixed(6)));

/** nahuku-fit on one tile: access 6, update 3.7, spike 30, out 5.1, in 16, dense 3.8, barrier 600 ns. */
describe("a step", () => {
  test("is bound by the memory of the core that takes longest to receive", () => {
    const summary = watch(countsOf({ neuronAccess: 100 }, { synapseDense: 1000, messageIn: 10 }));
    assert.equal(summary.meanStepNs, 3800 + 160 + 600);
    assert.deepEqual(bySteps(summary), { memory: 1, compute: 0, traffic: 0, barrier: 0 });
    assert.deepEqual(lifted(summary), [600 + 600, 3960 + 600, 3800 + 600, 3960]);
  });

  test("is bound by compute or by traffic where they are most of the way", () => {
    const computing = watch(countsOf({ neuronAccess: 500, messageOut: 100 }, { messageIn: 10 }));
    assert.deepEqual(bySteps(computing), { memory: 0, compute: 1, traffic: 0, barrier: 0 });
    assert.deepEqual(lifted(computing), [4110, 510 + 600, 3600, 3510]);
    const sending = watch(countsOf({ neuronAccess: 100, messageOut: 200 }, {}));
    assert.deepEqual(bySteps(sending), { memory: 0, compute: 0, traffic: 1, barrier: 0 });
    const receiving = watch(countsOf({}, { messageIn: 100, synapseSparse: 100, neuronAccess: 300 }));
    assert.deepEqual(bySteps(receiving), { memory: 0, compute: 0, traffic: 1, barrier: 0 });
  });

  test("is bound by the barrier where all work is shorter", () => {
    const summary = watch(
      countsOf({ neuronAccess: 60 }, { synapseDense: 100, messageIn: 1 }),
      countsOf({}, {}),
    );
    assert.deepEqual(bySteps(summary), { memory: 0, compute: 0, traffic: 0, barrier: 2 });
    assert.equal(summary.bounds[3].liftedStepNs, 396 / 2);
  });

  test("is charged to the core that decides it, and to the layer of most of its neurons", () => {
    const summary = watch(
      countsOf({ neuronAccess: 500 }, { synapseDense: 10 }),
      countsOf({ neuronAccess: 10 }, { synapseDense: 1000 }),
      countsOf({ neuronAccess: 10 }, { synapseDense: 1000 }),
    );
    assert.deepEqual(
      summary.cores.map(({ core, layer, decided }) => [core, layer, decided]),
      [
        [1, 1, { memory: 2, compute: 0, traffic: 0, barrier: 0 }],
        [0, 0, { memory: 0, compute: 1, traffic: 0, barrier: 0 }],
      ],
    );
    assert.deepEqual(
      summary.layers.map(({ layer, cores, decided, own }) => [layer, cores, stepsOf(decided), own]),
      [
        [0, 1, 1, { memory: 0, compute: 3, traffic: 0 }],
        [1, 1, 2, { memory: 3, compute: 0, traffic: 0 }],
      ],
    );
  });

  test("compares the busiest core with the mean, step by step", () => {
    const summary = watch(
      countsOf({ synapseDense: 30 }, { synapseDense: 10 }),
      countsOf({ synapseDense: 0 }, { synapseDense: 20 }),
    );
    const [memory, compute] = summary.bounds;
    assert.ok(Math.abs(memory.imbalance - (30 + 20) / (20 + 10)) < 1e-12);
    assert.equal(memory.workIn, "ns");
    assert.ok(Number.isNaN(compute.imbalance));
  });
});

/** The largest part of what a core does in a phase by the prices of `simple`, and the barrier. */
function twinBound(counts: Float64Array, row: number, phase: number, barrierNs: number): Bound {
  const ns = (actions: readonly Action[]): number =>
    ACTIONS.filter((action) => actions.includes(action)).reduce((sum, action) => {
      const time = PROFILE.time[action];
      return (
        sum + (time === null ? 0 : timeNs(time)) * counts[row * ACTIONS.length + ACTIONS.indexOf(action)]
      );
    }, 0);
  const [sends, receives] = [ns(["messageOut"]), ns(["messageIn"])];
  const work = phase === 0 ? ns(WORK_ACTIONS.compute) : ns(WORK_ACTIONS.memory);
  const traffic = phase === 0 ? sends : receives;
  if (Math.max(work, traffic) < barrierNs) return "barrier";
  if (phase === 0) return work >= traffic ? "compute" : "traffic";
  return work >= traffic ? "memory" : "traffic";
}

/** Rates that make every part of the laws bind now and then. */
const RATES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "max-affine": {
    neuronNs: 9,
    synapseNs: 4,
    wordNs: 5,
    linkNsPerBit: 0.3,
    chipLinkNsPerBit: 1,
    messageBits: 32,
    barrierNs: 40,
  },
  deadline: { tickNs: 150, neuronNs: 11, synapseNs: 3, messageNs: 6, spikeNs: 9 },
  pipeline: { synapseNs: 4, layerNs: 20 },
};

interface Watched {
  readonly summary: FloorlineSummary;
  readonly floorline: Floorline;
  readonly views: readonly { step: number; counts: Float64Array; lifted: number[] }[];
  readonly run: ReturnType<typeof randomRun>;
}

function watchRun(seed: number, timing: string): Watched {
  const { deployment: random, target } = randomRun(seed);
  const rates = RATES[timing] as Readonly<Record<string, number>> | undefined;
  const floorline = createFloorline(random, target, PROFILE, modelOf(timing), rates)!;
  const views: { step: number; counts: Float64Array; lifted: number[] }[] = [];
  const run = randomRun(seed, {
    timing,
    ...(rates && { rates }),
    observe: (view) => {
      floorline.observe(view);
      const single = createFloorline(random, target, PROFILE, modelOf(timing), rates)!;
      single.observe({ ...view, step: 0 });
      const summary = summarizeFloorline(single.tally());
      views.push({
        step: view.step,
        counts: view.activity.counts.slice(),
        lifted: [summary.meanStepNs, ...summary.bounds.map((bound) => bound.liftedStepNs)],
      });
    },
  });
  return { summary: summarizeFloorline(floorline.tally()), floorline, views, run };
}

describe("a run's floorline", () => {
  for (const timing of ["simple", "max-affine", "deadline", "pipeline"]) {
    test(`never makes a step longer by lifting a bound, and counts every step once (${timing})`, () => {
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          const {
            summary,
            views,
            run: { run },
          } = watchRun(seed, timing);
          assert.equal(summary.law, timing);
          views.forEach(({ lifted: [asItIs, ...without] }, i) => {
            assert.equal(asItIs, run.stepNs[i]);
            for (const ns of without) assert.ok(ns >= 0 && ns <= asItIs, `${ns} > ${asItIs}`);
          });
          const bound = summary.bounds.reduce((sum, { steps }) => sum + steps, 0);
          assert.equal(bound + summary.idleSteps + summary.untimedSteps, run.stepNs.length);
          assert.equal(summary.steps, run.stepNs.length);
          const timed = summary.meanStepNs * run.stepNs.length;
          assert.ok(Math.abs(timed - run.stepNs.reduce((a, b) => a + b)) <= 1e-9 * timed);
          for (const { imbalance } of summary.bounds)
            assert.ok(
              Number.isNaN(imbalance) || (imbalance >= 1 - 1e-12 && imbalance <= run.coreIds.length + 1e-9),
            );
        }),
        { numRuns: 12 },
      );
    });
  }

  test("is the same from one pass over the counts as from timing each step again (simple)", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { deployment: random, target } = randomRun(seed);
        const coreIds = Uint32Array.from(random.cores, ({ core }) => core);
        const tilesOn = new Set(coreIds.map((core) => Math.floor(core / 4))).size;
        const verdict = (): StepVerdict => ({ timeNs: 0, row: 0, bound: 0, liftedNs: new Float64Array(4) });
        const [fast, slow] = [verdict(), verdict()];
        const profile = seed % 4 === 0 ? nahukuFit : PROFILE;
        const judge = new SimpleJudge(profile, tilesOn);
        let twin: RetimingJudge | undefined;
        randomRun(seed, {
          observe: ({ activity, tables: own }) => {
            twin ??= new RetimingJudge(simple, { profile, target, coreIds, tilesOn, tables: own });
            twin.judge(activity, slow);
            judge.judge(activity, fast);
            assert.deepEqual(fast, slow);
          },
        });
        assert.ok(twin !== undefined);
      }),
      { numRuns: 40 },
    );
  });

  test("names the bound that the prices of the law give, and the core that the run names", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const {
          views,
          floorline,
          run: { run },
        } = watchRun(seed, "simple");
        const { decided } = floorline.tally();
        const { coreIds, tilesOn } = run;
        const rows = coreIds.length;
        const { barrierNs } = simple.prepare({ profile: PROFILE, target: loihi1, coreIds, tilesOn });
        const expected = new Float64Array(decided.length);
        views.forEach(({ counts }, i) => {
          const row = run.bindingCore[i];
          const bound = row < 0 ? "barrier" : twinBound(counts, row, run.bindingPhase[i], barrierNs);
          expected[(row < 0 ? rows : row) * BOUNDS.length + BOUNDS.indexOf(bound)]++;
        });
        assert.deepEqual(decided, expected);
      }),
      { numRuns: 40 },
    );
  });

  test("is the same, to the last bit, from the tallies of its parts", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(2), (seed, cut) => {
        const { deployment: random, target } = randomRun(seed);
        const make = (): Floorline => createFloorline(random, target, PROFILE, simple)!;
        const [whole, first, second] = [make(), make(), make()];
        randomRun(seed, {
          observe: (view) => {
            whole.observe(view);
            (view.sample < cut ? first : second).observe(view);
          },
        });
        const merged = mergeFloorlines(first.tally(), second.tally());
        assert.deepEqual(merged, whole.tally());
        assert.deepEqual(structuredClone(merged), merged);
      }),
      { numRuns: 20 },
    );
  });
});

test("a run whose model follows messages is watched by `simple`", () => {
  for (const timing of ["detailed", "noc"])
    assert.equal(createFloorline(deployment, loihi1, nahukuFit, modelOf(timing))!.tally().law, "simple");
});

test("there is no floorline without a law, and no mean where a step has no time", () => {
  assert.equal(createFloorline(deployment, loihi1, nahukuFit, modelOf("deadline")), undefined);
  const floorline = createFloorline(deployment, loihi1, davies2018, simple)!;
  floorline.observe({ step: 0, tables, activity: { rows: 2, counts: countsOf({ messageIn: 1 }, {}) } });
  const summary = summarizeFloorline(floorline.tally());
  assert.ok(Number.isNaN(summary.meanStepNs));
  assert.equal(summary.untimedSteps, 1);
  assert.equal(
    summary.bounds.reduce((sum, { steps }) => sum + steps, 0),
    0,
  );
});

test("work is compared by count where the profile has no time for it", () => {
  const floorline = createFloorline(deployment, loihi1, davies2018, simple)!;
  floorline.observe({
    step: 0,
    tables,
    activity: { rows: 2, counts: countsOf({ messageOut: 9, messageIn: 1 }, {}) },
  });
  const traffic = summarizeFloorline(floorline.tally()).bounds[2];
  assert.equal(traffic.workIn, "actions");
  assert.equal(traffic.imbalance, 2);
});
