// A whole run from a recipe, in memory: learns, stops anywhere, goes on as if it had not stopped.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { loadRecipeData } from "#train/recipe-data";
import { runRecipe, type FinishedRun, type RecipeData, type RecipeHooks } from "#train/recipe-run";
import { recipeOf, type Recipe } from "#train/recipe";
import { encodeTrainedModel } from "#train/trained-model-file";
import { ToolchainError } from "#util/diagnostic";

/** Eight by eight pixels make small currents. */
const NEURON = { name: "lif-sj", threshold: 0.3 };
const TINY = {
  name: "tiny",
  seed: 3,
  model: { builtin: "mlp", inputShape: [1, 8, 8], hidden: [24], classes: 3, neuron: NEURON },
  data: {
    name: "generated-digits",
    validation: 0.2,
    options: { side: 8, samples: 120, testSamples: 60, classes: 3 },
  },
  encoder: { name: "rate" },
  steps: 4,
  schedule: { name: "cosine", rate: 0.02 },
  epochs: 4,
  batchSize: 16,
  method: { name: "gmp", density: 0.3 },
  engine: "reference",
};
const noStored = (): Promise<never> => Promise.reject(new Error("nothing is stored"));
const dataOf = (recipe: Recipe): Promise<RecipeData> => loadRecipeData(recipe, noStored);

async function finished(json: object, hooks: RecipeHooks = {}, saved?: Uint8Array): Promise<FinishedRun> {
  const recipe = recipeOf(json);
  const outcome = await runRecipe(recipe, await dataOf(recipe), hooks, 1, saved);
  assert.equal(outcome.kind, "finished");
  return outcome as FinishedRun;
}

/** Runs until the step has been done, then stops; gives the checkpoint. */
async function stoppedAfter(json: object, step: number): Promise<Uint8Array> {
  const recipe = recipeOf(json);
  let kept: Uint8Array | undefined;
  let steps = 0;
  const hooks: RecipeHooks = {
    keep: (checkpoint) => {
      kept = checkpoint;
    },
    onStep: () => {
      steps++;
    },
    shouldStop: () => steps >= step,
  };
  const outcome = await runRecipe(recipe, await dataOf(recipe), hooks, 1);
  assert.equal(outcome.kind, "stopped");
  assert.equal(steps, step);
  assert.ok(kept !== undefined);
  return kept;
}

const codesOf = async (work: Promise<unknown>): Promise<string[]> => {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ToolchainError, String(error));
    return error.diagnostics.map(({ code }) => code);
  }
  return [];
};

describe("a recipe's run", () => {
  test("it learns, and reaches the density that it was told", async () => {
    const run = await finished(TINY);
    assert.equal(run.log.length, 4);
    assert.ok(run.log[3].loss < run.log[0].loss);
    assert.ok((run.test?.accuracy ?? 0) > 0.5, `accuracy ${run.test?.accuracy}`);
    assert.ok(Math.abs(run.density.total - 0.3) < 0.01, `density ${run.density.total}`);
    assert.equal(run.test?.samples, 60);
    assert.equal(run.validation?.samples, 24);
  });

  test("it goes on from any step to the very same weights and log", async () => {
    const whole = await finished(TINY);
    // 96 samples in batches of 16: six steps an epoch. In one, at the end of one, before the last.
    for (const step of [1, 6, 9, 23]) {
      const resumed = await finished(TINY, {}, await stoppedAfter(TINY, step));
      assert.deepEqual(encodeTrainedModel(resumed.model), encodeTrainedModel(whole.model), `step ${step}`);
      assert.deepEqual(resumed.log, whole.log, `step ${step}`);
      assert.deepEqual(resumed.test, whole.test);
    }
  });

  test("it keeps a checkpoint as often as it is told, and one at the end", async () => {
    let kept = 0;
    const hooks: RecipeHooks = {
      keep: () => {
        kept++;
      },
    };
    await finished({ ...TINY, checkpoint: { everyEpochs: 3 } }, hooks);
    assert.equal(kept, 2); // after epochs 3 and 4
    kept = 0;
    await finished({ ...TINY, checkpoint: { everyEpochs: 4, everySteps: 5 } }, hooks);
    assert.equal(kept, 5); // after steps 5, 10, 15, 20 and 24
  });

  test("it watches as often as it is told, and in the last epoch", async () => {
    const { log } = await finished({ ...TINY, evaluateEveryEpochs: 3 });
    assert.deepEqual(
      log.map(({ validationLoss }) => validationLoss !== undefined),
      [false, false, true, true],
    );
  });

  test("it refuses a checkpoint of another recipe or of other data, and names each difference", async () => {
    const checkpoint = await stoppedAfter(TINY, 2);
    const other = "train/checkpoint-of-another-run";
    assert.deepEqual(await codesOf(finished({ ...TINY, seed: 4, steps: 5 }, {}, checkpoint)), [other, other]);
    const data = { ...TINY.data, options: { ...TINY.data.options, seed: 2 } };
    assert.deepEqual(await codesOf(finished({ ...TINY, data }, {}, checkpoint)), [other, other]);
    // What decides nothing may change.
    await finished(
      { ...TINY, checkpoint: { everyEpochs: 2 }, evaluateEveryEpochs: 2, threads: 2 },
      {},
      checkpoint,
    );
  });

  test("it ends at a loss that is no number, and what was kept before is of use", async () => {
    let kept: Uint8Array | undefined;
    const json = { ...TINY, schedule: { name: "constant", rate: 1e38 }, checkpoint: { everySteps: 1 } };
    const hooks: RecipeHooks = {
      keep: (checkpoint) => {
        kept = checkpoint;
      },
    };
    const [code] = await codesOf(finished(json, hooks));
    assert.match(String(code), /^train\/(loss-not-a-number|weights-not-finite|silent-layer|dead-layer)$/);
    assert.ok(kept !== undefined);
    assert.deepEqual(await codesOf(finished(json, {}, kept)), [code]);
  });

  test("it names a layer that has been pruned to death", async () => {
    const json = { ...TINY, method: { name: "stds", threshold: 30 } };
    assert.ok((await codesOf(finished(json))).includes("train/dead-layer"));
  });
});

describe("a search for a density", () => {
  const SEARCH = {
    ...TINY,
    method: { name: "stds" },
    density: { target: 0.3, tolerance: 0.05, maxProbes: 8 },
  };

  test("it reaches the density, by whole runs", async () => {
    const { search, density, log } = await finished(SEARCH);
    assert.ok(search !== undefined);
    assert.ok(Math.abs(density.total - 0.3) <= 0.05 * 0.3, `density ${density.total}`);
    assert.equal(density.total, search.density);
    assert.ok(search.probes.length > 1, "a search that hits at once tests nothing");
    assert.deepEqual(new Set(log.map(({ probe }) => probe)).size, search.probes.length);
  });

  test("it goes on in the middle of its second run to the very same end", async () => {
    const whole = await finished(SEARCH);
    const resumed = await finished(SEARCH, {}, await stoppedAfter(SEARCH, 24 + 7));
    assert.deepEqual(encodeTrainedModel(resumed.model), encodeTrainedModel(whole.model));
    assert.deepEqual(resumed.log, whole.log);
    assert.deepEqual(resumed.search, whole.search);
  });

  test("it says so where the density is out of reach, and gives the nearest", async () => {
    const { search, density } = await finished({
      ...SEARCH,
      density: { target: 0.3, tolerance: 1e-6, maxProbes: 2 },
    });
    assert.equal(search?.diagnostic?.code, "train/density-not-reached");
    const misses = search.probes.map((probe) => Math.abs(probe.density - 0.3));
    assert.equal(Math.abs(density.total - 0.3), Math.min(...misses));
  });
});

describe("a recipe's data", () => {
  test("they are kept back evenly of all classes, and never shared", async () => {
    const recipe = recipeOf({ ...TINY, data: { ...TINY.data, validation: 30 } });
    const { training, validation } = await dataOf(recipe);
    assert.deepEqual([training.labels.length, validation?.labels.length], [90, 30]);
    for (const label of [0, 1, 2])
      assert.equal(Array.from(validation?.labels ?? []).filter((l) => l === label).length, 10);
    const pictures = (data: typeof training): string[] =>
      data.kind === "images"
        ? Array.from({ length: data.labels.length }, (_, n) =>
            String(data.pixels.subarray(64 * n, 64 * n + 64)),
          )
        : [];
    const seen = new Set(pictures(training));
    assert.equal(seen.size, 90);
    assert.ok(validation !== undefined && pictures(validation).every((picture) => !seen.has(picture)));
  });

  test("they are limited evenly", async () => {
    const recipe = recipeOf({ ...TINY, data: { ...TINY.data, validation: 0, limit: 30, testLimit: 9 } });
    const { training, test: last } = await dataOf(recipe);
    assert.deepEqual([training.labels.length, last?.labels.length], [30, 9]);
    assert.equal(Array.from(training.labels).filter((label) => label === 2).length, 10);
  });

  const faults: [string, object, string][] = [
    ["more kept back than there are", { ...TINY.data, validation: 120 }, "train/recipe-conflict"],
    ["half a sample kept back", { ...TINY.data, validation: 2.5 }, "train/recipe-conflict"],
    ["an unknown option", { ...TINY.data, options: { sied: 8 } }, "train/recipe-unknown-field"],
    ["options of stored data", { name: "mnist", options: {} }, "train/recipe-conflict"],
  ];
  test.each(faults)("they refuse %s", async (_, data, code) => {
    assert.deepEqual(await codesOf(dataOf(recipeOf({ ...TINY, data }))), [code]);
  });

  test("digits come from the generator where no others are, and say so", async () => {
    const { labels, notes } = await loadRecipeData(recipeOf({ ...TINY, data: { name: "digits" } }), (name) =>
      Promise.reject(new ToolchainError([{ code: "train/data-absent", severity: "error", message: name }])),
    ).then(({ training, notes: all }) => ({
      labels: training.labels.length,
      notes: all.map(({ code }) => code),
    }));
    assert.equal(labels, 2000);
    assert.deepEqual(notes, ["train/data-is-generated"]);
  });

  test("they report every part that is absent", async () => {
    const absent = (name: string, split: string): Promise<never> =>
      Promise.reject(
        new ToolchainError([{ code: "train/data-absent", severity: "error", message: `${name} ${split}` }]),
      );
    const loading = loadRecipeData(recipeOf({ ...TINY, data: { name: "mnist" } }), absent);
    assert.equal((await codesOf(loading)).length, 2);
  });

  test("events are made too, and learnt from", async () => {
    const run = await finished({
      ...TINY,
      model: { builtin: "mlp", inputShape: [2, 14, 14], hidden: [24], classes: 3, neuron: NEURON },
      data: { name: "generated-events", options: { side: 8, samples: 60, testSamples: 30, classes: 3 } },
      encoder: { name: "events", split: "number" },
      epochs: 3,
    });
    assert.ok((run.test?.accuracy ?? 0) > 0.4, `accuracy ${run.test?.accuracy}`);
  });

  test("events are brought onto another grid, none lost; images are not", async () => {
    const data = { name: "generated-events", options: { side: 8, samples: 20, testSamples: 10, classes: 3 } };
    const model = { builtin: "mlp", inputShape: [2, 14, 14], hidden: [8], classes: 3 };
    const encoder = { name: "events" };
    const wide = await dataOf(recipeOf({ ...TINY, model, encoder, data }));
    const small = { ...model, inputShape: [2, 7, 5] };
    const coarse = await dataOf(
      recipeOf({ ...TINY, model: small, encoder, data: { ...data, rescale: [7, 5] } }),
    );
    const events = ({ training: part }: RecipeData): number =>
      part.kind === "events" ? part.samples.reduce((sum, { index }) => sum + index.length, 0) : 0;
    assert.deepEqual(
      [wide.training.shape, coarse.training.shape],
      [
        [2, 14, 14],
        [2, 7, 5],
      ],
    );
    assert.deepEqual(coarse.test?.shape, [2, 7, 5]);
    assert.ok(events(wide) > 0);
    assert.equal(events(coarse), events(wide));
    const images = dataOf(recipeOf({ ...TINY, data: { ...TINY.data, rescale: [4, 4] } }));
    assert.deepEqual(await codesOf(images), ["train/recipe-conflict"]);
  });
});
