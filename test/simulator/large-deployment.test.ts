import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { validateDeployment } from "#ir/validate-deployment";
import { ACTIONS } from "#simulator/result";
import { simulate } from "#simulator/simulate";
import { largeDeployment } from "#test/large-deployment";
import { DiagnosticSink } from "#util/diagnostic";
import { plainMachine } from "./machine-plain.ts";

const SYNAPSES = 200_000;
const STEPS = 6;

describe("large deployments", () => {
  const options = { synapses: SYNAPSES, neuronsPerCore: 256, synapsesPerAxon: 61 };
  const { deployment, target, profile, synapses, neurons } = largeDeployment(options);

  test("it is a valid deployment with as many synapses as asked for, the same for the same seed", () => {
    const sink = new DiagnosticSink();
    validateDeployment(deployment, sink);
    assert.deepEqual(sink.diagnostics, []);
    const stored = deployment.cores.reduce((sum, core) => sum + core.target.length, 0);
    assert.equal(stored, synapses);
    assert.ok(synapses >= SYNAPSES && synapses < 1.5 * SYNAPSES, `${synapses} synapses`);
    assert.deepEqual(largeDeployment(options).deployment, deployment);
    assert.notDeepEqual(
      largeDeployment({ ...options, seed: 2 }).deployment.cores[0].weight,
      deployment.cores[0].weight,
    );
  });

  test("its run is that of the plain machine, and most neurons are at rest in a step", () => {
    const run = simulate(deployment, target, profile, {}, { steps: STEPS, record: "all" });
    const plain = plainMachine(deployment, target, {}, STEPS);
    const fired = Array.from({ length: STEPS }, (_, step) =>
      Object.entries(run.spikes)
        .flatMap(([name, { samples }]) =>
          [...samples[0].index].flatMap((i, e) => (samples[0].step[e] === step ? [`${name} ${i}`] : [])),
        )
        .sort(),
    );
    assert.deepEqual(fired, plain.fired);
    const events = ACTIONS.indexOf("synapseSparse");
    deployment.cores.forEach(({ core }, row) => {
      const expected = plain.counts.reduce((sum, step) => sum + (step.get(core)?.synapseSparse ?? 0), 0);
      assert.equal(run.counts[row * ACTIONS.length + events], expected, `core ${core}`);
    });
    const rate = plain.fired.flat().length / (neurons * STEPS);
    assert.ok(rate > 0.01 && rate < 0.2, `${rate} of the neurons fire in a step`);
  });
});
