// Damaged files through every reader, each in a child process that may read files but not write any.
//
//   npm run build && node scripts/fuzz.mjs --seconds 60 --seed 1 [--count 20000] [--only nir] [--failures DIR]
//
// A file fails if its reader throws, takes more than 5 s of CPU time, makes the process larger than the bound, ends
// it, or tries to write. Failing files are kept in DIR (default: fuzz-failures). Exit code 1 if there are any.
import { fork, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const HEAP_MB = 512;
const PEAK_MB = 1024;
const FILE_CPU_MS = 5000;
/** Without a word for so long, a file counts as one that never ends: CPU time, and a busy machine's share on top. */
const SILENCE_MS = 30_000;
const CHUNK = 1000;

const HELP = `Reads damaged files through every reader; npm run build comes first.

Usage: node scripts/fuzz.mjs [options]

  --seconds S      how long (default: 60, or without an end if there is a --count)
  --count N        how many files in all
  --seed N         which damage (default: 1); same seed, same files
  --only FORMAT    one reader
  --failures DIR   where files that fail are kept (default: fuzz-failures)
  --pause SHARE    pause between children, as a share of their time, for machines that others use too (default: 0)
  --cases-of DIR   the build to test (default: dist)
  --help           this text

Exit codes: 0 nothing failed, 1 files failed, 2 wrong usage.`;

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const values = optionsOrExit();
const dist = resolve(values["cases-of"]);
const seconds = numberOrExit("seconds", values.seconds ?? "60", 0);
const count = values.count === undefined ? Infinity : wholeOrExit("count", values.count, 1);
const pause = numberOrExit("pause", values.pause, 0);
wholeOrExit("seed", values.seed, 0);
if (!existsSync(join(dist, "test/fuzz/cases.js")))
  exit(`there is no build in ${dist}; run npm run build first`);
const { FUZZ_CASES } = await import(pathToFileURL(join(dist, "test/fuzz/cases.js")).href);
const cases = FUZZ_CASES.map(({ name }) => name).filter(
  (name) => values.only === undefined || name === values.only,
);
if (cases.length === 0)
  exit(`there is no "${values.only}" among ${FUZZ_CASES.map(({ name }) => name).join(", ")}`);
const endsAt =
  values.seconds === undefined && values.count !== undefined ? Infinity : Date.now() + 1000 * seconds;

const [major] = process.versions.node.split(".").map(Number);
const guard = [major < 24 ? "--experimental-permission" : "--permission", "--allow-fs-read=*"];
const folder = mkdtempSync(join(tmpdir(), "spinec-fuzz-"));
const table = new Map(
  cases.map((name) => [
    name,
    {
      files: 0,
      accepted: 0,
      refused: 0,
      failed: 0,
      slowestMs: 0,
      slowest: "",
      peakMb: 0,
      next: 0,
      done: false,
    },
  ]),
);
const failures = [];

for (let total = 0; total < count && Date.now() < endsAt;) {
  const open = cases.filter((name) => !table.get(name).done);
  if (open.length === 0) break;
  for (const name of open) {
    if (total >= count || Date.now() >= endsAt) break;
    const row = table.get(name);
    const size = Math.min(CHUNK, Math.ceil(count / cases.length), count - total);
    const startedMs = Date.now();
    const before = row.files;
    await runChunk(name, row, row.next, row.next + size);
    total += row.files - before;
    if (row.files === before) row.done = true;
    await new Promise((done) => setTimeout(done, pause * (Date.now() - startedMs)));
  }
}
if (readdirSync(folder).length > 0)
  fail("any", -1, `files appeared in the working folder: ${readdirSync(folder).join()}`);
rmSync(folder, { recursive: true });

console.table(
  Object.fromEntries(
    [...table].map(([name, { files, accepted, refused, failed, slowestMs, slowest, peakMb }]) => [
      name,
      {
        files,
        accepted,
        refused,
        failed,
        "slowest ms": Math.round(slowestMs),
        "slowest file": slowest,
        "peak MB": Math.round(peakMb),
      },
    ]),
  ),
);
const total = [...table.values()].reduce((sum, { files }) => sum + files, 0);
console.log(
  `${total} files, ${failures.length} failed, heap ${HEAP_MB} MB, process ${PEAK_MB} MB, ${FILE_CPU_MS / 1000} s of CPU time a file`,
);
for (const { name, index, reason } of failures.slice(0, 20))
  console.log(`${name} ${index}: ${reason.split("\n").slice(0, 3).join(" | ")}`);
process.exitCode = failures.length > 0 ? 1 : 0;

/** What the command line says; usage faults end the program. */
function optionsOrExit() {
  let parsed;
  try {
    parsed = parseArgs({
      options: {
        seconds: { type: "string" },
        count: { type: "string" },
        seed: { type: "string", default: "1" },
        only: { type: "string" },
        failures: { type: "string", default: "fuzz-failures" },
        pause: { type: "string", default: "0" },
        "cases-of": { type: "string", default: join(root, "dist") },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    exit(error.message);
  }
  if (!parsed.values.help) return parsed.values;
  console.log(HELP);
  process.exit(0);
}

function numberOrExit(name, text, min) {
  const number = text.trim() === "" ? NaN : Number(text);
  if (!(number >= min && number < Infinity))
    exit(`--${name} needs a number of at least ${min}, but is "${text}"`);
  return number;
}

function wholeOrExit(name, text, min) {
  const number = numberOrExit(name, text, min);
  if (!Number.isSafeInteger(number)) exit(`--${name} needs a whole number, but is "${text}"`);
  return number;
}

function exit(message) {
  console.error(`${message}\n\n${HELP}`);
  process.exit(2);
}

/** One child for files [from, to), as far as the time allows; a file that ends it is noted and left out. */
async function runChunk(name, row, from, to) {
  const child = fork(join(dist, "test/fuzz/worker.js"), [name, values.seed, String(from), String(to)], {
    cwd: folder,
    execArgv: [`--max-old-space-size=${HEAP_MB}`, "--no-warnings", ...guard],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let stderr = "";
  child.stderr.on("data", (data) => (stderr = (stderr + data).slice(-4000)));
  let current = -1;
  let isStuck = false;
  const silence = () => setTimeout(() => ((isStuck = true), child.kill("SIGKILL")), SILENCE_MS);
  let watch = silence();
  row.next = from;
  child.on("message", (message) => {
    clearTimeout(watch);
    watch = silence();
    if (message.starting !== undefined) current = message.starting;
    else {
      record(name, row, message);
      if (Date.now() >= endsAt) child.kill("SIGKILL");
    }
  });
  const { code, signal } = await new Promise((done) =>
    child.on("close", (code, signal) => done({ code, signal })),
  );
  clearTimeout(watch);
  row.next = Math.max(row.next, current + 1);
  const wasCut = Date.now() >= endsAt && signal === "SIGKILL" && !isStuck;
  if (code === 0 || wasCut) return;
  row.files++;
  row.failed++;
  // Not even a first file: the seeds or the damage are at fault, and would be again.
  if (current < 0) row.done = true;
  fail(
    name,
    current,
    isStuck
      ? `no end within ${SILENCE_MS / 1000} s`
      : `the process ended (${signal ?? code}): ${stderr.slice(-600)}`,
  );
}

function record(name, row, { result: { index, outcome, bytes, cpuMs, reason }, peakMb }) {
  row.files++;
  row.next = index + 1;
  const isSlow = cpuMs > FILE_CPU_MS;
  const isLarge = peakMb > PEAK_MB && row.peakMb <= PEAK_MB;
  if (cpuMs > row.slowestMs) [row.slowestMs, row.slowest] = [cpuMs, `${index} (${bytes} bytes)`];
  row.peakMb = Math.max(row.peakMb, peakMb);
  const isFailed = outcome === "failed" || isSlow || isLarge;
  row[isFailed ? "failed" : outcome]++;
  if (isFailed)
    fail(
      name,
      index,
      reason ?? (isSlow ? `${Math.round(cpuMs)} ms of CPU time` : `${Math.round(peakMb)} MB`),
    );
}

function fail(name, index, reason) {
  failures.push({ name, index, reason });
  const path = resolve(values.failures);
  mkdirSync(path, { recursive: true });
  const base = join(path, `${name}-${values.seed}-${index}`);
  writeFileSync(`${base}.txt`, `${reason}\n`);
  if (index < 0) return;
  const text = execFileSync(
    process.execPath,
    [join(dist, "test/fuzz/save.js"), name, values.seed, String(index)],
    { maxBuffer: 2 ** 28 },
  );
  writeFileSync(`${base}.bin`, Buffer.from(text.toString(), "base64"));
}
