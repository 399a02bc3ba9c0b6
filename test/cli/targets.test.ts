// A chip of one's own on the command line, from a copy of loihi1 to a run on it, as the README walks through it.
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { RunReport } from "#report/run-report";
import { createWorkplace, jsonOf, type CliResult, type Workplace } from "#test/cli";
import { modelBytes, spikesJson } from "#test/cli-models";

interface QuantityFile {
  value: number;
}
interface TargetFile {
  name: string;
  mesh: { columns: number; rows: number; coresPerTile: number };
  walls: { axonsIn: QuantityFile; synapseWords: QuantityFile };
  profiles: { target: string; energy: { spikeOut: QuantityFile } }[];
}

let place: Workplace;
let mine: TargetFile;
beforeAll(async () => {
  place = createWorkplace();
  place.write("model.nir", await modelBytes());
  place.write("spikes.json", spikesJson());
  mine = JSON.parse((await place.run("targets", "show", "loihi1")).stdout) as TargetFile;
  mine.name = "mine";
  mine.walls.axonsIn.value *= 2;
  mine.walls.synapseWords.value /= 2;
  mine.mesh = { ...mine.mesh, columns: 4, rows: 4, coresPerTile: 2 };
  for (const profile of mine.profiles) profile.target = "mine";
  place.write("mine.json", JSON.stringify(mine));
});
afterAll(() => {
  place.remove();
});

const expectFine = (run: CliResult): void => {
  assert.equal(run.code, 0, run.stderr);
};

describe("a chip of one's own", () => {
  test("it is checked: what is wrong is named with its place, and the exit code is 1", async () => {
    expectFine(await place.run("targets", "check", "mine.json"));
    place.write(
      "bad.json",
      JSON.stringify({ ...mine, walls: { ...mine.walls, axonsIn: { ...mine.walls.axonsIn, value: -1 } } }),
    );
    const run = await place.run("targets", "check", "mine.json", "bad.json");
    assert.equal(run.code, 1);
    assert.match(run.stderr, /^error\[targets\/wrong-number\].*\n {2}at bad\.json \/walls\/axonsIn\/value/m);
    const result = jsonOf<{ checked: { name: string; ok: boolean; contentHash: string | null }[] }>(
      await place.run("targets", "check", "mine.json", "bad.json", "--json"),
    );
    assert.equal(result.schema, "spinec/targets-check/1");
    assert.deepEqual(
      result.checked.map(({ name, ok }) => [name, ok]),
      [
        ["mine.json", true],
        ["bad.json", false],
      ],
    );
  });

  test("it differs from loihi1 in what was changed", async () => {
    const run = await place.run("targets", "diff", "loihi1", "mine.json");
    expectFine(run);
    assert.match(run.stdout, /axonsIn of a core +4,096 +8,192/);
    assert.match(run.stdout, /synapseWords of a core +16,384 word +8,192 word/);
    assert.match(run.stdout, /mesh +8 x 4 tiles of 4 cores, column-major +4 x 4 tiles of 2 cores/);
    const { differences, schema } = jsonOf<{ differences: { section: string; what: string }[] }>(
      await place.run("targets", "diff", "loihi1", "mine.json", "--json"),
    );
    assert.equal(schema, "spinec/targets-diff/1");
    const ofTable = differences.filter(({ section }) => section !== "field");
    assert.equal(ofTable.length, 3);
    // The other profile is of another target by its own word.
    assert.deepEqual(
      differences.filter(({ section }) => section === "field").map(({ what }) => what),
      ["other profiles/davies2018/target"],
    );
    assert.match((await place.run("targets", "diff", "mine.json", "mine.json")).stdout, /do not differ/);
  });

  test("it is compiled for, verified against and run on", async () => {
    expectFine(await place.run("compile", "model.nir", "--target", "mine.json", "-o", "mine.spinec"));
    expectFine(await place.run("verify", "mine.spinec", "model.nir", "--target", "mine.json"));
    const args = ["model.nir", "--target", "mine.json", "--input", "spikes.json", "--json"];
    const report = jsonOf<RunReport>(await place.run("run", ...args));
    assert.equal(report.map.target, "mine");
    const again = jsonOf<RunReport>(
      await place.run("simulate", "mine.spinec", "--target", "mine.json", "--input", "spikes.json", "--json"),
    );
    assert.equal(again.energy.dynamicPj, report.energy.dynamicPj);
  });

  test("it takes a profile from a file of its own", async () => {
    const file = JSON.parse(
      (await place.run("targets", "show", "mine.json", "--profile", "nahuku-fit")).stdout,
    ) as { profile: { name: string; energy: { spikeOut: QuantityFile } } };
    file.profile.name = "mine-fit";
    file.profile.energy.spikeOut.value = 1000;
    place.write("prices.json", JSON.stringify(file));
    expectFine(await place.run("targets", "check", "prices.json", "--target", "mine.json"));
    const args = ["run", "model.nir", "--target", "mine.json", "--input", "spikes.json", "--json"];
    const [before, after] = [
      jsonOf<RunReport>(await place.run(...args)),
      jsonOf<RunReport>(await place.run(...args, "--profile", "prices.json")),
    ];
    assert.equal(after.energy.profile, "mine-fit");
    assert.ok(after.energy.dynamicPj > before.energy.dynamicPj);
    const foreign = await place.run("run", "model.nir", "--input", "spikes.json", "--profile", "prices.json");
    assert.equal(foreign.code, 1);
    assert.match(foreign.stderr, /error\[targets\/foreign-profile\]/);
  });
});

describe("targets with parameters", () => {
  test("they are mapped onto, and found again by the name in the deployment", async () => {
    const target = "generic-entrylist:axonsIn=64,words=512";
    expectFine(await place.run("compile", "model.nir", "--target", target, "-o", "small.spinec"));
    expectFine(await place.run("verify", "small.spinec", "model.nir"));
    const run = await place.run(
      "compile",
      "model.nir",
      "--target",
      "generic-entrylist:axons=4",
      "-o",
      "x.spinec",
    );
    assert.equal(run.code, 1);
    assert.match(run.stderr, /error\[targets\/unknown-parameter\]/);
  });
});

describe("all targets", () => {
  test("they are listed with what can be done with them", async () => {
    const { targets } = jsonOf<{ targets: { name: string; status: string }[] }>(
      await place.run("targets", "--json"),
    );
    const status = new Map(targets.map((target) => [target.name, target.status]));
    assert.deepEqual(
      ["loihi1", "tianjic", "akida"].map((name) => status.get(name)),
      ["supported", "experimental", "report-only"],
    );
  });

  test("they are clean", async () => {
    const run = await place.run("targets", "check", "--all");
    expectFine(run);
    assert.doesNotMatch(run.stdout, / [1-9]\d*$/m);
    assert.equal((await place.run("targets", "check")).code, 1);
  });

  test("they refuse a network where nothing is published, and say what is", async () => {
    const run = await place.run("compile", "model.nir", "--target", "akida", "-o", "x.spinec");
    assert.equal(run.code, 1);
    assert.match(run.stderr, /^error\[targets\/report-only\]: .*65 processors/m);
  });
});
