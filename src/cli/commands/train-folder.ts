// The folder of a training run: what is in it, and what may happen to it.
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { inspectCheckpoint, type Recipe, type RecipeData, type RunFile } from "#spinec";
import { ToolchainError } from "#util/diagnostic";
import { cannotWrite, checkpointMissing, checkpointUnusable, runExists, runMissing } from "../diagnostics.ts";
import { asDiagnostic, readBytes, writeDurably } from "../io.ts";
import type { Session } from "../session.ts";

const CHECKPOINT = "checkpoint.spinec";
const PREVIOUS = "checkpoint.previous.spinec";
const RECIPE = "recipe.json";
/** All that a run writes: what `--force` takes away. */
const OURS: readonly string[] = [
  CHECKPOINT,
  PREVIOUS,
  RECIPE,
  "log.csv",
  "log.jsonl",
  "curves.svg",
  "model.nir",
  "model-rates.nir",
  "test-images.json",
  "model.spinec",
  "report.json",
];

export interface RunFolder {
  readonly folder: string;
  readonly checkpointPath: string;
  keep(checkpoint: Uint8Array): void;
  write(files: readonly RunFile[]): void;
  /** Bytes of the newest checkpoint that can be used; undefined if there is none yet. */
  resume(recipe: Recipe, data: RecipeData, session: Session): SavedRun | undefined;
}

export interface SavedRun {
  readonly bytes: Uint8Array;
  readonly isFinished: boolean;
}

/**
 * Makes the folder, or opens that of an earlier run.
 *
 * Throws `ToolchainError` with `cli/run-exists`, `cli/run-missing` or `cli/cannot-write`.
 */
export function openRunFolder(
  folder: string,
  { resume, force }: { readonly resume: boolean; readonly force: boolean },
): RunFolder {
  const names = namesIn(folder);
  if (resume && !names?.includes(RECIPE)) throw new ToolchainError([runMissing({ folder })]);
  if (!resume && !force && names !== undefined && names.length > 0)
    throw new ToolchainError([runExists({ folder })]);
  try {
    makeFolder(folder);
    // A run that was killed while it wrote leaves its temporary file.
    for (const name of names ?? [])
      if (/^\..+\.\d+\.tmp$/.test(name) || (!resume && OURS.includes(name))) rmSync(join(folder, name));
  } catch (error) {
    throw asDiagnostic(error, (reason) => cannotWrite({ path: folder, reason }));
  }
  const path = (name: string): string => join(folder, name);
  return {
    folder,
    checkpointPath: path(CHECKPOINT),
    keep: (checkpoint) => {
      writeDurably(path(CHECKPOINT), checkpoint, path(PREVIOUS));
    },
    write: (files) => {
      for (const { name, content } of files) writeDurably(path(name), content);
    },
    resume: (recipe, data, session) => {
      const kept = [path(CHECKPOINT), path(PREVIOUS)].filter((each) => existsSync(each));
      if (kept.length === 0) session.sink.report(checkpointMissing({ folder }));
      for (const [i, each] of kept.entries()) {
        const bytes = readBytes(each);
        try {
          return { bytes, isFinished: inspectCheckpoint(bytes, recipe, data).isFinished };
        } catch (error) {
          const next = kept.at(i + 1);
          if (!(error instanceof ToolchainError) || next === undefined || !isDamage(error)) throw error;
          session.sink.report(
            checkpointUnusable({ path: each, used: next, reason: error.diagnostics[0].message }),
          );
        }
      }
      return undefined;
    },
  };
}

/** False for a checkpoint of another run: that one is whole. */
const isDamage = ({ diagnostics }: ToolchainError): boolean =>
  diagnostics.every(({ code }) => code !== "train/checkpoint-of-another-run");

/** With its parents. (Node's own `recursive` never returns where the system makes no folders, such as in /proc.) */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  mkdirSync(folder);
}

function namesIn(folder: string): string[] | undefined {
  try {
    const stat = statSync(folder, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (!stat.isDirectory())
      throw new ToolchainError([cannotWrite({ path: folder, reason: "it is a file, not a folder" })]);
    return readdirSync(folder);
  } catch (error) {
    throw asDiagnostic(error, (reason) => cannotWrite({ path: folder, reason }));
  }
}
