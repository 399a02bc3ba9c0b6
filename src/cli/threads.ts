import { availableParallelism } from "node:os";
import { startNodeWorker, type StartWorker } from "#spinec";

/** Threads of this process. */
export const WORKERS: { readonly start: StartWorker; readonly processors: number } = {
  start: () => startNodeWorker(),
  processors: availableParallelism(),
};
