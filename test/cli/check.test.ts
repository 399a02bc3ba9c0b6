// `spinec check --for` and `--fix`, and recordings as NIRData, as a user runs them.
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import { readSpikeData } from "#formats/spikes/read";
import { createWorkplace, expectFault, jsonOf, type Workplace } from "#test/cli";
import { modelBytes, spikesJson } from "#test/cli-models";
import { DiagnosticSink, type Diagnostic } from "#util/diagnostic";

interface CheckResult {
  readonly findings: readonly Diagnostic[];
  readonly readings?: readonly {
    readonly reader: string;
    readonly verdict: string;
    readonly findings: readonly Diagnostic[];
    readonly changed?: readonly { readonly population: string; readonly differing: number }[];
  }[];
}

let place: Workplace;
beforeAll(async () => {
  place = createWorkplace();
  place.write("model.nir", await modelBytes());
  place.write("bare.nir", await modelBytes({ without: ["input", "output"] }));
  place.write("spikes.json", spikesJson());
});
afterAll(() => {
  place.remove();
});

describe("check --for", () => {
  test("it takes samples and steps only with the data that they count", async () => {
    for (const option of [
      ["--samples", "1"],
      ["--steps", "1"],
      ["--input", "spikes.json"],
      ["--calibrate", "spikes.json"],
    ])
      expectFault(await place.run("check", "model.nir", ...option), "cli/bad-option");
  });

  test("it says that a reader takes a file as it is meant, and how it steps", async () => {
    const run = await place.run("check", "model.nir", "--for", "snntorch");
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /snnTorch: step 1e-4 s; LIF v ← \(1 − dt\/τ\) v \+ x/);
    assert.match(run.stdout, /snnTorch reads it as it is meant/);
  });

  test("it says what another reader computes in its place, and still ends with 0", async () => {
    const run = await place.run("check", "model.nir", "--for", "norse");
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /warning\[reader\/decay-differs\]: in one step Norse keeps 0 of the membrane/);
    assert.match(run.stdout, /Norse reads it in another way/);
  });

  test("it ends with 1 where the reader refuses the file, with the reason", async () => {
    const run = await place.run("check", "model.nir", "--for", "rockpool");
    assert.equal(run.code, 1);
    assert.match(run.stdout, /error\[reader\/node-refused\]: Rockpool refuses LIF "lif1"/);
    assert.equal(run.stderr, "");
  });

  test("it makes a table of all readers, and JSON that its schema holds", async () => {
    const run = await place.run("check", "model.nir", "--for", "all");
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /^snntorch +snnTorch +reads *$/m);
    assert.match(run.stdout, /^hxtorch +hxtorch +refuses +\S/m);
    const { readings } = jsonOf<CheckResult>(await place.run("check", "model.nir", "--for", "all", "--json"));
    assert.equal(readings?.length, 11);
    assert.equal(readings.find(({ reader }) => reader === "rockpool")?.verdict, "refuses");
  });

  test("it counts the spikes that differ on sample data", async () => {
    place.write("weak.nir", await modelBytes({ scale: 0.12 }));
    const args = ["check", "weak.nir", "--for", "all", "--input", "spikes.json"];
    const { readings = [] } = jsonOf<CheckResult>(await place.run(...args, "--json"));
    const differing = (name: string): number | undefined =>
      readings
        .find(({ reader }) => reader === name)
        ?.changed?.reduce((sum, entry) => sum + entry.differing, 0);
    assert.equal(differing("snntorch"), 0);
    assert.ok((differing("norse") ?? 0) > 0);
    assert.equal(differing("rockpool"), undefined);
    assert.match((await place.run(...args)).stdout, /differing spikes/);
  });

  test("it asks for --for where there is an --input, and for a reader that exists", async () => {
    expectFault(await place.run("check", "model.nir", "--input", "spikes.json"), "cli/bad-option");
    const run = await place.run("check", "model.nir", "--for", "pytorch");
    assert.equal(run.code, 2);
    assert.match(run.stderr, /Allowed choices are nir, nirtorch, snntorch/);
  });
});

describe("check", () => {
  test("it says of a finding why it matters and to whom", async () => {
    const run = await place.run("check", "bare.nir");
    assert.match(run.stdout, /warning\[nir\/ports-added\]/);
    assert.match(run.stdout, /^ {2}why: importers look for Input and Output nodes \(nirtorch, snntorch, /m);
    const { findings } = jsonOf<CheckResult>(await place.run("check", "bare.nir", "--json"));
    const data = findings.find(({ code }) => code === "nir/ports-added")?.data;
    assert.equal(data?.["fixable"], true);
    assert.ok(Array.isArray(data["readers"]) && data["readers"].includes("spyx"));
  });

  test("it repairs a file once and for all", async () => {
    assert.equal((await place.run("check", "bare.nir", "--fix", "fixed.nir")).code, 0);
    assert.equal((await place.run("check", "fixed.nir", "--fix", "again.nir")).code, 0);
    assert.deepEqual(place.read("again.nir"), place.read("fixed.nir"));
    const { findings } = jsonOf<CheckResult>(await place.run("check", "fixed.nir", "--json"));
    assert.deepEqual(
      findings.filter(({ data }) => data?.["fixable"] === true),
      [],
    );
  });
});

describe("--spikes", () => {
  test("it writes NIRData where the name ends in .h5, the same spikes as JSON", async () => {
    const ports: unknown[] = [];
    for (const name of ["out.h5", "out.json"]) {
      const run = await place.run("simulate", "model.nir", "--input", "spikes.json", "--spikes", name);
      assert.equal(run.code, 0, run.stderr);
      const sink = new DiagnosticSink();
      const file = await readSpikeData(place.read(name), { fileName: name }, sink);
      assert.deepEqual(sink.diagnostics, []);
      ports.push(file?.ports);
    }
    assert.deepEqual(ports[0], ports[1]);
  });
});
