// A thousand digits through a trained model on Loihi, with one thread and with more: samples per second, and whether the
// reports are the same. `npm run build` first.
//
//   node scripts/digits-threads.mjs MODEL.nir IMAGES.json [--threads 1,2] [--timing simple] [--repeat 3]
//
// IMAGES.json holds rate-coded images, as `spinec train` writes them: see `spinec formats`.
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { scriptOptions } from "./options.mjs";
import {
  DiagnosticSink,
  findProfile,
  findTarget,
  mapModel,
  readInputData,
  readNetwork,
  simulateDeploymentInThreads,
  startNodeWorker,
} from "../dist/src/index.js";

const { values: args, positionals } = scriptOptions(import.meta.url, {
  allowPositionals: true,
  options: {
    threads: { type: "string", default: "1,2" },
    timing: { type: "string", default: "simple" },
    repeat: { type: "string", default: "3" },
  },
});
const [modelFile, imageFile] = positionals;
if (imageFile === undefined) {
  console.error("Give a model (.nir) and rate-coded images (.json).");
  process.exit(2);
}
const sink = new DiagnosticSink();
const network = await readNetwork(readFileSync(modelFile), { name: "model" }, sink);
sink.throwIfErrors();
const ports = network.inputs.map(({ name, population }) => ({
  name,
  shape: network.populations[population].shape,
}));
const data = await readInputData(readFileSync(imageFile), { fileName: imageFile, ports }, sink);
sink.throwIfErrors();
const target = findTarget("loihi1", sink);
const profile = findProfile(target, undefined, sink);
const { compiled } = mapModel(network, target, {}, sink);
const { inputs, labels } = data;
const workers = { start: () => startNodeWorker(), processors: availableParallelism() };
const reports = new Set();
for (const threads of args.threads.split(",").map(Number)) {
  const seconds = [];
  let samples = 0;
  const before = process.cpuUsage();
  for (let i = 0; i < Number(args.repeat); i++) {
    const begin = performance.now();
    const { report } = await simulateDeploymentInThreads(compiled.deployment, target, profile, inputs, {
      threads,
      workers,
      timing: args.timing,
      ...(labels === undefined ? {} : { labels }),
    });
    seconds.push((performance.now() - begin) / 1000);
    samples = report.samples;
    reports.add(JSON.stringify(report));
  }
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1000 / seconds.length / samples;
  const median = seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)];
  // On a busy machine, time of the processors says more than time of the clock.
  console.log(
    `${threads} thread${threads === 1 ? " " : "s"}  ${(samples / median).toFixed(0)} samples/s (median of ${seconds.length}: ${median.toFixed(2)} s), ${cpuMs.toFixed(3)} ms of CPU per sample`,
  );
}
console.log(reports.size === 1 ? "the reports are identical" : `${reports.size} different reports`);
process.exitCode = reports.size === 1 ? 0 : 1;
