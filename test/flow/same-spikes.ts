import assert from "node:assert/strict";
import type { Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { inModelSteps, simulateIntegerReference, type IntegerReferenceResult } from "#simulator/reference";
import type { RunResult } from "#simulator/result";

/**
 * Asserts that a run of a compiled network gave, on every population and step, what the plain reference says of the
 * quantized one: spikes, or (populations that never fire) membranes.
 *
 * @param run recorded with "all"
 * @returns the reference's run, and all spikes that were compared
 */
export function assertSameSpikes(
  quantized: Network,
  deployment: Deployment,
  run: RunResult,
  inputs: Readonly<Record<string, SpikeData>>,
  modelSteps: number,
  samples?: readonly [from: number, to: number],
): { reference: IntegerReferenceResult; spikes: number } {
  const readouts = deployment.outputs
    .filter(({ readout }) => readout === "membrane")
    .map(({ population }) => deployment.populations[population].name);
  const reference = simulateIntegerReference(quantized, inputs, {
    rules: deployment.rules,
    record: "all",
    recordRegisters: readouts,
    membranesOf: readouts,
    steps: run.steps,
    ...(samples !== undefined && { samples }),
  });
  let spikes = 0;
  for (const {
    name,
    model,
    size,
    startStep = 0,
    membraneQuantum = Float64Array.of(1),
  } of quantized.populations) {
    if (model === "input") continue;
    assert.ok(name in run.spikes, `"${name}" was recorded`);
    if (!readouts.includes(name)) {
      const expected = inModelSteps(reference.recorded[name], startStep, modelSteps);
      assert.deepEqual(run.spikes[name].samples, expected.samples, name);
      spikes += expected.samples.reduce((sum, { step }) => sum + step.length, 0);
    } else {
      const expected = denseValues(inModelSteps(reference.recorded[name], startStep, modelSteps), size).map(
        (values) => values.map((v, k) => v * membraneQuantum[membraneQuantum.length === 1 ? 0 : k % size]),
      );
      assert.deepEqual(denseValues(run.spikes[name], size), expected, name);
    }
  }
  return { reference, spikes };
}

/** `[steps * size]` for each sample. */
function denseValues({ steps, samples }: SpikeData, size: number): Float64Array[] {
  return samples.map(({ step, index, value }) => {
    const values = new Float64Array(steps * size);
    step.forEach((t, e) => (values[t * size + index[e]] = value?.[e] ?? 1));
    return values;
  });
}
