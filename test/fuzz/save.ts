// A child of scripts/fuzz.mjs: prints one damaged file as base64, without reading it.
import { FUZZ_CASES } from "./cases.ts";
import { damagedFile } from "./run.ts";

const [name, seed, index] = process.argv.slice(2);
const subject = FUZZ_CASES.find((entry) => entry.name === name);
if (subject === undefined) throw new Error("started by scripts/fuzz.mjs");
const bytes = await damagedFile(subject, await subject.seeds(), Number(seed), Number(index));
process.stdout.write(Buffer.from(bytes).toString("base64"));
