// A training run as a file: read, checked in full, and turned into what the trainer is told.
import { DiagnosticSink, ToolchainError, type Diagnostic } from "#util/diagnostic";
import { planGraph, type LayerGraph } from "./graph.ts";
import { METHODS } from "./methods/index.ts";
import type { DensityControl, SparseMethod } from "./methods/method.ts";
import type { OptimizerSpec } from "./optimizer.ts";
import type { AugmentationSpec, EncoderSpec, LossSpec, ScheduleSpec, TrainingOptions } from "./options.ts";
import {
  recipeConflict,
  recipeMissingField,
  recipeNotJson,
  recipeUnknownName,
  recipeWrongType,
} from "./recipe-diagnostics.ts";
import { explainIssues, fieldsOf } from "./recipe-issues.ts";
import { graphOfLayers } from "./recipe-layers.ts";
import { densitySchema, inlineModelSchema, recipeFields, recipeJsonSchema } from "./recipe-schema.ts";
import { NETWORKS } from "./recipes/networks.ts";

/** A recipe with everything filled in. */
export interface Recipe {
  readonly name: string;
  readonly seed: number;
  readonly graph: LayerGraph;
  readonly data: DataRecipe;
  readonly encoder: EncoderSpec;
  readonly steps: number;
  readonly loss: LossSpec;
  readonly optimizer: OptimizerSpec;
  readonly schedule: ScheduleSpec;
  readonly epochs: number;
  readonly batchSize: number;
  readonly augmentation?: AugmentationSpec;
  readonly method: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
  readonly layers?: readonly string[];
  /** Only where the method's density has to be searched. */
  readonly search?: DensityGoal;
  readonly engine: EngineName;
  readonly threads?: number;
  readonly checkpoint: { readonly everySteps?: number; readonly everyEpochs: number };
  readonly evaluateEveryEpochs: number;
}

export type EngineName = "wasm" | "tfjs" | "reference";

export interface DataRecipe {
  readonly name: string;
  readonly limit?: number;
  /** Below 1 a share of the training samples, else their number. */
  readonly validation: number;
  readonly testLimit?: number;
  /** Height and width, in pixels, onto which events are brought. */
  readonly rescale?: readonly [number, number];
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface DensityGoal {
  /** The method's option that is turned. */
  readonly knob: string;
  readonly target: number;
  /** As a share of the target. */
  readonly tolerance: number;
  readonly maxProbes: number;
}

/**
 * The recipe in the text of a file.
 *
 * @throws ToolchainError with every fault: `train/recipe-…`, `train/graph-…`
 */
export function parseRecipe(text: string): Recipe {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ToolchainError([recipeNotJson({ reason: (error as Error).message })]);
  }
  return recipeOf(json);
}

/** The same from parsed JSON. */
export function recipeOf(json: unknown): Recipe {
  const sink = new DiagnosticSink();
  const report = (diagnostics: readonly Diagnostic[]): void => {
    for (const diagnostic of diagnostics) sink.report(diagnostic);
  };
  const parsed = recipeFields.safeParse(json);
  if (!parsed.success) report(explainIssues(parsed.error.issues, json, [], fields()));
  const given = isRecord(json) ? json : {};
  const model = isRecord(given.model) ? modelOf(given.model, nameIn(given), report) : undefined;
  const density = densityOf(given.density);
  const wanted = isRecord(given.method) ? given.method : { name: "dense" };
  const method = "method" in given && !isRecord(given.method) ? undefined : methodOf(wanted, density, report);
  if (!parsed.success || model === undefined || method === undefined) {
    sink.throwIfErrors();
    throw new Error("unreachable: what is missing has been reported");
  }
  const { name, data, encoder, schedule, epochs, layers, augmentation, threads } = parsed.data;
  if (schedule.warmupEpochs >= epochs)
    sink.report(
      recipeConflict({
        path: "schedule.warmupEpochs",
        problem: `the warm-up of ${schedule.warmupEpochs} epochs leaves nothing of the ${epochs} epochs of the run.`,
        remedy: `set "schedule.warmupEpochs" to ${epochs - 1} or less, or raise "epochs".`,
      }),
    );
  if (augmentation !== undefined && augmentation.scaleFrom > augmentation.scaleTo)
    sink.report(
      recipeConflict({
        path: "augmentation.scaleFrom",
        problem: `the sizes go from ${augmentation.scaleFrom} to ${augmentation.scaleTo}.`,
        remedy: `set "augmentation.scaleTo" to ${augmentation.scaleFrom} or more.`,
      }),
    );
  checkLayers(layers, model, encoder, report);
  sink.throwIfErrors();
  const { seed, steps, loss, optimizer, batchSize, engine, checkpoint, evaluateEveryEpochs } = parsed.data;
  const search = searchOf(method.method.density, density);
  return {
    name,
    seed,
    graph: model,
    data: data satisfies DataRecipe,
    encoder,
    steps,
    loss,
    optimizer,
    schedule,
    epochs,
    batchSize,
    ...(augmentation !== undefined && { augmentation }),
    method: { name: method.method.name, options: method.options },
    ...(layers !== undefined && { layers }),
    ...(search !== undefined && { search }),
    engine,
    ...(threads !== undefined && { threads }),
    checkpoint,
    evaluateEveryEpochs,
  };
}

/** What the trainer is told. `knob`: value of the option that a search turns. */
export function recipeToOptions(recipe: Recipe, knob?: number): TrainingOptions {
  const { graph, encoder, steps, loss, optimizer, schedule, epochs, batchSize, seed } = recipe;
  const { augmentation, layers, method, search } = recipe;
  return {
    graph,
    encoder,
    steps,
    loss,
    optimizer,
    schedule,
    epochs,
    batchSize,
    seed,
    ...(augmentation !== undefined && { augmentation }),
    method: {
      name: method.name,
      options:
        search === undefined || knob === undefined
          ? method.options
          : { ...method.options, [search.knob]: knob },
      ...(layers !== undefined && { layers }),
    },
  };
}

type Report = (diagnostics: readonly Diagnostic[]) => void;
type Json = Readonly<Record<string, unknown>>;

/** The network, or undefined if it was reported. */
function modelOf(model: Json, name: string, report: Report): LayerGraph | undefined {
  if (!("builtin" in model)) {
    const parsed = inlineModelSchema.safeParse(model);
    if (parsed.success)
      return graphOfLayers(name, parsed.data.inputShape, parsed.data.layers, parsed.data.output);
    report(explainIssues(parsed.error.issues, model, ["model"], fields()));
    return undefined;
  }
  const { builtin, ...options } = model;
  const known = NETWORKS.map((network) => network.name);
  const network = NETWORKS.find((one) => one.name === builtin);
  if (network === undefined) {
    report([
      typeof builtin === "string"
        ? recipeUnknownName({ path: "model.builtin", name: builtin, kind: "ready network", known })
        : recipeWrongType({
            path: "model.builtin",
            expected: `the name of a ready network (${known.join(", ")})`,
            found: JSON.stringify(builtin) ?? "not there",
          }),
    ]);
    return undefined;
  }
  const parsed = network.options.safeParse(options);
  if (parsed.success) return network.build(parsed.data);
  report(explainIssues(parsed.error.issues, options, ["model"], fields()));
  return undefined;
}

type Density = Omit<DensityGoal, "knob">;

/** What the recipe's `density` asks for; if it is unreadable (and reported as such), something that any method takes. */
function densityOf(given: unknown): Density | undefined {
  if (given === undefined) return undefined;
  const parsed = densitySchema.safeParse(given);
  return parsed.success ? parsed.data : { target: 0.5, tolerance: 0.1, maxProbes: 8 };
}

interface ChosenMethod {
  readonly method: SparseMethod;
  readonly options: Json;
}

/** The method with all its options, or undefined if it was reported. */
function methodOf(given: Json, density: Density | undefined, report: Report): ChosenMethod | undefined {
  const { name, ...own } = given;
  const known = METHODS.map((method) => method.name);
  const method = METHODS.find((one) => one.name === name);
  if (method === undefined) {
    report([
      typeof name === "string"
        ? recipeUnknownName({ path: "method.name", name, kind: "method", known })
        : recipeMissingField({ path: "method.name", expected: `one of: ${known.join(", ")}` }),
    ]);
    return undefined;
  }
  const control = method.density;
  const asked = density === undefined ? {} : askedOf(control, density.target, own, method.name, report);
  if (asked === undefined) return undefined;
  const parsed = method.options.safeParse({ ...asked, ...own });
  if (!parsed.success) {
    report(explainIssues(parsed.error.issues, own, ["method"], fields()));
    return undefined;
  }
  const options = parsed.data as Json;
  if (control.kind !== "emergent" || density === undefined) return { method, options };
  return {
    method,
    options: Object.fromEntries(Object.entries(options).filter(([key]) => key !== control.knob)),
  };
}

/** What the recipe's `density` means for the method's options; undefined if it does not go together. */
function askedOf(
  control: DensityControl,
  target: number,
  own: Json,
  name: string,
  report: Report,
): Json | undefined {
  const refuse = (problem: string, remedy: string): undefined => {
    report([recipeConflict({ path: "density", problem, remedy })]);
  };
  if (control.kind === "none")
    return target === 1
      ? {}
      : refuse(
          `the method "${name}" keeps all weights, but the recipe asks for a density of ${target}.`,
          `take "density" out, or choose a method that prunes.`,
        );
  const option = control.kind === "exact" ? control.option : control.knob;
  if (option in own)
    return refuse(`both "density" and "method.${option}" say how much is left.`, `take one of the two out.`);
  if (control.kind === "emergent" && target === 1)
    return refuse(
      `the density of "${name}" is searched, and can be searched only below 1.`,
      `choose the method "dense" for a density of 1.`,
    );
  // Any value will do while the other options are checked: the search sets it.
  return { [option]: control.kind === "exact" ? target : 1 };
}

function searchOf(control: DensityControl, density: Density | undefined): DensityGoal | undefined {
  return control.kind === "emergent" && density !== undefined
    ? { knob: control.knob, ...density }
    : undefined;
}

/** Plans the graph, and looks for the layers that are to be pruned. */
function checkLayers(
  layers: readonly string[] | undefined,
  graph: LayerGraph,
  encoder: EncoderSpec,
  report: Report,
): void {
  try {
    planGraph(graph, encoder.name === "direct");
  } catch (error) {
    if (!(error instanceof ToolchainError)) throw error;
    report(error.diagnostics);
  }
  const known = graph.layers.filter(({ op }) => op === "linear" || op === "conv2d").map(({ name }) => name);
  if (known.length === 0)
    report([
      recipeConflict({
        path: "model.layers",
        problem: "the network has nothing to learn: no linear and no conv2d layer.",
        remedy: "add one.",
      }),
    ]);
  for (const [i, layer] of (layers ?? []).entries())
    if (!known.includes(layer))
      report([recipeUnknownName({ path: `layers[${i}]`, name: layer, kind: "layer with weights", known })]);
}

const nameIn = (json: Json): string => (typeof json.name === "string" ? json.name : "network");

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

let known: readonly string[] | undefined;
/** Names of all fields, to suggest one for a misspelt one. */
function fields(): readonly string[] {
  known ??= fieldsOf(recipeJsonSchema());
  return known;
}
