// The public names of every entry of package.json's "exports", kept in a file: whoever changes them changes the
// changelog too. UPDATE_GOLDEN=1 rewrites it; read the diff.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "vitest";
import { assertGolden } from "#test/golden";
import { ROOT } from "#test/shared";
import { VERSION } from "../../src/version.ts";

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, { default: string } | string>>;
}
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;

test("the public names are those on record", async () => {
  const lines: string[] = [];
  for (const [entry, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string") continue;
    const source = target.default.replace("./dist/", "").replace(/\.js$/, ".ts");
    const names = Object.keys((await import(pathToFileURL(join(ROOT, source)).href)) as object);
    assert.ok(names.length > 0, `${entry} exports something`);
    lines.push(entry, ...names.sort().map((name) => `  ${name}`));
  }
  assertGolden("api.txt", `${lines.join("\n")}\n`);
});

test("the version in the program is the package's", () => {
  assert.equal(VERSION, manifest.version);
});
