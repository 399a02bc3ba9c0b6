import type { SimulationWorker, WorkerAnswer } from "./simulate-threads.ts";

/**
 * Starts a thread of Node that simulates. Does not keep the process alive by itself.
 *
 * @param entry built `simulate-threads-entry`
 */
export async function startNodeWorker(
  entry: URL = new URL("./simulate-threads-entry.js", import.meta.url),
): Promise<SimulationWorker> {
  const { Worker } = await import("node:worker_threads");
  const worker = new Worker(entry, { execArgv: [] });
  const answers: WorkerAnswer[] = [];
  let waiting: { resolve: (answer: WorkerAnswer) => void; reject: (error: Error) => void } | undefined;
  let death: Error | undefined;
  worker.on("message", (answer: WorkerAnswer) => {
    if (waiting === undefined) answers.push(answer);
    else waiting.resolve(answer);
    waiting = undefined;
  });
  const die = (error: Error): void => {
    death ??= error;
    waiting?.reject(death);
    waiting = undefined;
  };
  worker.on("error", die);
  worker.on("exit", (code) => {
    die(new Error(`A thread of the simulator ended by itself (code ${code}).`));
  });
  return {
    send(request) {
      worker.postMessage(request);
    },
    answer() {
      const ready = answers.shift();
      if (ready !== undefined) return Promise.resolve(ready);
      if (death !== undefined) return Promise.reject(death);
      return new Promise((resolve, reject) => (waiting = { resolve, reject }));
    },
    stop() {
      void worker.terminate();
    },
  };
}
