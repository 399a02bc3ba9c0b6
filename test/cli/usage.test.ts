import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { CLI, createWorkplace, jsonOf, type Workplace } from "#test/cli";
import { modelBytes, spikesJson } from "#test/cli-models";
import { ROOT } from "#test/shared";

let place: Workplace;
beforeAll(async () => {
  place = createWorkplace();
  place.write("model.nir", await modelBytes());
  place.write("spikes.json", spikesJson());
});
afterAll(() => {
  place.remove();
});

const COMMANDS = [
  "demo",
  "inspect",
  "check",
  "compile",
  "simulate",
  "run",
  "verify",
  "targets",
  "targets show",
  "targets check",
  "targets diff",
  "formats",
  "export",
  "train",
  "map",
  "compare",
  "fit",
];

describe("help and version", () => {
  test.each(COMMANDS)("it explains %s with examples", async (command) => {
    const run = await place.run(...command.split(" "), "--help");
    assert.equal(run.code, 0);
    assert.equal(run.stderr, "");
    const [, examples] = run.stdout.split("\nExamples:\n");
    assert.match(examples ?? "", new RegExp(`^ {2}\\$ spinec ${command.split(" ")[0]}`, "m"), run.stdout);
  });

  test("it lists every command that is explained here", async () => {
    const run = await place.run("--help");
    const [, list] = run.stdout.split("Commands:\n");
    const names = (list ?? "").match(/^ {2}[a-z]+/gm)?.map((name) => name.trim());
    const explained = COMMANDS.filter((name) => !name.includes(" "));
    assert.deepEqual(names?.filter((name) => name !== "help").sort(), explained.sort());
  });

  test("it has the version of package.json", async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    assert.equal((await place.run("--version")).stdout, `${version}\n`);
  });
});

describe("wrong usage", () => {
  const cases: [string, string[], RegExp][] = [
    ["a misspelt command", ["copmile", "model.nir"], /unknown command 'copmile'\n\(Did you mean compile\?\)/],
    [
      "a misspelt option",
      ["run", "model.nir", "--inptu", "x"],
      /unknown option '--inptu'\n\(Did you mean --input\?\)/,
    ],
    ["a missing option", ["run", "model.nir"], /required option '--input <file>' not specified/],
    ["a missing output", ["compile", "model.nir"], /required option '-o, --output <file>' not specified/],
    ["a missing argument", ["inspect"], /missing required argument 'file'/],
    ["one argument too many", ["inspect", "model.nir", "b.nir"], /too many arguments/],
    [
      "a choice that there is not",
      ["run", "model.nir", "--input", "spikes.json", "--share", "x"],
      /Allowed choices are never/,
    ],
  ];
  test.each(cases)("it ends with 2 for %s", async (_, args, message) => {
    const run = await place.run(...args);
    assert.match(run.stderr, message);
    assert.equal(run.code, 2);
    assert.equal(run.stdout, "");
  });

  test("it shows the help where no command is given", async () => {
    const run = await place.run();
    assert.match(run.stdout + run.stderr, /Usage: spinec/);
    assert.equal(run.code, 2);
  });
});

describe("what goes where", () => {
  test("it prints notes on stderr, and none with --quiet", async () => {
    const args = ["simulate", "model.nir", "--input", "spikes.json"];
    const [plain, quiet] = [await place.run(...args), await place.run(...args, "--quiet")];
    assert.match(plain.stderr, /^note\[/);
    assert.equal(quiet.stderr, "");
    assert.equal(plain.stdout, quiet.stdout);
  });

  test("it prints only the errors of a failure with --quiet", async () => {
    const args = ["run", "model.nir", "--input", "spikes.json", "--packer", "nope"];
    const run = await place.run(...args, "--quiet");
    assert.match(run.stderr, /^error\[targets\/unknown-packer\]/);
    assert.doesNotMatch(run.stderr, /note\[|warning\[/);
  });

  test("it prints faults as JSON on stdout with --json, and as text on stderr all the same", async () => {
    const run = await place.run("inspect", "nope.nir", "--json");
    const result = jsonOf(run);
    assert.equal(result.schema, "spinec/error/1");
    assert.deepEqual(
      result.diagnostics.map(({ code }) => code),
      ["cli/cannot-read"],
    );
    assert.match(run.stderr, /error\[cli\/cannot-read\]/);
    assert.equal(run.code, 1);
  });

  test("it makes errors of warnings with --strict, and leaves the result as it is", async () => {
    place.write("bare.nir", await modelBytes({ without: ["output"] }));
    const args = ["simulate", "bare.nir", "--input", "spikes.json"];
    const [plain, strict] = [await place.run(...args), await place.run(...args, "--strict")];
    assert.match(plain.stderr, /^warning\[/m);
    assert.equal(plain.code, 0);
    assert.doesNotMatch(strict.stderr, /^warning\[/m);
    assert.match(strict.stderr, /^error\[/m);
    assert.equal(strict.code, 1);
    assert.equal(strict.stdout, plain.stdout);
  });

  test("it has no control characters where stderr is no terminal", async () => {
    const run = await place.run("demo", "-o", "demo.html");
    assert.doesNotMatch(run.stderr + run.stdout, /[\u0000-\u0009\u000b-\u001f]/);
  });

  test("it ends quietly when the reader of a pipe goes away", () => {
    const command = `"${process.execPath}" "${CLI}" targets show loihi1 | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const run = spawnSync("bash", ["-c", command], { encoding: "utf8", cwd: place.folder });
    assert.equal(run.stdout, "{\n0\n");
    assert.equal(run.stderr, "");
  });

  const hasScript = spawnSync("script", ["--version"]).status === 0;
  test.skipIf(!hasScript)("it draws its progress on a terminal, and leaves the result alone", () => {
    const command = `"${process.execPath}" "${CLI}" demo -o demo.html > out.txt`;
    const drawn = execFileSync("script", ["-qec", command, "/dev/null"], {
      cwd: place.folder,
      encoding: "utf8",
    });
    assert.match(drawn, /\u001b\[/);
    assert.match(drawn, /\[[^\]]*\] \d+ %/);
    assert.match(place.read("out.txt").toString(), /^digits on loihi1/);
  });
});
