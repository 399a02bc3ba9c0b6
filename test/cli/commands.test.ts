import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { CompileReport } from "#report/compile-report";
import type { RunReport } from "#report/run-report";
import type { SimulationReport } from "#report/simulation-text";
import { createWorkplace, jsonOf, ownTarget, type CliResult, type Workplace } from "#test/cli";
import { modelBytes, spikesJson } from "#test/cli-models";
import { ROOT } from "#test/shared";

let place: Workplace;
beforeAll(async () => {
  place = createWorkplace();
  place.write("model.nir", await modelBytes());
  place.write("other.nir", await modelBytes({ scale: 0.45 }));
  place.write("spikes.json", spikesJson());
  place.write("labels.json", "[1, 0]");
  expectFine(await place.run("compile", "model.nir", "-o", "model.spinec"));
});
afterAll(() => {
  place.remove();
});

const expectFine = (run: CliResult): void => {
  assert.equal(run.code, 0, run.stderr);
};

describe("inspect", () => {
  test("it lists the nodes of a model, and nothing else on stdout", async () => {
    const run = await place.run("inspect", "model.nir");
    expectFine(run);
    assert.match(run.stdout, /^model\.nir: NIR \(written with 1\.0\), 8 neurons, 35 weights\n/);
    assert.match(run.stdout, /lif1 +LIF +5 → 5/);
    assert.match(run.stderr, /note\[nir\/writer\]/);
    assert.doesNotMatch(run.stdout, /note\[/);
  });

  test("it says the same as JSON that its schema holds", async () => {
    const result = jsonOf<{ nodes: { name: string; neurons?: number }[] }>(
      await place.run("inspect", "model.nir", "--json"),
    );
    assert.equal(result.schema, "spinec/inspect/1");
    assert.equal(result.nodes.find(({ name }) => name === "lif1")?.neurons, 5);
  });

  test("it lists populations and projections with --ir", async () => {
    const run = await place.run("inspect", "model.nir", "--ir");
    expectFine(run);
    assert.match(run.stdout, /fc1/);
    assert.ok(run.stdout.length > (await place.run("inspect", "model.nir")).stdout.length);
  });

  test("it reads deployments, as text and as JSON", async () => {
    const text = await place.run("inspect", "model.spinec");
    expectFine(text);
    assert.match(text.stdout, /loihi1/);
    const result = jsonOf<{ deployment: { cores: unknown[] }; meta: { generator: string } }>(
      await place.run("inspect", "model.spinec", "--json"),
    );
    assert.equal(result.schema, "spinec/inspect-deployment/1");
    assert.ok(result.deployment.cores.length > 0);
  });
});

describe("check", () => {
  test("it finds nothing wrong with a model that is fine", async () => {
    const run = await place.run("check", "model.nir");
    expectFine(run);
    assert.match(run.stdout, /model\.nir: 0 errors, 0 warnings, \d+ notes?\n$/);
    assert.equal(jsonOf(await place.run("check", "model.nir", "--json")).schema, "spinec/check/1");
  });

  test("it writes a repaired file that has nothing left to repair", async () => {
    place.write("bare.nir", await modelBytes({ without: ["input", "output"] }));
    const run = await place.run("check", "bare.nir", "--fix", "fixed.nir");
    assert.match(run.stdout, /Repaired: fixed\.nir/);
    const again = await place.run("check", "fixed.nir", "--strict");
    assert.equal(again.code, 0, again.stdout);
  });

  test("it ends with 1 for warnings only if they are strict", async () => {
    place.write("bare.nir", await modelBytes({ without: ["input", "output"] }));
    const result = jsonOf<{ findings: { severity: string }[] }>(
      await place.run("check", "bare.nir", "--json"),
    );
    assert.ok(result.findings.some(({ severity }) => severity === "warning"));
    assert.equal((await place.run("check", "bare.nir")).code, 0);
    assert.equal((await place.run("check", "bare.nir", "--strict")).code, 1);
  });
});

describe("compile and verify", () => {
  test("it writes a deployment of which it prints the hash", async () => {
    const run = await place.run("compile", "model.nir", "-o", "again.spinec", "--json");
    expectFine(run);
    const report = jsonOf<CompileReport>(run);
    assert.equal(report.schema, "spinec/compile/1");
    assert.equal(report.deploymentBytes, place.read("again.spinec").length);
    assert.deepEqual(place.read("again.spinec"), place.read("model.spinec"));
  });

  test("it proves that a deployment is its model", async () => {
    const run = await place.run("verify", "model.spinec", "model.nir");
    expectFine(run);
    // Two of the model's eight change nothing that can be observed: they are not on the chip.
    assert.match(run.stdout, /6 neurons/);
    const report = jsonOf<{ ok: boolean }>(await place.run("verify", "model.spinec", "model.nir", "--json"));
    assert.equal(report.ok, true);
  });

  test("it takes the options of the compilation from the deployment", async () => {
    expectFine(
      await place.run(
        "compile",
        "model.nir",
        "-o",
        "odd.spinec",
        "--weight-bits",
        "5",
        "--decay-levels",
        "1",
      ),
    );
    expectFine(await place.run("verify", "odd.spinec", "model.nir"));
  });

  test("it maps onto a target of one's own, edited", async () => {
    place.write("mine.json", JSON.stringify(await ownTarget(place, "mine")));
    expectFine(await place.run("compile", "model.nir", "--target", "mine.json", "-o", "mine.spinec"));
    expectFine(await place.run("verify", "mine.spinec", "model.nir", "--target", "mine.json"));
  });
});

describe("simulate", () => {
  test("it runs a model on the float reference, and records its spikes", async () => {
    const run = await place.run(
      "simulate",
      "model.nir",
      "--input",
      "spikes.json",
      "--spikes",
      "out.json.gz",
      "--json",
    );
    expectFine(run);
    const report = jsonOf<SimulationReport>(run);
    assert.equal(report.on, "float reference");
    assert.equal(report.energy, undefined);
    const recorded = JSON.parse(gunzipSync(place.read("out.json.gz")).toString()) as object;
    const events = JSON.stringify(recorded)
      .match(/"t":\[[^\]]*\]/g)
      ?.map((t) => JSON.parse(t.slice(4)) as number[]);
    const total = events?.reduce((sum, t) => sum + t.length, 0);
    assert.equal(total, 2 * report.outputs[0].spikesPerInference);
    assert.ok(total! > 0);
  });

  test("it gives the same for a deployment as for the model compiled on the way", async () => {
    const direct = await place.run(
      "simulate",
      "model.nir",
      "--target",
      "loihi1",
      "--input",
      "spikes.json",
      "--json",
    );
    const compiled = await place.run("simulate", "model.spinec", "--input", "spikes.json", "--json");
    const [a, b] = [jsonOf<SimulationReport>(direct), jsonOf<SimulationReport>(compiled)];
    assert.ok(a.energy!.dynamicPj > 0);
    assert.deepEqual({ ...a, diagnostics: [] }, { ...b, diagnostics: [] });
  });

  test("it takes only as many samples and steps as it is told", async () => {
    const args = [
      "simulate",
      "model.spinec",
      "--input",
      "spikes.json",
      "--samples",
      "1",
      "--steps",
      "9",
      "--json",
    ];
    const report = jsonOf<SimulationReport>(await place.run(...args));
    assert.equal(report.samples, 1);
    assert.equal(report.modelSteps, 9);
  });
});

describe("run", () => {
  const ARGS = ["run", "model.nir", "--input", "spikes.json", "--labels", "labels.json", "--compare-dense"];

  test("it reports on everything, as text", async () => {
    const run = await place.run(...ARGS);
    expectFine(run);
    for (const heading of ["Model:", "Quantization:", "Map:", "Run:", "Energy", "Time", "Accuracy", "Beside"])
      assert.match(run.stdout, new RegExp(`^${heading}`, "m"));
  });

  test("it reports the same twice, to the byte: JSON, page and spikes", async () => {
    const once = await place.run(...ARGS, "--json", "--html", "a.html", "--spikes", "a.json");
    const twice = await place.run(...ARGS, "--json", "--html", "b.html", "--spikes", "b.json");
    const report = jsonOf<RunReport>(once);
    assert.equal(report.schema, "spinec/run/1");
    assert.equal(once.stdout, twice.stdout);
    assert.deepEqual(place.read("a.html"), place.read("b.html"));
    assert.deepEqual(place.read("a.json"), place.read("b.json"));
    assert.equal(report.accuracy?.samples, 2);
  });

  test("it leaves out what needs the model with --no-reference", async () => {
    const report = jsonOf<RunReport>(await place.run(...ARGS, "--no-reference", "--json"));
    assert.equal(report.quantization?.changedSpikes, undefined);
    assert.equal(report.run.neurobench, undefined);
    assert.equal(report.accuracy?.modelShare, undefined);
  });

  test("it says what it does not know under a profile without times", async () => {
    const run = await place.run(...ARGS, "--profile", "davies2018");
    expectFine(run);
    assert.match(run.stdout, /at least .* dynamic \(profile davies2018\)/);
    assert.match(run.stdout, /Time: the profile has no times/);
    const report = jsonOf<RunReport>(await place.run(...ARGS, "--profile", "davies2018", "--json"));
    assert.equal(report.time.perInferenceNs, null);
    assert.equal(report.energy.totalPj, null);
  });
});

describe("targets, formats and demo", () => {
  test("it lists the targets", async () => {
    const text = await place.run("targets");
    expectFine(text);
    assert.match(text.stdout, /^loihi1 /m);
    assert.equal(jsonOf(await place.run("targets", "--json")).schema, "spinec/targets/1");
    assert.equal(jsonOf(await place.run("targets", "list", "--json")).schema, "spinec/targets/1");
  });

  test("it shows a target as a file, as JSON with a schema, and as tables", async () => {
    const file = JSON.parse((await place.run("targets", "show", "loihi1")).stdout) as unknown;
    const result = jsonOf<{ target: unknown }>(await place.run("targets", "show", "loihi1", "--json"));
    assert.deepEqual(result.target, file);
    const table = await place.run("targets", "show", "loihi1", "--table");
    assert.match(table.stdout, /pJ/);
  });

  test("it lists the formats", async () => {
    assert.match((await place.run("formats")).stdout, /^nir .*\.nir/m);
    assert.equal(jsonOf(await place.run("formats", "--json")).schema, "spinec/formats/1");
  });

  test("it shows the demo and writes its page", async () => {
    const run = await place.run("demo", "--json", "-o", "demo.html");
    expectFine(run);
    const report = jsonOf<RunReport>(run);
    assert.ok(report.accuracy!.chipShare > 0.9);
    assert.ok(report.dense!.dynamicPj > report.energy.dynamicPj);
    assert.match(place.read("demo.html").toString(), /^<!doctype html>/);
  });
});

describe("the schemas in assets/schema", () => {
  test("they are those of the program", async () => {
    const { jsonSchemas } = await import("#report/schema");
    for (const [name, schema] of Object.entries(jsonSchemas())) {
      const [, result, version] = name.split("/");
      const path = join(ROOT, "assets/schema", `${result}-${version}.json`);
      assert.equal(
        readFileSync(path, "utf8"),
        `${JSON.stringify(schema, null, 2)}\n`,
        `${path} is out of date: npm run build && node scripts/write-schemas.mjs`,
      );
    }
  });

  test("the deployment's hash is of its contents", async () => {
    const report = jsonOf<CompileReport>(
      await place.run("compile", "model.nir", "-o", "hash.spinec", "--json"),
    );
    const inspected = jsonOf<{ sha256: string }>(await place.run("inspect", "hash.spinec", "--json"));
    assert.equal(inspected.sha256, report.deploymentHash);
    assert.notEqual(createHash("sha256").update(place.read("hash.spinec")).digest("hex"), "");
  });

  test("the hash of the chip is the one that targets lists, and another for another chip", async () => {
    const { targets } = jsonOf<{ targets: readonly { name: string; contentHash: string }[] }>(
      await place.run("targets", "--json"),
    );
    for (const name of ["loihi1", "loihi2"]) {
      const run = ["compile", "model.nir", "-o", "hash.spinec", "--target", name, "--json"];
      const report = jsonOf<CompileReport>(await place.run(...run));
      assert.equal(report.targetHash, targets.find((target) => target.name === name)?.contentHash);
    }
    assert.equal(new Set(targets.map(({ contentHash }) => contentHash)).size, targets.length);
  });
});
