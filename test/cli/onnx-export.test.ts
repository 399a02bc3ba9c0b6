import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, test } from "vitest";
import { METADATA } from "#formats/onnx/own-layout";
import { createWorkplace, expectFault, jsonOf, type Workplace } from "#test/cli";
import { modelBytes, spikesJson } from "#test/cli-models";
import { runWithRuntime } from "#test/cli-runtime";
import { decoded } from "#test/onnx";
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

interface Checked {
  readonly check: (OnnxCheck & { input: Record<string, unknown> }) | null;
}

/** What a file says of its check; undefined where it says nothing. */
async function storedCheck(name: string): Promise<Record<string, unknown> | undefined> {
  const { metadataProps } = await decoded(place.read(name));
  const text = metadataProps!.find(({ key }) => key === METADATA.check)?.value;
  return text ? (JSON.parse(text) as Record<string, unknown>) : undefined;
}

describe("export to onnx", () => {
  const given = ["--verify-input", "input.json"];
  for (const options of [
    ["--graph", "step"],
    ["--weights", "int8"],
    ["--semantics", "loihi1-int"],
    ["--external", "always", ...given],
    ["--semantics", "loihi1-int", "--graph", "step", ...given],
  ])
    test(`it runs what it writes and finds the simulator's spikes: ${options.join(" ")}`, async () => {
      const run = await place.run(...EXPORT, ...options, "-o", "checked.onnx", "--json");
      assert.equal(run.code, 0, run.stderr);
      const { check } = jsonOf<Checked>(run);
      assert.ok(check !== null);
      assert.equal(check.differingValues, 0);
      assert.ok(check.steps >= 6);
      assert.equal(check.samples, 2);
      assert.match(check.runtime, /^onnxruntime-node \d/);
      assert.ok(
        check.outputs.some(({ sum }) => sum !== 0),
        "something fires",
      );
      assert.equal(check.input["kind"], options.includes("--verify-input") ? "file" : "random-spikes");
      const stored = await storedCheck("checked.onnx");
      assert.ok(stored !== undefined);
      const { runtime, samples, steps, differingValues, input } = check;
      const { checkedBytes, values, ...rest } = stored;
      assert.deepEqual(rest, { runtime, samples, steps, differingValues, input });
      assert.equal(
        values,
        check.outputs.reduce((sum, output) => sum + output.values, 0),
      );
      assert.ok((checkedBytes as number) < place.read("checked.onnx").length);
    });

  test("it says in words what the check gave, and on what", async () => {
    const run = await place.run(...EXPORT, "-o", "text.onnx", "--verify-input", "input.json");
    assert.equal(run.code, 0, run.stderr);
    assert.match(
      run.stdout,
      /Run in onnxruntime-node \S+: sequence graph, 2 samples of 6 steps, against the float reference/,
    );
    assert.match(run.stdout, /0 of \d+ values differ/);
    const assumed = await place.run(...EXPORT, "-o", "text.onnx");
    assert.match(assumed.stdout, /2 samples of 24 steps/);
    assert.match(assumed.stdout, /input: random spikes on \d+ % of the lines in each step \(seed 1\)/);
  });

  test("it adds the check behind the bytes that were checked, and gives the same bytes every time", async () => {
    for (const name of ["one.onnx", "two.onnx"])
      assert.equal((await place.run(...EXPORT, "-o", name)).code, 0);
    assert.deepEqual(place.read("one.onnx"), place.read("two.onnx"));
    const plain = await place.run(...EXPORT, "--no-verify", "-o", "plain.onnx", "--json");
    assert.equal(plain.code, 0, plain.stderr);
    assert.equal(jsonOf<Checked>(plain).check, null);
    assert.equal(await storedCheck("plain.onnx"), undefined);
    const unchecked = place.read("plain.onnx");
    assert.deepEqual(place.read("one.onnx").subarray(0, unchecked.length), unchecked);
    assert.equal((await storedCheck("one.onnx"))!["checkedBytes"], unchecked.length);
  });

  test("it reads its own files back, with the check in them: a second export gives the same network", async () => {
    assert.equal((await place.run(...EXPORT, "-o", "first.onnx")).code, 0);
    const again = await place.run("export", "first.onnx", "--to", "onnx", "--no-verify", "-o", "second.onnx");
    assert.equal(again.code, 0, again.stderr);
    const layouts = await Promise.all(
      ["first.onnx", "second.onnx"].map(async (name) => {
        const { metadataProps, graph } = await decoded(place.read(name));
        const layout = metadataProps!.find(({ key }) => key === METADATA.layout)!.value!;
        const weights = graph!.initializer!.map(({ name: tensor, rawData }) => [tensor, rawData]);
        return [(JSON.parse(layout) as { projections: unknown }).projections, weights];
      }),
    );
    assert.deepEqual(layouts[0], layouts[1]);
  });

  test("it warns where nothing fires", async () => {
    const silent = JSON.parse(spikesJson()) as { shape: number[] };
    place.write("silent.json", JSON.stringify({ ...silent, samples: [{ t: [], i: [] }] }));
    const run = await place.run(...EXPORT, "-o", "silent.onnx", "--verify-input", "silent.json");
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /warning\[export\/onnx-nothing-fires\]/);
  });

  test("it refuses options of the check where no runtime can run the file, before it writes anything", async () => {
    for (const option of [["--verify-input", "input.json"], ["--no-verify"]]) {
      expectFault(
        await place.run("export", "model.nir", "--to", "nir", "-o", "no.nir", ...option),
        "cli/only-for-onnx",
      );
      assert.ok(!place.list().includes("no.nir"));
    }
    const both = await place.run(...EXPORT, "-o", "no.onnx", "--no-verify", "--verify-input", "input.json");
    expectFault(both, "cli/bad-option");
    assert.ok(!place.list().includes("no.onnx"));
  });

  test("it names the choices of an option", async () => {
    const run = await place.run(...EXPORT, "--graph", "loop", "-o", "no.onnx");
    expectFault(run, "formats/bad-export-option");
    assert.ok(!place.list().includes("no.onnx"));
  });
});

/** A runtime that adds 1 to what it computes, in the given type. */
const wrongIn = (types: string): string => `
export const InferenceSession = {
  async create(bytes, options) {
    const session = await real.InferenceSession.create(bytes, options);
    return {
      async run(feeds) {
        const results = await session.run(feeds);
        for (const { type, data } of Object.values(results))
          if (${JSON.stringify(types)}.includes(type)) data.forEach((value, i) => { data[i] = value + 1; });
        return results;
      },
      release: () => session.release(),
    };
  },
};`;

/** A runtime that never comes to an end, and says when it began. */
const ENDLESS = `
import { writeFileSync } from "node:fs";
export const InferenceSession = {
  create: async () => ({
    run: () => { writeFileSync("begun", ""); return new Promise((end) => { setTimeout(end, 600_000); }); },
    release: async () => undefined,
  }),
};`;

describe("export to onnx with another runtime", () => {
  test("it says that there is none, how to get one, and writes the file", async () => {
    const { ended } = runWithRuntime(place, undefined, [...EXPORT, "-o", "bare.onnx", "--json"]);
    const run = await ended;
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /note\[cli\/onnx-unchecked\][^]*npm install onnxruntime-node/);
    assert.equal(jsonOf<Checked>(run).check, null);
    assert.equal(await storedCheck("bare.onnx"), undefined);
  });

  test("it refuses to run without one what it was asked to run", async () => {
    const args = [...EXPORT, "-o", "asked.onnx", "--verify-input", "input.json"];
    expectFault(await runWithRuntime(place, undefined, args).ended, "cli/onnxruntime-missing");
    assert.ok(!place.list().includes("asked.onnx"));
  });

  for (const [types, advice] of [
    ["float32", /In float64 all of them are equal[^]*write float64 with --double/],
    ["float32, float64", /please report the model/],
  ] as const)
    test(`it leaves everything as it was if the graph computes something else in ${types}`, async () => {
      place.write("kept.onnx", "old");
      const before = place.list();
      const run = await runWithRuntime(place, wrongIn(types), [...EXPORT, "-o", "kept.onnx"]).ended;
      expectFault(run, "export/onnx-differs");
      assert.match(run.stderr, advice);
      assert.match(run.stderr, /--no-verify/);
      assert.equal(place.read("kept.onnx").toString(), "old");
      const added = place.list().filter((name) => !before.includes(name));
      assert.deepEqual(
        added.filter((name) => !name.endsWith(".mjs")),
        [],
      );
    });

  test("it writes what differs on request", async () => {
    const args = [...EXPORT, "-o", "wanted.onnx", "--no-verify"];
    assert.equal((await runWithRuntime(place, wrongIn("float32"), args).ended).code, 0);
    assert.ok(place.list().includes("wanted.onnx"));
  });

  test("it says that the runtime does not take the file, without a trace", async () => {
    const failing = `export const InferenceSession = { create: async () => { throw new Error("no such operator"); } };`;
    const run = await runWithRuntime(place, failing, [...EXPORT, "-o", "refused.onnx"]).ended;
    expectFault(run, "export/onnx-not-runnable");
    assert.match(run.stderr, /no such operator/);
    assert.ok(!place.list().includes("refused.onnx"));
  });

  test("it leaves nothing behind when it is interrupted while the file runs", async () => {
    const { child, ended } = runWithRuntime(place, ENDLESS, [...EXPORT, "-o", "stopped.onnx"]);
    while (!place.list().includes("begun")) await pause(20);
    child.kill("SIGINT");
    const { code, signal } = await ended;
    assert.ok(signal === "SIGINT" || code === 130, `${code} ${signal}`);
    assert.deepEqual(
      place.list().filter((name) => name.includes("stopped")),
      [],
    );
  });
});
