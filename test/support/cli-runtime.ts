// The command line with another onnxruntime-node than the one that is installed: none at all, or one that misbehaves.
import { execFile, type ChildProcess } from "node:child_process";
import { CLI, type CliResult, type Workplace } from "./cli.ts";

/** What a module in the place of onnxruntime-node may build on: `real`. */
const PRELUDE = `import { createRequire } from "node:module";
const real = createRequire(${JSON.stringify(CLI)})("onnxruntime-node");
export const { Tensor, env } = real;
`;

/**
 * Runs the command line with its import of onnxruntime-node answered otherwise.
 *
 * @param source module text that exports `InferenceSession` and may use `real`; undefined: the package cannot be found
 */
export function runWithRuntime(
  place: Workplace,
  source: string | undefined,
  args: readonly string[],
): { readonly child: ChildProcess; readonly ended: Promise<CliResult> } {
  const answer =
    source === undefined
      ? `throw new Error("Cannot find package 'onnxruntime-node'")`
      : `return { url: ${JSON.stringify(`file://${place.path("runtime.mjs")}`)}, shortCircuit: true }`;
  const hooks = `export async function resolve(specifier, context, next) {
    if (specifier === "onnxruntime-node") ${answer};
    return next(specifier, context);
  }`;
  place.write("hooks.mjs", hooks);
  place.write(
    "register.mjs",
    `import { register } from "node:module"; register("./hooks.mjs", import.meta.url);`,
  );
  if (source !== undefined) place.write("runtime.mjs", PRELUDE + source);
  let child: ChildProcess | undefined;
  const ended = new Promise<CliResult>((resolve) => {
    child = execFile(
      process.execPath,
      ["--import", `file://${place.path("register.mjs")}`, CLI, ...args],
      { cwd: place.folder, encoding: "utf8" },
      (_, stdout, stderr) => {
        resolve({ code: child!.exitCode, signal: child!.signalCode, stdout, stderr });
      },
    );
  });
  return { child: child!, ended };
}
