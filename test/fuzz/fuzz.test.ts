// A short, seeded share of what scripts/fuzz.mjs does for hours, and that it would notice.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { readNetwork } from "#formats/index";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { FUZZ_CASES, type FuzzCase } from "./cases.ts";
import { damagedFile, readOne } from "./run.ts";
import { nirSeeds } from "./seeds.ts";

/** Files of each case; some seconds in all. */
const FILES = 120;
const SEED = 20_261;

describe("damaged files end in diagnostics", () => {
  for (const subject of FUZZ_CASES)
    test(`${subject.name}: ${FILES} files`, async () => {
      const seeds = await subject.seeds();
      for (let index = 0; index < FILES; index++) {
        const bytes = await damagedFile(subject, seeds, SEED, index);
        const { outcome, reason } = await readOne(subject, bytes, index);
        assert.notEqual(outcome, "failed", `file ${index} of seed ${SEED}: ${reason}`);
      }
    });
});

test("whole files are read: what is damaged is not refused anyway", async () => {
  for (const subject of FUZZ_CASES) {
    const seeds = await subject.seeds();
    const outcomes = await Promise.all(seeds.map(({ bytes }) => readOne(subject, bytes, 0)));
    assert.ok(seeds.length > 0, subject.name);
    // Files of the corpus have a path for a name, and some of them are bad on purpose.
    seeds.forEach(({ name }, s) => {
      if (!name.includes("/")) assert.equal(outcomes[s].outcome, "accepted", `${subject.name}: ${name}`);
    });
  }
});

test("the same seed and number give the same file", async () => {
  for (const subject of FUZZ_CASES) {
    const seeds = await subject.seeds();
    assert.deepEqual(
      await damagedFile(subject, seeds, 7, 3),
      await damagedFile(subject, seeds, 7, 3),
      subject.name,
    );
  }
});

describe("a reader fails", () => {
  const reading = (read: FuzzCase["read"]): FuzzCase => ({
    name: "planted",
    seeds: () => [],
    mutators: [],
    read,
  });
  const report = (sink: DiagnosticSink, message: string): void => {
    sink.report({ code: "planted/fault", severity: "error", message });
  };
  const cases: [string, FuzzCase["read"]][] = [
    ["that throws", () => Promise.reject(new TypeError("x is not a function"))],
    ["that throws diagnostics", () => Promise.reject(new ToolchainError([]))],
    ["that refuses without an error", () => Promise.resolve("refused")],
    [
      "that accepts with an error",
      (_, sink) => {
        report(sink, "this is wrong with the file.");
        return Promise.resolve("accepted");
      },
    ],
    [
      "that says nothing",
      (_, sink) => {
        report(sink, "it is an [object Object].");
        return Promise.resolve("refused");
      },
    ],
  ];
  for (const [title, read] of cases)
    test(title, async () => {
      assert.equal((await readOne(reading(read), new Uint8Array(4), 0)).outcome, "failed");
    });
});

test("links that lead back to the root end the reading with one message", async () => {
  const [{ bytes }] = await nirSeeds();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Superblock version 0: the root's object header stands first; addresses are 8 bytes.
  assert.equal(bytes[8], 0);
  const root = view.getUint32(64, true);
  let circles = 0;
  for (let at = 96; at + 8 <= bytes.length; at += 8) {
    const address = view.getUint32(at, true);
    if (view.getUint32(at + 4, true) !== 0 || address < 96 || address >= bytes.length || address % 8 !== 0)
      continue;
    const copy = Uint8Array.from(bytes);
    new DataView(copy.buffer).setUint32(at, root, true);
    const sink = new DiagnosticSink();
    await readNetwork(copy, { format: "nir" }, sink);
    assert.ok(sink.diagnostics.length < 40, `${sink.diagnostics.length} messages for the address at ${at}`);
    if (sink.diagnostics.some(({ code }) => code === "nir/too-deep")) circles++;
  }
  assert.ok(circles > 0, "some address is a link to a group");
});
