import { Worker } from "node:worker_threads";
import type { AxonGraph, ConnectivityMap, ConnectivityMapOptions, MapProgress } from "#spinec";
import { ToolchainError, type Diagnostic } from "#util/diagnostic";
import type { CaughtSignals } from "./signals.ts";

export interface MapRequest {
  readonly graph: AxonGraph;
  readonly options: Omit<ConnectivityMapOptions, "onProgress" | "shouldStop" | "cpuSeconds">;
  /** One Int32 that is not 0 once the best so far will do. */
  readonly stop: SharedArrayBuffer;
}

export type MapAnswer =
  | { readonly kind: "progress"; readonly progress: MapProgress }
  | { readonly kind: "done"; readonly map: ConnectivityMap; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "refused"; readonly diagnostics: readonly Diagnostic[] };

/** How often signals are looked at. */
const SIGNAL_MS = 50;

/**
 * `mapConnectivity` in a thread of its own, which a signal asks to stop. The arrays of the graph move there.
 *
 * Throws `ToolchainError`.
 */
export async function mapInThread(
  { graph, options }: Omit<MapRequest, "stop">,
  signals: CaughtSignals,
  onProgress: (progress: MapProgress) => void,
): Promise<Omit<Extract<MapAnswer, { kind: "done" }>, "kind">> {
  const stop = new SharedArrayBuffer(4);
  const flag = new Int32Array(stop);
  const worker = new Worker(new URL("./map-worker.js", import.meta.url), { execArgv: [] });
  const watch = setInterval(() => {
    if (signals.caught() !== undefined) Atomics.store(flag, 0, 1);
  }, SIGNAL_MS);
  try {
    return await new Promise((resolve, reject) => {
      worker.on("message", (answer: MapAnswer) => {
        if (answer.kind === "progress") onProgress(answer.progress);
        else if (answer.kind === "done") resolve(answer);
        else reject(new ToolchainError(answer.diagnostics));
      });
      worker.on("error", reject);
      worker.on("exit", (code) => {
        reject(new Error(`The thread that maps ended by itself (code ${code}).`));
      });
      const { axonStart, target, rate, layer } = graph;
      const buffers = [axonStart, target, rate, layer].flatMap((array) =>
        array === undefined ? [] : array.buffer,
      );
      worker.postMessage({ graph, options, stop } satisfies MapRequest, [
        ...new Set(buffers),
      ] as ArrayBuffer[]);
    });
  } finally {
    clearInterval(watch);
    void worker.terminate();
  }
}
