import { Option, type Command } from "commander";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import {
  finishedFiles,
  loadDataOf,
  logFiles,
  parseRecipe,
  planRecipe,
  recipeOf,
  runRecipe,
  trainingReportText,
  type Recipe,
  type RecipeData,
  type StepProgress,
  type TrainingReport,
} from "#spinec";
import { ToolchainError } from "#util/diagnostic";
import { formatCount } from "#util/units";
import { cannotRead, trainingStopped } from "../diagnostics.ts";
import { readBytes } from "../io.ts";
import { addCommonOptions, wholeNumber } from "../options.ts";
import { runCommand, type CommandResult, type CommonFlags, type Session } from "../session.ts";
import { catchSignals, exitCodeOf } from "../signals.ts";
import { dataFolder, dataSource } from "./train-data.ts";
import { openRunFolder, type RunFolder } from "./train-folder.ts";
import { listRecipes, readyRecipe, showRecipe } from "./train-list.ts";
import { createTrainingBar } from "./train-progress.ts";

interface TrainFlags extends CommonFlags {
  readonly list?: boolean;
  readonly show?: string;
  readonly out?: string;
  readonly data?: string;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly epochs?: string;
  readonly seed?: string;
  readonly threads?: string;
  readonly engine?: string;
}

type Json = Readonly<Record<string, unknown>>;

export function addTrain(program: Command): void {
  const command = program
    .command("train")
    .argument("[recipe]", "a recipe file (.json), or the name of a ready recipe (see --list)")
    .description("learn a sparse network: data and a recipe in, a model, a log and curves out")
    .option("--list", "the ready recipes, their weights, and whether their data are here")
    .option("--show <name>", "print a ready recipe as a file to edit")
    .option("-o, --out <folder>", "the folder of the run (default: runs/NAME)")
    .option("--data <folder>", "where data sets are (default: the variable SPINEC_DATA, else ./data)")
    .option("--resume", "go on with the run in the folder, exactly as if it had not stopped")
    .option("--force", "replace the run in the folder")
    .option("--dry-run", "check the recipe and its data, and learn nothing")
    .option("--epochs <count>", "in place of the recipe's")
    .option("--seed <number>", "in place of the recipe's")
    .option("--threads <count>", "worker threads; never changes the result (default: all cores)")
    .addOption(
      new Option("--engine <name>", "in place of the recipe's").choices(["wasm", "tfjs", "reference"]),
    )
    .hook("preAction", (_, action) => {
      const { list, show } = action.opts<TrainFlags>();
      if (action.args.length === 0 && list !== true && show === undefined)
        action.error("error: missing required argument 'recipe'");
    })
    .addHelpText(
      "after",
      `
Ctrl-C ends the run after the step it is in; --resume goes on from there, also after a crash.

Examples:
  $ spinec train demo                                   digits, half a minute
  $ spinec train --list                                 recipes, and whether their data are here
  $ spinec train --show mlp-lats > mine.json            a recipe to edit
  $ spinec train mine.json --out runs/first --epochs 5
  $ spinec train mine.json --out runs/first --resume
`,
    );
  addCommonOptions(command).action((source: string | undefined, flags: TrainFlags) =>
    runCommand(flags, (session) => {
      if (flags.list === true) return Promise.resolve(listRecipes(dataFolder(flags.data)));
      if (flags.show !== undefined) return Promise.resolve(showRecipe(flags.show));
      return train(source ?? "", flags, session);
    }),
  );
}

async function train(source: string, flags: TrainFlags, session: Session): Promise<CommandResult> {
  const { json, recipe } = readRecipe(source, flags);
  const threads =
    flags.threads === undefined
      ? (recipe.threads ?? availableParallelism())
      : wholeNumber("--threads", flags.threads, 1);
  const { notes, ...data } = await loadDataOf(recipe, dataSource(dataFolder(flags.data)));
  for (const note of notes) session.sink.report(note);
  const plan = planRecipe(recipe, data);
  const folder = flags.out ?? join("runs", recipe.name);
  if (flags.dryRun === true) return planResult(recipe, data, plan, folder);
  const run = openRunFolder(folder, { resume: flags.resume === true, force: flags.force === true });
  const saved = flags.resume === true ? run.resume(recipe, data, session) : undefined;
  if (saved?.isFinished === true) return finishedAlready(run, recipe);
  if (saved === undefined)
    run.write([{ name: "recipe.json", content: `${JSON.stringify(json, null, 2)}\n` }]);
  return learn({ source, flags, json, recipe, data, run, threads, session }, saved?.bytes);
}

interface Learning {
  readonly source: string;
  readonly flags: TrainFlags;
  readonly json: Json;
  readonly recipe: Recipe;
  readonly data: RecipeData;
  readonly run: RunFolder;
  readonly threads: number;
  readonly session: Session;
}

async function learn(learning: Learning, saved: Uint8Array | undefined): Promise<CommandResult> {
  const { source, flags, json, recipe, data, run, threads, session } = learning;
  const startedMs = performance.now();
  const bar = await createTrainingBar(recipe.epochs);
  const signals = catchSignals();
  let last: StepProgress | undefined;
  try {
    const outcome = await runRecipe(
      recipe,
      data,
      {
        onStep: (progress) => {
          last = progress;
          bar.onStep(progress);
        },
        onEpoch: (log) => {
          run.write(logFiles(recipe.name, log));
        },
        keep: (checkpoint) => {
          run.keep(checkpoint);
        },
        shouldStop: () => signals.caught() !== undefined,
      },
      threads,
      saved,
    );
    bar.stop();
    if (outcome.kind === "stopped") {
      const steps = last?.stepsDone ?? 0;
      const command = `spinec train ${[source, ...resumingFlags(flags), "--resume"].map(quoted).join(" ")}`;
      session.sink.report(trainingStopped({ steps, checkpoint: run.checkpointPath, command }));
      return {
        text: [`Stopped after ${formatCount(steps)} steps. Go on with:`, `  ${command}`],
        json: { schema: "spinec/train-stopped/1", folder: run.folder, optimizerSteps: steps, command },
        exitCode: exitCodeOf(signals.caught()),
      };
    }
    const seconds = Number(((performance.now() - startedMs) / 1000).toFixed(1));
    const { files, report, notes } = await finishedFiles(recipe, json, data, outcome, seconds);
    for (const note of notes) session.sink.report(note);
    run.write(files);
    run.keep(outcome.checkpoint);
    return reportResult(report, run.folder);
  } finally {
    bar.stop();
    await signals.release();
  }
}

function reportResult(report: TrainingReport, folder: string, first: readonly string[] = []): CommandResult {
  const model = ["model-rates.nir", "model.nir"].find((name) => report.files.includes(name));
  const inFolder = (name: string): string => quoted(join(folder, name));
  const next =
    model === undefined
      ? []
      : report.files.includes("test-images.json")
        ? ["", `Next: spinec run ${inFolder(model)} --target loihi1 --input ${inFolder("test-images.json")}`]
        : ["", `Next: spinec compile ${inFolder(model)} --target loihi1 -o model-on-chip.spinec`];
  return {
    text: [
      ...first,
      ...trainingReportText(report),
      "",
      `Written to ${folder}: ${report.files.join(", ")}`,
      ...next,
    ],
    json: report,
  };
}

function finishedAlready(run: RunFolder, recipe: Recipe): CommandResult {
  const path = join(run.folder, "report.json");
  const text = new TextDecoder().decode(readBytes(path));
  let report: TrainingReport;
  try {
    report = JSON.parse(text) as TrainingReport;
  } catch (error) {
    throw new ToolchainError([cannotRead({ path, reason: (error as Error).message })]);
  }
  const first = [`The run "${recipe.name}" in ${run.folder} is finished; this is what it gave.`, ""];
  return reportResult(report, run.folder, first);
}

function planResult(
  recipe: Recipe,
  data: RecipeData,
  plan: ReturnType<typeof planRecipe>,
  folder: string,
): CommandResult {
  const samples = {
    trainingSamples: data.training.labels.length,
    validationSamples: data.validation?.labels.length ?? 0,
    testSamples: data.test?.labels.length ?? 0,
  };
  const { method, epochs, search } = recipe;
  return {
    text: [
      `${recipe.name}: nothing is wrong with the recipe and its data`,
      `network:  ${plan.network}, ${formatCount(plan.weights)} weights`,
      `data:     ${data.training.name}, ${formatCount(samples.trainingSamples)} samples to learn from, ${formatCount(samples.validationSamples)} to watch, ${formatCount(samples.testSamples)} to test`,
      `method:   ${method.name}${search === undefined ? "" : `, up to ${search.maxProbes} runs to find a density of ${search.target}`}`,
      `steps:    ${formatCount(epochs)} epochs of ${formatCount(plan.stepsPerEpoch)}, ${formatCount(plan.totalSteps)} in all`,
      `folder:   ${folder}`,
    ],
    json: {
      schema: "spinec/train-plan/1",
      name: recipe.name,
      ...plan,
      method: method.name,
      epochs,
      data: { name: data.training.name, ...samples },
      folder,
    },
  };
}

/** A file or a ready recipe, with what the command line changes. */
function readRecipe(source: string, flags: TrainFlags): { json: Json; recipe: Recipe } {
  const changes = {
    ...(flags.epochs !== undefined && { epochs: wholeNumber("--epochs", flags.epochs, 1) }),
    ...(flags.seed !== undefined && { seed: wholeNumber("--seed", flags.seed, 0) }),
    ...(flags.engine !== undefined && { engine: flags.engine }),
  };
  if (!source.endsWith(".json")) {
    const json = { ...readyRecipe(source).recipe, ...changes };
    return { json, recipe: recipeOf(json) };
  }
  const text = new TextDecoder().decode(readBytes(source));
  const recipe = parseRecipe(text);
  const json = { ...(JSON.parse(text) as Json), ...changes };
  return { json, recipe: Object.keys(changes).length === 0 ? recipe : recipeOf(json) };
}

/** What has to be said again for the run to be the same. */
function resumingFlags(flags: TrainFlags): string[] {
  return [
    ["--out", flags.out],
    ["--data", flags.data],
    ["--epochs", flags.epochs],
    ["--seed", flags.seed],
    ["--engine", flags.engine],
    ["--threads", flags.threads],
  ].flatMap(([name, value]) => (value === undefined ? [] : [name ?? "", value]));
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
