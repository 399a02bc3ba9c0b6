// Every benchmark, one after the other, each in a process of its own, so that its peak memory is its own. To add
// one: a file beside this one, and a word here.
import { spawnSync } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const BENCHMARKS = ["kernels", "simulate", "compile", "flow", "train"];

const extension = extname(import.meta.url);
for (const name of BENCHMARKS) {
  const script = fileURLToPath(new URL(`./${name}${extension}`, import.meta.url));
  const { status } = spawnSync(process.execPath, [...process.execArgv, script], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) process.exitCode = 1;
}
