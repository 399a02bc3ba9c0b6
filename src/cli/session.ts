import { DiagnosticSink, ToolchainError, formatDiagnostic, type Diagnostic } from "#util/diagnostic";
import { createProgress, type Progress } from "./progress.ts";

/** Options that every command has. */
export interface CommonFlags {
  readonly json?: boolean;
  readonly strict?: boolean;
  readonly quiet?: boolean;
}

/** What a command works with: where it reports, and how its result leaves the process. */
export interface Session {
  readonly sink: DiagnosticSink;
  readonly onProgress: Progress["onProgress"];
  /** Ends a stage: throws if the sink holds errors. */
  checkpoint(): void;
}

/** What a command gives back: for people and for machines. */
export interface CommandResult {
  readonly text: readonly string[];
  /** Gets `diagnostics` added when it is printed. */
  readonly json: object;
  /** 1 where the command ran and found fault with its input (`check`, `verify`); 130, 143: stopped by a signal (`train`, `run`, `simulate`). */
  readonly exitCode?: 0 | 1 | 3 | 130 | 143;
}

/**
 * Runs one command to its end: notes and warnings to stderr, the result to stdout, the exit code set.
 *
 * 0 fine, 1 the model, file or options are at fault, 3 a bug of ours. (2, wrong usage, is set where arguments are parsed.)
 */
export async function runCommand(
  flags: CommonFlags,
  work: (session: Session) => Promise<CommandResult>,
): Promise<void> {
  const sink = new DiagnosticSink();
  const progress = await createProgress();
  try {
    const result = await work({
      sink,
      onProgress: progress.onProgress,
      checkpoint: () => {
        sink.throwIfErrors();
      },
    });
    progress.stop();
    const diagnostics = strictly(flags, sink.diagnostics);
    printDiagnostics(flags, diagnostics);
    if (flags.json === true) printJson({ ...result.json, diagnostics });
    else process.stdout.write(`${result.text.join("\n")}\n`);
    const failed = diagnostics.some((d) => d.severity === "error");
    process.exitCode = failed ? 1 : (result.exitCode ?? 0);
  } catch (error) {
    progress.stop();
    if (error instanceof ToolchainError) {
      const all = [...sink.diagnostics.filter((d) => !error.diagnostics.includes(d)), ...error.diagnostics];
      const diagnostics = strictly(flags, all);
      printDiagnostics(flags, diagnostics);
      if (flags.json === true) printJson({ schema: "spinec/error/1", diagnostics });
      process.exitCode = 1;
    } else {
      printBug(error);
      process.exitCode = 3;
    }
  }
}

/** `--strict`: warnings become errors. They never change the result. */
function strictly(flags: CommonFlags, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (flags.strict !== true) return diagnostics;
  return diagnostics.map((d) => (d.severity === "warning" ? { ...d, severity: "error" as const } : d));
}

function printDiagnostics(flags: CommonFlags, diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics)
    if (flags.quiet !== true || diagnostic.severity === "error")
      process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
}

/** Typed arrays as plain arrays; numbers that JSON cannot hold as null. */
function printJson(value: object): void {
  const text = JSON.stringify(value, (_, part: unknown) =>
    ArrayBuffer.isView(part) ? Array.from(part as unknown as ArrayLike<number>) : part,
  );
  process.stdout.write(`${text}\n`);
}

function printBug(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `This is a bug in spinec, not in your model. Please report it with the command you ran.\n${text}\n`,
  );
}
