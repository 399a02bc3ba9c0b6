import { constants } from "node:buffer";
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ToolchainError } from "#util/diagnostic";
import { cannotRead, cannotWrite, fileTooLarge } from "./diagnostics.ts";

/** What was read, by its real name: results never take the place of it. */
const inputs = new Set<string>();

/** Bytes of a file. Throws `ToolchainError` with `cli/cannot-read` or `cli/file-too-large`. */
export function readBytes(path: string): Uint8Array {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new ToolchainError([cannotRead({ path, reason: "it is a folder" })]);
    if (stat.size > constants.MAX_LENGTH)
      throw new ToolchainError([fileTooLarge({ path, bytes: stat.size, limitBytes: constants.MAX_LENGTH })]);
    const bytes = readFileSync(path);
    if (stat.isFile()) inputs.add(realpathSync(path));
    return bytes;
  } catch (error) {
    throw asDiagnostic(error, (reason) => cannotRead({ path, reason }));
  }
}

/** Writes one file, all or nothing: see `writeAllAtomically`. */
export function writeAtomically(path: string, content: Uint8Array | string): void {
  writeAllAtomically([{ path, content }]);
}

/**
 * Writes all or nothing: to temporary files in the same folders, which then take the final names. If one cannot,
 * those that already have are put back as they were. An interrupt (Ctrl-C) that arrives meanwhile takes effect when
 * the files are whole.
 *
 * Throws `ToolchainError` with `cli/cannot-write` (folder missing, no permission, disk full, a file that was read); the old files, if there
 * were any, are then as they were.
 */
export function writeAllAtomically(
  files: readonly { readonly path: string; readonly content: Uint8Array | string }[],
): void {
  const beside = (path: string, ending: string): string =>
    join(dirname(path), `.${basename(path)}.${process.pid}.${ending}`);
  const done: { path: string; hadOld: boolean }[] = [];
  const release = holdInterrupts();
  // Links are followed; devices and pipes are written to, and stay what they are.
  const places: { given: string; path: string; content: Uint8Array | string; isPlain: boolean }[] = [];
  let path = "";
  try {
    for (const file of files) {
      path = file.path;
      const there = statSync(path, { throwIfNoEntry: false });
      const real = there?.isFile() === true ? realpathSync(path) : resolve(path);
      if (there?.isDirectory()) throw new ToolchainError([cannotWrite({ path, reason: "it is a folder" })]);
      if (inputs.has(real))
        throw new ToolchainError([cannotWrite({ path, reason: "it is what was read, and would be lost" })]);
      if (places.some((place) => place.path === real))
        throw new ToolchainError([cannotWrite({ path, reason: "two results would go there" })]);
      const isPlain = there === undefined || there.isFile();
      places.push({ given: path, path: real, content: file.content, isPlain });
    }
    for (const place of places) {
      path = place.given;
      if (place.isPlain) writeFileSync(beside(place.path, "tmp"), place.content);
    }
    for (const { given, path: real, content, isPlain } of places) {
      path = given;
      if (!isPlain) {
        writeFileSync(real, content);
        continue;
      }
      // A single file needs no way back: its renaming is the whole change.
      const hadOld = places.length > 1 && existsSync(real);
      if (hadOld) renameSync(real, beside(real, "old"));
      done.push({ path: real, hadOld });
      renameSync(beside(real, "tmp"), real);
    }
  } catch (error) {
    for (const { path: changed, hadOld } of done.reverse()) {
      if (hadOld) renameSync(beside(changed, "old"), changed);
      else if (places.length > 1) rmSync(changed, { force: true });
    }
    throw asDiagnostic(error, (reason) => cannotWrite({ path, reason }));
  } finally {
    for (const { path: each, isPlain } of places) if (isPlain) removeQuietly(beside(each, "tmp"));
    release();
  }
  for (const { path: each, isPlain } of places) if (isPlain) removeQuietly(beside(each, "old"));
}

/** A file that grows while work goes on. */
export interface GrowingFile {
  readonly write: (text: string) => void;
  /** Gives it its name. */
  readonly commit: () => void;
  /** Removes what was written, unless it has its name already. */
  readonly discard: () => void;
}

/**
 * Opens a temporary file beside `path` that takes its name when it is whole; also if the process exits meanwhile, nothing is
 * left half written. Everything throws `ToolchainError` with `cli/cannot-write`.
 */
export function growFile(path: string): GrowingFile {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  const guarded = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw asDiagnostic(error, (reason) => cannotWrite({ path, reason }));
    }
  };
  const file = guarded(() => openSync(temporary, "w"));
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(file);
    isOpen = false;
  };
  const discard = (): void => {
    close();
    removeQuietly(temporary);
    process.off("exit", discard);
  };
  process.on("exit", discard);
  return {
    write(text) {
      guarded(() => {
        writeFileSync(file, text);
      });
    },
    commit() {
      guarded(() => {
        close();
        renameSync(temporary, path);
      });
      process.off("exit", discard);
    },
    discard,
  };
}

/**
 * Writes one file so that it outlives a kill and a loss of power at any moment: to a temporary file, on to the device, then to its
 * name. Unlike `writeAtomically` it leaves signals to the caller.
 *
 * @param previous what the file that was there is called from now on
 * Throws `ToolchainError` with `cli/cannot-write`; the old file is then as it was.
 */
export function writeDurably(path: string, content: Uint8Array | string, previous?: string): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    const file = openSync(temporary, "w");
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (previous !== undefined && existsSync(path)) renameSync(path, previous);
    renameSync(temporary, path);
  } catch (error) {
    throw asDiagnostic(error, (reason) => cannotWrite({ path, reason }));
  } finally {
    removeQuietly(temporary);
  }
}

/**
 * Throws `ToolchainError` with `cli/cannot-write` for every path that cannot become a file, before work is put into
 * what would go there. What shows only on writing (permissions, a full disk) is left to `writeAllAtomically`.
 */
export function expectWritable(...paths: readonly (string | undefined)[]): void {
  const faults = paths.flatMap((path) => {
    const reason = path === undefined ? undefined : obstacleTo(path);
    return path === undefined || reason === undefined ? [] : [cannotWrite({ path, reason })];
  });
  if (faults.length > 0) throw new ToolchainError(faults);
}

function obstacleTo(path: string): string | undefined {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return "it is a folder";
    const folder = statSync(dirname(path), { throwIfNoEntry: false });
    if (folder === undefined) return `there is no folder "${dirname(path)}"`;
    return folder.isDirectory() ? undefined : `"${dirname(path)}" is a file, not a folder`;
  } catch (error) {
    return reasonOf(error) ?? "the system does not say why";
  }
}

/** What could not be made need not be removed: the reason has been reported already. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    return;
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

export function asDiagnostic(
  error: unknown,
  make: (reason: string) => ReturnType<typeof cannotRead>,
): unknown {
  if (error instanceof ToolchainError) return error;
  const reason = reasonOf(error);
  return reason === undefined ? error : new ToolchainError([make(reason)]);
}

/** What the system says, in words; undefined for errors that are not the system's. */
function reasonOf(error: unknown): string | undefined {
  const code = (error as { code?: string }).code;
  if (code === undefined || !(error instanceof Error)) return undefined;
  return REASONS[code] ?? `the system says ${code}`;
}
