// The layering rule, as a test: who may import whom. Everything outside the command line and the Node
// runners also runs in a browser, so only those may touch Node's own modules.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, test } from "vitest";
import { ROOT } from "#test/shared";

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "src/util": [],
  "src/ir": ["src/util"],
  "src/neurons": ["src/util", "src/ir"],
  targets: ["src/util", "src/ir"],
  compiler: ["src/util", "src/ir", "src/neurons", "targets"],
  simulator: ["src/util", "src/ir", "src/neurons", "targets", "simulator/kernels"],
  "simulator/kernels": [],
  "src/formats": ["src/util", "src/ir", "src/neurons", "targets"],
  "src/train": ["src/util", "src/ir", "src/neurons"],
  "src/report": ["src/util", "src/ir", "targets", "simulator", "compiler", "src/formats"],
  src: [
    "src/util",
    "src/ir",
    "src/neurons",
    "src/formats",
    "src/train",
    "src/report",
    "targets",
    "compiler",
    "simulator",
  ],
  "src/cli": ["src", "src/util"],
};

const ALIASES: Readonly<Record<string, string>> = {
  "#util": "src/util",
  "#ir": "src/ir",
  "#neurons": "src/neurons",
  "#formats": "src/formats",
  "#train": "src/train",
  "#report": "src/report",
  "#targets": "targets",
  "#compiler": "compiler",
  "#simulator": "simulator",
  "#spinec": "src",
};

/** Node's own modules: the command line and the Node runners only; the rest also runs in a browser. */
const MAY_USE_NODE: readonly string[] = ["src/cli"];
/** Loaded on demand, where there is Node. */
const NODE_RUNNERS: readonly string[] = [
  "src/simulate-threads-entry.ts",
  "src/simulate-threads-node.ts",
  "src/train/engine/wasm/node-workers.ts",
];

const FOLDERS = ["src", "targets", "compiler", "simulator"];
const IMPORT = /(?:from\s+|import\s+|import\()\s*"([^"]+)"/g;

/** The longest listed folder that holds the path; `src` itself holds files only, no unlisted folders. */
function layerOf(path: string): string | undefined {
  const layer = Object.keys(MAY_IMPORT)
    .filter((listed) => path.startsWith(`${listed}/`))
    .sort((a, b) => b.length - a.length)[0];
  return layer === "src" && dirname(path) !== "src" ? undefined : layer;
}

function violationsOf(file: string, text: string): string[] {
  const from = layerOf(file);
  if (from === undefined) return [`${file}: its folder is not listed`];
  const violations: string[] = [];
  for (const [, specifier] of text.matchAll(IMPORT)) {
    if (specifier.startsWith("node:")) {
      if (!MAY_USE_NODE.includes(from) && !NODE_RUNNERS.includes(file))
        violations.push(`${file} -> ${specifier}`);
      continue;
    }
    const alias = specifier.split("/")[0];
    let path: string;
    if (specifier.startsWith(".")) path = normalize(join(dirname(file), specifier));
    else if (alias === "#spinec") path = "src/index.ts";
    else if (alias in ALIASES) path = `${ALIASES[alias]}/${specifier.slice(alias.length + 1)}`;
    else if (alias.startsWith("#")) {
      violations.push(`${file} -> ${specifier}: unknown alias`);
      continue;
    } else continue; // a package
    const to = layerOf(path);
    if (to !== from && !(to !== undefined && MAY_IMPORT[from].includes(to)))
      violations.push(`${file} -> ${specifier}`);
  }
  return violations;
}

describe("layers", () => {
  test("no file imports from a layer above or beside its own", () => {
    const violations: string[] = [];
    let files = 0;
    for (const folder of FOLDERS) {
      for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })) {
        if (!name.endsWith(".ts")) continue;
        files++;
        const file = join(folder, name);
        violations.push(...violationsOf(file, readFileSync(join(ROOT, file), "utf8")));
      }
    }
    assert.ok(files > 20, `only ${files} files were seen`);
    assert.deepEqual(violations, []);
  });

  test("the rule catches what it should", () => {
    assert.equal(violationsOf("simulator/machine.ts", 'import { x } from "#compiler/index";').length, 1);
    assert.equal(violationsOf("simulator/kernels/a.ts", 'import { x } from "#util/rng";').length, 1);
    assert.equal(violationsOf("src/ir/a.ts", 'import { readFileSync } from "node:fs";').length, 1);
    assert.equal(violationsOf("src/new-folder/a.ts", "").length, 1);
    assert.equal(violationsOf("src/cli/main.ts", 'import { x } from "#compiler/index";').length, 1);
    assert.equal(violationsOf("compiler/emit.ts", 'import { x } from "../simulator/machine.ts";').length, 1);
    assert.deepEqual(violationsOf("src/cli/main.ts", 'import { x } from "#spinec";\nimport "node:fs";'), []);
  });

  test("every layer that is listed exists", () => {
    for (const layer of Object.keys(MAY_IMPORT)) assert.ok(existsSync(join(ROOT, layer)), layer);
  });
});
