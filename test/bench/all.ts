// Every benchmark, one after the other, each in a process of its own, so that its peak memory is its own. To add
// one: a file beside this one, and a word here. Options are for the simulator's (`--full`, `--json`).
import { spawnSync } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const BENCHMARKS = ["kernels", "simulator", "compile", "flow", "train"];

const extension = extname(import.meta.url);
for (const name of BENCHMARKS) {
  const script = fileURLToPath(new URL(`./${name}${extension}`, import.meta.url));
  const options = name === "simulator" ? process.argv.slice(2) : [];
  const { status } = spawnSync(process.execPath, [...process.execArgv, script, ...options], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) process.exitCode = 1;
}
