// From a recipe and its data to a trained network; may be stopped after any step, and goes on as if it had not been.
import { invariant, ToolchainError, type Diagnostic } from "#util/diagnostic";
import { searchDensity, type DensityProbe } from "./density-search.ts";
import type { DensityReport } from "./density.ts";
import type { Dataset } from "./dataset.ts";
import type { Backend } from "./engine/backend.ts";
import { createReferenceBackend } from "./engine/reference.ts";
import { isStaticEncoder } from "./feed.ts";
import { planGraph } from "./graph.ts";
import { METHODS } from "./methods/index.ts";
import { createParameters } from "./parameters.ts";
import { createRandom, seedFrom } from "./random.ts";
import { createEngine } from "./recipe-engine.ts";
import type { LogRow } from "./recipe-log.ts";
import { decodeProgress, encodeProgress, type SavedProgress } from "./recipe-progress.ts";
import { recipeToOptions, type DensityGoal, type Recipe } from "./recipe.ts";
import { createTrainingRun, type Evaluation, type TrainingRun } from "./run.ts";
import { learningRate } from "./schedule.ts";
import { loadTrainedModel, trainedModelOf, type TrainedModel } from "./trained-model.ts";

export interface RecipeData {
  readonly training: Dataset;
  /** Watched after every epoch; decides nothing. */
  readonly validation?: Dataset;
  /** Looked at once, at the end. */
  readonly test?: Dataset;
}

export interface RecipeHooks {
  /** After every step. */
  onStep?(progress: StepProgress): void;
  /** After every epoch, and once at the start of a resumed run: all rows so far. */
  onEpoch?(log: readonly LogRow[]): void;
  onEvaluation?(done: number, total: number): void;
  /** A checkpoint is due. */
  keep?(checkpoint: Uint8Array): void;
  /** Asked after every step. True: a checkpoint is kept, and the run ends. */
  shouldStop?(): boolean;
}

export interface StepProgress {
  /** Which run of a search, from 0, and the value of the option that it tries. */
  readonly probe: number;
  readonly knob?: number;
  readonly stepsDone: number;
  readonly totalSteps: number;
  /** From 0. */
  readonly epoch: number;
  /** Means over the epoch so far. */
  readonly loss: number;
  readonly accuracy: number;
  /** Of the prunable weights; counts them. */
  density(): number;
}

export type RecipeOutcome = { readonly kind: "stopped" } | FinishedRun;

export interface FinishedRun {
  readonly kind: "finished";
  readonly model: TrainedModel;
  readonly log: readonly LogRow[];
  readonly density: DensityReport;
  readonly test?: Evaluation;
  readonly validation?: Evaluation;
  /** Of a search: what was tried, and what was taken. */
  readonly search?: FinishedSearch;
  /** To be kept in place of the last checkpoint once the results are safe. */
  readonly checkpoint: Uint8Array;
}

export interface FinishedSearch {
  readonly goal: DensityGoal;
  readonly knob: number;
  readonly density: number;
  readonly probes: readonly DensityProbe[];
  readonly diagnostic?: Diagnostic;
}

/** Longest time without a look at what came in (signals, timers). */
const BREATH_MS = 100;

/**
 * Runs a recipe to its end, or until `shouldStop`.
 *
 * @param saved bytes of `keep`: goes on from there
 * @throws ToolchainError if recipe, data and checkpoint do not go together, and what `TrainingRun.step` throws
 */
export async function runRecipe(
  recipe: Recipe,
  data: RecipeData,
  hooks: RecipeHooks,
  threads: number,
  saved?: Uint8Array,
): Promise<RecipeOutcome> {
  const state = saved === undefined ? emptyProgress() : decodeProgress(saved, recipe, data);
  if (saved !== undefined) hooks.onEpoch?.(state.log);
  const trainer = new RecipeTrainer(recipe, data, hooks, threads, state);
  try {
    return await trainer.run();
  } catch (error) {
    if (error instanceof StoppedRun) return { kind: "stopped" };
    throw error;
  } finally {
    await trainer.dispose();
  }
}

const emptyProgress = (): SavedProgress => ({
  log: [],
  probes: [],
  best: undefined,
  run: undefined,
  epochLoss: 0,
  epochAccuracy: 0,
  isFinished: false,
});

/** Ends a search from inside. */
class StoppedRun extends Error {}

class RecipeTrainer {
  readonly #recipe: Recipe;
  readonly #data: RecipeData;
  readonly #hooks: RecipeHooks;
  readonly #threads: number;
  #state: SavedProgress;
  #run: TrainingRun | undefined;
  #breathedMs = performance.now();

  constructor(recipe: Recipe, data: RecipeData, hooks: RecipeHooks, threads: number, state: SavedProgress) {
    this.#recipe = recipe;
    this.#data = data;
    this.#hooks = hooks;
    this.#threads = threads;
    this.#state = state;
  }

  async run(): Promise<FinishedRun> {
    const { search: goal } = this.#recipe;
    if (goal === undefined) {
      const run = await this.#trained(undefined);
      return this.#finish(run, trainedModelOf(run.plan, run.parameters));
    }
    // On resumption the runs that are done are not run again: the search asks for the same values in the same order.
    const asked = { next: 0 };
    const found = await searchDensity({
      probe: async (knob) => {
        const index = asked.next++;
        const done = this.#state.probes.at(index);
        return done === undefined ? this.#probe(knob) : done.density;
      },
      start: startOf(this.#recipe, this.#data, goal),
      target: goal.target,
      tolerance: goal.tolerance,
      maxProbes: goal.maxProbes,
    });
    const { best } = this.#state;
    if (best === undefined)
      throw new ToolchainError(found.diagnostic === undefined ? [] : [found.diagnostic]);
    const run = await this.#create(best.knob);
    loadTrainedModel(best.model, run.parameters);
    return this.#finish(run, best.model, { goal, ...found });
  }

  async dispose(): Promise<void> {
    await this.#run?.dispose();
    this.#run = undefined;
  }

  /** One whole run of a search: its density, 0 if the network died. */
  async #probe(knob: number): Promise<number> {
    const { target } = this.#recipe.search ?? {};
    invariant(target !== undefined, "only a search has probes");
    let density = 0;
    let { best } = this.#state;
    try {
      const run = await this.#trained(knob);
      density = run.density().total;
      if (best === undefined || Math.abs(density - target) < Math.abs(best.density - target))
        best = { knob, density, model: trainedModelOf(run.plan, run.parameters) };
    } catch (error) {
      if (!(error instanceof ToolchainError) || !error.diagnostics.every(({ code }) => DEATHS.includes(code)))
        throw error;
    }
    const probes = [...this.#state.probes, { knob, density }];
    this.#state = { ...this.#state, probes, best, run: undefined, epochLoss: 0, epochAccuracy: 0 };
    this.#keep();
    return density;
  }

  async #create(knob: number | undefined): Promise<TrainingRun> {
    await this.dispose();
    const { engine } = this.#recipe;
    const backend: Backend = await createEngine(engine, this.#threads);
    try {
      this.#run = createTrainingRun(recipeToOptions(this.#recipe, knob), this.#data.training, backend);
    } catch (error) {
      await backend.dispose();
      throw error;
    }
    return this.#run;
  }

  /** A run after its last step. */
  async #trained(knob: number | undefined): Promise<TrainingRun> {
    const run = await this.#create(knob);
    if (this.#state.run !== undefined) run.restore(this.#state.run);
    while (run.stepsDone < run.totalSteps) {
      await this.#breathe();
      this.#step(run, knob);
      if (this.#hooks.shouldStop?.() === true) {
        this.#keep(run);
        throw new StoppedRun();
      }
    }
    return run;
  }

  #step(run: TrainingRun, knob: number | undefined): void {
    const { checkpoint, evaluateEveryEpochs, epochs } = this.#recipe;
    const { probes } = this.#state;
    const report = run.step();
    const steps = ((run.stepsDone - 1) % run.stepsPerEpoch) + 1;
    const epochLoss = this.#state.epochLoss + report.loss;
    const epochAccuracy = this.#state.epochAccuracy + report.accuracy;
    this.#state = { ...this.#state, epochLoss, epochAccuracy };
    this.#hooks.onStep?.({
      probe: probes.length,
      ...(knob !== undefined && { knob }),
      stepsDone: run.stepsDone,
      totalSteps: run.totalSteps,
      epoch: report.epoch,
      loss: epochLoss / steps,
      accuracy: epochAccuracy / steps,
      density: () => run.density().total,
    });
    if (report.endsEpoch) {
      const epoch = report.epoch + 1;
      const isLast = epoch === epochs;
      const validation =
        this.#data.validation !== undefined && (isLast || epoch % evaluateEveryEpochs === 0)
          ? run.evaluate(this.#data.validation, this.#hooks.onEvaluation)
          : undefined;
      const row: LogRow = {
        probe: probes.length,
        epoch,
        step: run.stepsDone,
        learningRate: report.learningRate,
        loss: epochLoss / steps,
        accuracy: epochAccuracy / steps,
        ...(validation !== undefined && {
          validationLoss: validation.loss,
          validationAccuracy: validation.accuracy,
        }),
        density: run.density().total,
        facts: run.method.facts(),
      };
      this.#state = { ...this.#state, log: [...this.#state.log, row], epochLoss: 0, epochAccuracy: 0 };
      this.#hooks.onEpoch?.(this.#state.log);
    }
    const isDue =
      (checkpoint.everySteps !== undefined && run.stepsDone % checkpoint.everySteps === 0) ||
      (report.endsEpoch && (report.epoch + 1) % checkpoint.everyEpochs === 0);
    if (isDue || run.stepsDone === run.totalSteps) this.#keep(run);
  }

  #finish(run: TrainingRun, model: TrainedModel, search?: FinishedSearch): FinishedRun {
    const { validation, test } = this.#data;
    const { onEvaluation } = this.#hooks;
    return {
      kind: "finished",
      model,
      log: this.#state.log,
      density: run.density(),
      ...(validation !== undefined && { validation: run.evaluate(validation, onEvaluation) }),
      ...(test !== undefined && { test: run.evaluate(test, onEvaluation) }),
      ...(search !== undefined && { search }),
      checkpoint: encodeProgress({ ...this.#state, isFinished: true }, this.#recipe, this.#data),
    };
  }

  /** @param run in the middle of its steps; its state goes into the checkpoint */
  #keep(run?: TrainingRun): void {
    const { keep } = this.#hooks;
    if (keep === undefined) return;
    const state = run === undefined ? this.#state : { ...this.#state, run: run.save() };
    keep(encodeProgress(state, this.#recipe, this.#data));
  }

  /** Lets signals and timers through, now and then. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#breathedMs < BREATH_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#breathedMs = performance.now();
  }
}

/** A search takes these for a density of 0: the network has been pruned to death. */
const DEATHS: readonly string[] = ["train/dead-layer", "train/silent-layer"];

/** First guess of the knob, from the weights that the run will start with and its learning rates. */
function startOf(recipe: Recipe, data: RecipeData, goal: DensityGoal): number {
  const control = METHODS.find(({ name }) => name === recipe.method.name)?.density;
  invariant(control?.kind === "emergent", `only methods whose density emerges are searched for ${goal.knob}`);
  const plan = planGraph(recipe.graph, isStaticEncoder(recipe.encoder));
  const { list } = createParameters(plan, createReferenceBackend(), createRandom(seedFrom(recipe.seed, 10)));
  let sum = 0;
  let count = 0;
  for (const { role, layer, value } of list) {
    if (role !== "weight" || recipe.layers?.includes(layer) === false) continue;
    for (let i = 0; i < value.length; i++) sum += Math.abs(value[i]);
    count += value.length;
  }
  const samples = data.training.labels.length;
  const stepsPerEpoch = Math.floor(samples / Math.min(recipe.batchSize, samples));
  const rateOf = learningRate(recipe.schedule, recipe.epochs, stepsPerEpoch);
  let rateSum = 0;
  for (let n = 0; n < recipe.epochs * stepsPerEpoch; n++) rateSum += rateOf(n);
  return control.start({ meanAbsoluteWeight: sum / count, rateSum });
}
