// Runs the built command line as a user would: a process of its own, in a folder of its own.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JSON_SCHEMAS } from "#report/schema";
import type { Diagnostic } from "#util/diagnostic";
import { ROOT } from "./shared.ts";

export const CLI: string = join(ROOT, "dist/src/cli/main.js");

export interface CliResult {
  /** Null if a signal ended the process. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that is gone when the tests are over; paths of arguments are relative to it. */
export interface Workplace {
  readonly folder: string;
  path(name: string): string;
  write(name: string, content: Uint8Array | string): void;
  read(name: string): Buffer;
  /** Names of everything in it, hidden files too. */
  list(): string[];
  run(...args: readonly string[]): Promise<CliResult>;
  remove(): void;
}

export function createWorkplace(): Workplace {
  expectFreshBuild();
  const folder = mkdtempSync(join(tmpdir(), "spinec-cli-"));
  const path = (name: string): string => join(folder, name);
  return {
    folder,
    path,
    write: (name, content) => {
      writeFileSync(path(name), content);
    },
    read: (name) => readFileSync(path(name)),
    list: () => readdirSync(folder).sort(),
    run: (...args) => runCli(args, folder),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function runCli(args: readonly string[], cwd: string): Promise<CliResult> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [CLI, ...args],
      { cwd, encoding: "utf8", maxBuffer: 2 ** 28 },
      (_, stdout, stderr) => {
        resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
      },
    );
  });
}

/** Result of `--json`, held against its schema. Messages may be on stderr, nothing but the result on stdout. */
export function jsonOf<Result = Record<string, unknown>>(
  run: CliResult,
): Result & { readonly schema: string; readonly diagnostics: readonly Diagnostic[] } {
  const result = JSON.parse(run.stdout) as Result & { schema: string; diagnostics: Diagnostic[] };
  assert.ok(result.schema in JSON_SCHEMAS, `there is no schema called "${result.schema}"`);
  JSON_SCHEMAS[result.schema].parse(result);
  return result;
}

/** The user was at fault: exit code 1, the code on stderr, nothing on stdout, no stack trace, text that helps. */
export function expectFault(run: CliResult, code: string): void {
  assert.ok(run.stderr.includes(`error[${code}]: `), `error[${code}] is not in:\n${run.stderr}`);
  assert.equal(run.code, 1, run.stderr);
  assert.equal(run.stdout, "");
  assert.doesNotMatch(run.stderr, /^\s+at .*(\.js:\d+|\bnode:)|bug in spinec|\bundefined\b|\[object /m);
}

/** A copy of Loihi 1 under another name, as a user would make it. */
export async function ownTarget(place: Workplace, name: string): Promise<{ mesh: object }> {
  const target = JSON.parse((await place.run("targets", "show", "loihi1")).stdout) as {
    mesh: object;
    profiles: object[];
  };
  const profiles = target.profiles.map((profile) => ({ ...profile, target: name }));
  return { ...target, ...{ name, profiles } };
}

/** Once per process: the build was made from the sources as they are. */
let isFresh = false;
export function expectFreshBuild(): void {
  if (isFresh) return;
  const advice = "run `npm run build` first (`npm test` does)";
  assert.ok(existsSync(CLI), `dist is missing: ${advice}`);
  const info = JSON.parse(readFileSync(join(ROOT, "dist/.tsbuildinfo"), "utf8")) as {
    fileNames: string[];
    fileInfos: (string | { version: string })[];
  };
  const built = new Map(
    info.fileNames.map((name, i) => {
      const file = info.fileInfos[i];
      return [join(ROOT, "dist", name), typeof file === "string" ? file : file.version];
    }),
  );
  for (const folder of ["src", "targets", "compiler", "simulator"])
    for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })) {
      // AssemblyScript is built by scripts/build-wasm.mjs, not by tsc.
      if (!name.endsWith(".ts") || name.includes("/assembly/")) continue;
      const path = join(ROOT, folder, name);
      const hash = createHash("sha256").update(readFileSync(path, "utf8")).digest("hex");
      assert.equal(built.get(path), hash, `dist is older than ${folder}/${name}: ${advice}`);
    }
  isFresh = true;
}
