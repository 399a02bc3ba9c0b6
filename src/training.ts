// `spinec train` as functions: a recipe and its data in, a trained network as files and a report out.
import { networkToNir } from "#formats/nir/write-network";
import { writeNirFile } from "#formats/nir/write-file";
import type { TrainingReport } from "#report/training-report";
import { shrinkModel } from "#train/channels/shrink";
import { learningCurvesSvg } from "#train/curves";
import { trainedModelToNetwork, type ExportOptions } from "#train/export/index";
import { isStaticEncoder } from "#train/feed";
import { planGraph, sizeOf, weightShape, type LayerGraph } from "#train/graph";
import { GENERATED_DATA, loadRecipeData } from "#train/recipe-data";
import { logCsv, logJsonLines, type LogRow } from "#train/recipe-log";
import { decodeProgress } from "#train/recipe-progress";
import type { FinishedRun, RecipeData } from "#train/recipe-run";
import { recipeOf, type Recipe } from "#train/recipe";
import { checkData } from "#train/run-check";
import { encodeRateCodedImages } from "#train/rate-coded-images";
import { RECIPES } from "#train/recipes/index";
import { encodeTrainedModel } from "#train/trained-model-file";
import type { TrainedModel } from "#train/trained-model";
import { ToolchainError, type Diagnostic } from "#util/diagnostic";
import { loadTrainingData, type DataSource } from "./data-sources.ts";
import { GENERATOR } from "./version.ts";

export { runRecipe } from "#train/recipe-run";
export type { FinishedRun, RecipeData, RecipeHooks, RecipeOutcome, StepProgress } from "#train/recipe-run";
export { parseRecipe, recipeOf, type Recipe } from "#train/recipe";
export { recipeJsonSchema } from "#train/recipe-schema";
export { RECIPES } from "#train/recipes/index";

/** What a recipe needs from the data folder. @throws ToolchainError `train/data-…`, `train/recipe-…` */
export function loadDataOf(
  recipe: Recipe,
  source: Omit<DataSource, "readHdf5">,
): Promise<RecipeData & { readonly notes: readonly Diagnostic[] }> {
  return loadRecipeData(recipe, (name, split, limit) => loadTrainingData(name, split, source, { limit }));
}

/** One line of the list of ready recipes. */
export interface RecipeSummary {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  readonly network: string;
  readonly weights: number;
  readonly method: string;
  readonly data: string;
}

export function recipeSummaries(): RecipeSummary[] {
  return RECIPES.map(({ recipe: json, summary, source }) => {
    const recipe = recipeOf(json);
    return {
      name: recipe.name,
      summary,
      source,
      network: recipe.graph.name,
      weights: weightCount(recipe.graph),
      method: recipe.method.name,
      data: recipe.data.name,
    };
  });
}

/** Weights of linear and convolutional layers, without biases. */
export function weightCount(graph: LayerGraph): number {
  const shapes = planGraph(graph, false).layers.map(weightShape);
  return shapes.reduce((sum, shape) => sum + (shape === undefined ? 0 : sizeOf(shape)), 0);
}

/** True if the data are made on the spot. */
export function isGeneratedData(name: string): boolean {
  return name in GENERATED_DATA || name === "digits";
}

export interface TrainingPlan {
  readonly network: string;
  readonly weights: number;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
}

/** What a run would do. @throws ToolchainError if network and data do not fit */
export function planRecipe(recipe: Recipe, data: RecipeData): TrainingPlan {
  const plan = planGraph(recipe.graph, isStaticEncoder(recipe.encoder));
  for (const part of [data.training, data.validation, data.test])
    if (part !== undefined) checkData(plan, part, recipe.encoder);
  const samples = data.training.labels.length;
  const stepsPerEpoch = Math.floor(samples / Math.min(recipe.batchSize, samples));
  return {
    network: recipe.graph.name,
    weights: weightCount(recipe.graph),
    stepsPerEpoch,
    totalSteps: recipe.epochs * stepsPerEpoch,
  };
}

/**
 * Whether a checkpoint is of this recipe and these data, and how far it is.
 *
 * @throws ToolchainError `train/checkpoint-…`
 */
export function inspectCheckpoint(
  bytes: Uint8Array,
  recipe: Recipe,
  data: RecipeData,
): { readonly isFinished: boolean; readonly epochsDone: number } {
  const { isFinished, log } = decodeProgress(bytes, recipe, data);
  return { isFinished, epochsDone: log.at(-1)?.epoch ?? 0 };
}

export interface RunFile {
  readonly name: string;
  readonly content: Uint8Array | string;
}

/** What can be looked at while a run goes on. */
export function logFiles(name: string, log: readonly LogRow[], probe?: number): RunFile[] {
  return [
    { name: "log.csv", content: logCsv(log) },
    { name: "log.jsonl", content: logJsonLines(log) },
    { name: "curves.svg", content: learningCurvesSvg(name, log, probe) },
  ];
}

/**
 * The trained network as files, and the report on it. A network that cannot be written as NIR comes with a diagnostic in the place
 * of the file.
 */
export async function finishedFiles(
  recipe: Recipe,
  json: Readonly<Record<string, unknown>>,
  data: RecipeData,
  run: FinishedRun,
  seconds: number,
): Promise<{ files: RunFile[]; report: TrainingReport; notes: readonly Diagnostic[] }> {
  const notes: Diagnostic[] = [];
  const chosen = chosenProbe(run);
  if (run.search?.diagnostic !== undefined)
    notes.push({ ...run.search.diagnostic, severity: "warning" as const });
  const { model, removedWeights } =
    recipe.method.name === "channel" ? shrunk(run.model) : { model: run.model };
  const files: RunFile[] = [
    ...logFiles(recipe.name, run.log, chosen),
    { name: "model.spinec", content: encodeTrainedModel(model) },
  ];
  files.push(...(await nirFiles(model, recipe, notes)), ...testImages(recipe, data));
  const last = run.log.filter((row) => row.probe === chosen).at(-1);
  const seen = run.test ?? run.validation;
  const report: TrainingReport = {
    schema: "spinec/train/1",
    generator: GENERATOR,
    name: recipe.name,
    recipe: json,
    data: {
      name: data.training.name,
      trainingSamples: data.training.labels.length,
      validationSamples: data.validation?.labels.length ?? 0,
      testSamples: data.test?.labels.length ?? 0,
    },
    epochs: recipe.epochs,
    optimizerSteps: last?.step ?? 0,
    training: { loss: last?.loss ?? 0, accuracyShare: last?.accuracy ?? 0 },
    ...(run.validation !== undefined && { validation: partOf(run.validation) }),
    ...(run.test !== undefined && { test: partOf(run.test) }),
    density: {
      share: run.density.total,
      nonzero: run.density.nonzero,
      weights: run.density.weights,
      layers: run.density.layers,
    },
    spikesPerSample: seen?.spikesPerSample ?? [],
    operationsPerSample: seen?.operationsPerSample ?? [],
    ...(run.search !== undefined && {
      search: {
        option: run.search.goal.knob,
        value: run.search.knob,
        targetShare: run.search.goal.target,
        probes: run.search.probes.map(({ knob, density }) => ({ value: knob, densityShare: density })),
      },
    }),
    ...(removedWeights !== undefined && { removedWeights }),
    files: [...files.map(({ name }) => name), "report.json"].sort(),
    seconds,
  };
  files.push({ name: "report.json", content: `${JSON.stringify(report, null, 2)}\n` });
  return { files, report, notes };
}

/** Which of a search's runs was taken. */
function chosenProbe({ search }: FinishedRun): number {
  return search === undefined ? 0 : search.probes.findIndex(({ knob }) => knob === search.knob);
}

const partOf = ({ loss, accuracy }: { loss: number; accuracy: number }) => ({
  loss,
  accuracyShare: accuracy,
});

/** Without the channels that channel pruning has silenced. */
function shrunk(model: TrainedModel): { model: TrainedModel; removedWeights: number } {
  const { model: smaller } = shrinkModel(model, { constants: "keep" });
  return { model: smaller, removedWeights: weightCount(model.graph) - weightCount(smaller.graph) };
}

/**
 * `model.nir`: the network as it was trained. A network that was trained on images as they are also comes as `model-rates.nir`, for chips,
 * which take spikes: the same weights fed by the rate code of the pixels.
 */
async function nirFiles(model: TrainedModel, recipe: Recipe, notes: Diagnostic[]): Promise<RunFile[]> {
  const { encoder } = recipe;
  const forms: readonly [string, ExportOptions["input"]][] =
    encoder.name === "direct"
      ? [
          ["model.nir", { coding: "analog" }],
          ["model-rates.nir", { coding: "rate-encode", mean: encoder.mean, deviation: encoder.deviation }],
        ]
      : [["model.nir", undefined]];
  const files: RunFile[] = [];
  for (const [name, input] of forms) {
    const content = await nirOf(model, recipe, notes, input);
    if (content !== undefined) files.push({ name, content });
  }
  return files;
}

/** Inputs for `spinec run`: the first test images, which become spikes as they did in training (or nearly so). */
const TEST_IMAGES = 200;

function testImages({ encoder, graph, steps }: Recipe, { test, validation }: RecipeData): RunFile[] {
  const images = test ?? validation;
  if (images?.kind !== "images" || encoder.name === "events" || images.classes > 256) return [];
  const samples = Math.min(TEST_IMAGES, images.labels.length);
  const json = encodeRateCodedImages({
    steps,
    shape: graph.inputShape,
    pixels: images.pixels.subarray(0, samples * sizeOf(images.shape)),
    labels: Uint8Array.from(images.labels.subarray(0, samples)),
  });
  return [{ name: "test-images.json", content: `${JSON.stringify(json)}\n` }];
}

async function nirOf(
  model: TrainedModel,
  recipe: Recipe,
  notes: Diagnostic[],
  input: ExportOptions["input"],
): Promise<Uint8Array | undefined> {
  try {
    const inputIsBinary =
      recipe.encoder.name === "rate" || recipe.encoder.name === "rate-encode" || isBinary(recipe);
    const exported = trainedModelToNetwork(model, {
      name: recipe.name,
      inputIsBinary,
      ...(input && { input }),
    });
    notes.push(...exported.notes);
    return await writeNirFile(networkToNir(exported.network));
  } catch (error) {
    if (!(error instanceof ToolchainError)) throw error;
    // The run is not lost: the project's own file holds all of it.
    notes.push(...error.diagnostics.map((diagnostic) => ({ ...diagnostic, severity: "warning" as const })));
    return undefined;
  }
}

const isBinary = ({ encoder }: Recipe): boolean => encoder.name === "events" && encoder.binary;
