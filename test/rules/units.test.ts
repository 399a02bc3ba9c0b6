// Quantities carry their unit in their name. This test finds the ones that do not.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { ROOT } from "#test/shared";

const QUANTITY =
  /\b(?:\w+(?:Energy|Power|Latency|Delay|Duration|Time|Area|Memory|Bandwidth)|energy|power|latency|delay|duration|area|memory|bandwidth)\??: (?:readonly )?(?:number|Float64Array|Float32Array)/g;

const namelessIn = (text: string): string[] => [...text.matchAll(QUANTITY)].map(([match]) => match);

test("no numeric field is named after a quantity without its unit", () => {
  const nameless: string[] = [];
  for (const folder of ["src", "targets", "compiler", "simulator"])
    for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts")) continue;
      const file = join(folder, name);
      for (const match of namelessIn(readFileSync(join(ROOT, file), "utf8")))
        nameless.push(`${file}: ${match}`);
    }
  assert.deepEqual(nameless, []);
});

test("the rule catches a nameless quantity and lets a named one pass", () => {
  assert.deepEqual(namelessIn("readonly stepTime: number;"), ["stepTime: number"]);
  assert.deepEqual(namelessIn("readonly stepNs: number; readonly energyPj: Float64Array;"), []);
});
