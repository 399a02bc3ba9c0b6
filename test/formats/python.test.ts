// The recipe of the README in Python itself: what the command line writes is read with NumPy alone.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, test } from "vitest";
import { createWorkplace } from "#test/cli";
import { ROOT } from "#test/shared";

/** The first Python that has NumPy. */
const python = ["/usr/bin/python3", "python3"].find((name) => {
  try {
    execFileSync(name, ["-c", "import numpy"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});

const readme = readFileSync(join(ROOT, "src/formats/README.md"), "utf8");
const [, recipe] = /```python\n([\s\S]*?)```/.exec(readme) ?? [];

const work = createWorkplace();
afterAll(() => {
  work.remove();
});

test("the recipe is short", () => {
  const lines = recipe.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  assert.ok(lines.length > 5 && lines.length <= 20, `${lines.length} lines`);
});

test.skipIf(python === undefined)(
  "the recipe reads a report and spikes of both forms, and finds them equal",
  async () => {
    const [model, data] = ["digits.nir", "digits-200.json.gz"].map((name) => join(ROOT, "assets/demo", name));
    const feed = ["--target", "loihi1", "--input", data, "--samples", "4"];
    const run = await work.run("run", model, ...feed, "--spikes", "out.npz", "--json");
    assert.equal(run.code, 0, run.stderr);
    work.write("run.json", run.stdout);
    // `run` records every population; the same run once more, as events.
    const events = await work.run("run", model, ...feed, "--spikes", "out.json");
    assert.equal(events.code, 0, events.stderr);
    work.write("recipe.py", recipe);
    const output = execFileSync(python!, ["recipe.py"], { cwd: work.folder, encoding: "utf8" });
    const report = JSON.parse(run.stdout) as { energy: { dynamicPj: number }; map: { cores: number } };
    assert.match(output, /^[\d.]+ µJ per inference on 3 cores\n/);
    assert.ok(Math.abs(Number.parseFloat(output) - report.energy.dynamicPj / 1e6) < 1e-6);
    assert.match(output, /'lif1': .*'lif2': .*'lif3': /);
  },
);
