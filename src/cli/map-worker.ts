// The thread that maps bare connectivity: loaded by `mapInThread`, never imported.
import { mapConnectivity, type ConnectivityMap, type MapProgress } from "#spinec";
import { answerInThread } from "./answer-in-thread.ts";
import type { MapTask } from "./map-thread.ts";

answerInThread<MapTask, MapProgress, ConnectivityMap>(({ graph, options }, { sink, ...context }) =>
  mapConnectivity(graph, { ...options, ...context, cpuSeconds: () => process.cpuUsage().user / 1e6 }, sink),
);
