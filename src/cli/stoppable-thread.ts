// Long work in a thread of its own: the main thread stays free for signals and progress.
import { Worker } from "node:worker_threads";
import { ToolchainError, type Diagnostic } from "#util/diagnostic";
import type { CaughtSignals } from "./signals.ts";

/** What a thread is sent: its task, and one Int32 that is not 0 once the best so far will do. */
export interface ThreadRequest<Task> {
  readonly task: Task;
  readonly stop: SharedArrayBuffer;
}

export type ThreadAnswer<Progress, Result> =
  | { readonly kind: "progress"; readonly progress: Progress }
  | ThreadResult<Result>
  | { readonly kind: "refused"; readonly diagnostics: readonly Diagnostic[] };

export interface ThreadResult<Result> {
  readonly kind: "done";
  readonly result: Result;
  readonly diagnostics: readonly Diagnostic[];
}

/** How often signals are looked at. */
const SIGNAL_MS = 50;

/**
 * Does a task in a thread, which a signal asks to stop.
 *
 * Throws `ToolchainError` with what the thread reported, if it refuses.
 *
 * @param worker a module that calls `answerInThread`
 * @param moved  buffers of the task that move to the thread; all else is copied
 */
export async function doInThread<Task, Progress, Result>(
  worker: URL,
  task: Task,
  signals: CaughtSignals,
  onProgress: (progress: Progress) => void,
  moved: readonly ArrayBufferLike[] = [],
): Promise<ThreadResult<Result>> {
  const stop = new SharedArrayBuffer(4);
  const flag = new Int32Array(stop);
  const thread = new Worker(worker, { execArgv: [] });
  const watch = setInterval(() => {
    if (signals.caught() !== undefined) Atomics.store(flag, 0, 1);
  }, SIGNAL_MS);
  try {
    return await new Promise((resolve, reject) => {
      thread.on("message", (answer: ThreadAnswer<Progress, Result>) => {
        if (answer.kind === "progress") onProgress(answer.progress);
        else if (answer.kind === "done") resolve(answer);
        else reject(new ToolchainError(answer.diagnostics));
      });
      thread.on("error", reject);
      thread.on("exit", (code) => {
        reject(new Error(`The thread that maps ended by itself (code ${code}).`));
      });
      thread.postMessage({ task, stop } satisfies ThreadRequest<Task>, [...new Set(moved)] as ArrayBuffer[]);
    });
  } finally {
    clearInterval(watch);
    void thread.terminate();
  }
}
