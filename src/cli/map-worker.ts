// The thread that maps: loaded by `mapInThread`, never imported. The main thread stays free for signals and progress.
import { parentPort } from "node:worker_threads";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { mapConnectivity } from "#spinec";
import type { MapAnswer, MapRequest } from "./map-thread.ts";

/** Between two messages about progress. */
const PROGRESS_MS = 100;

const answer = (message: MapAnswer): void => parentPort?.postMessage(message);

parentPort?.once("message", ({ graph, options, stop }: MapRequest) => {
  const sink = new DiagnosticSink();
  const flag = new Int32Array(stop);
  let toldMs = 0;
  try {
    const map = mapConnectivity(
      graph,
      {
        ...options,
        shouldStop: () => Atomics.load(flag, 0) !== 0,
        cpuSeconds: () => process.cpuUsage().user / 1e6,
        onProgress: (progress) => {
          const nowMs = performance.now();
          if (nowMs - toldMs < PROGRESS_MS) return;
          toldMs = nowMs;
          answer({ kind: "progress", progress });
        },
      },
      sink,
    );
    answer({ kind: "done", map, diagnostics: sink.diagnostics });
  } catch (error) {
    if (!(error instanceof ToolchainError)) throw error;
    answer({ kind: "refused", diagnostics: error.diagnostics });
  }
});
