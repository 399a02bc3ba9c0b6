// `spinec fit`: one row for every chip, whatever happens to it.
import assert from "node:assert/strict";
import { afterAll, describe, test } from "vitest";
import type { SpikeData } from "#ir/spikes";
import { fitReportHtml } from "#report/fit-html";
import type { FitReport, FitRow } from "#report/fit-report";
import { fitReportText } from "#report/fit-text";
import { JSON_SCHEMAS } from "#report/schema";
import { TARGETS } from "#targets/index";
import { loihi1 } from "#targets/loihi1/index";
import { PRICED_ACTIONS, type Profile, type Target } from "#targets/target";
import { fitModel, type FitTarget } from "#spinec";
import { folderHere, nirBytes, runHere, shellWords } from "#test/cli-here";
import { dense, edge, input, lif, network } from "#test/networks";
import { tightTarget } from "#test/tight-target";
import { shellLine, wordsOf } from "../../src/fit-words.ts";

const weights = (rows: number, cols: number): ReturnType<typeof dense> =>
  dense(Array.from({ length: rows }, (_, r) => Array.from({ length: cols }, (__, c) => ((r * 7 + c * 3) % 11) / 2.1 - 1.17))); // prettier-ignore
const model = network(
  [input("in", 12), lif("hidden", 10), lif("out", 4)],
  [edge("in", "hidden", weights(12, 10)), edge("hidden", "out", weights(10, 4))],
);

const nothing = Object.fromEntries(PRICED_ACTIONS.map((action) => [action, null])) as Profile["energy"];
const unknownCosts: Profile = {
  ...loihi1.profiles[0],
  name: "unknown",
  energy: nothing,
  time: nothing,
  barrier: [],
};
const named = (name: string, target: Target): Target => ({
  ...target,
  name,
  profiles: target.profiles.map((profile) => ({ ...profile, target: name })),
});
const one = (target: Target, rest: Omit<FitTarget, "target"> = {}): FitTarget => ({ target, ...rest });
/** A chip whose memory formula nobody has written: a fault of ours, not of the network. */
const broken = named("broken", {
  ...loihi1,
  packers: [{ ...loihi1.packers[0], formula: "no-such-formula" } as unknown as Target["packers"][number]],
});
const reportOnly = named("described", { ...tightTarget({ axonsIn: 1 }), status: "report-only" });
const tight = named("narrow", tightTarget({ axonsIn: 8 }));
const small = named("small", tightTarget({ neurons: 3 }, { columns: 1, rows: 1, coresPerTile: 2 }));
const subtracting = named("subtracting", { ...loihi1, resetModes: ["subtract"] });

const all = [
  one(loihi1),
  one(loihi1, { as: "loihi1 without costs", profile: unknownCosts }),
  one(small),
  one(tight),
  one(subtracting),
  one(reportOnly),
  one(broken),
];
const report = fitModel(model, all, { changes: "none" });
const row = (target: string): FitRow => report.targets.find((found) => found.target === target)!;

describe("fit", () => {
  test("it has one row for every chip, and a verdict in each", () => {
    assert.deepEqual(
      report.targets.map(({ target, verdict }) => [target, verdict]),
      [
        ["loihi1", "fits"],
        ["loihi1 without costs", "fits"],
        ["small", "fits"],
        ["narrow", "does-not-fit"],
        ["subtracting", "refused"],
        ["described", "report-only"],
        ["broken", "failed"],
      ],
    );
  });

  test("it says what a map takes, and which resource is fullest", () => {
    const { map, cost, weightErrorShare } = row("loihi1");
    assert.equal(map?.cores, 2);
    assert.equal(map.chips, 1);
    assert.equal(map.coresAvailable, 128);
    assert.ok(map.worst !== null && map.worst.share === map.worst.needed / map.worst.available);
    assert.ok(weightErrorShare! > 0 && weightErrorShare! < 0.02, String(weightErrorShare));
    assert.ok(cost!.dynamicPj! > 0 && cost!.perInferenceNs! > 0 && cost!.spikesPerNeuronStep > 0);
  });

  test("it uses as many chips as it takes, and no more", () => {
    // 14 neurons, 3 on a core: 4 cores and 2 cores, on chips of 2.
    assert.deepEqual(
      { cores: row("small").map?.cores, chips: row("small").map?.chips },
      { cores: 6, chips: 3 },
    );
  });

  test("it shares cores before it takes another chip", () => {
    const oneCore = named("one core", tightTarget({}, { columns: 1, rows: 1, coresPerTile: 1 }));
    const [{ map }] = fitModel(model, [one(oneCore)]).targets;
    assert.deepEqual({ cores: map?.cores, chips: map?.chips }, { cores: 1, chips: 1 });
  });

  test("it calls unpriced and untimed what has no price and no time", () => {
    const { cost } = row("loihi1 without costs");
    assert.equal(cost?.dynamicPj, null);
    assert.equal(cost.perInferenceNs, null);
    const line = fitReportText(report).find((text) => text.startsWith("loihi1 without costs"));
    assert.match(line!, /unpriced +untimed/);
  });

  test("it names the binding resource, what is needed and what there is", () => {
    const [reason] = row("narrow").reasons;
    assert.deepEqual(
      { ...reason, message: "", hint: "" },
      {
        code: "partition/neuron-does-not-fit",
        message: "",
        hint: "",
        population: "hidden",
        resource: "axonsIn",
        needed: 12,
        available: 8,
      },
    );
    assert.match(
      fitReportText(report).join("\n"),
      /narrow +does not fit .*input axons: 12 of 8 \("hidden"\)/,
    );
  });

  test("it keeps a fault of ours in its row", () => {
    assert.equal(row("broken").reasons.length, 1);
    assert.equal(row("broken").reasons[0].code, "fit/bug");
  });

  test("it says what input was assumed, or that it was given", () => {
    assert.match(
      fitReportText(report)[1],
      /20 steps of assumed input: .*10\.0 % of the steps \(random, seed 1\)/,
    );
    const sample = { step: Uint32Array.of(0, 1), index: Uint32Array.of(0, 3) };
    const inputs: Record<string, SpikeData> = { in: { steps: 5, shape: [12], samples: [sample, sample] } };
    const given = fitModel(model, [one(loihi1)], { inputs });
    assert.deepEqual(given.input, { kind: "given", samples: 2, steps: 5 });
    assert.match(fitReportText(given)[1], /of one inference of 5 steps, mean of 2 samples/);
    assert.ok(given.targets[0].cost!.dynamicPj! < row("loihi1").cost!.dynamicPj!);
  });

  test("it is the same twice, and what its schema holds", () => {
    assert.deepEqual(fitModel(model, all, { changes: "none" }), report);
    JSON_SCHEMAS["spinec/fit/1"].parse({ ...report, diagnostics: [] });
  });

  test("it aligns its table", () => {
    const lines = fitReportText(report);
    const rule = lines.findIndex((line) => line.startsWith("──"));
    const starts = [...lines[rule].matchAll(/(?<=^|\s\s)─/g)].map(({ index }) => index);
    assert.ok(starts.length >= 9);
    for (const line of lines.slice(rule + 1, rule + 1 + all.length))
      for (const start of starts.slice(1)) assert.equal(line.slice(start - 2, start).trim(), "", line);
  });

  test("it writes a page without scripts, names made safe", () => {
    const html = fitReportHtml({ ...report, name: "<b>&" });
    assert.match(html, /<h1>&#60;b&#62;&#38; on 7 targets<\/h1>/);
    assert.doesNotMatch(html, /<script|<b>&/);
    assert.equal((html.match(/<tr class=/g) ?? []).length, 7);
  });

  test("it searches for changes where it is asked to, and falls back on a chip that was tried anyway", () => {
    const asked = fitModel(model, [one(tight), one(loihi1)], { changes: "all" });
    const [narrow, fine] = asked.targets;
    assert.equal(fine.changes, null);
    assert.ok(narrow.changes!.length >= 2);
    const last = narrow.changes!.at(-1)!;
    assert.equal(last.kind, "target");
    assert.deepEqual(last.options, ["--target", "loihi1"]);
    assert.equal(last.cores, fine.map!.cores);
    assert.equal(last.dynamicPj, fine.cost!.dynamicPj);
    assert.equal(last.command, null);
    for (const { weightErrorShare } of narrow.changes!) assert.ok(weightErrorShare <= 1);
  });
});

describe("words of the command line", () => {
  test("they come through a shell as they were", () => {
    const words = ["--prune", "it's a layer=0.4", "--target", "mine.json", "--split", "a b=2", "$x", ""];
    assert.deepEqual(shellWords(shellLine(words.slice(0, -1))), words.slice(0, -1));
  });

  test("they say every setting", () => {
    assert.deepEqual(
      wordsOf({
        packer: "p",
        partitioner: "q",
        share: "always",
        chips: 2,
        weightBits: 4,
        decayLevels: 3,
        edits: {
          reset: "value",
          prune: [{ layer: "a", densityShare: 0.4 }, { densityShare: 0.5 }],
          channels: [{ population: "b", channels: 8 }],
          split: [{ population: "c", parts: 2 }],
        },
      }).join(" "),
      "--packer p --partitioner q --share always --chips 2 --weight-bits 4 --decay-levels 3 --reset value --prune a=0.4 --prune 0.5 --channels b=8 --split c=2",
    );
  });
});

describe("spinec fit", () => {
  const folder = folderHere();
  afterAll(() => {
    folder.remove();
  });
  const run = async (...words: string[]): ReturnType<typeof runHere> => {
    const file = folder.write("model.nir", await nirBytes(model));
    return runHere(["fit", file, ...words]);
  };

  test("it tries every target unless some are named", async () => {
    const found = await run("--json", "--no-changes");
    assert.equal(found.code, 0, found.stderr);
    const { targets } = JSON_SCHEMAS["spinec/fit/1"].parse(JSON.parse(found.stdout)) as FitReport;
    assert.deepEqual(
      targets.map(({ target }) => target),
      TARGETS.map(({ name }) => name),
    );
    assert.deepEqual(
      targets.filter(({ verdict }) => verdict === "failed").map(({ target, reasons }) => [target, reasons]),
      [],
    );
  });

  test("it refuses what it cannot read", async () => {
    for (const [words, code] of [
      [["--targets", ","], "cli/bad-option"],
      [["--targets", "loihi9"], "targets/unknown-target"],
      [["--rate", "2"], "cli/bad-option"],
      [["--steps", "0"], "cli/bad-option"],
      [["--prune", "fc="], "cli/bad-option"],
      [["--channels", "8"], "cli/bad-option"],
    ] as const) {
      const found = await run(...words);
      assert.equal(found.code, 1, words.join(" "));
      assert.ok(found.stderr.includes(`error[${code}]`), found.stderr);
    }
  });

  test("it makes a changed network's deployment verify against the file it came from", async () => {
    const file = folder.write("model.nir", await nirBytes(model));
    const out = folder.path("changed.spinec");
    const words = ["--prune", "0.5", "--channels", "hidden=7", "--split", "hidden=2"];
    const compiled = await runHere(["compile", file, "--target", "loihi1", ...words, "-o", out, "--json"]);
    assert.equal(compiled.code, 0, compiled.stderr);
    const { map } = JSON.parse(compiled.stdout) as {
      map: { populations: { name: string; neurons: number }[] };
    };
    assert.deepEqual(
      map.populations.map(({ name, neurons }) => [name, neurons]),
      [["out", 4], ["hidden.1", 3], ["hidden.2", 4]],
    ); // prettier-ignore
    const verified = await runHere(["verify", out, file]);
    assert.equal(verified.code, 0, verified.stderr);
  });

  test("compile proposes what would make it fit, unless it is told not to", async () => {
    const file = folder.write("model.nir", await nirBytes(model));
    const words = ["compile", file, "--target", "loihi1", "--share", "never", "-o", folder.path("x.spinec")];
    const wide = folder.write(
      "wide.nir",
      await nirBytes(
        network([input("in", 5000), lif("out", 2)], [edge("in", "out", weights(5000, 2))]),
      ),
    ); // prettier-ignore
    assert.equal((await runHere(words)).code, 0);
    const refused = await runHere(["compile", wide, "--target", "loihi1", "-o", folder.path("x.spinec")]);
    assert.equal(refused.code, 1);
    assert.equal(refused.stdout, "");
    assert.match(refused.stderr, /error\[partition\/neuron-does-not-fit\].*5000 input axons/);
    assert.match(
      refused.stderr,
      /note\[cli\/fitting-change\]: it fits if you prune .*\n.*\n?.*spinec compile .*--prune/,
    );
    const quiet = await runHere(["compile", wide, "--target", "loihi1", "--no-changes", "-o", folder.path("x.spinec")]); // prettier-ignore
    assert.doesNotMatch(quiet.stderr, /fitting-change/);
  });
});
