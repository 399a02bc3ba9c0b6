import { mapModel, type MapOptions, type MappedModel, type Network, type Target } from "#spinec";
import type { DiagnosticSink } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import { mappingStopped } from "./diagnostics.ts";
import { catchSignals, type StopSignal } from "./signals.ts";
import { doInThread, type ThreadResult } from "./stoppable-thread.ts";

/** What the thread is sent: functions cannot go there. */
export interface MapModelTask {
  readonly model: Network;
  readonly target: Target;
  readonly options: SentOptions;
}

/** The thread has a `shouldStop` of its own. */
export type SentOptions = Omit<MapOptions, "shouldStop">;

/** Arguments of `OnProgress`. */
export type StageProgress = readonly [stage: string, done: number, total: number];

export interface StoppableMapping {
  readonly map: (
    model: Network,
    target: Target,
    options: SentOptions,
    sink: DiagnosticSink,
    onProgress?: OnProgress,
  ) => Promise<MappedModel>;
  /** The signal that stopped a search, if any. */
  readonly caught: () => StopSignal | undefined;
}

/**
 * `mapModel` for commands. Where it searches (any effort but `fast`), it does so in a thread of its own: the first signal ends the
 * search with the best legal mapping so far, which a note says; the second ends the process. Before and after, a signal does
 * what it did.
 */
export function stoppableMapping(): StoppableMapping {
  let signal: StopSignal | undefined;
  const map: StoppableMapping["map"] = async (model, target, options, sink, onProgress) => {
    if (options.effort === undefined || options.effort === "fast")
      return mapModel(model, target, options, sink, onProgress);
    const signals = catchSignals();
    let answer: ThreadResult<MappedModel>;
    try {
      const task: MapModelTask = { model, target, options };
      const worker = new URL("./map-model-worker.js", import.meta.url);
      answer = await doInThread(worker, task, signals, (progress: StageProgress) =>
        onProgress?.(...progress),
      );
    } finally {
      await signals.release();
    }
    const { result, diagnostics } = answer;
    for (const diagnostic of diagnostics) sink.report(diagnostic);
    signal ??= signals.caught();
    if (signals.caught() !== undefined)
      sink.report(mappingStopped({ cores: result.compiled.utilization.cores }));
    return result;
  };
  return { map, caught: () => signal };
}
