import { parentPort } from "node:worker_threads";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import type { ThreadAnswer, ThreadRequest } from "./stoppable-thread.ts";

/** Between two messages about progress. */
const PROGRESS_MS = 100;

/** What work in a thread is given. */
export interface ThreadContext<Progress> {
  readonly sink: DiagnosticSink;
  readonly shouldStop: () => boolean;
  readonly onProgress: (progress: Progress) => void;
}

/** The thread's side of `doInThread`: waits for one task, and answers it. */
export function answerInThread<Task, Progress, Result>(
  work: (task: Task, context: ThreadContext<Progress>) => Result,
): void {
  const answer = (message: ThreadAnswer<Progress, Result>): void => parentPort?.postMessage(message);
  parentPort?.once("message", ({ task, stop }: ThreadRequest<Task>) => {
    const sink = new DiagnosticSink();
    const flag = new Int32Array(stop);
    let toldMs = 0;
    try {
      const result = work(task, {
        sink,
        shouldStop: () => Atomics.load(flag, 0) !== 0,
        onProgress: (progress) => {
          const nowMs = performance.now();
          if (nowMs - toldMs < PROGRESS_MS) return;
          toldMs = nowMs;
          answer({ kind: "progress", progress });
        },
      });
      answer({ kind: "done", result, diagnostics: sink.diagnostics });
    } catch (error) {
      if (!(error instanceof ToolchainError)) throw error;
      const { diagnostics } = error;
      const before = sink.diagnostics.filter((each) => !diagnostics.includes(each));
      answer({ kind: "refused", diagnostics: [...before, ...diagnostics] });
    }
  });
}
