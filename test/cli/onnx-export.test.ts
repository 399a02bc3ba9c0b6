import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import { createWorkplace, expectFault, jsonOf, type Workplace } from "#test/cli";
import { modelBytes, spikesJson } from "#test/cli-models";
import type { OnnxCheck } from "../../src/onnx-check.ts";

let place: Workplace;
beforeAll(async () => {
  place = createWorkplace();
  // Large enough for a file of its own for weights.
  place.write("model.nir", await modelBytes({ hidden: 100 }));
  place.write("input.json", spikesJson());
});
afterAll(() => {
  place.remove();
});

const EXPORT = ["export", "model.nir", "--to", "onnx"];

describe("export to onnx", () => {
  for (const options of [[], ["--graph", "step"], ["--semantics", "loihi1-int"], ["--external", "always"]]) {
    test(`it runs what it wrote and finds the simulator's spikes: ${options.join(" ") || "as it is"}`, async () => {
      const run = await place.run(
        ...EXPORT,
        ...options,
        "-o",
        "checked.onnx",
        "--verify-input",
        "input.json",
        "--json",
      );
      assert.equal(run.code, 0, run.stderr);
      const { check } = jsonOf<{ check: OnnxCheck }>(run);
      assert.equal(check.differingValues, 0);
      assert.ok(check.steps >= 6);
      assert.equal(check.samples, 2);
    });
  }

  test("it says in words what the check gave", async () => {
    const run = await place.run(...EXPORT, "-o", "text.onnx", "--verify-input", "input.json");
    assert.equal(run.code, 0, run.stderr);
    assert.match(
      run.stdout,
      /Run in onnxruntime: sequence graph, 2 samples of 6 steps, against the float reference/,
    );
    assert.match(run.stdout, /0 of \d+ values differ/);
  });

  test("it refuses to run what no runtime here can run, before it writes anything", async () => {
    const run = await place.run(
      "export",
      "model.nir",
      "--to",
      "nir",
      "-o",
      "no.nir",
      "--verify-input",
      "input.json",
    );
    expectFault(run, "cli/bad-option");
    assert.ok(!place.list().includes("no.nir"));
  });

  test("it names the choices of an option", async () => {
    const run = await place.run(...EXPORT, "--graph", "loop", "-o", "no.onnx");
    expectFault(run, "formats/bad-export-option");
    assert.ok(!place.list().includes("no.onnx"));
  });
});
