// What a recipe's `data` means: known data sets, those that are made on the spot, and how samples are kept back.
import { z } from "zod";
import { ToolchainError, type Diagnostic } from "#util/diagnostic";
import type { Dataset, ImageData } from "./dataset.ts";
import { rescaleEvents } from "./datasets/event-size.ts";
import { selectSamples, evenlyByClass } from "./datasets/select.ts";
import { syntheticMovingEvents } from "./datasets/synthetic-events.ts";
import { dataIsGenerated, recipeConflict, testIsHeldBack } from "./recipe-diagnostics.ts";
import { explainIssues, fieldsOf } from "./recipe-issues.ts";
import type { RecipeData } from "./recipe-run.ts";
import type { Recipe } from "./recipe.ts";
import { generatedDigits } from "./recipes/generated-digits.ts";

/** Reads a part of a data set that is stored somewhere; `train/data-absent` if it is not there. */
export type LoadPart = (name: string, split: "train" | "test", limit?: number) => Promise<Dataset>;

const count = z.int().min(1);
const generated = z.strictObject({
  samples: count.default(2000),
  testSamples: count.default(500),
  seed: z.int().min(0).default(1),
  side: z.int().min(6).max(256).default(28),
  classes: z.int().min(2).max(10).default(10),
  noise: z.number().min(0).max(255).default(40),
});
type GeneratedOptions = z.output<typeof generated>;

/** Data sets that are made on the spot: name, and how. */
export const GENERATED_DATA: Readonly<
  Record<
    string,
    { readonly summary: string; make(options: GeneratedOptions, split: "train" | "test"): Dataset }
  >
> = {
  "generated-digits": {
    summary: "crooked seven-segment digits with noise",
    make: (options, split) => digitsOf(options, split),
  },
  "generated-events": {
    summary: "the same, moved before the model of an event camera",
    make: (options, split) => {
      const images = digitsOf({ ...options, noise: 0 }, split);
      return { ...syntheticMovingEvents(images, { seed: options.seed }), name: "generated-events" };
    },
  },
};

function digitsOf(
  { samples, testSamples, ...options }: GeneratedOptions,
  split: "train" | "test",
): ImageData {
  // Test digits are those that come after the training digits.
  const all = generatedDigits({ ...options, samples: samples + testSamples });
  const places = Array.from({ length: split === "train" ? samples : testSamples }, (_, i) =>
    split === "train" ? i : samples + i,
  );
  return selectSamples(all, places) as ImageData;
}

/** The name for "digits, whichever are here": MNIST's if they are, else generated ones. */
export const ANY_DIGITS = "digits";

/**
 * Training, validation and test samples of a recipe.
 *
 * @throws ToolchainError `train/data-…`, `train/recipe-…`
 */
export async function loadRecipeData(
  recipe: Recipe,
  load: LoadPart,
): Promise<RecipeData & { readonly notes: readonly Diagnostic[] }> {
  const { name, limit, validation, testLimit, options, rescale } = recipe.data;
  const notes: Diagnostic[] = [];
  if (options !== undefined && !(name in GENERATED_DATA))
    throw new ToolchainError([
      recipeConflict({
        path: "data.options",
        problem: `"${name}" is not made on the spot, so it has no options.`,
        remedy: `take them out, or choose one of: ${Object.keys(GENERATED_DATA).join(", ")}.`,
      }),
    ]);
  const parts = await partsOf(name, options, limit, testLimit, load, notes);
  const [all, test] = parts.map((part) => rescaled(part, rescale));
  const samples = all.labels.length;
  const kept = validation < 1 ? Math.round(validation * samples) : validation;
  if (kept >= samples || !Number.isInteger(kept))
    throw new ToolchainError([
      recipeConflict({
        path: "data.validation",
        problem: `${validation} of ${samples} training samples are to be kept back, which leaves none to learn from.`,
        remedy: `give a share below 1, or a whole number below ${samples}.`,
      }),
    ]);
  if (kept === 0) return { training: all, test, notes };
  const [watched, training] = splitOff(all, kept);
  return { training, validation: watched, test, notes };
}

function rescaled(data: Dataset, size: readonly [number, number] | undefined): Dataset {
  if (size === undefined) return data;
  if (data.kind === "events" && data.shape.length === 3) return rescaleEvents(data, ...size);
  throw new ToolchainError([
    recipeConflict({
      path: "data.rescale",
      problem: `"${data.name}" holds no events of a camera, of shape [channels, height, width], so it cannot be rescaled.`,
      remedy: `take "rescale" out.`,
    }),
  ]);
}

async function partsOf(
  name: string,
  options: Readonly<Record<string, unknown>> | undefined,
  limit: number | undefined,
  testLimit: number | undefined,
  load: LoadPart,
  notes: Diagnostic[],
): Promise<[Dataset, Dataset]> {
  if (name in GENERATED_DATA) {
    const parsed = generated.safeParse(options ?? {});
    if (!parsed.success)
      throw new ToolchainError(
        explainIssues(parsed.error.issues, options, ["data", "options"], fieldsOf(z.toJSONSchema(generated))),
      );
    const { make } = GENERATED_DATA[name];
    return [limited(make(parsed.data, "train"), limit), limited(make(parsed.data, "test"), testLimit)];
  }
  if (name !== ANY_DIGITS) return bothOf([load(name, "train", limit), load(name, "test", testLimit)]);
  const stored = await ifThere(load("mnist-10k", "train"));
  if (stored === undefined) {
    notes.push(dataIsGenerated());
    return partsOf("generated-digits", undefined, limit, testLimit, load, notes);
  }
  const test = await ifThere(load("mnist-10k", "test", testLimit));
  if (test !== undefined) return [limited(stored, limit), test];
  const held = Math.round(stored.labels.length / 10);
  notes.push(testIsHeldBack({ data: stored.name, samples: held }));
  const [heldBack, rest] = splitOff(stored, held);
  return [limited(rest, limit), limited(heldBack, testLimit)];
}

/** Both parts, or the faults of both. */
async function bothOf(loading: [Promise<Dataset>, Promise<Dataset>]): Promise<[Dataset, Dataset]> {
  const settled = await Promise.allSettled(loading);
  const faults = settled.flatMap((part) => {
    if (part.status === "fulfilled") return [];
    if (part.reason instanceof ToolchainError) return part.reason.diagnostics;
    throw part.reason;
  });
  if (faults.length > 0) throw new ToolchainError(faults);
  return Promise.all(loading);
}

/** Undefined for data that are absent; every other fault is one. */
async function ifThere(loading: Promise<Dataset>): Promise<Dataset | undefined> {
  try {
    return await loading;
  } catch (error) {
    if (
      error instanceof ToolchainError &&
      error.diagnostics.every(({ code }) => code === "train/data-absent")
    )
      return undefined;
    throw error;
  }
}

function limited(data: Dataset, limit: number | undefined): Dataset {
  return limit === undefined || limit >= data.labels.length
    ? data
    : selectSamples(data, evenlyByClass(data.labels, limit));
}

/** The first samples of every class, and the others in their order. No chance in it: all seeds watch the same samples. */
function splitOff(data: Dataset, count: number): [Dataset, Dataset] {
  const chosen = evenlyByClass(data.labels, count);
  const isChosen = new Set(chosen);
  const rest = Array.from({ length: data.labels.length }, (_, i) => i).filter((i) => !isChosen.has(i));
  return [selectSamples(data, chosen), selectSamples(data, rest)];
}
