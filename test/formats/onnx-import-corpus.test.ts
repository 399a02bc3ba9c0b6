// The ONNX corpus: what is good is read to the outputs of the runtimes, or refused by operator; what is bad is refused
// by code.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { SpikeData } from "#ir/spikes";
import { sharedPath } from "#test/shared";
import {
  asInput,
  caseNames,
  expectedOf,
  importCase,
  inputsOf,
  outputsOf,
  type NamedTensor,
} from "./onnx-import-case.ts";

/** Operators that no population computes; these cases are refused by their names. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  cnn1d_softmax: ["Softmax"],
  gru_rows: ["GRU"],
  pool_zoo: ["Sigmoid", "Tanh"],
};

/** Rounding of activations is not carried over: two output scales of the quantized model. */
const TOLERANCE: Readonly<Record<string, number>> = { mlp_qdq_int8: 0.3 };

/** Cases whose time runs along axis 0 of the file's tensors. */
const UNROLLED: Readonly<Record<string, number>> = { snntorch_leaky_unrolled8: 8 };

/** Single steps with states: the stored states are not those at rest; `onnx-import-steps.test.ts` runs them. */
const STEPS = /_step(_|$)/;

/** `[samples][steps * elements]` of a tensor with the batch at axis 0, or at axis 1 behind the time. */
function rows({ shape, data }: NamedTensor, steps: number): Float64Array[] {
  const batch = steps === 1 ? shape[0] : shape[1];
  const size = data.length / (batch * steps);
  return Array.from({ length: batch }, (_, b) =>
    Float64Array.from({ length: steps * size }, (_, i) =>
      steps === 1 ? data[b * size + i] : data[(Math.floor(i / size) * batch + b) * size + (i % size)],
    ),
  );
}

const good = caseNames("good").filter((id) => !STEPS.test(id));
describe("onnx corpus, good files", () => {
  test.skipIf(sharedPath("corpus/onnx") === undefined)("onnx good: there are files", () => {
    assert.ok(good.length > 0);
  });

  for (const id of good.filter((name) => REFUSED[name] === undefined)) {
    test(`onnx good: ${id} computes what the runtimes compute`, async () => {
      const { network, sink } = await importCase("good", id);
      assert.ok(network !== undefined, sink.diagnostics.map(({ message }) => message).join("\n"));
      const steps = UNROLLED[id] ?? 1;
      const inputs: Record<string, SpikeData> = {};
      for (const [name, tensor] of Object.entries(inputsOf(id))) {
        const port = network.inputs.find((input) => input.name === name)!;
        inputs[name] = asInput(rows(tensor, steps), steps, network.populations[port.population].shape);
      }
      const found = outputsOf(network, inputs, steps);
      const isSpiking = network.populations.some(({ model }) => /if$/.test(model));
      const tolerance = TOLERANCE[id] ?? (isSpiking ? 0 : 1e-4);
      for (const [runtime, outputs] of Object.entries(expectedOf(id)))
        for (const [name, tensor] of Object.entries(outputs))
          rows(tensor, steps).forEach((wanted, sample) => {
            const got = found.get(name)![sample];
            wanted.forEach((value, i) => {
              assert.ok(
                Math.abs(got[i] - value) <= tolerance,
                `${runtime} ${name} sample ${sample} element ${i}: ${got[i]} for ${value}`,
              );
            });
          });
    });
  }

  for (const id of good.filter((name) => REFUSED[name] !== undefined)) {
    test(`onnx good: ${id} is refused by the operators ${REFUSED[id].join(", ")}`, async () => {
      const { network, sink } = await importCase("good", id);
      assert.equal(network, undefined);
      assert.deepEqual(
        sink.diagnostics.map(({ code, data }) => [code, data!["operator"]]),
        REFUSED[id].map((operator) => ["onnx/unsupported-operator", operator]),
      );
    });
  }
});

describe("onnx corpus, bad files", () => {
  test.skipIf(sharedPath("corpus/onnx") === undefined)("onnx bad: there are files", () => {
    assert.ok(caseNames("bad").length > 0);
  });

  for (const id of caseNames("bad")) {
    test(`onnx bad: ${id} is refused or reported, with a code`, async () => {
      const { network, sink } = await importCase("bad", id);
      const told = sink.diagnostics.filter(({ severity }) => severity !== "note");
      assert.ok(told.length > 0, "something has to be said");
      for (const { code, message } of told) {
        assert.match(code, /^onnx\//);
        assert.doesNotMatch(message, /undefined|NaN bytes|\[object/);
      }
      assert.equal(network === undefined, sink.hasErrors);
      if (id !== "unsorted") assert.equal(network, undefined);
    });
  }
});
