// A thread of Node that simulates: loaded by `startNodeWorker`, never imported.
import { parentPort } from "node:worker_threads";
import { createRequestHandler, type WorkerRequest } from "./simulate-threads.ts";

const handle = createRequestHandler((answer) => parentPort?.postMessage(answer));
parentPort?.on("message", (request: WorkerRequest) => {
  handle(request);
});
