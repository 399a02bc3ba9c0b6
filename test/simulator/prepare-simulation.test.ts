import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import type { SpikeData } from "#ir/spikes";
import type { StepView } from "#simulator/activity";
import { createFloorline } from "#simulator/bottleneck";
import type { RunResult } from "#simulator/result";
import { prepareSimulation, simulate, type Simulation } from "#simulator/simulate";
import { TIMING_MODELS } from "#simulator/timing/index";
import { loihi1 } from "#targets/loihi1/index";
import { LAW_RATES } from "#targets/target";
import { deploymentOf, spikesOf } from "#test/deployments";
import { createRng } from "#util/rng";
import { ToolchainError } from "#util/diagnostic";
import { PROFILE, randomRun } from "./random-run.ts";

const ratesFor = (timing: string): { rates?: Record<string, number> } => {
  const names = (LAW_RATES as Readonly<Record<string, readonly string[] | undefined>>)[timing];
  return names === undefined ? {} : { rates: Object.fromEntries(names.map((name, i) => [name, 0.5 + i])) };
};

describe("a prepared simulation", () => {
  for (const { name: timing } of TIMING_MODELS)
    test(`it gives in every run what a machine of its own would, with "${timing}" timing`, () => {
      let spikes = 0;
      let refused = 0;
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const rng = createRng(seed);
          const { deployment, target, inputs } = randomRun(seed);
          const { length } = inputs["in"].samples;
          const options = { timing, ...ratesFor(timing), record: ["a"] };
          let simulation: Simulation;
          try {
            simulation = prepareSimulation(deployment, target, PROFILE, options);
          } catch (error) {
            assert.ok(error instanceof ToolchainError);
            refused++;
            return;
          }
          for (let i = 0; i < 4; i++) {
            const from = Math.floor(rng() * length);
            const own = {
              steps: 1 + Math.floor(rng() * 6),
              samples: [from, from + 1 + Math.floor(rng() * (length - from))],
            } as const;
            const run = simulation.run(inputs, own);
            assert.deepEqual(run, simulate(deployment, target, PROFILE, inputs, { ...options, ...own }));
            spikes += run.spikesOf!.reduce((sum, of) => sum + of.reduce((a, b) => a + b, 0), 0);
          }
        }),
        { numRuns: 12 },
      );
      assert.ok(refused === 12 || spikes > 200, `${spikes} spikes, ${refused} refused`);
      assert.ok(refused < 12 || timing === "noc", `nothing was timed`);
    });

  test("it forgets overflows of the run before", () => {
    // Each spike adds 2 x 127 x 64 to u of 24 bits, which hardly leaks.
    const deployment = deploymentOf({
      inputs: [{ name: "in", size: 1 }],
      populations: [{ name: "a", size: 1, params: { uDecay: 0, vDecay: 4095, thresholdMantissa: 131071 } }],
      projections: [{ pre: "in", post: "a", synapses: [{ pre: 0, post: 0, weight: 254 }] }],
    });
    const loud = {
      in: spikesOf(
        9,
        1,
        Array.from({ length: 8 }, (_, t) => [t, 0, 400]),
      ),
    };
    const quiet = { in: spikesOf(9, 1, [[0, 0]]) };
    const simulation = prepareSimulation(deployment, loihi1, PROFILE);
    const first = simulation.run(loud);
    assert.notDeepEqual(first.stateEvents, []);
    assert.deepEqual(simulation.run(quiet), simulate(deployment, loihi1, PROFILE, quiet));
    assert.deepEqual(simulation.run(loud), first);
  });

  test("it runs on after a run that failed in the middle of a step, or for its input", () => {
    const deployment = deploymentOf({
      rules: "lava",
      inputs: [{ name: "in", size: 1 }],
      // "busy" fires in every step, before and after "a" on its core and on others.
      populations: [
        { name: "busy", size: 9, core: (i) => i % 3, params: { biasMantissa: 500, thresholdMantissa: 2 } },
        { name: "a", size: 1, core: () => 1, params: { uDecay: 0, vDecay: 4095 } },
      ],
      projections: [
        { pre: "in", post: "a", synapses: [{ pre: 0, post: 0, weight: 254 }] },
        { pre: "busy", post: "busy", synapses: [{ pre: 8, post: 0, weight: 2, delaySteps: 2 }] },
      ],
    });
    const good = { in: spikesOf(3, 1, [[0, 0]]) };
    const simulation = prepareSimulation(deployment, loihi1, PROFILE);
    const codeOf = (inputs: Record<string, SpikeData>): string => {
      try {
        simulation.run(inputs);
        return "fine";
      } catch (error) {
        assert.ok(error instanceof ToolchainError);
        return error.diagnostics[0].code;
      }
    };
    const huge = Array.from({ length: 40 }, (_, t): [number, number, number] => [t, 0, 2_000_000]);
    assert.equal(codeOf({ in: spikesOf(40, 1, huge) }), "simulate/current-too-large");
    const alone = simulate(deployment, loihi1, PROFILE, good);
    assert.ok(
      alone.spikesOf![1].every((spikes) => spikes > 1),
      "all are busy",
    );
    assert.deepEqual(simulation.run(good), alone);
    assert.equal(codeOf({ in: spikesOf(3, 1, [[0, 0, 0.5]]) }), "simulate/input-not-spikes");
    assert.equal(codeOf({ in: spikesOf(3, 1, [[0, 0, 1e9]]) }), "simulate/sum-too-large");
    assert.deepEqual(simulation.run(good), alone);
  });

  test("it refuses what is wrong with its options at once, and names all of it", () => {
    const { deployment, target } = randomRun(1);
    assert.throws(
      () => prepareSimulation(deployment, target, PROFILE, { timing: "simpel", record: ["nobody"] }),
      (error: unknown) => {
        assert.ok(error instanceof ToolchainError);
        const codes = error.diagnostics.map(({ code }) => code);
        assert.deepEqual(codes, ["simulate/timing-unknown", "simulate/record-unknown"]);
        return true;
      },
    );
  });

  test("observers of messages need a machine that notes them", () => {
    const { deployment, target, inputs } = randomRun(1);
    const seen: boolean[] = [];
    const observe = ({ activity }: StepView): void => void seen.push(activity.messages !== undefined);
    assert.throws(() => prepareSimulation(deployment, target, PROFILE).run(inputs, { observe }), /messages/);
    prepareSimulation(deployment, target, PROFILE, { messages: true }).run(inputs, { observe });
    assert.ok(seen.length > 0 && seen.every((has) => has));
  });
});

describe("observers of counts", () => {
  test("they see every step, without messages, and change nothing", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { deployment, target, inputs, run } = randomRun(seed);
        const seen: StepView[] = [];
        const sums = new Float64Array(run.counts.length);
        const observed = simulate(deployment, target, PROFILE, inputs, {
          observeCounts: (view) => {
            seen.push(view);
            view.activity.counts.forEach((count, i) => (sums[i] += count));
          },
        });
        assert.deepEqual(observed, run);
        assert.deepEqual(
          seen.map(({ sample, step }) => sample * run.steps + step),
          Array.from(run.stepNs, (_, at) => at),
        );
        assert.deepEqual(
          seen.map(({ timeNs }) => timeNs),
          [...run.stepNs],
        );
        const needsMessages = deployment.cores.some(({ groups }) =>
          groups.some(({ model }) => model !== "loihi-cuba"),
        );
        assert.ok(needsMessages, "input neurons write who fired, and even so nobody is told");
        assert.ok(seen.every(({ activity }) => activity.messages === undefined));
        assertHopsAside(sums, run);
      }),
      { numRuns: 25 },
    );
  });

  test("they get messages where the timing model follows them", () => {
    const { deployment, target, inputs } = randomRun(3);
    let steps = 0;
    simulate(deployment, target, PROFILE, inputs, {
      timing: "detailed",
      observeCounts: ({ activity, messageTimes }) => {
        assert.ok(activity.messages !== undefined && messageTimes !== undefined);
        steps++;
      },
    });
    assert.ok(steps > 0);
  });

  for (const timing of TIMING_MODELS)
    test(`a floorline of "${timing.name}" needs no more`, () => {
      const { deployment, target, inputs } = randomRun(5);
      const { name } = timing;
      const { rates } = ratesFor(name);
      const options = { timing: name, ...(rates && { rates }) };
      const watch = (hook: "observe" | "observeCounts"): object | undefined => {
        const floorline = createFloorline(deployment, target, PROFILE, timing, rates);
        if (floorline === undefined || timing.refuses?.(contextOf(rates)) !== undefined) return undefined;
        simulate(deployment, target, PROFILE, inputs, { ...options, [hook]: floorline.observe });
        return floorline.tally();
      };
      const contextOf = (
        given: Record<string, number> | undefined,
      ): Parameters<NonNullable<typeof timing.refuses>>[0] => ({
        profile: PROFILE,
        target,
        coreIds: Uint32Array.from(deployment.cores, ({ core }) => core),
        tilesOn: 1,
        ...(given && { rates: given }),
      });
      const tally = watch("observeCounts");
      assert.ok(tally !== undefined);
      assert.deepEqual(tally, watch("observe"));
    });
});

/** Hops are counted after the run only. */
function assertHopsAside(sums: Float64Array, run: RunResult): void {
  let differing = 0;
  run.counts.forEach((count, at) => {
    if (sums[at] === count) return;
    assert.equal(sums[at], 0);
    differing++;
  });
  assert.ok(differing < run.counts.length / 2);
}
