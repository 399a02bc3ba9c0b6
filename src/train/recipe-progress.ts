// The checkpoint of a recipe's run: where it is, what it has logged, and whose it is.
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { checkpointDamaged } from "./checkpoint-diagnostics.ts";
import { decodeState, encodeState } from "./checkpoint.ts";
import { crc32 } from "./crc32.ts";
import type { Dataset } from "./dataset.ts";
import type { DensityProbe } from "./density-search.ts";
import type { LogRow } from "./recipe-log.ts";
import type { RecipeData } from "./recipe-run.ts";
import type { Recipe } from "./recipe.ts";
import { checkpointOfAnotherRun } from "./run-diagnostics.ts";
import type { StateTree } from "./state.ts";
import { trainedModelFromState, trainedModelToState } from "./trained-model-file.ts";
import type { TrainedModel } from "./trained-model.ts";

export interface SavedProgress {
  readonly log: readonly LogRow[];
  /** Runs of a search that are done. */
  readonly probes: readonly DensityProbe[];
  /** The one of them that came nearest. */
  readonly best: (DensityProbe & { readonly model: TrainedModel }) | undefined;
  /** Of the run that was going on. */
  readonly run: StateTree | undefined;
  /** Sums over the steps of the epoch so far. */
  readonly epochLoss: number;
  readonly epochAccuracy: number;
  /** True: there is nothing left to do. */
  readonly isFinished: boolean;
}

export function encodeProgress(progress: SavedProgress, recipe: Recipe, data: RecipeData): Uint8Array {
  const { log, probes, best, run, epochLoss, epochAccuracy, isFinished } = progress;
  return encodeState(
    {
      owner: ownerOf(recipe, data),
      // Numbers of a log may be none ("NaN"), which a list of JSON texts would lose; a tree keeps them.
      log: treeOfRows(log),
      probes: probes.flatMap(({ knob, density }) => [knob, density]),
      best:
        best === undefined
          ? null
          : { knob: best.knob, density: best.density, model: trainedModelToState(best.model) },
      run: run ?? null,
      epochLoss,
      epochAccuracy,
      isFinished,
    },
    "checkpoint",
  );
}

/** @throws ToolchainError `train/checkpoint-…` if it is damaged, or of another recipe or other data: every difference */
export function decodeProgress(bytes: Uint8Array, recipe: Recipe, data: RecipeData): SavedProgress {
  const state = decodeState(bytes, "checkpoint");
  const owner = asTree(state.owner);
  const sink = new DiagnosticSink();
  for (const [what, needed] of Object.entries(ownerOf(recipe, data)))
    if (owner[what] !== needed)
      sink.report(checkpointOfAnotherRun({ what, needed: shortened(needed), found: shortened(owner[what]) }));
  sink.throwIfErrors();
  const probes = state.probes as readonly number[];
  const best = state.best === null ? undefined : asTree(state.best);
  return {
    log: rowsOfTree(asTree(state.log)),
    probes: Array.from({ length: probes.length / 2 }, (_, i) => ({
      knob: probes[2 * i],
      density: probes[2 * i + 1],
    })),
    best: best && {
      knob: best.knob as number,
      density: best.density as number,
      model: trainedModelFromState(asTree(best.model)),
    },
    run: state.run === null ? undefined : asTree(state.run),
    epochLoss: state.epochLoss as number,
    epochAccuracy: state.epochAccuracy as number,
    isFinished: state.isFinished === true,
  };
}

/** Everything that decides what a run computes. Threads and the rhythm of checkpoints and evaluations do not. */
function ownerOf(recipe: Recipe, data: RecipeData): Readonly<Record<string, string>> {
  const { threads, checkpoint, evaluateEveryEpochs, ...deciding } = recipe;
  void [threads, checkpoint, evaluateEveryEpochs];
  const parts = { density: undefined, layers: undefined, augmentation: undefined, ...deciding };
  return {
    ...Object.fromEntries(
      Object.entries(parts).map(([what, part]) => [what, part === undefined ? "none" : JSON.stringify(part)]),
    ),
    "training data": fingerprint(data.training),
  };
}

function fingerprint(data: Dataset): string {
  const sums = [
    data.labels,
    ...(data.kind === "images"
      ? [data.pixels]
      : data.samples.flatMap(({ timeUs, index }) => [timeUs, index])),
  ].map((array) => crc32(new Uint8Array(array.buffer, array.byteOffset, array.byteLength)));
  return `${data.labels.length} samples, ${crc32(new Uint8Array(Uint32Array.from(sums).buffer)).toString(16)}`;
}

const shortened = (value: unknown): string => {
  const text = String(value ?? "missing");
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

function asTree(value: unknown): StateTree {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as StateTree;
  throw new ToolchainError([
    checkpointDamaged({ kind: "checkpoint", reason: "its fields are not those of a run" }),
  ]);
}

const treeOfRows = (rows: readonly LogRow[]): StateTree =>
  Object.fromEntries(rows.map((row, i) => [String(i), { ...row } as StateTree]));

const rowsOfTree = (tree: StateTree): LogRow[] => Object.values(tree) as unknown as LogRow[];
