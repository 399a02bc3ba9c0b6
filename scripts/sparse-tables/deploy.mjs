// Every trained model of the tables through the command line: `spinec run MODEL --target loihi1`, on 1,000 test images.
//
//   node scripts/sparse-tables/deploy.mjs --data FOLDER --out FOLDER [--only REGEX] [--samples 1000]
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { encodeRateCodedImages } from "../../dist/src/train/rate-coded-images.js";
import { loadTableData } from "./data.mjs";
import { JOBS } from "./jobs.mjs";

const { values: args } = parseArgs({
  options: {
    data: { type: "string", default: "data/mnist-10k" },
    out: { type: "string", default: "tables" },
    only: { type: "string", default: "" },
    samples: { type: "string", default: "1000" },
    workers: { type: "string", default: "2" },
  },
});
const CLI = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));
/** Chips a network may take; the report says how many it does take. */
const CHIPS = "4";

const wanted = new RegExp(args.only);
const chipFile = (job) => join(args.out, `${job.id}.chip.json`);
const waiting = JOBS.filter(
  (job) => wanted.test(job.id) && existsSync(join(args.out, `${job.id}.nir`)) && !existsSync(chipFile(job)),
);
await Promise.all(
  Array.from({ length: Number(args.workers) }, async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await deploy(job);
  }),
);

async function deploy(job) {
  const input = inputFile(job);
  const model = join(args.out, `${job.id}.nir`);
  const { code, stdout, stderr } = await spinec([
    "run",
    model,
    "--target",
    "loihi1",
    "--chips",
    CHIPS,
    "--input",
    input,
    "--json",
    "--quiet",
  ]);
  if (code !== 0) {
    console.error(`${job.id}: ${stderr}`);
    process.exitCode = 1;
    return;
  }
  const { accuracy, model: network, map, run, energy, time } = JSON.parse(stdout);
  const worst = map.coreLoads.reduce((a, b) => (b.synapseWords > a.synapseWords ? b : a));
  const result = {
    id: job.id,
    samples: accuracy.samples,
    modelAccuracy: accuracy.modelShare,
    chipAccuracy: accuracy.chipShare,
    densityShare: network.densityShare,
    synapses: map.synapses,
    chips: map.chips,
    cores: map.cores,
    synapseWords: map.synapseWords,
    worstCoreWords: worst.synapseWords,
    worstShares: Object.fromEntries(map.resources.map((r) => [r.resource, r.worstShare])),
    synapticOperations: run.synapticOperationsPerInference,
    dynamicPj: energy.dynamicPj,
    perInferenceNs: time.perInferenceNs,
    profile: energy.profile,
    stepsPerInference: run.stepsPerInference,
  };
  writeFileSync(`${chipFile(job)}.part`, `${JSON.stringify(result, null, 1)}\n`);
  renameSync(`${chipFile(job)}.part`, chipFile(job));
  console.log(
    `${job.id}: ${map.cores} cores, ${map.synapseWords} words, chip ${(100 * accuracy.chipShare).toFixed(1)} %`,
  );
}

/** The test images of a job as the rate code of as many steps as it was trained with. */
function inputFile({ data, options: { graph, steps } }) {
  const file = join(args.out, "inputs", `${data}-${graph.inputShape.join("x")}-${steps}.json.gz`);
  if (existsSync(file)) return file;
  mkdirSync(join(args.out, "inputs"), { recursive: true });
  const { test } = loadTableData(data, args.data);
  const samples = Number(args.samples);
  const json = encodeRateCodedImages({
    steps,
    shape: graph.inputShape,
    pixels: test.pixels.subarray(0, samples * 784),
    labels: test.labels.subarray(0, samples),
  });
  writeFileSync(file, gzipSync(JSON.stringify(json)));
  return file;
}

function spinec(argv) {
  const child = spawn(process.execPath, ["--max-old-space-size=6144", CLI, ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].on("data", (part) => (texts[name] += part));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...texts })));
}
