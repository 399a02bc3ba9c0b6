// Schema of what `spinec fit` prints.
import { z } from "zod";
import { RESOURCES } from "#ir/block-graph";
import { EVIDENCE, PRICED_ACTIONS } from "#targets/target";
import { FIT_VERDICTS } from "./fit-report.ts";
import { count, diagnostics, share, text } from "./schema-sections.ts";

const change = z.strictObject({
  kind: z.enum(["mapping", "chips", "network", "target"]),
  text,
  options: z.array(text),
  command: text.nullable(),
  cores: count,
  chips: count,
  weightErrorShare: share,
  dynamicPj: count.nullable(),
});

const row = z.strictObject({
  target: text,
  title: text,
  status: z.enum(["supported", "experimental", "report-only"]),
  profile: text,
  verdict: z.enum(FIT_VERDICTS),
  map: z
    .strictObject({
      cores: count,
      coresAvailable: count,
      chips: count,
      worst: z
        .strictObject({ resource: z.enum(RESOURCES), needed: count, available: count, share })
        .nullable(),
    })
    .nullable(),
  weightErrorShare: share.nullable(),
  cost: z
    .strictObject({
      dynamicPj: count.nullable(),
      staticPj: count.nullable(),
      bound: z.enum(["estimate", "min", "max", "mixed"]),
      weakestEvidence: z.enum(EVIDENCE).nullable(),
      unpriced: z.array(z.enum(PRICED_ACTIONS)),
      timing: text,
      perInferenceNs: count.nullable(),
      spikesPerNeuronStep: count,
    })
    .nullable(),
  reasons: z.array(
    z.strictObject({
      code: text,
      message: text,
      hint: text.nullable(),
      population: text.nullable(),
      resource: text.nullable(),
      needed: count.nullable(),
      available: count.nullable(),
    }),
  ),
  changes: z.array(change).nullable(),
});

export const fitReport = z.strictObject({
  schema: z.literal("spinec/fit/1"),
  generator: text,
  name: text,
  neurons: count,
  synapses: count,
  input: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("given"), samples: count, steps: count }),
    z.strictObject({ kind: z.literal("assumed"), spikeShare: share, steps: count, seed: count }),
  ]),
  targets: z.array(row),
});

/** By value of the `schema` field. */
export const FIT_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  "spinec/fit/1": fitReport.extend({ diagnostics }),
};
