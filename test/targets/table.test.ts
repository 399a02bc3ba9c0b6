import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { formatQuantity, targetTable } from "#targets/index";
import { loihi1 } from "#targets/loihi1/index";

describe("the tables of loihi1", () => {
  const sections = targetTable(loihi1);
  const row = (title: string, name: string): readonly string[] =>
    sections.find((section) => section.title.startsWith(title))!.rows.find(([first]) => first === name)!;

  test("print a price with its unit, evidence and source", () => {
    assert.deepEqual(row("profile nahuku-fit:", "spikeOut"), [
      "spikeOut",
      "69.3 pJ",
      "30 ns",
      "fitted",
      "sanafe#arch/loihi.yaml",
      "",
    ]);
  });

  test("tell an unpriced action from one inside another price", () => {
    assert.deepEqual(row("profile davies2018:", "messageOut").slice(0, 3), [
      "messageOut",
      "unpriced",
      "unpriced",
    ]);
    assert.deepEqual(row("profile davies2018:", "spikeOut").slice(0, 3), ["spikeOut", "inside", "inside"]);
  });

  test("keep bounds one-sided", () => {
    assert.deepEqual(row("profile davies2018:", "synapseSparse").slice(1, 3), ["≥ 23.6 pJ", "≤ 3.5 ns"]);
  });

  test("show walls, idle power, error and sources", () => {
    assert.deepEqual(row("loihi1:", "synapseWords of a core").slice(0, 3), [
      "synapseWords of a core",
      "16,384 word",
      "documented",
    ]);
    assert.deepEqual(row("profile nahuku-fit: power", "power of a chip").slice(0, 3), [
      "power of a chip",
      "104.4 mW",
      "measured",
    ]);
    assert.match(row("profile nahuku-fit: what", "published error")[1], /^energy 11.7 %, latency 24.3 %: /);
    assert.equal(row("sources", "davies2018")[1], loihi1.sources.davies2018);
  });
});

test("a count has no unit word", () => {
  assert.equal(formatQuantity({ value: 4096, unit: "count", evidence: "documented", src: [] }), "4,096");
});
