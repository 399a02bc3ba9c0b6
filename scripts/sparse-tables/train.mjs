// Trains all jobs of the tables, several at a time; what is finished is not trained again.
//
//   node scripts/sparse-tables/train.mjs --data FOLDER --out FOLDER [--only REGEX] [--workers 2]
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { JOBS } from "./jobs.mjs";

const { values: args } = parseArgs({
  options: {
    data: { type: "string", default: "data/mnist-10k" },
    out: { type: "string", default: "tables" },
    only: { type: "string", default: "" },
    workers: { type: "string", default: "2" },
  },
});
const wanted = new RegExp(args.only);
const waiting = JOBS.filter(({ id }) => wanted.test(id) && !existsSync(join(args.out, `${id}.json`)));
const all = waiting.length;
const failed = [];
console.log(`${all} runs`);
await Promise.all(Array.from({ length: Number(args.workers) }, worker));
if (failed.length > 0) {
  console.error(`failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}

async function worker() {
  for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
    const started = performance.now();
    const code = await train(job);
    if (code !== 0) failed.push(job.id);
    const seconds = ((performance.now() - started) / 1e3).toFixed(0);
    console.log(
      `${all - waiting.length}/${all} ${job.id} ${code === 0 ? "done" : "FAILED"} after ${seconds} s`,
    );
  }
}

function train({ id }) {
  const script = fileURLToPath(new URL("run-job.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, id, "--data", args.data, "--out", args.out], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Promise((resolve) => child.on("close", resolve));
}
