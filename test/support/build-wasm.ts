// Before the tests: the kernels of the training engine and of the simulator, if their sources have changed.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./shared.ts";

export function setup(): void {
  const { status } = spawnSync(process.execPath, [join(ROOT, "scripts/build-wasm.mjs")], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("The kernels were not built.");
}
