import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { TARGETS, targetDifferences } from "#targets/index";
import { loihi1 } from "#targets/loihi1/index";
import { spinnaker1 } from "#targets/spinnaker1/index";
import type { Target } from "#targets/target";

const doubled: Target = {
  ...loihi1,
  walls: { ...loihi1.walls, axonsIn: { ...loihi1.walls.axonsIn!, value: 8192 }, axonsOut: null },
  profiles: loihi1.profiles.map((profile, i) =>
    i > 0 ? profile : { ...profile, energy: { ...profile.energy, spikeOut: null } },
  ),
};

describe("what differs between two targets", () => {
  test("is nothing, for a target and itself", () => {
    for (const target of TARGETS) assert.deepEqual(targetDifferences(target, target), []);
  });

  test("is listed by section: walls, prices, and what only one has", () => {
    const lines = targetDifferences(loihi1, doubled).map(({ section, what, first, second }) =>
      [section, what, first, second].join(" | "),
    );
    assert.deepEqual(lines, [
      "structure | axonsIn of a core | 4,096 | 8,192",
      "structure | axonsOut of a core | 4,096 | unknown",
      "energy | spikeOut | 69.3 pJ | unpriced",
    ]);
  });

  test("is listed for fields that tables leave out", () => {
    const noc = loihi1.noc!;
    const other: Target = {
      ...loihi1,
      noc: { ...noc, networks: { ...noc.networks!, value: 7 } },
      weights: { ...loihi1.weights, inputShift: 2 },
      packers: loihi1.packers.map((packer, i) => (i === 1 ? { ...packer, headerBits: 12 } : packer)),
    };
    const lines = targetDifferences(loihi1, other);
    assert.ok(lines.every(({ section }) => section === "field"));
    assert.deepEqual(lines.map(({ what }) => what).sort(), [
      "noc/networks",
      "packers/1/headerBits",
      "weights/inputShift",
    ]);
  });

  test("is the same the other way round", () => {
    for (const target of TARGETS) {
      const forth = targetDifferences(loihi1, target);
      const back = targetDifferences(target, loihi1).map((line) => ({
        ...line,
        first: line.second,
        second: line.first,
      }));
      const key = ({ section, what }: (typeof forth)[number]): string => `${section} ${what}`;
      const sorted = (lines: typeof forth): typeof forth =>
        [...lines].sort((a, b) => (key(a) < key(b) ? -1 : 1));
      assert.deepEqual(sorted(forth), sorted(back));
    }
  });

  test("names formulas, neurons, laws and profiles", () => {
    const what = new Map(targetDifferences(loihi1, spinnaker1).map((line) => [line.what, line]));
    assert.deepEqual([what.get("formula")?.first, what.get("formula")?.second], ["entry-list", "row-words"]);
    assert.deepEqual(
      [what.get("law of time")?.first, what.get("law of time")?.second],
      ["max-core", "deadline"],
    );
    assert.equal(what.get("synapse words of a chip")?.first, "");
    assert.ok(what.has("weights of one sign") && what.has("name"));
  });
});
