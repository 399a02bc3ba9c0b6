import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { afterAll, beforeAll, describe, test } from "vitest";
import { readNirFile } from "#formats/nir/read-file";
import { EXPORTERS } from "#formats/exporters";
import { createWorkplace, expectFault, jsonOf, type Workplace } from "#test/cli";
import { modelBytes } from "#test/cli-models";
import { referenceFaults } from "#test/nir-oracle";
import { DiagnosticSink } from "#util/diagnostic";

let place: Workplace;
beforeAll(async () => {
  place = createWorkplace();
  place.write("model.nir", await modelBytes());
  const run = await place.run("compile", "model.nir", "-o", "model.spinec");
  assert.equal(run.code, 0, run.stderr);
});
afterAll(() => {
  place.remove();
});

interface Exported {
  readonly exporter: string;
  readonly options: Readonly<Record<string, string>>;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

describe("export", () => {
  test("it writes what it says, under the name that was asked for", async () => {
    const run = await place.run(
      "export",
      "model.nir",
      "--to",
      "nir",
      "--dialect",
      "norse",
      "-o",
      "a.nir",
      "--json",
    );
    assert.equal(run.code, 0, run.stderr);
    const { schema, exporter, options, files, diagnostics } = jsonOf<Exported>(run);
    assert.equal(schema, "spinec/export/1");
    assert.deepEqual([exporter, options], ["nir", { dialect: "norse" }]);
    const bytes = place.read("a.nir");
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    assert.deepEqual(files, [{ path: "a.nir", bytes: bytes.length, sha256 }]);
    assert.ok(diagnostics.some(({ code }) => code === "nir/dialect"));
    const file = await readNirFile(bytes, new DiagnosticSink());
    assert.ok(file);
    assert.deepEqual(referenceFaults(file), []);
  });

  test("it adds the extension where the name has none, and keeps another one", async () => {
    assert.equal((await place.run("export", "model.nir", "--to", "nir", "-o", "bare")).code, 0);
    assert.equal((await place.run("export", "model.nir", "--to", "nir", "-o", "other.h5")).code, 0);
    assert.deepEqual(place.read("bare.nir"), place.read("other.h5"));
  });

  test("it lays further files beside the first, under the same name", async () => {
    const run = await place.run("export", "model.nir", "--to", "sanafe", "-o", "table.yaml", "--json");
    assert.equal(run.code, 0, run.stderr);
    const { files } = jsonOf<Exported>(run);
    assert.ok(files.length > 1, "the exporter writes several files");
    for (const { path, bytes } of files) {
      assert.match(path, /^table/);
      assert.equal(place.read(path).length, bytes);
    }
  });

  test("it maps the model where the exporter needs it", async () => {
    const run = await place.run(
      "export",
      "model.nir",
      "--to",
      "nir",
      "--quantized",
      "--target",
      "loihi1",
      "-o",
      "q",
    );
    assert.equal(run.code, 0, run.stderr);
    const file = await readNirFile(place.read("q.nir"), new DiagnosticSink());
    assert.equal(file?.root.metadata["spinec_target"], "loihi1");
    assert.ok(file.root.nodes.some(({ metadata }) => "spinec_weight_integers" in metadata));
  });

  test("it takes deployments for exporters of deployments, and says so for others", async () => {
    const deployment = EXPORTERS.find(({ level }) => level === "deployment");
    assert.ok(deployment);
    const fine = await place.run("export", "model.spinec", "--to", deployment.name, "-o", "chip");
    assert.equal(fine.code, 0, fine.stderr);
    expectFault(
      await place.run("export", "model.spinec", "--to", "nir", "-o", "x.nir"),
      "export/needs-model",
    );
  });

  test("it gives the same bytes every time", async () => {
    for (const name of ["one.nir", "two.nir"])
      await place.run("export", "model.nir", "--to", "nir", "--gzip", "-o", name);
    assert.deepEqual(place.read("one.nir"), place.read("two.nir"));
  });
});

describe("export refuses", () => {
  const cases: [string, string[], string, RegExp][] = [
    ["an unknown exporter", ["--to", "nri", "-o", "x"], "formats/unknown-exporter", /did you mean "nir"/],
    [
      "an option that nobody has",
      ["--to", "nir", "-o", "x", "--dialct", "norse"],
      "cli/unknown-option",
      /has --dialect, /,
    ],
    [
      "an option of another exporter",
      ["--to", "graph", "-o", "x", "--dialect", "norse"],
      "formats/unknown-export-option",
      /"graph" has no option --dialect/,
    ],
    [
      "a value that the option does not take",
      ["--to", "nir", "-o", "x", "--dialect", "nengo"],
      "formats/bad-export-option",
      /spec, snntorch, norse/,
    ],
    [
      "a second file",
      ["second.nir", "--to", "nir", "-o", "x"],
      "cli/one-file-only",
      /model\.nir, second\.nir/,
    ],
    ["a folder that is not there", ["--to", "nir", "-o", "nowhere/x.nir"], "cli/cannot-write", /no folder/],
  ];
  test.each(cases)("%s", async (_, args, code, text) => {
    const before = place.list();
    const run = await place.run("export", "model.nir", ...args);
    expectFault(run, code);
    assert.match(run.stderr, text);
    assert.deepEqual(place.list(), before, "nothing was written");
  });

  test("to leave some files of an export written and others not", async () => {
    mkdirSync(place.path("half"));
    assert.equal(
      (await place.run("export", "model.nir", "--to", "sanafe", "-o", "half/t.yaml", "--json")).code,
      0,
    );
    const { files } = jsonOf<Exported>(
      await place.run("export", "model.nir", "--to", "sanafe", "-o", "half/t.yaml", "--json"),
    );
    const [first, ...others] = files.map(({ path }) => path);
    place.write(first, "old");
    const blocked = others[others.length - 1];
    const content = readFileSync(place.path(blocked));
    // A folder in the way of the last file.
    renameSync(place.path(blocked), place.path("half/kept"));
    mkdirSync(place.path(blocked));
    expectFault(
      await place.run("export", "model.nir", "--to", "sanafe", "-o", "half/t.yaml"),
      "cli/cannot-write",
    );
    assert.equal(place.read(first).toString(), "old");
    assert.deepEqual(readFileSync(place.path("half/kept")), content);
  });
});

test("formats lists what is written, with options", async () => {
  const { exporters } = jsonOf<{ exporters: { name: string; options: { name: string }[] }[] }>(
    await place.run("formats", "--json"),
  );
  assert.deepEqual(
    exporters.map(({ name }) => name),
    EXPORTERS.map(({ name }) => name),
  );
  assert.ok(exporters[0].options.some(({ name }) => name === "dialect"));
});
