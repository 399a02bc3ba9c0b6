// Conversion of artificial networks: rates stand for values, and classes stay.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, test } from "vitest";
import type { Network } from "#ir/network";
import { accuracy } from "#simulator/accuracy";
import { simulateReference } from "#simulator/reference-float";
import { rateScales } from "#spinec";
import { sharedPath } from "#test/shared";
import { asInput, caseNames, importCase } from "./onnx-import-case.ts";

const SAMPLES = 200;
const STEPS = 64;
const ID = "mlp_gemm";

const mnist = sharedPath("data/mnist");
const here = mnist !== undefined && caseNames("good").includes(ID);

function idx(name: string): Uint8Array {
  const path = [name, `${name}.gz`].map((file) => join(mnist!, file)).find(existsSync)!;
  const bytes = readFileSync(path);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/** Pixels between 0 and 1 of the first digits. */
function digits(set: "t10k" | "train10k", count: number): { rows: Float64Array[]; labels: number[] } {
  const images = idx(`${set}-images-idx3-ubyte`);
  const labels = idx(`${set}-labels-idx1-ubyte`);
  return {
    rows: Array.from({ length: count }, (_, s) =>
      Float64Array.from({ length: 784 }, (_unused, i) => Math.fround(images[16 + s * 784 + i] / 255)),
    ),
    labels: Array.from({ length: count }, (_, s) => labels[8 + s]),
  };
}

function accuracyOf(
  network: Network,
  rows: readonly Float64Array[],
  labels: readonly number[],
  steps: number,
): number {
  const [{ name }] = network.inputs;
  const repeated = rows.map((row) => Float64Array.from({ length: steps * 784 }, (_, i) => row[i % 784]));
  const { recorded } = simulateReference(network, { [name]: asInput(repeated, steps, [784]) }, { steps });
  return accuracy(recorded[network.populations[network.outputs[0].population].name], labels);
}

describe("onnx conversion of artificial networks", () => {
  test.skipIf(!here)(
    `onnx convert: keeps the accuracy of an MLP within 1 point at T = ${STEPS}`,
    async () => {
      const { network: values } = await importCase("good", ID, { convert: "values" });
      const calibration = digits("train10k", 200);
      const scales = rateScales(values!, { image: asInput(calibration.rows, 1, [784]) });
      const { network: spiking, sink } = await importCase("good", ID, { convert: "ann", rateScales: scales });
      assert.deepEqual(
        sink.diagnostics.map(({ code }) => code),
        ["onnx/converted"],
      );
      assert.deepEqual(
        spiking!.populations.map(({ model }) => model),
        ["input", "relay", "if", "i"],
      );
      const { rows, labels } = digits("t10k", SAMPLES);
      const before = accuracyOf(values!, rows, labels, 1);
      const after = accuracyOf(spiking!, rows, labels, STEPS);
      assert.ok(before > 0.85);
      assert.ok(Math.abs(before - after) <= 0.01, `${before} before, ${after} after`);
    },
  );

  test.skipIf(!here)(
    "onnx convert: without data, bounds from the weights are no smaller than what data reach",
    async () => {
      const { network: values } = await importCase("good", ID, { convert: "values" });
      const measured = rateScales(values!, { image: asInput(digits("train10k", 50).rows, 1, [784]) });
      const { network: spiking, sink } = await importCase("good", ID, { convert: "ann" });
      assert.deepEqual(
        sink.diagnostics.map(({ code, severity }) => [code, severity]),
        [["onnx/converted", "warning"]],
      );
      const [[name, measuredScale]] = Object.entries(measured);
      const bound = spiking!.populations.find((population) => population.name === name)!.params[
        "vThreshold"
      ][0];
      assert.ok(bound >= measuredScale, `${bound} for ${measuredScale}`);
    },
  );

  test.skipIf(!here)("onnx convert: scales of other rectifiers are refused", async () => {
    const { network, sink } = await importCase("good", ID, { convert: "ann", rateScales: { relu7: 2 } });
    assert.equal(network, undefined);
    assert.ok(sink.diagnostics.some(({ code }) => code === "onnx/rate-scale-unused"));
  });

  test.skipIf(!here)("onnx convert: a Softmax at the output is left out, and that is said", async () => {
    const { network, sink } = await importCase("good", "cnn1d_softmax", { convert: "ann" });
    assert.ok(network !== undefined);
    assert.ok(sink.diagnostics.some(({ code }) => code === "onnx/softmax-dropped"));
  });
});
