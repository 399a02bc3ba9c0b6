// The README is held to what it says: examples run, commands work, tables are the registries'. UPDATE_GOLDEN=1
// rewrites the generated parts; read the diff.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "vitest";
import { FORMATS, INPUT_FORMATS, TARGETS, readInputData } from "../../src/index.ts";
import { writeNpz } from "#formats/npz/npz";
import { nodeSupportTable } from "#test/node-support";
import { ROOT } from "#test/shared";
import { DiagnosticSink } from "#util/diagnostic";

const README = join(ROOT, "README.md");
const CLI = join(ROOT, "dist/src/cli/main.js");
const run = (args: readonly string[], cwd: string): string =>
  execFileSync(process.execPath, [CLI, ...args], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });

/** The README with its generated parts made anew. */
function regenerated(text: string, nodeSupport: string): string {
  return text
    .replace(/<!-- example: (\S+) -->[\s\S]*?(?=\n## )/g, (_, path: string) => {
      const code = readFileSync(join(ROOT, path), "utf8").trimEnd();
      return `<!-- example: ${path} -->\n\n\`\`\`ts\n${code}\n\`\`\`\n`;
    })
    .replace(/(<!-- registries -->)[\s\S]*?(<!-- \/registries -->)/, `$1\n\n${registries()}\n\n$2`)
    .replace(/(<!-- node-support -->)[\s\S]*?(<!-- \/node-support -->)/, `$1\n\n${nodeSupport}\n\n$2`)
    .replace(/(<!-- demo-excerpt -->)[\s\S]*?(<!-- \/demo-excerpt -->)/, (_, open: string, close: string) => {
      const folder = mkdtempSync(join(tmpdir(), "spinec-readme-"));
      try {
        const lines = run(["demo"], folder).trimEnd().split("\n");
        return `${open}\n\n\`\`\`text\n${lines.join("\n")}\n\`\`\`\n\n${close}`;
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
}

/** A Markdown table with columns as wide as their widest cell. */
function table(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [heading, ...rows];
  const widths = heading.map((_, c) => Math.max(...all.map((row) => row[c].length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, c) => cell.padEnd(widths[c])).join(" | ")} |`;
  return [line(heading), `| ${widths.map((w) => "-".repeat(w)).join(" | ")} |`, ...rows.map(line)];
}

function registries(): string {
  return [
    ...table(
      ["target", "chip", "profiles", "packers"],
      TARGETS.map((t) => [
        `\`${t.name}\``,
        t.title,
        t.profiles.map((p) => `\`${p.name}\``).join(", "),
        t.packers.map((p) => `\`${p.name}\``).join(", "),
      ]),
    ),
    "",
    ...table(
      ["format", "files", "holds"],
      [...FORMATS, ...INPUT_FORMATS].map((f) => [
        f.name,
        f.extensions.map((e) => `\`${e}\``).join(" "),
        f.summary,
      ]),
    ),
  ].join("\n");
}

describe("README", () => {
  test("its generated parts are up to date", async () => {
    const text = readFileSync(README, "utf8");
    const support = await nodeSupportTable();
    const expected = regenerated(text, table(support.heading, support.rows).join("\n"));
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(README, expected);
    else assert.equal(text, expected);
  });

  test("its commands work", async () => {
    const folder = mkdtempSync(join(tmpdir(), "spinec-readme-"));
    try {
      copyFileSync(join(ROOT, "assets/demo/digits.nir"), join(folder, "model.nir"));
      const sink = new DiagnosticSink();
      const data = await readInputData(
        readFileSync(join(ROOT, "assets/demo/digits-200.json.gz")),
        { fileName: "digits-200.json.gz", ports: [{ name: "input", shape: [784] }] },
        sink,
      );
      const { steps, samples } = data!.inputs["input"];
      const dense = new Uint8Array(3 * steps * 784);
      samples.slice(0, 3).forEach(({ step, index }, s) => {
        for (let e = 0; e < index.length; e++) dense[(s * steps + step[e]) * 784 + index[e]] = 1;
      });
      const npz = await writeNpz({ input: { data: dense, shape: [3, steps, 784], dtype: "uint8" } });
      for (const name of ["train.npz", "test.npz"]) writeFileSync(join(folder, name), npz);
      const commands = [...readFileSync(README, "utf8").matchAll(/^\$ spinec (.*)$/gm)].map(
        ([, args]) => args,
      );
      assert.ok(commands.length >= 3, "the README shows commands");
      for (const command of commands) {
        const [args, file] = command.split(" > ");
        const output = run(args.split(" "), folder);
        assert.ok(output.length > 0, command);
        if (file !== undefined) writeFileSync(join(folder, file), output);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  for (const name of readdirSync(join(ROOT, "test/examples")).filter((file) => !file.endsWith(".test.ts")))
    test(`the example ${name} runs`, () => {
      const script = join(ROOT, "dist/test/examples", name.replace(/\.ts$/, ".js"));
      const output = execFileSync(process.execPath, [script], { cwd: ROOT, encoding: "utf8" });
      assert.match(output, /energy/i);
    });
});
