// ONNX files on the command line: read, converted, compiled, verified; side files from the model's folder only.
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, test } from "vitest";
import { createWorkplace, expectFault, jsonOf, type CliResult, type Workplace } from "#test/cli";
import { bytesOf, floats, node, port, randomTensor } from "../formats/onnx-import-graphs.ts";

let place: Workplace;
beforeAll(async () => {
  place = createWorkplace();
  const [x, y] = [port("x", ["batch", 6]), port("y", ["batch", 3])];
  const nodes = [
    node("Gemm", ["x", "w1", "b1"], ["h"]),
    node("Relu", ["h"], ["r"]),
    node("MatMul", ["r", "w2"], ["y"]),
  ];
  const initializer = [
    randomTensor("w1", [6, 8], 1),
    randomTensor("b1", [8], 2),
    randomTensor("w2", [8, 3], 3),
  ];
  place.write("mlp.onnx", await bytesOf({ graph: { node: nodes, input: [x], output: [y], initializer } }));
  const external = (location: string): Promise<Uint8Array> =>
    bytesOf({
      graph: {
        node: [node("MatMul", ["x", "w"], ["y"])],
        input: [x],
        output: [y],
        initializer: [
          {
            name: "w",
            dataType: 1,
            dims: [6, 3],
            dataLocation: 1,
            externalData: [{ key: "location", value: location }],
          },
        ],
      },
    });
  mkdirSync(place.path("model"));
  const weights = new Uint8Array(floats("w", [6, 3], new Array<number>(18).fill(0.5)).rawData!);
  writeFileSync(place.path("model/weights.bin"), weights);
  place.write("outside.bin", weights);
  symlinkSync(place.path("outside.bin"), place.path("model/link.bin"));
  writeFileSync(place.path("model/good.onnx"), await external("weights.bin"));
  writeFileSync(place.path("model/link.onnx"), await external("link.bin"));
  const steps = Array.from({ length: 12 }, (_, t) =>
    Array.from({ length: 6 }, (_unused, i) => Number((t + i) % 3 === 0)),
  );
  place.write("spikes.json", JSON.stringify([steps, steps.map((row) => row.toReversed())]));
});
afterAll(() => {
  place.remove();
});

const expectFine = (run: CliResult): void => {
  assert.equal(run.code, 0, run.stderr);
};

describe("onnx files on the command line", () => {
  test("are inspected as networks", async () => {
    const run = await place.run("inspect", "mlp.onnx", "--json");
    expectFine(run);
    const report = jsonOf<{ format: string; weights: number }>(run);
    assert.equal(report.format, "onnx");
    assert.equal(report.weights, 6 * 8 + 8 * 3);
  });

  test("are checked: findings, no errors", async () => {
    const run = await place.run("check", "mlp.onnx", "--json");
    expectFine(run);
    assert.ok(run.stdout.includes("onnx/rectifiers"));
  });

  test("run as they are on the float reference", async () => {
    expectFine(await place.run("simulate", "mlp.onnx", "--input", "spikes.json"));
  });

  test("with rectifiers fit no chip, and the way out is named", async () => {
    const run = await place.run("compile", "mlp.onnx", "-o", "m.spinec");
    expectFault(run, "quantize/unsupported-model");
    assert.match(run.stderr, /--convert ann/);
  });

  test("converted and calibrated, compile, verify and run", async () => {
    const convert = ["--convert", "ann", "--calibrate", "spikes.json", "--reset", "value"];
    expectFine(await place.run("compile", "mlp.onnx", ...convert, "-o", "c.spinec"));
    expectFine(await place.run("verify", "c.spinec", "mlp.onnx"));
    expectFine(await place.run("run", "mlp.onnx", ...convert, "--input", "spikes.json", "--json"));
  });

  test("are not calibrated unless they are converted", async () => {
    expectFault(
      await place.run("run", "mlp.onnx", "--calibrate", "spikes.json", "--input", "spikes.json"),
      "cli/bad-option",
    );
  });

  test("find their side files beside them, from wherever they are called", async () => {
    expectFine(await place.run("inspect", "model/good.onnx"));
  });

  test("do not follow a link out of their folder", async () => {
    expectFault(await place.run("inspect", "model/link.onnx"), "onnx/external-missing");
  });
});
