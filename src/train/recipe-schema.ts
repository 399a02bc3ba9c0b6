// The fields of a recipe file. What a network or a method takes beside its name is in their registries.
import { z } from "zod";
import { METHODS } from "./methods/index.ts";
import { layerSchema, type LayerRecipe } from "./recipe-layers.ts";
import { NETWORKS } from "./recipes/networks.ts";

const positive = z.int().min(1);
const share = z.number().min(0).max(1);
const rate = z.number().gt(0);
const warmupEpochs = z.int().min(0).default(0);

const encoder = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("direct"),
    mean: z.number().default(0).describe("taken from pixel / 255"),
    deviation: z.number().gt(0).default(1).describe("what the difference is divided by"),
  }),
  z.strictObject({ name: z.literal("rate").describe("drawn anew in every step, from the seed") }),
  z.strictObject({ name: z.literal("rate-encode").describe("evenly spaced spikes, without chance") }),
  z.strictObject({
    name: z.literal("events"),
    split: z
      .enum(["time", "number"])
      .default("time")
      .describe("frames of equal time, or of equally many events"),
    binary: z.boolean().default(false).describe("several events of a pixel in a frame count once"),
  }),
]);

const loss = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("mse") }),
  z.strictObject({ name: z.literal("cross-entropy"), gain: z.number().gt(0).default(1) }),
  z.strictObject({ name: z.literal("tet"), lambda: share.default(0), target: z.number().default(1) }),
]);

const beta = z.number().min(0).lt(1);
const optimizer = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("adam"),
    beta1: beta.default(0.9),
    beta2: beta.default(0.999),
    epsilon: z.number().gt(0).default(1e-8),
    weightDecay: z.number().min(0).default(0).describe("decoupled, as in AdamW"),
  }),
  z.strictObject({
    name: z.literal("sgd"),
    momentum: z.number().min(0).lt(1).default(0.9),
    weightDecay: z.number().min(0).default(0),
  }),
]);

const schedule = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("constant"), rate, warmupEpochs }),
  z.strictObject({
    name: z.literal("step"),
    rate,
    warmupEpochs,
    everyEpochs: positive,
    factor: z.number().gt(0).max(1).default(0.1),
  }),
  z.strictObject({
    name: z.literal("cosine"),
    rate,
    warmupEpochs,
    per: z.enum(["step", "epoch"]).default("epoch"),
  }),
]);

const augmentation = z.strictObject({
  turnDegrees: z.number().min(0).max(180).default(0),
  translateShare: share.default(0).describe("of the side, in each direction"),
  scaleFrom: z.number().gt(0).default(1),
  scaleTo: z.number().gt(0).default(1),
  cropPadding: z.int().min(0).default(0).describe("pixels"),
  flip: z.boolean().default(false),
});

const data = z.strictObject({
  name: z.string().min(1).describe("see spinec train --list"),
  limit: positive.exactOptional().describe("use only so many training samples, evenly of all classes"),
  validation: z
    .number()
    .min(0)
    .default(0)
    .describe("taken from the training samples to watch the run: below 1 a share, else a number of samples"),
  testLimit: positive.exactOptional().describe("use only the first test samples"),
  rescale: z
    .tuple([positive, positive])
    .exactOptional()
    .describe("height and width, in pixels, onto which the events of every sample are brought"),
  options: z.record(z.string(), z.unknown()).exactOptional().describe("of a generator"),
});

const density = z.union([
  z.number().gt(0).max(1),
  z.strictObject({
    target: z.number().gt(0).max(1),
    tolerance: z.number().gt(0).lt(1).default(0.1).describe("as a share of the target"),
    maxProbes: positive.default(8).describe("runs to try, for methods whose density has to be searched"),
  }),
]);

export const densitySchema: z.ZodType<{ target: number; tolerance: number; maxProbes: number }> =
  density.transform((goal) =>
    typeof goal === "number" ? { target: goal, tolerance: 0.1, maxProbes: 8 } : goal,
  );

const inlineModel = z.strictObject({
  inputShape: z.array(positive).min(1).max(3),
  layers: z.array(layerSchema).min(1),
  output: z.string().exactOptional().describe("the layer that is read out (default: the last)"),
});

const checkpoint = z.strictObject({
  everySteps: positive.exactOptional(),
  everyEpochs: positive.default(1),
});

/** All but `model` and `method`, which depend on the registries. */
const common = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "a word of letters, digits, dots, dashes and underscores")
    .describe("also the name of the run's folder"),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
  data,
  encoder,
  steps: positive.describe("time steps of one inference"),
  loss: loss.prefault({ name: "mse" }),
  optimizer: optimizer.prefault({ name: "adam" }),
  schedule,
  epochs: positive,
  batchSize: positive,
  augmentation: augmentation.exactOptional(),
  layers: z.array(z.string()).min(1).exactOptional().describe("whose weights may be pruned (default: all)"),
  density: density.exactOptional().describe("share of the prunable weights that is to be left, 0 to 1"),
  engine: z.enum(["wasm", "tfjs", "reference"]).default("wasm"),
  threads: positive.exactOptional().describe("default: all cores of the machine; never changes the result"),
  checkpoint: checkpoint.prefault({}),
  evaluateEveryEpochs: positive.default(1),
};

type CommonFields = z.output<z.ZodObject<typeof common>>;

/** Checks all fields but `model` and `method`, of which it wants only that they are objects. */
export const recipeFields: z.ZodType<
  CommonFields & { model: Record<string, unknown>; method: Record<string, unknown> }
> = z.strictObject({
  $schema: z.string().exactOptional(),
  ...common,
  model: z.record(z.string(), z.unknown()),
  method: z.record(z.string(), z.unknown()).prefault({ name: "dense" }),
});

export interface InlineModel {
  readonly inputShape: readonly number[];
  readonly layers: readonly LayerRecipe[];
  readonly output?: string;
}
export const inlineModelSchema: z.ZodType<InlineModel> = inlineModel;

/** A recipe file as JSON Schema, with the options of every network and method. */
export function recipeJsonSchema(): Record<string, unknown> {
  const named = (key: string, name: string, options: z.ZodType): z.ZodType =>
    options instanceof z.ZodObject
      ? (options as z.ZodObject).extend({ [key]: z.literal(name) })
      : z.looseObject({ [key]: z.literal(name) });
  const whole = z.strictObject({
    $schema: z.string().exactOptional(),
    ...common,
    model: z.union([
      ...NETWORKS.map(({ name, options, summary }) => named("builtin", name, options).describe(summary)),
      inlineModel,
    ]),
    method: z
      .union(METHODS.map(({ name, options, summary }) => named("name", name, options).describe(summary)))
      .prefault({ name: "dense" }),
  });
  return z.toJSONSchema(whole, { io: "input", reused: "ref" }) as Record<string, unknown>;
}
