import type { AxonGraph, ConnectivityMap, ConnectivityMapOptions, MapProgress } from "#spinec";
import type { CaughtSignals } from "./signals.ts";
import { doInThread, type ThreadResult } from "./stoppable-thread.ts";

export interface MapTask {
  readonly graph: AxonGraph;
  readonly options: Omit<ConnectivityMapOptions, "onProgress" | "shouldStop" | "cpuSeconds">;
}

/**
 * `mapConnectivity` in a thread of its own, which a signal asks to stop. The arrays of the graph move there.
 *
 * Throws `ToolchainError`.
 */
export function mapInThread(
  task: MapTask,
  signals: CaughtSignals,
  onProgress: (progress: MapProgress) => void,
): Promise<ThreadResult<ConnectivityMap>> {
  const { axonStart, target, rate, layer } = task.graph;
  const buffers = [axonStart, target, rate, layer].flatMap((array) =>
    array === undefined ? [] : array.buffer,
  );
  return doInThread(new URL("./map-worker.js", import.meta.url), task, signals, onProgress, buffers);
}
