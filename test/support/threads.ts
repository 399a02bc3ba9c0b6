// Threads of the simulator for tests: they run the build, as threads of a user do.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startNodeWorker, type SimulationWorker, type StartWorker } from "#spinec";
import { expectFreshBuild } from "./cli.ts";
import { ROOT } from "./shared.ts";

const ENTRY = pathToFileURL(join(ROOT, "dist/src/simulate-threads-entry.js"));

export interface WorkerPool {
  readonly workers: { readonly start: StartWorker; readonly processors: number };
  /** How many threads there were at most at a time. */
  readonly most: () => number;
  readonly close: () => void;
}

/** Threads that are lent out again and again: a start costs a tenth of a second. */
export function createWorkerPool(processors: number): WorkerPool {
  expectFreshBuild();
  const free: SimulationWorker[] = [];
  const all: SimulationWorker[] = [];
  return {
    workers: {
      processors,
      async start() {
        let worker = free.pop();
        if (worker === undefined) {
          worker = await startNodeWorker(ENTRY);
          all.push(worker);
        }
        const { send, answer } = worker;
        const lent = worker;
        return {
          send,
          answer,
          stop: () => {
            free.push(lent);
          },
        };
      },
    },
    most: () => all.length,
    close: () => {
      for (const worker of all) worker.stop();
    },
  };
}
