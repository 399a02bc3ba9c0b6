// A thread that makes first partitions of bare connectivity: loaded by `seedsInThreads`, never imported.
import { makeMapSeeds, type MapSeed } from "#spinec";
import { answerInThread } from "./answer-in-thread.ts";
import type { SeedTask } from "./map-thread.ts";

answerInThread<SeedTask, never, MapSeed[]>(({ graph, options, share }, { shouldStop }) =>
  makeMapSeeds(graph, options, share, shouldStop),
);
