// `spinec train` as a user runs it: what it leaves behind, and what it says when things go wrong.
import assert from "node:assert/strict";
import { execFile, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { CLI, createWorkplace, expectFault, jsonOf, type CliResult, type Workplace } from "#test/cli";
import { ROOT } from "#test/shared";
import { decodeState } from "#train/checkpoint";
import { decodeTrainedModel } from "#train/trained-model-file";

const RECIPE = {
  name: "tiny",
  model: {
    builtin: "mlp",
    inputShape: [1, 8, 8],
    hidden: [24],
    classes: 3,
    neuron: { name: "lif-sj", threshold: 0.3 },
  },
  data: {
    name: "generated-digits",
    validation: 0.2,
    options: { side: 8, samples: 120, testSamples: 60, classes: 3 },
  },
  encoder: { name: "rate-encode" },
  steps: 6,
  schedule: { name: "cosine", rate: 0.02 },
  epochs: 5,
  batchSize: 12,
  method: { name: "gmp", density: 0.4 },
};
/** Long enough to be stopped. */
const LONG = { ...RECIPE, name: "long", epochs: 4000, checkpoint: { everyEpochs: 50 } };
/** A folder without data. */
const NOWHERE = ["--data", "nowhere"];

let place: Workplace;
beforeAll(() => {
  place = createWorkplace();
  place.write("tiny.json", JSON.stringify(RECIPE));
  place.write("long.json", JSON.stringify(LONG));
});
afterAll(() => {
  place.remove();
});

const train = (...args: string[]): Promise<CliResult> => place.run("train", ...args);
const listOf = (folder: string): string[] => {
  const names = spawnSync("ls", ["-A", place.path(folder)], { encoding: "utf8" }).stdout.split("\n");
  return names.filter((name) => name !== "");
};

/** Waits for something that another process does. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 4000 && !isTrue(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(isTrue(), "it did not happen in eighty seconds");
}

describe("a run", () => {
  const FILES = [
    "curves.svg",
    "log.csv",
    "log.jsonl",
    "model.nir",
    "model.spinec",
    "report.json",
    "test-images.json",
  ];
  let run: CliResult;
  beforeAll(async () => {
    run = await train("tiny.json", "--out", "run");
    assert.equal(run.code, 0, run.stderr);
  });

  test("it leaves a model, a log, curves and a report behind, and nothing else", () => {
    assert.deepEqual(
      listOf("run").sort(),
      [...FILES, "checkpoint.previous.spinec", "checkpoint.spinec", "recipe.json"].sort(),
    );
    assert.match(run.stdout, /^tiny: 5 epochs on generated-digits, 96 samples/);
    assert.match(run.stdout, /fc1 +1,536/);
    assert.doesNotMatch(run.stderr, /[\u0000-\u0009\u000b-\u001f]/);
  });

  test("its report says what the model is, and holds the schema of --json", () => {
    const report = JSON.parse(place.read("run/report.json").toString()) as {
      files: string[];
      density: { share: number; nonzero: number };
      test: { accuracyShare: number };
    };
    jsonOf({ ...run, stdout: JSON.stringify({ ...report, diagnostics: [] }) });
    assert.deepEqual(report.files, FILES);
    assert.ok(Math.abs(report.density.share - 0.4) < 0.01, `density ${report.density.share}`);
    assert.ok(report.test.accuracyShare > 0.6, `accuracy ${report.test.accuracyShare}`);
    const model = decodeTrainedModel(place.read("run/model.spinec"));
    const weights = Object.entries(model.values).filter(([name]) => name.endsWith(".weight"));
    const nonzero = weights.flatMap(([, values]) => Array.from(values)).filter((value) => value !== 0).length;
    assert.equal(nonzero, report.density.nonzero);
  });

  test("its log has a row for every epoch", () => {
    const rows = place.read("run/log.csv").toString().trimEnd().split("\n");
    assert.equal(rows.length, 1 + RECIPE.epochs);
    assert.equal(place.read("run/log.jsonl").toString().trimEnd().split("\n").length, RECIPE.epochs);
    assert.match(place.read("run/curves.svg").toString(), /<polyline/);
  });

  test("spinec takes its model on", async () => {
    const inspected = await place.run("inspect", "run/model.nir");
    assert.equal(inspected.code, 0, inspected.stderr);
    assert.match(inspected.stdout, /27 neurons, 1,608 weights/);
    const compiled = await place.run("compile", "run/model.nir", "--target", "loihi1", "-o", "tiny.spinec");
    assert.equal(compiled.code, 0, compiled.stderr);
    assert.match(run.stdout, /Next: spinec run .*model\.nir --target loihi1 --input .*test-images\.json/);
    assert.ok((await accuracyOnChip("run", "model.nir")) > 0.6);
  });

  test("a network that learnt from still images also comes as one that takes spikes", async () => {
    const encoder = { name: "direct", mean: 0.3, deviation: 0.4 };
    place.write("still.json", JSON.stringify({ ...RECIPE, name: "still", encoder }));
    const still = await train("still.json", "--out", "still");
    assert.equal(still.code, 0, still.stderr);
    assert.match(still.stderr, /train\/export-rate-encoded/);
    assert.match(still.stdout, /Next: spinec run .*model-rates\.nir/);
    assert.ok((await accuracyOnChip("still", "model-rates.nir")) > 0.6);
  });

  async function accuracyOnChip(folder: string, model: string): Promise<number> {
    const args = [
      `${folder}/${model}`,
      "--target",
      "loihi1",
      "--input",
      `${folder}/test-images.json`,
      "--json",
    ];
    const result = await place.run("run", ...args);
    assert.equal(result.code, 0, result.stderr);
    return (JSON.parse(result.stdout) as { accuracy: { chipShare: number } }).accuracy.chipShare;
  }

  test("it gives the same model, whatever the threads, on the same seed, and another on another", async () => {
    const args = ["tiny.json", "--threads", "2", "--out"];
    for (const [out, ...more] of [["again"], ["other", "--seed", "5"]])
      assert.equal((await train(...args, out, ...more)).code, 0);
    assert.ok(place.read("again/model.spinec").equals(place.read("run/model.spinec")));
    assert.ok(place.read("again/log.csv").equals(place.read("run/log.csv")));
    assert.ok(!place.read("other/model.spinec").equals(place.read("run/model.spinec")));
  });

  test("it is not overwritten unless it is told to be", async () => {
    const before = place.read("run/model.spinec");
    expectFault(await train("tiny.json", "--out", "run", "--epochs", "1"), "cli/run-exists");
    assert.ok(place.read("run/model.spinec").equals(before));
    const forced = await train("tiny.json", "--out", "again", "--epochs", "1", "--force");
    assert.equal(forced.code, 0, forced.stderr);
    assert.ok(!place.read("again/model.spinec").equals(before));
  });

  test("it says so when it is finished already", async () => {
    const again = await train("tiny.json", "--out", "run", "--resume");
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /^The run "tiny" in run is finished/);
    assert.equal(
      jsonOf(await train("tiny.json", "--out", "run", "--resume", "--json")).schema,
      "spinec/train/1",
    );
  });

  test("it is not resumed with another recipe, nor where there is none", async () => {
    const other = await train("tiny.json", "--out", "run", "--resume", "--seed", "9");
    expectFault(other, "train/checkpoint-of-another-run");
    assert.match(other.stderr, /its seed is 1, but the recipe needs 9/);
    expectFault(await train("tiny.json", "--out", "none", "--resume"), "cli/run-missing");
  });

  test("--json prints the report, --dry-run the plan and leaves nothing", async () => {
    const report = jsonOf<{ name: string }>(
      await train("tiny.json", "--out", "json", "--epochs", "1", "--json"),
    );
    assert.deepEqual([report.schema, report.name], ["spinec/train/1", "tiny"]);
    const plan = jsonOf<{ totalSteps: number }>(
      await train("tiny.json", "--out", "dry", "--dry-run", "--json"),
    );
    assert.deepEqual([plan.schema, plan.totalSteps], ["spinec/train-plan/1", 40]);
    assert.ok(!existsSync(place.path("dry")));
  });
});

describe("stopping and resuming", () => {
  const started = (name: string, ...args: string[]): ReturnType<typeof spawn> =>
    spawn(process.execPath, [CLI, "train", name, ...args], { cwd: place.folder, stdio: "pipe" });
  /** The exit code, and all that was printed. */
  const ended = (child: ReturnType<typeof spawn>): Promise<{ code: number | null; text: string }> =>
    new Promise((resolve) => {
      let text = "";
      for (const stream of [child.stdout, child.stderr])
        stream?.on("data", (part: Buffer) => {
          text += part.toString();
        });
      child.on("close", (code) => {
        resolve({ code, text });
      });
    });
  test("Ctrl-C keeps a checkpoint, says how to go on, and ends with 130", async () => {
    const child = started("long.json", "--out", "stopped");
    const end = ended(child);
    await until(() => existsSync(place.path("stopped/log.csv")));
    child.kill("SIGINT");
    const { code, text } = await end;
    assert.equal(code, 130, text);
    assert.match(text, /Stopped after [\d,]+ steps/);
    assert.match(text, /spinec train long\.json --out stopped --resume/);
    assert.ok(existsSync(place.path("stopped/checkpoint.spinec")));
    assert.ok(!existsSync(place.path("stopped/model.nir")));
    const rowsBefore = place.read("stopped/log.csv").toString().split("\n").length;

    const resumed = started("long.json", "--out", "stopped", "--resume");
    const next = ended(resumed);
    const seen: number[] = [];
    await until(() => {
      seen.push(place.read("stopped/log.csv").toString().split("\n").length);
      return seen[seen.length - 1] > rowsBefore + 3;
    });
    assert.ok(Math.min(...seen) >= rowsBefore, "it began anew");
    resumed.kill("SIGTERM");
    assert.equal((await next).code, 143);
  });

  test("a damaged checkpoint is refused, or the one before it taken", async () => {
    const bytes = Uint8Array.from(place.read("stopped/checkpoint.spinec"));
    bytes[bytes.length - 100] ^= 1;
    const copy = (from: string, ...names: string[]): void => {
      mkdirSync(place.path(from), { recursive: true });
      for (const name of names) place.write(`${from}/${name}`, place.read(`stopped/${name}`));
    };
    copy("damaged", "recipe.json");
    place.write("damaged/checkpoint.spinec", bytes);
    expectFault(await train("long.json", "--out", "damaged", "--resume"), "train/checkpoint-damaged");
    copy("damaged", "checkpoint.previous.spinec");
    const child = started("long.json", "--out", "damaged", "--resume");
    const end = ended(child);
    await until(() => existsSync(place.path("damaged/log.csv")));
    child.kill("SIGINT");
    const { code, text } = await end;
    assert.equal(code, 130, text);
    assert.match(text, /warning\[cli\/checkpoint-unusable\]/);
  });

  test("a run that is killed at any moment ends with the weights of one that was not", async () => {
    const script = join(ROOT, "scripts/kill-resume.mjs");
    const { stdout, code } = await new Promise<{ stdout: string; code: number | null }>((resolve) => {
      const child = execFile(process.execPath, [script, "--times", "2", "--json"], (_, out) => {
        resolve({ stdout: out, code: child.exitCode });
      });
    });
    const { runs, kills, identical } = JSON.parse(stdout) as Record<string, number>;
    assert.deepEqual({ runs, kills, identical, code }, { runs: 2, kills: 4, identical: 2, code: 0 });
  });
});

describe("what users do wrong", () => {
  const recipes: [string, unknown, string][] = [
    ["text", "hello", "train/recipe-not-json"],
    ["a list", [], "train/recipe-wrong-type"],
    ["a misspelt field", { ...RECIPE, epocs: 3 }, "train/recipe-unknown-field"],
    ["a missing field", { ...RECIPE, steps: undefined }, "train/recipe-missing-field"],
    ["a wrong number", { ...RECIPE, batchSize: 0 }, "train/recipe-wrong-value"],
    ["an unknown method", { ...RECIPE, method: { name: "gpm" } }, "train/recipe-unknown-name"],
    [
      "a density that goes with nothing",
      { ...RECIPE, method: { name: "dense" }, density: 0.1 },
      "train/recipe-conflict",
    ],
    [
      "shapes that do not fit",
      { ...RECIPE, model: { inputShape: [1, 8, 8], layers: [{ op: "linear", features: 3 }] } },
      "train/graph-shape",
    ],
    ["a network of another input", { ...RECIPE, model: { builtin: "mlp", classes: 3 } }, "train/data-shape"],
    [
      "a network of other classes",
      { ...RECIPE, model: { ...RECIPE.model, classes: 4 } },
      "train/classes-do-not-fit",
    ],
    ["an encoder of other data", { ...RECIPE, encoder: { name: "events" } }, "train/encoder-does-not-fit"],
    ["data that nobody knows", { ...RECIPE, data: { name: "minst" } }, "train/data-set-unknown"],
    ["data that are not here", { ...RECIPE, data: { name: "cifar-10" } }, "train/data-absent"],
    [
      "a learning rate beyond measure",
      { ...RECIPE, schedule: { name: "constant", rate: 1e38 } },
      "train/weights-not-finite",
    ],
    ["pruning to death", { ...RECIPE, method: { name: "stds", threshold: 50 } }, "train/dead-layer"],
  ];
  test.each(recipes)("%s", async (_, recipe, code) => {
    place.write("bad.json", typeof recipe === "string" ? recipe : JSON.stringify(recipe));
    expectFault(await train("bad.json", "--out", "bad", "--force", ...NOWHERE), code);
    assert.ok(!existsSync(place.path("bad/model.nir")));
  });

  test("a data file that was cut short is named, and no folder made", async () => {
    mkdirSync(place.path("cut/mnist"), { recursive: true });
    const header = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 28, 0, 0, 0, 28, 1, 2, 3);
    for (const [name, bytes] of [
      ["train-images-idx3-ubyte", header],
      ["t10k-images-idx3-ubyte", header],
      ["train-labels-idx1-ubyte", Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 9)],
      ["t10k-labels-idx1-ubyte", Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 9)],
    ] as const)
      place.write(`cut/mnist/${name}`, bytes);
    const run = await train("stbp-mnist", "--data", "cut", "--out", "cut-run");
    expectFault(run, "train/data-cut-short");
    assert.match(run.stderr, /train-images-idx3-ubyte/);
    assert.ok(!existsSync(place.path("cut-run")));
  });

  test("a recipe that is nowhere", async () => {
    expectFault(await train("nowhere.json"), "cli/cannot-read");
    const run = await train("dmo");
    expectFault(run, "train/recipe-not-found");
    assert.match(run.stderr, /did you mean "demo"\?/);
  });

  test("options that are none, and no recipe at all", async () => {
    expectFault(await train("tiny.json", "--epochs", "0"), "cli/bad-option");
    expectFault(await train("tiny.json", "--threads", "many"), "cli/bad-option");
    for (const args of [[], ["tiny.json", "--engine", "gpu"], ["tiny.json", "--epoch", "3"]])
      assert.equal((await train(...args)).code, 2, args.join(" "));
  });

  test("a folder that cannot be", async () => {
    place.write("file", "");
    for (const out of ["file", "file/x", "/proc/x"])
      expectFault(await train("tiny.json", "--out", out), "cli/cannot-write");
    place.write("mnist.json", JSON.stringify({ ...RECIPE, data: { name: "mnist" } }));
    expectFault(await train("mnist.json", "--data", "file"), "train/data-absent");
  });

  test("a full disk: the checkpoint that was there is whole, and the run goes on from it", async (context) => {
    const disk = place.path("disk");
    mkdirSync(disk, { recursive: true });
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk]).status !== 0)
      context.skip("mounting a file system is not allowed here");
    try {
      // Two checkpoints of 26 kB find room; the log of many epochs does not.
      place.write("full.json", JSON.stringify({ ...RECIPE, epochs: 3000, checkpoint: { everySteps: 1 } }));
      const run = await train("full.json", "--out", "disk/run");
      expectFault(run, "cli/cannot-write");
      assert.match(run.stderr, /no space left/);
      const kept = decodeState(place.read("disk/run/checkpoint.spinec"), "checkpoint");
      assert.equal(kept.isFinished, false);
      spawnSync("mount", ["-o", "remount,size=4m", disk]);
      const child = spawn(process.execPath, [CLI, "train", "full.json", "--out", "disk/run", "--resume"], {
        cwd: place.folder,
      });
      const exit = new Promise((resolve) => child.on("exit", resolve));
      const rows = (): number => place.read("disk/run/log.csv").toString().split("\n").length;
      const before = rows();
      await until(() => rows() > before + 1);
      child.kill("SIGINT");
      assert.equal(await exit, 130);
    } finally {
      spawnSync("umount", [disk]);
    }
  });
});

describe("the list", () => {
  test("it says of every recipe how large it is, and whether its data are here", async () => {
    const list = jsonOf<{ recipes: { name: string; weights: number; dataIsHere: boolean }[] }>(
      await train("--list", "--json", ...NOWHERE),
    ).recipes;
    const of = (name: string): unknown => {
      const found = list.find((recipe) => recipe.name === name);
      return found && { weights: found.weights, dataIsHere: found.dataIsHere };
    };
    assert.deepEqual(of("stds-cifar10"), { weights: 36_715_264, dataIsHere: false });
    assert.deepEqual(of("demo"), { weights: 101_632, dataIsHere: true });
    const text = (await train("--list", ...NOWHERE)).stdout;
    assert.match(text, /stds-cifar10 +6conv-2fc +36,715,264 +stds +cifar-10 +no/);
  });

  test("it shows a recipe as a file that can be run", async () => {
    const shown = await train("--show", "demo");
    place.write("mine.json", shown.stdout);
    const plan = await train("mine.json", "--dry-run", ...NOWHERE);
    assert.equal(plan.code, 0, plan.stderr);
    assert.match(plan.stdout, /^demo: nothing is wrong/);
    assert.equal(jsonOf(await train("--show", "demo", "--json")).schema, "spinec/ready-recipe/1");
  });
});

test("the schema of recipes in assets/schema is the one of the program", async () => {
  const { recipeJsonSchema } = await import("#train/recipe-schema");
  const text = readFileSync(join(ROOT, "assets/schema/recipe-1.json"), "utf8");
  assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(recipeJsonSchema())));
});
