// Kills training runs at random moments and resumes them: the weights and the log have to be those of a run that nobody
// disturbed. From the build: npm run build && node scripts/kill-resume.mjs [--times 20] [--kills 2] [--seed 1] [--json]
//
// Exit code 1 if any run ends otherwise. Every run writes a checkpoint after every step, so that many are killed while they write.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scriptOptions } from "./options.mjs";
import { createRng } from "../dist/src/util/rng.js";

const CLI = fileURLToPath(new URL("../dist/src/cli/main.js", import.meta.url));
const { values: args } = scriptOptions(import.meta.url, {
  options: {
    times: { type: "string", default: "20" },
    kills: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});

/** Batch normalisation, dropout, random codes, a searched density: everything that a checkpoint has to hold. */
const RECIPE = {
  name: "kill-me",
  model: {
    inputShape: [1, 12, 12],
    layers: [
      { op: "conv2d", channels: 4, kernel: 3, padding: 1 },
      { op: "batch-norm" },
      { op: "neuron", neuron: "plif-bc" },
      { op: "average-pool", kernel: 2 },
      { op: "flatten" },
      { op: "dropout", rate: 0.2 },
      { op: "linear", features: 4 },
    ],
  },
  data: {
    name: "generated-digits",
    validation: 20,
    options: { side: 12, samples: 200, testSamples: 20, classes: 4 },
  },
  encoder: { name: "rate" },
  steps: 4,
  loss: { name: "cross-entropy" },
  schedule: { name: "cosine", rate: 0.01 },
  epochs: 6,
  batchSize: 10,
  augmentation: { turnDegrees: 10, translateShare: 0.05 },
  method: { name: "lats" },
  density: { target: 0.4, tolerance: 0.02, maxProbes: 3 },
  checkpoint: { everySteps: 1 },
};

const folder = mkdtempSync(join(tmpdir(), "spinec-kill-"));
process.exitCode = 1;
try {
  const recipe = join(folder, "recipe.json");
  writeFileSync(recipe, JSON.stringify(RECIPE));
  const startedMs = performance.now();
  await train(recipe, join(folder, "whole"));
  const wholeMs = performance.now() - startedMs;
  const expected = resultOf(join(folder, "whole"));
  const rng = createRng(Number(args.seed));
  const runs = [];
  for (let n = 0; n < Number(args.times); n++) runs.push(await disturbed(n, recipe, wholeMs, expected, rng));
  const identical = runs.filter((run) => run.identical).length;
  const kills = runs.reduce((sum, run) => sum + run.killedAt.length, 0);
  if (args.json) console.log(JSON.stringify({ runs: runs.length, kills, identical, list: runs }));
  else
    console.log(`${identical} of ${runs.length} runs identical to the undisturbed one, after ${kills} kills`);
  if (identical === runs.length) process.exitCode = 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** One run, killed at random moments, then left alone. */
async function disturbed(n, recipe, wholeMs, expected, rng) {
  const out = join(folder, `run${n}`);
  const killedAt = [];
  let leftBehind = 0;
  let longestMs = wholeMs;
  while (killedAt.length < Number(args.kills)) {
    const delayMs = Math.round(longestMs * rng());
    const { killed } = await train(recipe, out, existsSync(join(out, "recipe.json")), delayMs);
    if (!killed) {
      // Too fast for us: once more, from the start.
      rmSync(out, { recursive: true, force: true });
      killedAt.length = 0;
      longestMs *= 0.7;
      continue;
    }
    killedAt.push(delayMs);
    if (existsSync(out)) leftBehind += readdirSync(out).filter((name) => name.endsWith(".tmp")).length;
  }
  await train(recipe, out, existsSync(join(out, "recipe.json")));
  const result = resultOf(out);
  const isSame = Object.keys(expected).every((name) => expected[name].equals(result[name]));
  const isClean = readdirSync(out).every((name) => !name.endsWith(".tmp"));
  const run = { run: n, killedAt, leftBehind, identical: isSame && isClean };
  if (!args.json) console.log(JSON.stringify(run));
  rmSync(out, { recursive: true, force: true });
  return run;
}

function resultOf(out) {
  return Object.fromEntries(
    ["model.spinec", "model.nir", "log.csv", "curves.svg"].map((name) => [
      name,
      readFileSync(join(out, name)),
    ]),
  );
}

/** Ends with the process; `killed` after `delayMs` unless it was faster. */
function train(recipe, out, resume = false, delayMs = undefined) {
  return new Promise((resolve, reject) => {
    const extra = resume ? ["--resume"] : [];
    const child = spawn(
      process.execPath,
      [CLI, "train", recipe, "--out", out, "--threads", "1", "--quiet", ...extra],
      {
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    let said = "";
    child.stderr.on("data", (text) => (said += text));
    const timer = delayMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), delayMs);
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      if (signal === "SIGKILL") resolve({ killed: true });
      else if (code === 0) resolve({ killed: false });
      else reject(new Error(`train ended with ${code ?? signal}:\n${said}`));
    });
  });
}
