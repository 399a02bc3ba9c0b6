import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, test } from "vitest";
import { CLI } from "#test/cli";

const SIGNALS = new URL("signals.js", pathToFileURL(CLI)).href;

/** A stretch of 100 ms in which Node delivers nothing; the signal comes at its beginning. */
const BUSY = `
  const busy = () => {
    process.kill(process.pid, "SIGINT");
    for (const until = performance.now() + 100; performance.now() < until; );
  };`;

async function inProcess(body: string): Promise<{ stdout: string; code: number }> {
  const script = `import { catchSignals } from "${SIGNALS}"; ${BUSY} ${body}`;
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  return run.then(
    ({ stdout }) => ({ stdout, code: 0 }),
    ({ stdout, code }: { stdout: string; code: number }) => ({ stdout, code }),
  );
}

describe("signals that come while work does not listen", () => {
  test("one that waits at the release is caught", async () => {
    const run = await inProcess(
      "const signals = catchSignals(); busy(); await signals.release(); console.log(signals.caught());",
    );
    assert.deepEqual(run, { stdout: "SIGINT\n", code: 0 });
  });

  test("nothing is caught where nothing came", async () => {
    const run = await inProcess(
      "const signals = catchSignals(); await signals.release(); console.log(signals.caught());",
    );
    assert.deepEqual(run, { stdout: "undefined\n", code: 0 });
  });

  test("the second ends the process", async () => {
    const run = await inProcess(
      "const signals = catchSignals(); busy(); await new Promise(setImmediate); await new Promise(setImmediate); busy(); await signals.release(); console.log(signals.caught());",
    );
    assert.deepEqual(run, { stdout: "", code: 130 });
  });
});
