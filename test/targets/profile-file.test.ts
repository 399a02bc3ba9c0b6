import assert from "node:assert/strict";
import { describe, test } from "vitest";
import {
  TARGETS,
  contentHash,
  parseProfile,
  parseTargetOrProfile,
  profileToJson,
  targetToJson,
} from "#targets/index";
import { loihi1 } from "#targets/loihi1/index";
import { spinnaker1 } from "#targets/spinnaker1/index";
import type { Profile } from "#targets/target";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";

interface File {
  profile: { energy: Record<string, unknown>; target: string };
  sources: Record<string, string>;
}

function read(text: string, target = loihi1): { profile: Profile | undefined; faults: string[] } {
  const sink = new DiagnosticSink();
  const profile = parseProfile(text, sink, target);
  return { profile, faults: sink.diagnostics.map(({ code, subject }) => `${code} ${subject ?? ""}`) };
}

const file = (): File => JSON.parse(profileToJson(loihi1.profiles[0], loihi1)) as File;

describe("a profile in a file of its own", () => {
  test("is what it was, for every target", () => {
    for (const target of TARGETS)
      for (const profile of target.profiles)
        assert.deepEqual(read(profileToJson(profile, target), target), { profile, faults: [] });
  });

  test("brings the sources that its numbers name, and no others", () => {
    assert.deepEqual(Object.keys(file().sources).sort(), ["frady2020", "sanafe"]);
  });

  test("may have sources and prices of its own", () => {
    const mine = file();
    mine.sources["bench"] = "our bench";
    mine.profile.energy["spikeOut"] = {
      value: 70,
      unit: "pJ",
      evidence: "measured",
      scope: "per-term",
      src: ["bench"],
    };
    const { profile, faults } = read(JSON.stringify(mine));
    assert.deepEqual(faults, []);
    assert.equal(profile?.energy.spikeOut?.value, 70);
    assert.notEqual(contentHash(profile), contentHash(loihi1.profiles[0]));
  });

  test("has to belong to the target", () => {
    assert.deepEqual(read(JSON.stringify(file()), spinnaker1).faults, [
      "targets/foreign-profile /profile/target",
    ]);
  });

  test("keeps to the rules", () => {
    const mine = file();
    mine.profile.energy["spikeOut"] = { value: -1, unit: "ns", evidence: "measured", src: ["nowhere"] };
    assert.deepEqual(read(JSON.stringify(mine)).faults, [
      "targets/wrong-unit /profile/energy/spikeOut",
      "targets/wrong-number /profile/energy/spikeOut/value",
      "targets/no-scope /profile/energy/spikeOut",
      "targets/unknown-source /profile/energy/spikeOut/src/0",
    ]);
    assert.deepEqual(read("{").faults, ["targets/not-json "]);
    assert.deepEqual(read("[]").faults, ["targets/wrong-type /"]);
  });

  test("is told from a target", () => {
    const sink = new DiagnosticSink();
    assert.equal(parseTargetOrProfile(JSON.stringify(file()), sink)?.kind, "profile");
    assert.equal(parseTargetOrProfile(targetToJson(loihi1), sink)?.kind, "target");
    assert.deepEqual(sink.diagnostics.map(formatDiagnostic), []);
  });
});

test("a content hash is that of what is said, not of how", () => {
  const { name, ...rest } = loihi1.profiles[0];
  assert.equal(contentHash({ ...rest, name }), contentHash(loihi1.profiles[0]));
  assert.notEqual(contentHash({ ...rest, name: "other" }), contentHash(loihi1.profiles[0]));
  assert.equal(contentHash({ ...loihi1, profiles: [] }), contentHash(loihi1));
});
