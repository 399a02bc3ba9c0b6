import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { ToolchainError } from "#util/diagnostic";
import { CORE_PROFILES, capacityOf, coreProfileNamed, parseCoreProfile } from "../../src/core-profile.ts";

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof ToolchainError, String(error));
    return error.diagnostics.map(({ code, message }) => `${code}: ${message}`).join("\n");
  }
  return "";
}

describe("core profiles", () => {
  test("have names", () => {
    for (const profile of CORE_PROFILES) assert.equal(coreProfileNamed(profile.name), profile);
    assert.match(
      refusal(() => coreProfileNamed("lohi1")),
      /^map\/unknown-core-profile: .*did you mean "loihi1"\?/,
    );
  });

  test("are written inline, and what is left out has no wall", () => {
    const { bitsPerSynapse, headerBits } = CORE_PROFILES[0];
    assert.deepEqual(coreProfileNamed("neurons=8"), {
      name: "own",
      neurons: 8,
      axonsIn: null,
      axonsOut: null,
      synapseWords: null,
      bitsPerSynapse,
      headerBits,
    });
    assert.deepEqual(coreProfileNamed("neurons=8, words=20,bits-per-synapse=4"), {
      name: "own",
      neurons: 8,
      axonsIn: null,
      axonsOut: null,
      synapseWords: 20,
      bitsPerSynapse: 4,
      headerBits: 10,
    });
  });

  test("are read from JSON, the same way round", () => {
    const profile = { ...CORE_PROFILES[0], name: "mine", axonsOut: null };
    assert.deepEqual(parseCoreProfile(JSON.stringify(profile), "mine.json"), profile);
  });

  test.each([
    ["an unknown field", "neurons=8,synapses=9", "synapses=9"],
    ["no value", "neurons=", "neurons="],
    ["no neurons", "words=8", "neurons"],
    ["a fraction", "neurons=1.5", "neurons"],
    ["a word for a number", "neurons=8,axons-in=many", "axonsIn"],
    ["a wall of 0", "neurons=8,axons-out=0", "axonsOut"],
  ])("are refused with %s", (_, text, where) => {
    const message = refusal(() => coreProfileNamed(text));
    assert.ok(message.startsWith("map/bad-core-profile"), message);
    assert.ok(message.includes(`see ${where}`), message);
  });

  test("are refused as JSON that is none, or says too much", () => {
    assert.match(
      refusal(() => parseCoreProfile("{", "a.json")),
      /"a\.json" is not one: see JSON/,
    );
    assert.match(
      refusal(() => parseCoreProfile("[]", "a.json")),
      /map\/bad-core-profile/,
    );
    assert.match(
      refusal(() => parseCoreProfile('{"neurons": 3, "x": 1}', "a.json")),
      /map\/bad-core-profile/,
    );
  });

  test("become what mapping counts with: no wall is one that nothing reaches", () => {
    const { wordsOfList, ...capacity } = capacityOf(
      coreProfileNamed("neurons=2,axons-in=3,axons-out=4,words=5,header-bits=0"),
    );
    assert.deepEqual(capacity, { name: "own", neurons: 2, axonsIn: 3, axonsOut: 4, synapseWords: 5 });
    assert.deepEqual([wordsOfList(3), wordsOfList(4)], [1, 2]);
    const { axonsIn, axonsOut, synapseWords } = capacityOf(coreProfileNamed("neurons=2"));
    assert.ok(Math.min(axonsIn, axonsOut, synapseWords) >= 2 ** 31 - 1);
  });

  test("count words in blocks of 64 synapses", () => {
    const { wordsOfList } = capacityOf(coreProfileNamed("loihi1"));
    // 18 bits each and 10 in front, in words of 64.
    assert.deepEqual([0, 1, 3, 4, 63, 64, 65, 128].map(wordsOfList), [0, 1, 1, 2, 18, 19, 20, 38]);
  });
});
