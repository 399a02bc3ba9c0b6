// An artificial network on the chip: converted to rates, quantized, mapped, and as good as it was.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { accuracy, predictions, simulateReference } from "#simulator/reference";
import { simulate } from "#simulator/simulate";
import { mapModel, rateScales } from "#spinec";
import { loihi1 } from "#targets/loihi1/index";
import { rateEncodeAll } from "#train/encode";
import { DiagnosticSink } from "#util/diagnostic";
import { caseNames, importCase } from "../formats/onnx-import-case.ts";
import { mnistDigits, mnistFolder } from "../support/mnist.ts";

const ID = "mlp_gemm";
const SAMPLES = 100;
const STEPS = 64;

const here = mnistFolder !== undefined && caseNames("good").includes(ID);

describe("an artificial network, converted", () => {
  test.skipIf(!here)(
    `keeps its accuracy within 1 point on loihi1 at T = ${STEPS}, with the reset to zero that the chip has`,
    async () => {
      const shape = [784];
      const calibration = mnistDigits("train10k", 200);
      const { network: values } = await importCase("good", ID, { convert: "values" });
      const [{ name: port }] = values!.inputs;
      const scales = rateScales(values!, { [port]: rateEncodeAll(calibration.pixels, shape, STEPS) });
      const options = { convert: "ann", rateScales: scales, reset: "value" } as const;
      const { network: spiking } = await importCase("good", ID, options);

      const { pixels, labels } = mnistDigits("t10k", SAMPLES);
      const inputs = { [port]: rateEncodeAll(pixels, shape, STEPS) };
      const sink = new DiagnosticSink();
      const { compiled } = mapModel(spiking!, loihi1, { steps: STEPS }, sink);
      assert.deepEqual(
        sink.diagnostics.filter(({ severity }) => severity === "error"),
        [],
      );
      const chip = simulate(compiled.deployment, loihi1, loihi1.profiles[0], inputs, { steps: STEPS });
      const output = chip.spikes[Object.keys(chip.spikes)[0]];

      // What the network computes from the pixels themselves.
      const exact = {
        steps: 1,
        shape,
        samples: labels.map((_, s) => ({
          step: new Uint32Array(784),
          index: Uint32Array.from({ length: 784 }, (_unused, i) => i),
          value: Float64Array.from(pixels.subarray(784 * s, 784 * (s + 1)), (pixel) => pixel / 255),
        })),
      };
      const { recorded } = simulateReference(values!, { [port]: exact }, { steps: 1 });
      const plain = recorded[Object.keys(recorded)[0]];
      const [before, after] = [accuracy(plain, labels), accuracy(output, labels)];
      assert.ok(before > 0.85, `${before} before`);
      assert.ok(Math.abs(before - after) <= 0.01, `${before} before, ${after} on the chip`);
      const [own, ours] = [predictions(plain), predictions(output)];
      const same = own.filter((label, s) => label === ours[s]).length;
      assert.ok(same >= 0.95 * SAMPLES, `${same} predictions are the same`);
    },
  );
});
