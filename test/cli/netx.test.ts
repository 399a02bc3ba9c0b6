// Lava netx files through the command line.
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import { writeNpz } from "#formats/npz/npz";
import type { RunReport, SimulationReport } from "#spinec";
import { createWorkplace, expectFault, jsonOf, type Workplace } from "#test/cli";
import { cuba, dense, input, netxFile } from "../formats/netx-files.ts";

let place: Workplace;

beforeAll(async () => {
  place = createWorkplace();
  const rows = [0, 1, 2].map((r) => [0, 1, 2, 3].map((c) => 2 * ((r + 2 * c) % 5) - 2));
  const layers = [input([4], { neuron: cuba, weight: 36, bias: 34 }), dense(rows)];
  place.write("model.net", await netxFile(layers));
  place.write("graded.net", await netxFile([dense(rows, { neuron: { ...cuba, gradedSpike: 1 } })]));
  const data = Float64Array.of(20, 3, 70, 40);
  place.write("image.npz", await writeNpz({ image: { data, shape: [1, 1, 4], dtype: "float64" } }));
});
afterAll(() => {
  place.remove();
});

describe("netx files on the command line", () => {
  test("are inspected and checked", async () => {
    const run = await place.run("inspect", "model.net");
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /^model\.net: netx, 7 neurons, 12 weights/);
    assert.match(run.stderr, /note\[netx\/bias-encoder\]/);
    const result = jsonOf<{ neurons: number }>(await place.run("inspect", "model.net", "--json"));
    assert.deepEqual([result.schema, result.neurons], ["spinec/inspect-network/1", 7]);
    assert.equal((await place.run("check", "model.net")).code, 0);
    assert.equal((await place.run("check", "graded.net")).code, 1);
    expectFault(await place.run("inspect", "graded.net"), "netx/neuron-unsupported");
  });

  test("are nothing that --for and --fix know about", async () => {
    for (const option of [
      ["--for", "norse"],
      ["--fix", "fixed.nir"],
    ])
      expectFault(await place.run("check", "model.net", ...option), "cli/bad-option");
  });

  test("that end in a readout give values, and no spikes", async () => {
    const readout = [
      dense([
        [2, 4],
        [6, 8],
      ]),
      dense([[20, -2]], { neuron: undefined }),
    ];
    place.write("readout.net", await netxFile(readout));
    const data = Float64Array.of(1, 0, 0, 1, 1, 1, 1, 1, 1, 1);
    place.write("spikes.npz", await writeNpz({ input: { data, shape: [1, 5, 2], dtype: "float64" } }));
    for (const target of [[], ["--target", "loihi1"]]) {
      const args = ["simulate", "readout.net", "--input", "spikes.npz", "--steps", "9", ...target];
      const run = await place.run(...args);
      assert.equal(run.code, 0, run.stderr);
      assert.match(run.stdout, /: 1 inference of 9 steps[^]*dense1 +values -128 to \d{3}/);
      const { outputs } = jsonOf<SimulationReport>(await place.run(...args, "--json"));
      assert.equal(outputs[0].spikesPerInference, 0);
      assert.ok(outputs[0].values!.lowest === -128 && outputs[0].values!.highest > 0);
    }
  });

  test("run on the chip exactly as their reference does", async () => {
    const common = ["model.net", "--input", "image.npz", "--steps", "9", "--reset-interval", "5", "--json"];
    const { quantization, run } = jsonOf<RunReport>(await place.run("run", ...common));
    assert.deepEqual(quantization!.projections, []);
    assert.ok(quantization!.changedSpikes!.every(({ differing }) => differing === 0));
    assert.ok(run.populations.every(({ spikesPerInference }) => spikesPerInference > 0));
    const simulated = jsonOf<SimulationReport>(await place.run("simulate", ...common));
    assert.equal(simulated.on, "integer reference");
    assert.equal(
      simulated.outputs[0].spikesPerInference,
      run.populations.find(({ name }) => name === "dense1")!.spikesPerInference,
    );
  });

  test("compile into deployments that verify and that run the same", async () => {
    const compiled = await place.run("compile", "model.net", "--reset-interval", "5", "-o", "m.spinec");
    assert.equal(compiled.code, 0, compiled.stderr);
    assert.match(compiled.stdout, /Quantization: none, the model is in the chip's integers already/);
    assert.equal((await place.run("verify", "m.spinec", "model.net")).code, 0);
    const spikes = async (file: string, ...more: string[]): Promise<string> => {
      const out = `${file}.json`;
      const run = await place.run(
        "simulate",
        file,
        "--input",
        "image.npz",
        "--steps",
        "9",
        "--spikes",
        out,
        ...more,
      );
      assert.equal(run.code, 0, run.stderr);
      return place.read(out).toString();
    };
    assert.equal(await spikes("m.spinec"), await spikes("model.net", "--reset-interval", "5"));
  });
});
