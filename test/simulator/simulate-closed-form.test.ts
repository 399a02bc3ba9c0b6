// The closed forms of `test/support/sanafe-cases.ts` end to end: deployment, machine, timing, prices.
import assert from "node:assert/strict";
import { test } from "vitest";
import type { Deployment } from "#ir/deployment";
import { priceRun } from "#simulator/energy";
import { simulate } from "#simulator/simulate";
import { loihi1 } from "#targets/loihi1/index";
import { deploymentOf } from "#test/deployments";
import { SANAFE_CASES, type SanafeCase } from "#test/sanafe-cases";

const STEPS = 10;
const profile = loihi1.profiles.find(({ name }) => name === "nahuku-fit")!;

for (const definition of SANAFE_CASES) {
  test(`case ${definition.name} takes the time and the energy of the closed form: ${definition.description}`, () => {
    const run = simulate(deploymentOfCase(definition), loihi1, profile, {}, { steps: STEPS });
    for (const stepNs of run.stepNs) assertNear(stepNs, definition.simpleNs, "step time, ns");

    const { byGroupPj, dynamicPj } = priceRun(run, profile, loihi1);
    const { synapse, soma, network, total } = definition.energyNj;
    assertNear(byGroupPj.synapse / 1000, synapse, "synapse energy, nJ");
    assertNear((byGroupPj.neuron + byGroupPj.spike) / 1000, soma, "soma energy, nJ");
    assertNear((byGroupPj.message + byGroupPj.hop) / 1000, network, "network energy, nJ");
    assertNear(dynamicPj / 1000, total, "total energy, nJ");
  });
}

function assertNear(actual: number, expected: number | undefined, what: string): void {
  if (expected === undefined) return;
  assert.ok(Math.abs(actual - expected) <= 1e-9 * expected, `${what}: ${actual}, expected ${expected}`);
}

/** Sources fire in every step through their bias; all others hold a membrane that is not 0, so they are updated. */
function deploymentOfCase({ neurons, connections }: SanafeCase): Deployment {
  const sources = new Set(connections.flatMap(({ fromCore, from }) => from.map((i) => `${fromCore}/${i}`)));
  const cores = Object.entries(neurons).map(([core, size]) => ({ core: Number(core), size }));
  return deploymentOf({
    populations: cores.map(({ core, size }) => ({
      name: `core ${core}`,
      size,
      core: () => core,
      params: {
        thresholdMantissa: 0,
        biasMantissa: Array.from({ length: size }, (_, i) => (sources.has(`${core}/${i}`) ? 1 : 0)),
        v0: Array.from({ length: size }, (_, i) => (sources.has(`${core}/${i}`) ? 0 : -1)),
      },
    })),
    projections: connections.map(({ fromCore, from, toCore, to, pattern }) => ({
      pre: `core ${fromCore}`,
      post: `core ${toCore}`,
      encoding: "dense",
      synapses: from.flatMap((pre, i) =>
        (pattern === "dense" ? to : [to[i]]).map((post) => ({ pre, post, weight: 0 })),
      ),
    })),
  });
}
