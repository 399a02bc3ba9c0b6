// What exports are run on when nobody gives input, and the note of it in the file.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { readNetwork } from "#formats/index";
import { METADATA } from "#formats/onnx/own-layout";
import type { Network } from "#ir/network";
import { simulateReference } from "#simulator/reference-float";
import { edge, input, lif, loihiCuba, matrix, network, oneToOne, randomSparse, relay } from "#test/networks";
import { decoded, onnxFilesOf, runtime } from "#test/onnx";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { checkOnnx, type OnnxCheck } from "../../src/onnx-check.ts";
import { checkInput } from "../../src/onnx-check-input.ts";
import { onnxCheckFindings, onnxCheckText, withOnnxCheck } from "../../src/onnx-check-record.ts";

/** One neuron behind one line; fires if the line is active enough. */
const chain = (weight: number, threshold = 1): Network =>
  network(
    [input("in", 8), lif("n", 8, { vThreshold: threshold }), lif("m", 8, { vThreshold: threshold })],
    [edge("in", "n", oneToOne(8, weight)), edge("n", "m", oneToOne(8, weight))],
    { outputs: ["m"] },
  );

describe("input of a check", () => {
  test("is the rarest with which everything fires, and the same every time", () => {
    const easy = checkInput(chain(20), undefined);
    assert.deepEqual(
      [easy.assumed.kind, easy.assumed.rate, easy.assumed.value, easy.assumed.silentPopulations],
      ["random-spikes", 0.1, 1, []],
    );
    assert.deepEqual(checkInput(chain(20), undefined), easy);
    const { steps, samples } = easy.assumed;
    assert.deepEqual([steps, samples], [24, 2]);
    const { recorded } = simulateReference(chain(20), easy.inputs);
    assert.ok(recorded["m"].samples.some(({ step }) => step.length > 0));
    const share = easy.inputs["in"].samples[0].step.length / (24 * 8);
    assert.ok(share > 0.03 && share < 0.2, String(share));
  });

  test("becomes denser and stronger where that is needed", () => {
    const rates = [20, 3, 1.2].map((weight) => {
      const { rate, value } = checkInput(chain(weight, 1), undefined).assumed;
      return rate * value;
    });
    assert.ok(rates[0] < rates[2], rates.join(" "));
    assert.ok(rates[1] <= rates[2], rates.join(" "));
  });

  test("names what no input of its own makes fire", () => {
    const { assumed } = checkInput(chain(-1), undefined);
    assert.deepEqual(assumed.silentPopulations, ["n", "m"]);
  });

  test("is made of single spikes for a chip, and read-outs need not fire", () => {
    const quantization = { weightBits: 8, signMode: "mixed", weightExponent: 0 } as const;
    const net = network(
      [
        input("in", 4),
        loihiCuba("n", 4, { thresholdMantissa: 3 }, { startStep: 1 }),
        loihiCuba("out", 2, { thresholdMantissa: 131_071 }, { startStep: 2 }),
      ],
      [
        edge("in", "n", oneToOne(4, 254), { delaySteps: 1, quantization }),
        edge(
          "n",
          "out",
          matrix([
            [2, 4],
            [2, 2],
            [2, 2],
            [2, 2],
          ]),
          { delaySteps: 1, quantization },
        ),
      ],
    );
    const { inputs, assumed } = checkInput(net, "lava");
    assert.deepEqual(assumed.silentPopulations, []);
    assert.equal(assumed.value, 1);
    assert.equal(inputs["in"].samples[0].value, undefined);
  });

  test("is real numbers where nothing spikes", () => {
    const net = network([input("in", 4), relay("fc", 4)], [edge("in", "fc", oneToOne(4, 0.5))]);
    const { inputs, assumed } = checkInput(net, undefined);
    assert.equal(assumed.kind, "random-values");
    const { value } = inputs["in"].samples[0];
    assert.ok(value!.every((x) => x >= 0 && x < 1 && Math.fround(x) === x));
    assert.ok(new Set(value).size > 50);
  });

  test("becomes shorter for large networks", () => {
    const size = 6000;
    const connectivity = randomSparse(createRng(1), 1, size, 0.01);
    const wide = {
      ...connectivity,
      rows: size,
      rowStart: new Uint32Array(size + 1).fill(connectivity.values.length, 1),
    };
    const net = network([input("in", size), lif("n", size)], [edge("in", "n", wide)]);
    const { samples, steps } = checkInput(net, undefined).assumed;
    assert.equal(samples, 1);
    assert.ok(steps >= 4 && steps <= 24, String(steps));
  });
});

describe("check in the file", () => {
  const made = async (): Promise<{
    net: Network;
    bytes: Uint8Array;
    check: OnnxCheck;
    whole: Uint8Array;
  }> => {
    const net = chain(20);
    const { bytes } = await onnxFilesOf(net, { double: "on" });
    const { inputs, assumed } = checkInput(net, undefined);
    const check = await checkOnnx(bytes, net, inputs, runtime);
    return { net, bytes, check, whole: await withOnnxCheck(bytes, check, assumed) };
  };

  test("follows the checked bytes, and says what was run and where", async () => {
    const { bytes, check, whole } = await made();
    assert.equal(check.differingValues, 0);
    assert.deepEqual(whole.subarray(0, bytes.length), Uint8Array.from(bytes));
    const { metadataProps } = await decoded(whole);
    const keys = metadataProps!.map(({ key }) => key);
    assert.deepEqual(keys, [...new Set(keys)], "no key twice");
    const stored = JSON.parse(metadataProps!.find(({ key }) => key === METADATA.check)!.value!) as object;
    assert.deepEqual(stored, {
      runtime: check.runtime,
      checkedBytes: bytes.length,
      samples: 2,
      steps: 24,
      values: 2 * 24 * 8,
      differingValues: 0,
      input: checkInput(chain(20), undefined).assumed,
    });
    assert.match(check.runtime, /^onnxruntime-node \d+\.\d+/);
  });

  test("changes nothing of what is read back, and the file runs as before", async () => {
    const { net, bytes, check, whole } = await made();
    const read = (file: Uint8Array): Promise<Network | undefined> =>
      readNetwork(file, { format: "onnx" }, new DiagnosticSink());
    assert.deepEqual(await read(whole), await read(bytes));
    assert.deepEqual(await read(whole), net);
    const again = await checkOnnx(whole, net, checkInput(net, undefined).inputs, runtime);
    assert.deepEqual(again, check);
  });

  test("is an error if anything differs, and a warning if nothing happens", async () => {
    const { check } = await made();
    assert.deepEqual(onnxCheckFindings(check), []);
    const wrong = { ...check, differingValues: 3, outputs: [{ ...check.outputs[0], differingValues: 3 }] };
    const codes = (list: ReturnType<typeof onnxCheckFindings>): string[] =>
      list.map(({ code, severity }) => `${severity} ${code}`);
    assert.deepEqual(codes(onnxCheckFindings(wrong, "agrees")), ["error export/onnx-differs"]);
    assert.match(onnxCheckFindings(wrong, "agrees")[0].hint!, /--double/);
    assert.match(onnxCheckFindings(wrong, "differs")[0].hint!, /report/);
    const still = { ...check, outputs: [{ ...check.outputs[0], sum: 0, referenceSum: 0 }] };
    assert.deepEqual(codes(onnxCheckFindings(still)), ["warning export/onnx-nothing-fires"]);
    assert.match(onnxCheckText(check).join("\n"), /0 of 384 values differ/);
  });
});
