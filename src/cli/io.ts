import { constants } from "node:buffer";
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ToolchainError } from "#util/diagnostic";
import { cannotRead, cannotWrite, fileTooLarge } from "./diagnostics.ts";

/** Bytes of a file. Throws `ToolchainError` with `cli/cannot-read` or `cli/file-too-large`. */
export function readBytes(path: string): Uint8Array {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new ToolchainError([cannotRead({ path, reason: "it is a folder" })]);
    if (stat.size > constants.MAX_LENGTH)
      throw new ToolchainError([fileTooLarge({ path, bytes: stat.size, limitBytes: constants.MAX_LENGTH })]);
    return readFileSync(path);
  } catch (error) {
    throw asDiagnostic(error, (reason) => cannotRead({ path, reason }));
  }
}

/**
 * Writes all or nothing: to a temporary file in the same folder, which then takes the final name. An interrupt
 * (Ctrl-C) that arrives meanwhile takes effect when the file is whole.
 *
 * Throws `ToolchainError` with `cli/cannot-write` (folder missing, no permission, disk full); the old file, if there
 * was one, is then as it was.
 */
export function writeAtomically(path: string, content: Uint8Array | string): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  const release = holdInterrupts();
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw new ToolchainError([cannotWrite({ path, reason: "it is a folder" })]);
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    throw asDiagnostic(error, (reason) => cannotWrite({ path, reason }));
  } finally {
    rmSync(temporary, { force: true });
    release();
  }
}

/** With a listener, Node delivers a signal only between synchronous stretches; without one it ends the process at once. */
function holdInterrupts(): () => void {
  const interrupted = (): never => process.exit(130);
  process.on("SIGINT", interrupted);
  return () => setImmediate(() => process.off("SIGINT", interrupted));
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is not a folder",
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EMFILE: "too many open files",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "too many symbolic links",
  EIO: "the device reported an input/output error",
};

function asDiagnostic(error: unknown, make: (reason: string) => ReturnType<typeof cannotRead>): unknown {
  if (error instanceof ToolchainError) return error;
  const code = (error as { code?: string }).code;
  if (code === undefined || !(error instanceof Error)) return error;
  return new ToolchainError([make(REASONS[code] ?? `the system says ${code}`)]);
}
