import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { CompileReport } from "#report/compile-report";
import type { RunReport } from "#report/run-report";
import { CLI, createWorkplace, expectFault, jsonOf, type CliResult, type Workplace } from "#test/cli";
import { spikesJson } from "#test/cli-models";
import { nirBytes } from "#test/cli-here";
import { edge, input, lif, network, randomSparse } from "#test/networks";
import { createRng } from "#util/rng";

const SIZES = [64, 1800, 1800, 200];

let place: Workplace;
beforeAll(async () => {
  place = createWorkplace();
  const rng = createRng(1);
  const model = network(
    SIZES.map((size, l) => (l === 0 ? input("in", size) : lif(`l${l}`, size))),
    SIZES.slice(1).map((size, l) =>
      edge(
        l === 0 ? "in" : `l${l}`,
        `l${l + 1}`,
        randomSparse(rng, SIZES[l], size, 0.05, () => rng() - 0.3),
        {
          delaySteps: l === 0 ? 0 : 1,
        },
      ),
    ),
  );
  place.write("large.nir", await nirBytes(model));
  place.write("input.json", spikesJson({ inputs: 64, samples: 1 }));
});
afterAll(() => {
  place.remove();
});

const ATTEMPTS = 20;

/** Sends SIGINT so often. Before the search has begun it ends the process: then waits longer; after its end, less. */
async function interrupted(args: readonly string[], signals: number): Promise<CliResult> {
  let delayMs = 700;
  for (let attempt = 1; ; attempt++) {
    const child = spawn(process.execPath, [CLI, ...args], { cwd: place.folder });
    const texts = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const)
      child[stream].on("data", (part: Buffer) => (texts[stream] += part.toString()));
    const closed = new Promise<Pick<CliResult, "code" | "signal">>((resolve) => {
      child.on("close", (code, signal) => {
        resolve({ code, signal });
      });
    });
    await sleep(delayMs);
    const hasEnded = child.exitCode !== null;
    child.kill("SIGINT");
    if (signals > 1) {
      await sleep(20);
      child.kill("SIGINT");
    }
    const end = await closed;
    const isLate = hasEnded || texts.stderr.includes("cli/run-stopped");
    const isEarly = end.signal === "SIGINT" && texts.stdout === "";
    if ((!isLate && !isEarly) || attempt === ATTEMPTS) return { ...end, ...texts };
    delayMs *= isLate ? 0.7 : 1.2;
  }
}

const BEST = ["--effort", "best", "--json"];

describe("Ctrl-C while a mapping is searched for", () => {
  test("it gives the best mapping so far to compile, whole and legal, and ends with 130", async () => {
    const run = await interrupted(["compile", "large.nir", "-o", "large.spinec", ...BEST], 1);
    assert.equal(run.code, 130, run.stderr);
    const report = jsonOf<CompileReport>(run);
    const stopped = report.diagnostics.filter(({ code }) => code === "cli/mapping-stopped");
    assert.equal(stopped.length, 1);
    assert.match(stopped[0].message, /best legal mapping until then, on \d+ cores\.$/);
    assert.ok(place.list().includes("large.spinec"));
    const whole = jsonOf<CompileReport>(
      await place.run("compile", "large.nir", "-o", "whole.spinec", ...BEST),
    );
    assert.notEqual(
      report.deploymentHash,
      whole.deploymentHash,
      "the search was over before the signal came",
    );
    const inspected = await place.run("inspect", "large.spinec");
    assert.equal(inspected.code, 0, inspected.stderr);
  });

  test("it lets run go on with the best mapping so far, and ends with 130", async () => {
    const run = await interrupted(
      ["run", "large.nir", "--input", "input.json", "--no-reference", ...BEST],
      1,
    );
    assert.equal(run.code, 130, run.stderr);
    const report = jsonOf<RunReport>(run);
    assert.equal(report.run.samples, 1);
    assert.ok(report.diagnostics.some(({ code }) => code === "cli/mapping-stopped"));
  });

  test("it ends at once when it comes twice, and writes nothing", async () => {
    const run = await interrupted(["compile", "large.nir", "-o", "twice.spinec", ...BEST], 2);
    assert.equal(run.code, 130, run.stderr);
    assert.equal(run.stdout, "");
    assert.ok(!place.list().includes("twice.spinec"));
  });
});

describe("a search that nobody stops", () => {
  test("it refuses as it does without a thread", async () => {
    const refused = async (effort: string): Promise<CliResult> =>
      place.run("compile", "large.nir", "-o", "x.spinec", "--placer", "spectrul", "--effort", effort);
    const [here, there] = [await refused("fast"), await refused("default")];
    expectFault(there, "compile/unknown-placer");
    assert.deepEqual(there, here);
  });
});
