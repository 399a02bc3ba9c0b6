// Schemas of what `spinec train` prints.
import { z } from "zod";
import { count, diagnostics, share, text } from "./schema-sections.ts";

const number = z.number();
const scores = z.strictObject({ loss: number, accuracyShare: share });
const samples = { name: text, trainingSamples: count, validationSamples: count, testSamples: count };
const weights = { layer: text, nonzero: count, weights: count };

export const trainingReport = z.strictObject({
  schema: z.literal("spinec/train/1"),
  generator: text,
  name: text,
  recipe: z.record(text, z.unknown()),
  data: z.strictObject(samples),
  epochs: count,
  optimizerSteps: count,
  training: scores,
  validation: scores.exactOptional(),
  test: scores.exactOptional(),
  density: z.strictObject({
    share,
    nonzero: count,
    weights: count,
    layers: z.array(z.strictObject(weights)),
  }),
  spikesPerSample: z.array(z.strictObject({ layer: text, spikes: count, neurons: count })),
  operationsPerSample: z.array(
    z.strictObject({ layer: text, kind: z.enum(["synaptic", "multiply"]), operations: count }),
  ),
  search: z
    .strictObject({
      option: text,
      value: number,
      targetShare: share,
      probes: z.array(z.strictObject({ value: number, densityShare: share })),
    })
    .exactOptional(),
  removedWeights: count.exactOptional(),
  files: z.array(text),
  seconds: count,
});

/** By value of the `schema` field. */
export const TRAINING_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  "spinec/train/1": trainingReport.extend({ diagnostics }),
  "spinec/train-plan/1": z.strictObject({
    schema: z.literal("spinec/train-plan/1"),
    name: text,
    network: text,
    weights: count,
    stepsPerEpoch: count,
    totalSteps: count,
    method: text,
    epochs: count,
    data: z.strictObject(samples),
    folder: text,
    diagnostics,
  }),
  "spinec/train-stopped/1": z.strictObject({
    schema: z.literal("spinec/train-stopped/1"),
    folder: text,
    optimizerSteps: count,
    command: text,
    diagnostics,
  }),
  "spinec/recipes/1": z.strictObject({
    schema: z.literal("spinec/recipes/1"),
    recipes: z.array(
      z.strictObject({
        name: text,
        summary: text,
        source: text,
        network: text,
        weights: count,
        method: text,
        data: text,
        dataIsHere: z.boolean(),
      }),
    ),
    diagnostics,
  }),
  "spinec/ready-recipe/1": z.strictObject({
    schema: z.literal("spinec/ready-recipe/1"),
    recipe: z.looseObject({ name: text }),
    diagnostics,
  }),
};
