// Schemas of what `spinec map` and `spinec compare` print.
import { z } from "zod";
import { count, diagnostics, text } from "./schema-sections.ts";
import { MAP_RESOURCES } from "./map-report.ts";

const resource = z.enum(MAP_RESOURCES);
const perResource = { neurons: count, synapseWords: count, axonsIn: count, axonsOut: count };
const origin = z.enum(["spinec", "file"]);

export const mapReport = z.strictObject({
  schema: z.literal("spinec/map/1"),
  generator: text,
  name: text,
  graph: z.strictObject({ neurons: count, synapses: count, axons: count, spikes: count }),
  core: z.strictObject({ name: text, limits: z.record(resource, count.nullable()) }),
  effort: text,
  seed: count,
  stopped: z.boolean(),
  partition: z.strictObject({
    from: origin,
    cores: count,
    connectivity: count,
    cutSpikes: count,
    synapticReuse: count,
  }),
  walls: z.array(
    z.strictObject({
      resource,
      limit: count.nullable(),
      mean: count,
      worst: count,
      worstCore: count,
      over: count,
    }),
  ),
  placement: z.strictObject({
    from: origin,
    objective: text,
    columns: count,
    rows: count,
    unicastHops: count,
    treeHops: count,
    meanHops: count,
    busiestLink: count,
    busiestTreeLink: count,
    meanLink: count,
    energyPj: count.exactOptional(),
  }),
  tables: z.strictObject({ entries: count, fullest: count, unmerged: count, keyBits: count }).exactOptional(),
  stepTime: z
    .strictObject({
      target: text,
      profile: text,
      law: text,
      rateSteps: count,
      stepNs: count,
      beforeNs: count.exactOptional(),
      boundNs: count,
      boundCores: count,
      evenNs: count,
      barrierNs: count,
      phase: text,
      core: count.exactOptional(),
      busiestLinkNs: count.exactOptional(),
      untimed: z.array(text),
    })
    .exactOptional(),
  bounds: z.strictObject({
    cores: z.array(z.strictObject({ resource, cores: count, always: z.boolean() })),
    unicastHops: count,
    treeHops: count,
    busiestLink: count,
    energyPj: count.exactOptional(),
  }),
  stages: z.array(
    z.strictObject({
      stage: text,
      cpuSeconds: count,
      cores: count.exactOptional(),
      cutSpikes: count.exactOptional(),
      hops: count.exactOptional(),
    }),
  ),
  cores: z.array(z.strictObject({ core: count, x: count, y: count, ...perResource })),
  links: z.array(
    z.strictObject({ x: count, y: count, to: z.enum(["+x", "-x", "+y", "-y"]), unicast: count, tree: count }),
  ),
});

export const comparison = z.strictObject({
  schema: z.literal("spinec/compare/1"),
  kind: z.enum(["maps", "deployments"]),
  names: z.tuple([text, text]),
  rows: z.array(
    z.strictObject({
      what: text,
      values: z.tuple([z.number().nullable(), z.number().nullable()]),
      /** Second / first; null where the first is 0 or one is missing. */
      ratio: z.number().nullable(),
    }),
  ),
});

/** By value of the `schema` field. */
export const MAP_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  "spinec/map/1": mapReport.extend({ diagnostics }),
  "spinec/compare/1": comparison.extend({ diagnostics }),
};
