import { z } from "zod";
import { RESOURCES } from "#ir/block-graph";
import { RESET_MODES } from "#ir/network";
import { EVIDENCE, PRICED_ACTIONS, type Target } from "./target.ts";

// The types of target.ts once more, for files that people write. The compiler holds the two together: the schema
// has to produce a `Target`.

const count = z.int().nonnegative();
const name = z.string().regex(/^[a-z0-9-]+$/, "has to be lower-case letters, digits and hyphens");

const quantity = z.strictObject({
  value: z.number(),
  unit: z.enum(["pJ", "nJ", "uW", "mW", "ns", "us", "bit", "word", "V", "count"]),
  evidence: z.enum(EVIDENCE),
  bound: z.enum(["min", "max"]).exactOptional(),
  scope: z.enum(["per-term", "incremental", "all-in", "floor"]).exactOptional(),
  op: z.record(z.string(), z.number()).exactOptional(),
  src: z.array(z.string()),
  note: z.string().exactOptional(),
});

const packer = z.strictObject({
  name,
  title: z.string(),
  src: z.array(z.string()),
  headerBits: count,
  maxEntriesPerHeader: count,
  indexBits: z.array(count),
  weightBits: z.array(count),
  skipBits: z.array(count),
  encodings: z.array(z.enum(["sparse", "run-length", "dense"])),
  startIndexInDense: z.boolean(),
  rounding: z.enum(["per-entry", "per-axon-guarded"]),
  maxFormats: count,
});

const prices = z.record(z.enum(PRICED_ACTIONS), quantity.nullable());

const profile = z.strictObject({
  name,
  target: name,
  title: z.string(),
  kind: z.enum(["fitted", "simulated", "documented", "scaled", "inherited", "all-in"]),
  energy: prices,
  time: prices,
  inside: z.partialRecord(z.enum(PRICED_ACTIONS), z.string()).exactOptional(),
  barrier: z.array(z.strictObject({ tiles: count, time: quantity })),
  law: z.literal("max-core"),
  staticPower: z.record(z.enum(["chip", "core", "io"]), quantity.nullable()),
  errors: z
    .strictObject({ energyShare: z.number(), latencyShare: z.number(), note: z.string() })
    .exactOptional(),
  unpriced: z.array(z.string()),
});

/** Shape of a target file; what no shape can say is in check.ts. */
export const targetSchema: z.ZodType<Target> = z.strictObject({
  schema: z.literal(1),
  name,
  title: z.string(),
  vendor: z.string(),
  paradigm: z.enum(["stepped", "event-driven"]),
  sources: z.record(z.string(), z.string()),
  mesh: z.strictObject({
    columns: count,
    rows: count,
    coresPerTile: count,
    tileOrder: z.enum(["column-major", "row-major"]),
    maxChips: quantity,
    chipCrossingEntries: quantity,
  }),
  walls: z.record(z.enum(RESOURCES), quantity.nullable()),
  maxWordsPerAxon: quantity.nullable(),
  wordBits: count,
  packers: z.array(packer),
  weights: z.strictObject({
    maxMagnitude: count,
    minMixed: z.int(),
    bits: z.array(count),
    exponentMin: z.int(),
    exponentMax: z.int(),
    inputShift: count,
  }),
  neuron: z.strictObject({
    decayBits: count,
    thresholdMantissaMax: count,
    thresholdShift: count,
    biasMantissaMax: count,
    biasExponentMax: count,
    stateBits: count,
  }),
  maxDelaySteps: quantity,
  neuronModels: z.array(z.string()),
  resetModes: z.array(z.enum(RESET_MODES)),
  profiles: z.array(profile),
  defaultProfile: name,
});
