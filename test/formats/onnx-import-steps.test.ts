// Single steps of spiking networks: run in onnxruntime with their states fed back, and as networks here.
import assert from "node:assert/strict";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, test } from "vitest";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { createRng } from "#util/rng";
import { asInput, caseFile, caseNames, importCase, inputsOf, outputsOf } from "./onnx-import-case.ts";

const STEPS = 16;

interface StepCase {
  readonly states: Readonly<Record<string, string>>;
  /** Models of the neuron populations, in order. */
  readonly models: readonly string[];
}

const CASES: Readonly<Record<string, StepCase>> = {
  snntorch_leaky_step: {
    states: { mem1_in: "mem1_out", mem2_in: "mem2_out" },
    models: ["if subtract", "lif delayed-subtract"],
  },
  snntorch_leaky_step_reset_zero: {
    states: { mem1_in: "mem1_out", mem2_in: "mem2_out" },
    models: ["lif value", "lif value"],
  },
  snntorch_rleaky_step: {
    states: { mem_in: "mem_out", spk_in: "spk_out" },
    models: ["lif delayed-subtract"],
  },
  snntorch_synaptic_conv_step: {
    states: { syn_in: "syn_out", mem_in: "mem_out" },
    models: ["cuba-lif delayed-value"],
  },
};

/** `[port][samples][steps * elements]` of a step model run from zero states, float32, one sample at a time. */
async function runSteps(
  bytes: Uint8Array,
  rows: readonly Float32Array[],
  input: { readonly name: string; readonly dims: readonly number[] },
  states: Readonly<Record<string, string>>,
  dimsOf: Readonly<Record<string, readonly number[]>>,
): Promise<Map<string, number[][]>> {
  const session = await InferenceSession.create(bytes);
  const found = new Map(session.outputNames.map((name) => [name, rows.map((): number[] => [])]));
  const size = input.dims.reduce((a, b) => a * b, 1);
  for (const [sample, row] of rows.entries()) {
    const held = new Map<string, Tensor>(
      Object.keys(states).map((name) => {
        const dims = [1, ...dimsOf[name].slice(1)];
        return [name, new Tensor("float32", new Float32Array(dims.reduce((a, b) => a * b, 1)), dims)];
      }),
    );
    for (let step = 0; step < STEPS; step++) {
      const x = new Tensor("float32", row.slice(step * size, (step + 1) * size), [1, ...input.dims]);
      const outputs = await session.run({ [input.name]: x, ...Object.fromEntries(held) });
      for (const name of session.outputNames)
        found.get(name)![sample].push(...(outputs[name].data as Float32Array));
      for (const [into, from] of Object.entries(states)) held.set(into, outputs[from] as Tensor);
    }
  }
  return found;
}

const known = caseNames("good").filter((id) => CASES[id] !== undefined);
describe("onnx steps", () => {
  test.skipIf(known.length > 0)("are not here: ../shared/corpus/onnx is missing", () => {
    assert.equal(known.length, 0);
  });

  for (const id of known) {
    test(`onnx step: ${id} fires when it fires in onnxruntime`, async () => {
      const { network, sink } = await importCase("good", id);
      assert.ok(network !== undefined, sink.diagnostics.map(({ message }) => message).join("\n"));
      const { states, models } = CASES[id];
      assert.deepEqual(neurons(network), models);

      const stored = inputsOf(id);
      const [{ name, population }] = network.inputs;
      const { shape, size } = network.populations[population];
      const rng = createRng(3);
      const samples = stored[name].shape[0];
      // Every step dims the stored image by another factor, so that spikes come and go.
      const rows = Array.from({ length: samples }, (_, b) => {
        const factors = Array.from({ length: STEPS }, () => Math.fround(2 * rng()));
        return Float32Array.from({ length: STEPS * size }, (_, i) => {
          return factors[Math.floor(i / size)] * stored[name].data[b * size + (i % size)];
        });
      });
      const dimsOf = Object.fromEntries(
        Object.entries(stored).map(([input, tensor]) => [input, tensor.shape]),
      );
      const wanted = await runSteps(
        caseFile("good", id, "model.onnx")!,
        rows,
        { name, dims: shape },
        states,
        dimsOf,
      );
      const inputs: Record<string, SpikeData> = { [name]: asInput(rows, STEPS, shape) };
      const found = outputsOf(network, inputs, STEPS);
      assert.ok(found.size > 0);
      let spikes = 0;
      for (const [port, samplesFound] of found)
        samplesFound.forEach((row, sample) => {
          assert.deepEqual(Array.from(row), wanted.get(port)![sample], `${port}, sample ${sample}`);
          spikes += row.reduce((sum, value) => sum + value, 0);
        });
      assert.ok(spikes > 20, "spikes have to come for the comparison to mean anything");
    });
  }
});

const neurons = ({ populations }: Network): string[] =>
  populations
    .filter(({ dynamics }) => dynamics !== undefined)
    .map(({ model, dynamics }) => `${model} ${dynamics!.reset}`);
