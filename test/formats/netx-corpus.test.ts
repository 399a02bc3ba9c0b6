// Real netx files: what is in them, and the spikes and registers that Lava computed from them.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { validateNetwork } from "#ir/validate";
import { NEURON_MODELS } from "#neurons/index";
import { simulateIntegerReference } from "#simulator/reference";
import { DiagnosticSink } from "#util/diagnostic";
import { NETX_CASES, dense, inputOf, ofStep, readArrays, readCase } from "./netx-case.ts";

const LAVA_RUN = "lava_run.npz";
/** Registers are kept for populations up to this size: the runs hold no larger ones but the inputs'. */
const MAX_TRACED = 4096;

for (const netxCase of NETX_CASES) {
  describe(`netx ${netxCase.id}`, async () => {
    const { network, diagnostics } = await readCase(netxCase);
    const run = network && (await readArrays(netxCase, LAVA_RUN));

    test("netx: is read, or refused with coded reasons", () => {
      assert.equal(
        network === undefined,
        diagnostics.some(({ severity }) => severity === "error"),
      );
      for (const { code } of diagnostics) assert.match(code, /^netx\/[a-z0-9-]+$/);
      if (network === undefined) return;
      const sink = new DiagnosticSink();
      validateNetwork(network, sink, { models: NEURON_MODELS });
      assert.deepEqual(sink.diagnostics, []);
    });

    test.skipIf(run === undefined)("netx: spikes, u and v are Lava's in every recorded step", () => {
      const input = network!.populations[network!.inputs[0].population];
      const neurons = network!.populations.filter(({ model }) => model === "loihi-cuba");
      const traced = neurons.filter(({ size }) => size <= MAX_TRACED).map(({ name }) => name);
      const steps = run!.get("s0")!.shape[0];
      const result = simulateIntegerReference(
        network!,
        { input: inputOf(run!, input.shape) },
        { rules: "lava", steps, record: "all", recordRegisters: traced },
      );
      neurons.forEach((population, k) => {
        const { name, size, shape } = population;
        const spikes = dense(result.recorded[name]);
        const registers = traced.includes(name) ? result.registers[name][0] : undefined;
        const own = { s: spikes, u: registers?.u, v: registers?.v };
        for (const variable of ["s", "u", "v"] as const) {
          const lava = run!.get(`${variable}${k}`);
          if (lava === undefined) continue;
          for (let t = 0; t < steps; t++) {
            const expected = ofStep(lava, t, shape);
            assert.deepEqual(
              own[variable]!.subarray(t * size, (t + 1) * size),
              expected,
              `${variable}${k}, ${t}`,
            );
          }
        }
      });
    });
  });
}
