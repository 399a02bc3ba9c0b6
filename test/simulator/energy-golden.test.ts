// A small network with the Loihi constants, step by step, against what SANA-FE printed for it
// (numbers of 7 digits). Spikes come from the file; which neurons changed comes from running its rules here.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { priceRun } from "#simulator/energy";
import { simpleStepTime } from "#simulator/timing/simple";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { runOf, StepCounts } from "#test/counts";
import { sharedPath } from "#test/shared";

interface Golden {
  readonly timesteps: number;
  readonly neurons: readonly {
    readonly model: "input" | "lif";
    readonly params: { readonly threshold?: number; readonly leak_decay?: number };
  }[];
  readonly synapses: readonly (readonly [number, number, number])[];
  readonly core: readonly number[];
  readonly expected: {
    readonly spikes_per_timestep: readonly (readonly number[])[];
    readonly per_timestep: Readonly<Record<string, readonly number[]>>;
  };
}

const folder = sharedPath("golden/sanafe");
const TOLERANCE = 2e-6;

function assertClose(actual: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(actual - expected) <= TOLERANCE * Math.abs(expected),
    `${what}: ${actual} against ${expected}`,
  );
}

test.skipIf(folder === undefined)("sanafe loihi_constants: energy and simple time of every step", () => {
  const golden = JSON.parse(readFileSync(join(folder!, "loihi_constants.json"), "utf8")) as Golden;
  const tilesOn = new Set(golden.core.map((core) => Math.floor(core / 4))).size;
  const targetsOf = golden.neurons.map((_, id) => golden.synapses.filter(([source]) => source === id));
  const potential = golden.neurons.map(() => 0);
  let input: (number | undefined)[] = golden.neurons.map(() => undefined);

  for (let t = 0; t < golden.timesteps; t++) {
    const step = new StepCounts();
    const fired = golden.expected.spikes_per_timestep[t];
    golden.neurons.forEach(({ model, params }, id) => {
      if (model === "input") return; // costs nothing but its messages
      const core = golden.core[id];
      step.add(core, "neuronAccess");
      const changed = potential[id] !== 0 || input[id] !== undefined;
      if (t > 0) potential[id] *= params.leak_decay!;
      potential[id] = Math.trunc(potential[id] * 64) / 64 + (input[id] ?? 0);
      const fires = potential[id] > params.threshold!;
      assert.equal(fires, fired.includes(id), `neuron ${id} in step ${t + 1}`);
      if (fires) {
        potential[id] = 0;
        step.add(core, "spikeOut");
      }
      if (changed || fires) step.add(core, "neuronUpdate");
    });

    input = golden.neurons.map(() => undefined);
    for (const source of fired) {
      for (const core of new Set(targetsOf[source].map(([, target]) => golden.core[target]))) {
        step.message(golden.core[source], core);
      }
      for (const [, target, weight] of targetsOf[source]) {
        step.add(golden.core[target], "synapseDense");
        input[target] = (input[target] ?? 0) + weight;
      }
    }

    const expected = (key: string): number => golden.expected.per_timestep[key][t];
    const { timeNs } = simpleStepTime(step.counts(), nahukuFit, tilesOn);
    assertClose(timeNs * 1e-9, expected("time_simple"), `time of step ${t + 1}`);
    const { byGroupPj, dynamicPj } = priceRun(runOf(step, 1, timeNs), nahukuFit, loihi1);
    assertClose(dynamicPj * 1e-12, expected("energy_total"), `energy of step ${t + 1}`);
    assertClose(byGroupPj.synapse * 1e-12, expected("energy_synapse"), `synapse energy of step ${t + 1}`);
    assertClose(
      (byGroupPj.neuron + byGroupPj.spike) * 1e-12,
      expected("energy_soma"),
      `soma energy of step ${t + 1}`,
    );
    assertClose(
      (byGroupPj.message + byGroupPj.hop) * 1e-12,
      expected("energy_network"),
      `network energy of step ${t + 1}`,
    );
  }
});
