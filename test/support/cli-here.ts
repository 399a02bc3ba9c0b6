// The command line in this process, from the sources: for tests that call it many times.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findExporter } from "#formats/exporters";
import type { Network } from "#ir/network";
import { DiagnosticSink } from "#util/diagnostic";
import { createProgram } from "../../src/cli/program.ts";
import { exportModel } from "../../src/export.ts";

export interface RunHere {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `spinec` with these words. What it prints is caught; files are real. */
export async function runHere(words: readonly string[]): Promise<RunHere> {
  const caught = { stdout: "", stderr: "" };
  const write = { stdout: process.stdout.write, stderr: process.stderr.write };
  const before = process.exitCode;
  const signals = (["SIGINT", "SIGTERM"] as const).map((name) => [name, process.listeners(name)] as const);
  for (const name of ["stdout", "stderr"] as const)
    process[name].write = (text: string | Uint8Array): boolean => {
      caught[name] += typeof text === "string" ? text : new TextDecoder().decode(text);
      return true;
    };
  try {
    process.exitCode = 0;
    await createProgram().parseAsync(["node", "spinec", ...words]);
    return { ...caught, code: Number(process.exitCode) };
  } finally {
    process.stdout.write = write.stdout;
    process.stderr.write = write.stderr;
    process.exitCode = before;
    // A process of its own would be over now.
    for (const [name, own] of signals)
      for (const listener of process.listeners(name))
        if (!own.includes(listener)) process.off(name, listener);
  }
}

/** A folder that `remove` takes away, and paths in it. */
export function folderHere(): {
  readonly path: (name: string) => string;
  readonly write: (name: string, content: Uint8Array | string) => string;
  readonly read: (name: string) => Buffer;
  readonly remove: () => void;
} {
  const folder = mkdtempSync(join(tmpdir(), "spinec-here-"));
  const path = (name: string): string => join(folder, name);
  return {
    path,
    write: (name, content) => {
      writeFileSync(path(name), content);
      return path(name);
    },
    read: (name) => readFileSync(path(name)),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A network as a .nir file. */
export async function nirBytes(network: Network): Promise<Uint8Array> {
  const sink = new DiagnosticSink();
  const exporter = findExporter("nir", sink)!;
  const mapping = (): never => {
    throw new Error("a model needs no target");
  };
  const [file] = await exportModel(network, exporter, {}, mapping, { baseName: "model" }, sink);
  return file.bytes;
}

/** The words of a printed line, as a shell would split it. */
export function shellWords(line: string): string[] {
  return (line.match(/(?:'[^']*'|\\.|[^\s'\\])+/g) ?? []).map((word) =>
    word.replace(
      /'([^']*)'|\\(.)/g,
      (_, quoted: string | undefined, one: string | undefined) => quoted ?? one ?? "",
    ),
  );
}
