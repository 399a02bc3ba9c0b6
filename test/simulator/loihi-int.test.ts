// Every register of two independent implementations of Loihi's neuron, step by step.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { roundHalfEven, storeLoihiWeight } from "#neurons/loihi-weights";
import { wrapSigned } from "#neurons/loihi-cuba";
import { sharedPath } from "#test/shared";
import { RULES_OF, runLoihiCase, type LoihiCase } from "./loihi-int-case.ts";

const folder = sharedPath("golden/loihi-int");
const files =
  folder === undefined
    ? []
    : readdirSync(folder)
        .filter((name) => name.endsWith(".json"))
        .sort();
const cases = files
  .map((name) => JSON.parse(readFileSync(join(folder!, name), "utf8")) as LoihiCase | unknown[])
  .filter((content): content is LoihiCase => !Array.isArray(content) && "runs" in content);

describe("loihi-int", () => {
  test.skipIf(folder === undefined)("loihi-int has cases to compare with", () => {
    assert.ok(cases.length > 0);
  });

  for (const loihiCase of cases) {
    for (const [implementation, expected] of Object.entries(loihiCase.runs)) {
      const rules = RULES_OF[implementation] as (typeof RULES_OF)[string] | undefined;
      test.skipIf(rules === undefined)(`loihi-int ${loihiCase.id} as ${implementation}`, () => {
        const run = runLoihiCase(loihiCase, rules!);
        for (const key of ["stored_weights", "q", "u", "v", "spikes", "ref_count"] as const) {
          if (expected[key] !== undefined) assert.deepEqual(run[key], expected[key], key);
        }
      });
    }
  }
});

describe("loihi-int rules a person can check", () => {
  test("loihi-int rounds halves to the even neighbour", () => {
    assert.deepEqual(
      [0.5, 1.5, 2.5, -0.5, -1.5, 2.4, -2.6].map(roundHalfEven).map((x) => x + 0),
      [0, 2, 2, 0, -2, 2, -3],
    );
  });

  test("loihi-int stores odd mixed weights as the two implementations do", () => {
    const mixed = { signMode: "mixed", weightExponent: 0 } as const;
    const odd = [5, -5, 255, -256, 3];
    assert.deepEqual(
      odd.map((w) => storeLoihiWeight(w, mixed, "lava")),
      [4, -6, 254, -256, 2],
    );
    assert.deepEqual(
      odd.map((w) => storeLoihiWeight(w, mixed, "nengo") + 0),
      [4, -4, 254, -254, 4],
    );
  });

  test("loihi-int keeps all eight bits of one-signed weights under Lava's rules", () => {
    const store = (w: number, signMode: "excitatory" | "inhibitory"): number =>
      storeLoihiWeight(w, { signMode, weightExponent: 0 }, "lava");
    assert.deepEqual(
      [-3, 101, 300].map((w) => store(w, "excitatory")),
      [0, 101, 255],
    );
    assert.deepEqual(
      [3, -101, -300].map((w) => store(w, "inhibitory")),
      [0, -101, -255],
    );
  });

  test("loihi-int wraps as two's complement", () => {
    assert.deepEqual(
      [7, 8, -8, -9, 24].map((x) => wrapSigned(x, 3)),
      [7, -8, -8, 7, -8],
    );
  });
});
