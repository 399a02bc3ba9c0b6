import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { Deployment } from "#ir/deployment";
import { ACTIONS, type Action, type RunResult } from "#simulator/result";
import { simulate } from "#simulator/simulate";
import { loihi1 } from "#targets/loihi1/index";
import type { Target } from "#targets/target";
import { deploymentOf, spikesOf } from "#test/deployments";
import { ToolchainError } from "#util/diagnostic";

const profile = loihi1.profiles[0];
const counted = (run: RunResult, action: Action): number[] =>
  Array.from(run.coreIds, (_, row) => run.counts[row * ACTIONS.length + ACTIONS.indexOf(action)]);

/** `in` (two neurons on core `home`) -> `a` on core 0. */
function withInputNeurons(home: number): Deployment {
  const deployment = deploymentOf({
    populations: [
      { name: "in", size: 2, core: () => home },
      { name: "a", size: 2, startStep: 1 },
    ],
    projections: [{ pre: "in", post: "a", synapses: [{ pre: 1, post: 0, weight: 2 }] }],
    outputs: [{ name: "a" }],
  });
  return {
    ...deployment,
    cores: deployment.cores.map((core) => ({
      ...core,
      groups: core.groups.map((group) =>
        group.population === 0 ? { ...group, model: "input", params: [] } : group,
      ),
    })),
    inputs: [
      {
        name: "in",
        population: 0,
        routeStart: new Uint32Array(3),
        routeCore: new Uint32Array(),
        routeAxon: new Uint16Array(),
      },
    ],
  };
}

describe("input neurons on cores", () => {
  const input = {
    in: spikesOf(3, 2, [
      [0, 0],
      [1, 1],
    ]),
  };

  test("fire in the step of the host's spike, and are counted apart from others", () => {
    const run = simulate(withInputNeurons(5), loihi1, profile, input, { record: "all" });
    assert.deepEqual([...run.spikes["in"].samples[0].step], [0, 1]);
    assert.deepEqual([...run.spikes["in"].samples[0].index], [0, 1]);
    assert.deepEqual([...run.spikes["a"].samples[0].step], [1]);
    assert.deepEqual(
      run.spikesOf!.map((spikes) => [...spikes]),
      [
        [1, 1],
        [1, 0],
      ],
    );
    // The second of "a": u is not 0 yet.
    assert.deepEqual([...run.updatesOf!], [2, 2]);
    assert.deepEqual(counted(run, "inputAccess"), [0, 8]);
    assert.deepEqual(counted(run, "inputUpdate"), [0, 2]);
    assert.deepEqual(counted(run, "inputSpike"), [0, 2]);
    assert.deepEqual(counted(run, "spikeOut"), [1, 0]);
    assert.deepEqual(counted(run, "messageOut"), [0, 1]);
    assert.deepEqual(counted(run, "inputMessage"), [0, 0]);
  });

  test("are not asked for two spikes in one step", () => {
    const twice = { in: spikesOf(3, 2, [[0, 0, 2]]) };
    assert.throws(
      () => simulate(withInputNeurons(5), loihi1, profile, twice),
      (error: unknown) =>
        error instanceof ToolchainError && error.diagnostics[0].code === "simulate/input-several-spikes",
    );
  });

  test("have their hops counted by direction where the chip tells them apart", () => {
    const directed: Target = { ...loihi1, mesh: { ...loihi1.mesh, hopClasses: "directions" } };
    // Tiles of four cores, up a column first: core 4 is north of core 0, core 4 x rows is east of it.
    const east = 4 * loihi1.mesh.rows;
    const hops = (home: number): number[] => {
      const run = simulate(withInputNeurons(home), directed, profile, input);
      const row = run.coreIds.indexOf(home);
      return (["hopEast", "hopWest", "hopNorth", "hopSouth", "hopEastWest"] as const).map(
        (action) => counted(run, action)[row],
      );
    };
    assert.deepEqual(hops(4), [0, 0, 0, 1, 0]);
    assert.deepEqual(hops(2 * east), [0, 2, 0, 0, 0]);
    assert.deepEqual(hops(1), [0, 0, 0, 0, 0]);
  });
});

test("a run that is stopped holds the samples that are finished, and says so", () => {
  const deployment = deploymentOf({
    inputs: [{ name: "in", size: 1 }],
    populations: [{ name: "a", size: 1, startStep: 1 }],
    projections: [{ pre: "in", post: "a", synapses: [{ pre: 0, post: 0, weight: 2 }] }],
  });
  const one = spikesOf(2, 1, [[0, 0]]);
  const input = { in: { ...one, samples: [one.samples[0], one.samples[0], one.samples[0]] } };
  const whole = simulate(deployment, loihi1, profile, input, { samples: [0, 2] });
  let asked = 0;
  const { stoppedAfter, ...stopped } = simulate(deployment, loihi1, profile, input, {
    shouldStop: () => asked++ === 2,
  });
  assert.equal(stoppedAfter, 2);
  assert.deepEqual(stopped, whole);
});
