// A deployment computes what its reference says, and nothing else, whatever the target, the timing model and the number of
// threads: those say how long it takes, and how long we wait.
import assert from "node:assert/strict";
import fc from "fast-check";
import { afterAll, beforeAll, describe, test } from "vitest";
import { detailSections } from "#report/detail-sections";
import { energySection, runSection, timeSection } from "#report/run-report";
import { priceRun } from "#simulator/energy";
import { TIMING_MODELS } from "#simulator/timing/index";
import { mapModel, simulateDeployment, TARGETS } from "#spinec";
import { LAW_RATES } from "#targets/target";
import { createWorkerPool, type WorkerPool } from "#test/threads";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { simulateSamples, type SampleOptions, type SampleRun } from "../../src/simulate-threads.ts";
import { modelFor } from "./model-for.ts";
import { randomInputs, randomModel, STEPS } from "./random-model.ts";
import { assertSameSpikes } from "./same-spikes.ts";

const SAMPLES = 7;

let pool: WorkerPool;
beforeAll(() => {
  pool = createWorkerPool(3);
});
afterAll(() => {
  pool.close();
});

/** Rates for every law that has some, in case the profile lacks them. */
function ratesFor(timing: string): Readonly<Record<string, number>> | undefined {
  const names = (LAW_RATES as Readonly<Record<string, readonly string[] | undefined>>)[timing];
  return names === undefined ? undefined : Object.fromEntries(names.map((name, i) => [name, 0.5 + i]));
}

describe("threads", () => {
  for (const target of TARGETS.filter(({ status }) => status !== "report-only"))
    test(`spikes and counts on ${target.name} are the reference's with every timing model and 1, 2 and 3 threads`, async () => {
      const seen = { spikes: 0, timed: new Set<string>(), refused: new Set<string>(), runs: 0 };
      await fc.assert(
        fc.asyncProperty(fc.nat(), async (seed) => {
          const rng = createRng(seed);
          const share = rng() < 0.5 ? "never" : "when-needed";
          // Most chips have no room for recurrence, delays or read-outs of any kind: then a model made for them.
          const fitting = [randomModel(rng), modelFor(target, rng)].flatMap((model) => {
            const mapped = mapOrRefuse(model, target, share);
            return mapped === undefined ? [] : [{ model, mapped }];
          });
          fc.pre(fitting.length > 0);
          const [{ model, mapped }] = fitting;
          const inputs = randomInputs(rng, model, SAMPLES);
          const { deployment } = mapped.compiled;
          const profile = target.profiles[Math.floor(rng() * target.profiles.length)];
          let counts: Float64Array | undefined;
          for (const { name: timing } of TIMING_MODELS) {
            const rates = ratesFor(timing);
            const run = (threads: number): Promise<SampleRun> =>
              simulateSamples(deployment, target, profile, inputs, {
                timing,
                threads,
                record: "all",
                floorline: true,
                workers: pool.workers,
                ...(rates !== undefined && { rates }),
              });
            let alone: SampleRun;
            try {
              alone = await run(1);
            } catch (error) {
              if (!(error instanceof ToolchainError)) throw error;
              assert.ok(
                error.diagnostics.every(({ code }) => code.startsWith("timing/")),
                error.message,
              );
              await assert.rejects(run(2), { message: error.message });
              seen.refused.add(timing);
              continue;
            }
            seen.timed.add(timing);
            seen.runs++;
            const compared = assertSameSpikes(mapped.compiled.network, deployment, alone.run, inputs, STEPS);
            seen.spikes += compared.spikes;
            counts ??= alone.run.counts;
            assert.deepEqual(alone.run.counts, counts, `${timing} changes counts`);
            for (const threads of [2, 3])
              assert.deepEqual(await run(threads), alone, `${timing}, ${threads} threads`);
            assert.deepEqual(reportOf(alone), reportOf(await run(2)));

            function reportOf({ run: result, floorline }: SampleRun): object {
              return {
                run: runSection(result, STEPS),
                energy: energySection(priceRun(result, profile, target)),
                time: timeSection(result, timing),
                ...detailSections(result, deployment, target, profile, floorline),
              };
            }
          }
        }),
        { numRuns: 12 },
      );
      assert.ok(seen.runs >= 12, `${seen.runs} runs`);
      assert.ok(seen.spikes > 500, `only ${seen.spikes} spikes were compared`);
      assert.ok(seen.timed.size > 1, `only ${[...seen.timed].join()} could time ${target.name}`);
      assert.equal(pool.most(), 3);
    });

  test("a stopped run holds the first k samples, as if only these had been asked for", async () => {
    const rng = createRng(4);
    const model = randomModel(rng);
    const inputs = randomInputs(rng, model, 40);
    const [target] = TARGETS;
    const [profile] = target.profiles;
    const { deployment } = mapOrRefuse(model, target, "when-needed")!.compiled;
    for (const threads of [1, 3]) {
      let asked = 0;
      const options: SampleOptions = { threads, record: "all", floorline: true, workers: pool.workers };
      const stopped = await simulateSamples(deployment, target, profile, inputs, {
        ...options,
        shouldStop: () => ++asked > 5,
      });
      const { samples } = stopped.run;
      assert.ok(samples > 0 && samples < 40, `${samples} samples`);
      assert.equal(stopped.run.stoppedAfter, samples);
      const few = Object.fromEntries(
        Object.entries(inputs).map(([name, data]) => [
          name,
          { ...data, samples: data.samples.slice(0, samples) },
        ]),
      );
      const { run, floorline } = await simulateSamples(deployment, target, profile, few, options);
      assert.deepEqual(stopped, { run: { ...run, stoppedAfter: samples }, floorline });
    }
  });

  test("without samples, the result is empty and not a fault", async () => {
    const rng = createRng(4);
    const model = randomModel(rng);
    const inputs = randomInputs(rng, model, 0);
    const [target] = TARGETS;
    const { deployment } = mapOrRefuse(model, target, "when-needed")!.compiled;
    for (const threads of [1, 2]) {
      const { run } = await simulateSamples(deployment, target, target.profiles[0], inputs, {
        threads,
        workers: pool.workers,
      });
      assert.equal(run.samples, 0);
      assert.equal(run.stoppedAfter, undefined);
    }
  });

  test("faults are those of a single thread, and name the sample by its number", async () => {
    const rng = createRng(4);
    const model = randomModel(rng);
    const inputs = randomInputs(rng, model, SAMPLES);
    const [target] = TARGETS;
    const [profile] = target.profiles;
    const { deployment } = mapOrRefuse(model, target, "when-needed")!.compiled;
    const [port, data] = Object.entries(inputs)[0];
    const half = { step: Uint32Array.of(0), index: Uint32Array.of(0), value: Float64Array.of(0.5) };
    const broken = { ...inputs, [port]: { ...data, samples: data.samples.with(5, half) } };
    const cases: [typeof inputs, SampleOptions, RegExp][] = [
      [broken, {}, /simulate\/input-not-spikes.*sample 5/],
      [inputs, { timing: "smple" }, /simulate\/timing-unknown.*\n.*\n?.*"simple"/],
      [inputs, { record: ["nobody"] }, /simulate\/record-unknown.*nobody/],
      [inputs, { rates: { neuronNs: 1 } }, /timing\/rate-unknown/],
    ];
    for (const [given, options, message] of cases) {
      const run = (threads: number): Promise<SampleRun> =>
        simulateSamples(deployment, target, profile, given, { ...options, threads, workers: pool.workers });
      let alone = "";
      await assert.rejects(run(1), (error: Error) => {
        alone = error.message;
        return error instanceof ToolchainError;
      });
      assert.match(alone, message);
      await assert.rejects(run(2), { message: alone });
    }
  });

  test("what is watched is the same from a thread as from here", async () => {
    const rng = createRng(6);
    const model = randomModel(rng);
    const inputs = randomInputs(rng, model, 12);
    const [target] = TARGETS;
    const { deployment } = mapOrRefuse(model, target, "when-needed")!.compiled;
    const population = deployment.populations.find(({ core }) => core.length > 0)!.name;
    const watched = async (threads: number): Promise<{ text: string; done: SampleRun }> => {
      let text = "";
      const done = await simulateSamples(deployment, target, target.profiles[0], inputs, {
        threads,
        workers: pool.workers,
        watch: { window: { samples: [3, 6] }, trace: {}, membranes: [{ population, state: "v" }] },
        onTrace: (piece) => (text += piece),
      });
      return { text, done };
    };
    const here = await watched(1);
    assert.equal(here.done.trace?.steps, 3 * here.done.run.steps);
    assert.equal(here.done.membranes?.[0].samples.length, 3);
    assert.match(here.text, /"sample 3"/);
    assert.deepEqual(await watched(3), here);
  });

  test("the report of a threaded run is that of the plain one", async () => {
    const rng = createRng(8);
    const model = randomModel(rng);
    const inputs = randomInputs(rng, model, SAMPLES);
    const [target] = TARGETS;
    const [profile] = target.profiles;
    const { deployment } = mapOrRefuse(model, target, "when-needed")!.compiled;
    const { simulateDeploymentInThreads } = await import("#spinec");
    const plain = simulateDeployment(deployment, target, profile, inputs, { record: "all" });
    for (const threads of [1, 2]) {
      const options = { record: "all", threads, workers: pool.workers } as const;
      const threaded = await simulateDeploymentInThreads(deployment, target, profile, inputs, options);
      assert.deepEqual(threaded, plain);
    }
  });
});

/** Undefined where the network does not fit. */
function mapOrRefuse(
  model: ReturnType<typeof randomModel>,
  target: (typeof TARGETS)[number],
  share: "never" | "when-needed",
): ReturnType<typeof mapModel> | undefined {
  try {
    return mapModel(model, target, { share, steps: STEPS }, new DiagnosticSink());
  } catch (error) {
    if (error instanceof ToolchainError) return undefined;
    throw error;
  }
}
