// Trains one job: node run-job.mjs ID --data FOLDER --out FOLDER. Writes OUT/ID.json, and OUT/ID.nir for the chip.
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { networkToNir } from "../../dist/src/formats/nir/write-network.js";
import { writeNirFile } from "../../dist/src/formats/nir/write-file.js";
import { shrinkModel } from "../../dist/src/train/channels/shrink.js";
import { createWasmBackend } from "../../dist/src/train/engine/wasm/backend.js";
import { trainedModelToNetwork } from "../../dist/src/train/export/index.js";
import { createTrainingRun } from "../../dist/src/train/run.js";
import { trainedModelOf } from "../../dist/src/train/trained-model.js";
import { loadTableData } from "./data.mjs";
import { JOBS } from "./jobs.mjs";

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: "string" },
    out: { type: "string" },
    epochs: { type: "string" },
    verbose: { type: "boolean" },
  },
});
const job = JOBS.find(({ id }) => id === positionals[0]);
const { training, test } = loadTableData(job.data, args.data);
const options = args.epochs === undefined ? job.options : { ...job.options, epochs: Number(args.epochs) };

const started = performance.now();
const run = createTrainingRun(options, training, await createWasmBackend({ threads: 1 }));
const epochs = [];
let losses = 0;
while (run.stepsDone < run.totalSteps) {
  const { loss, epoch, endsEpoch } = run.step();
  losses += loss;
  if (!endsEpoch) continue;
  const isLate = epoch >= options.epochs - 3;
  const accuracy = isLate || args.verbose ? run.evaluate(test).accuracy : undefined;
  epochs.push({ epoch, loss: losses / run.stepsPerEpoch, density: run.density().total, accuracy });
  if (args.verbose)
    console.log(JSON.stringify(epochs.at(-1)), ((performance.now() - started) / 1e3).toFixed(1), "s");
  losses = 0;
}

const last = run.evaluate(test);
const late = epochs.slice(-3).map(({ accuracy }) => accuracy);
const result = {
  id: job.id,
  table: job.table,
  label: job.label,
  seed: options.seed,
  method: options.method,
  accuracyLast: last.accuracy,
  accuracyLastThree: late.reduce((sum, accuracy) => sum + accuracy, 0) / late.length,
  density: run.density(),
  operationsPerSample: last.operationsPerSample,
  spikesPerSample: last.spikesPerSample,
  epochs,
  seconds: (performance.now() - started) / 1e3,
};
const path = join(args.out, job.id);
mkdirSync(dirname(path), { recursive: true });

let model = trainedModelOf(run.plan, run.parameters);
if (options.method.name === "channel") {
  const shrunk = shrinkModel(model);
  result.shrunk = await checkShrunk(shrunk);
  model = shrunk.model;
}
const { encoder } = options;
const { network } = trainedModelToNetwork(model, {
  name: job.label,
  ...(encoder.name === "direct" && { input: { ...encoder, coding: "rate-encode" } }),
});
writeFileSync(`${path}.nir`, await writeNirFile(networkToNir(network)));
writeFileSync(`${path}.json.part`, `${JSON.stringify(result, null, 1)}\n`);
renameSync(`${path}.json.part`, `${path}.json`);
await run.dispose();

/** The smaller network on the same test images: is every spike where it was? */
async function checkShrunk({ model: small }) {
  const { loadTrainedModel } = await import("../../dist/src/train/trained-model.js");
  const smaller = { ...options, graph: small.graph, method: { name: "dense", options: {} } };
  const again = createTrainingRun(smaller, training, await createWasmBackend({ threads: 1 }));
  loadTrainedModel(small, again.parameters);
  const { accuracy, spikesPerSample } = again.evaluate(test);
  const weights = again.density().weights;
  await again.dispose();
  const sum = (layers) => layers.reduce((total, { spikes }) => total + spikes, 0);
  return {
    weights,
    accuracy,
    spikesPerSample: sum(spikesPerSample),
    spikesBefore: sum(last.spikesPerSample),
  };
}
