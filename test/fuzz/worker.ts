// A child of scripts/fuzz.mjs: reads damaged files of one case and tells of each how it went.
import { FUZZ_CASES } from "./cases.ts";
import { damagedFile, readOne } from "./run.ts";

const [name, seed, from, to] = process.argv.slice(2);
const subject = FUZZ_CASES.find((entry) => entry.name === name);
if (subject === undefined || process.send === undefined) throw new Error("started by scripts/fuzz.mjs");

/** Written before the next file is read, or the parent could not know which one never ends. */
const tell = (message: object): Promise<unknown> => new Promise((done) => process.send?.(message, done));

const files = await subject.seeds();
for (let index = Number(from); index < Number(to) && files.length > 0; index++) {
  const bytes = await damagedFile(subject, files, Number(seed), index);
  await tell({ starting: index });
  const result = await readOne(subject, bytes, index);
  const { maxRSS } = process.resourceUsage();
  await tell({ result, peakMb: maxRSS / 1024 });
}
process.disconnect();
