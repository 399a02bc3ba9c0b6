import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { formatQuantity, targetTable } from "#targets/index";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { PRICED_ACTIONS, type Profile, type Target } from "#targets/target";

const NO_PRICES = Object.fromEntries(PRICED_ACTIONS.map((action) => [action, null])) as Profile["energy"];

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

describe("the actions of a table", () => {
  const actions = (target: Target): string[] =>
    targetTable(target)
      .find(({ columns }) => columns[0] === "action")!
      .rows.map(([action]) => action);
  const directed: Target = { ...loihi1, mesh: { ...loihi1.mesh, hopClasses: "directions" } };

  test("are those that the chip can do", () => {
    assert.deepEqual(
      PRICED_ACTIONS.filter((action) => !actions(loihi1).includes(action)),
      ["hopEast", "hopWest", "hopNorth", "hopSouth", "inputAccess", "inputUpdate", "inputSpike"],
    );
    const unnamed = [{ ...nahukuFit, energy: NO_PRICES, time: NO_PRICES, inside: {} }];
    assert.deepEqual(
      PRICED_ACTIONS.filter((action) => !actions({ ...directed, profiles: unnamed }).includes(action)),
      ["hopEastWest", "hopNorthSouth", "inputAccess", "inputUpdate", "inputSpike"],
    );
    assert.ok(actions({ ...loihi1, neuronModels: ["input"] }).includes("inputSpike"));
  });

  test("hide no price", () => {
    assert.ok(actions(directed).includes("hopEastWest"));
    const energy = { ...nahukuFit.energy, inputSpike: nahukuFit.energy.spikeOut };
    assert.ok(actions({ ...loihi1, profiles: [{ ...nahukuFit, energy }] }).includes("inputSpike"));
  });
});

test("a mesh says how it counts hops, casts messages and buffers them", () => {
  const rows = (target: Target): (readonly string[])[] => targetTable(target)[0].rows.slice(3, 6);
  const unknown = { ...loihi1 };
  Reflect.deleteProperty(unknown, "noc");
  assert.deepEqual(
    rows(loihi1).map((row) => row.slice(0, 4)),
    [
      ["hops counted", "by axis", "", ""],
      ["messages", "unicast", "", ""],
      ["messages in the buffer of a link", "16", "fitted", "sanafe#arch/loihi.yaml"],
    ],
  );
  assert.deepEqual(
    rows({ ...unknown, mesh: { ...unknown.mesh, hopClasses: "directions" } }).map((row) => row.slice(0, 2)),
    [
      ["hops counted", "by direction"],
      ["messages", "unknown"],
      ["messages in the buffer of a link", "unknown"],
    ],
  );
});

test("a count has no unit word", () => {
  assert.equal(formatQuantity({ value: 4096, unit: "count", evidence: "documented", src: [] }), "4,096");
});
