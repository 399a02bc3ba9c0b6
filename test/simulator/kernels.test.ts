// The compiled kernels, the plain ones and the machine of objects, on groups large enough for vectors and for every form in
// which synapses are stored.
import assert from "node:assert/strict";
import { test } from "vitest";
import fc from "fast-check";
import type { StepView } from "#simulator/activity";
import { FORM, GROUP, LIST_WORDS } from "#simulator/kernels/tables";
import { createMachine } from "#simulator/machine";
import type { RunResult } from "#simulator/result";
import { simulate } from "#simulator/simulate";
import { loihi1 } from "#targets/loihi1/index";
import { deploymentOf, spikesOf, type DeploymentSpec } from "#test/deployments";
import { createRng, type Rng } from "#util/rng";
import { plainMachine } from "./machine-plain.ts";

const STEPS = 8;
const INPUTS = 9;

test("compiled and plain kernels do bit for bit what the machine of objects does, however synapses are stored", () => {
  const forms = new Set<string>();
  const flags = new Set<number>();
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const rng = createRng(seed);
      const deployment = deploymentOf(randomSpec(rng));
      const events: [number, number][] = [];
      for (let step = 0; step < STEPS; step++)
        for (let i = 0; i < INPUTS; i++) if (rng() < 0.8) events.push([step, i]);
      const input = spikesOf(STEPS, INPUTS, events);

      const { memory, chosen } = createMachine(deployment);
      assert.equal(chosen, "compiled");
      for (const at of [...memory.routeAt, ...memory.lineAt]) {
        const form = memory.lists[4 * LIST_WORDS * (at >>> 1)];
        forms.add(`${form}${at % 2 === 1 ? ", short" : ""}`);
      }
      for (let g = 0; g < memory.groups.length; g += GROUP.count) flags.add(memory.groups[g + GROUP.flags]);

      const runs = (["compiled", "plain"] as const).map((kernels): [RunResult, number[][]] => {
        const states: number[][] = [];
        const run = simulate(
          deployment,
          loihi1,
          loihi1.profiles[0],
          { in: input },
          { record: "all", kernels },
        );
        const observe = ({ stateOf }: StepView): void => {
          for (const state of ["u", "v"] as const)
            states.push(
              deployment.populations.flatMap(({ core }, p) =>
                Array.from(core, (_, i) => stateOf(p, state, i)),
              ),
            );
        };
        const options = { record: "all", kernels, observe } as const;
        assert.deepEqual(simulate(deployment, loihi1, loihi1.profiles[0], { in: input }, options), run);
        return [run, states];
      });
      assert.deepEqual(runs[0], runs[1]);

      const [run] = runs[0];
      const plain = plainMachine(deployment, loihi1, { in: input.samples[0] }, run.steps);
      const spikes = Object.entries(run.spikes).flatMap(([name, { samples }]) =>
        Array.from(samples[0].step, (step, e) => `${step} ${name} ${samples[0].index[e]}`),
      );
      assert.deepEqual(
        spikes.toSorted(),
        plain.fired.flatMap((names, step) => names.map((name) => `${step} ${name}`)).toSorted(),
      );
      assert.equal(
        run.stateEvents!.reduce((sum, { count }) => sum + count, 0),
        plain.stateEvents.length,
      );
    }),
    { numRuns: 200 },
  );
  assert.deepEqual(forms, new Set([...Object.values(FORM).map(String), `${FORM.packed}, short`]));
  // All ways through the kernels: with and without memory of currents, leak, rest and refractory time.
  assert.ok(flags.size >= 8, `only ${flags.size} kinds of groups`);
});

/** Two populations of up to 40 neurons (now and then 110, for lists that are not short) over two cores or six, parameters shared or not. */
function randomSpec(rng: Rng): DeploymentSpec {
  const between = (low: number, high: number): number => low + Math.floor(rng() * (high - low + 1));
  const pick = <T>(values: readonly T[]): T => values[Math.floor(rng() * values.length)];
  const sizes = { in: INPUTS, a: rng() < 0.2 ? 110 : between(9, 40), b: between(1, 40) };
  const isSpread = rng() < 0.4;
  const longestDelay = pick([1, 1, 3]);
  const isHuge = rng() < 0.15;
  const largest = pick([1, 60, 127, 255]);
  const population = (name: "a" | "b"): DeploymentSpec["populations"][number] => {
    const size = sizes[name];
    const some = (value: () => number): number | number[] =>
      rng() < 0.6 ? value() : Array.from({ length: size }, value);
    const steady = rng() < 0.4;
    return {
      name,
      size,
      core: (i) => (name === "b" ? 0 : isSpread ? i % 6 : i >= 20 ? 3 : 0),
      params: {
        uDecay: rng() < 0.6 ? 4095 : some(() => between(0, 4095)),
        vDecay: steady ? 0 : some(() => pick([0, between(0, 4095)])),
        thresholdMantissa: some(() => pick([0, 20, between(0, 500), 131_071])),
        biasMantissa: some(() => (steady ? between(1, 4095) : pick([0, between(-4096, 4095)]))),
        biasExponent: pick([0, 0, 7]),
        refractorySteps: steady ? 1 : some(() => pick([0, 1, 4])),
        vMin: pick([0, -8_388_607, -1000]),
        v0: some(() => pick([0, between(-8_388_607, 8_388_607)])),
      },
    };
  };
  const projection = (pre: "in" | "a" | "b", post: "a" | "b"): DeploymentSpec["projections"][number] => {
    const density = pick([0.1, 0.35, 0.7, 1]);
    const synapses: DeploymentSpec["projections"][number]["synapses"][number][] = [];
    const delay = between(1, longestDelay);
    const isUniform = rng() < 0.5;
    for (let i = 0; i < sizes[pre]; i++)
      for (let j = 0; j < sizes[post]; j++)
        if (rng() < density) {
          const delaySteps = isUniform ? delay : between(1, longestDelay);
          const weight = isHuge && rng() < 0.2 ? -256 : between(-largest, largest);
          synapses.push({ pre: i, post: j, weight, delaySteps });
        }
    const weightExponent = isHuge ? 7 : pick([0, 0, 0, between(-3, 5)]);
    return { pre, post, weightExponent, encoding: pick(["sparse", "dense", "kernel"] as const), synapses };
  };
  return {
    rules: pick(["lava", "nengo"] as const),
    inputs: [{ name: "in", size: INPUTS }],
    populations: [population("a"), population("b")],
    projections: [projection("in", "a"), projection("a", "b"), projection("b", "a")],
  };
}
