import type { WorkerSetup } from "./team.ts";
import { WORKER_LOOP } from "./team.ts";

/** Starts a thread that works off the board; resolves when it does. Does not keep the process alive. */
export async function startNodeWorker(setup: WorkerSetup): Promise<{ stop(): Promise<void> }> {
  const { Worker } = await import("node:worker_threads");
  const text = `
const { parentPort, workerData: setup } = require("node:worker_threads");
const ready = () => parentPort.postMessage("ready");
${WORKER_LOOP}`;
  const worker = new Worker(text, { eval: true, workerData: setup, execArgv: [] });
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => {
      resolve();
    });
    worker.once("error", reject);
  });
  worker.unref();
  return {
    async stop() {
      await worker.terminate();
    },
  };
}
