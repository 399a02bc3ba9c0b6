import { availableParallelism } from "node:os";
import {
  shareArrays,
  type AxonGraph,
  type ConnectivityMap,
  type ConnectivityMapOptions,
  type MapProgress,
  type MapSeed,
  type SeedShare,
} from "#spinec";
import type { CaughtSignals } from "./signals.ts";
import { doInThread, type ThreadResult } from "./stoppable-thread.ts";

export interface MapTask {
  readonly graph: AxonGraph;
  readonly options: Omit<ConnectivityMapOptions, "onProgress" | "shouldStop" | "cpuSeconds">;
}

export interface SeedTask extends MapTask {
  readonly share: SeedShare;
}

/** Below, starting a thread takes longer than what it would do; above, every thread would need its own gigabytes. */
const WORTH_THREADS = { least: 2 ** 19, most: 2 ** 26 };
/** As many first partitions take long, at most. */
const MOST_THREADS = 8;

/**
 * `mapConnectivity` in a thread of its own, which a signal asks to stop; its first partitions in several.
 * The arrays of the graph may move there.
 *
 * Throws `ToolchainError`.
 */
export async function mapInThread(
  { graph, options }: MapTask,
  threads: number | undefined,
  signals: CaughtSignals,
  onProgress: (progress: MapProgress) => void,
): Promise<ThreadResult<ConnectivityMap>> {
  const { length: synapses } = graph.target;
  const isWorthIt =
    options.effort !== "fast" && synapses >= WORTH_THREADS.least && synapses <= WORTH_THREADS.most;
  const most = Math.min(threads ?? (isWorthIt ? availableParallelism() : 1), MOST_THREADS);
  if (most === 1 || options.partition !== undefined) return mapAlone({ graph, options }, signals, onProgress);
  const shared = shareArrays(graph);
  onProgress({ stage: `first partitions, ${most} threads` });
  const begin = process.cpuUsage().user;
  const seeds = await seedsInThreads({ graph: shared, options }, most, signals);
  const seedSeconds = (process.cpuUsage().user - begin) / 1e6;
  return mapAlone({ graph: shared, options: { ...options, seeds, seedSeconds } }, signals, onProgress);
}

function mapAlone(
  task: MapTask,
  signals: CaughtSignals,
  onProgress: (progress: MapProgress) => void,
): Promise<ThreadResult<ConnectivityMap>> {
  const { axonStart, target, rate, layer } = task.graph;
  const buffers = [axonStart, target, rate, layer].flatMap((array) =>
    array === undefined || array.buffer instanceof SharedArrayBuffer ? [] : array.buffer,
  );
  return doInThread(new URL("./map-worker.js", import.meta.url), task, signals, onProgress, buffers);
}

async function seedsInThreads(task: MapTask, threads: number, signals: CaughtSignals): Promise<MapSeed[]> {
  const made = await Promise.all(
    Array.from({ length: threads }, (_, index) =>
      doInThread<SeedTask, never, MapSeed[]>(
        new URL("./seed-worker.js", import.meta.url),
        { ...task, share: { index, of: threads } },
        signals,
        () => undefined,
      ),
    ),
  );
  return made.flatMap(({ result }) => result);
}
