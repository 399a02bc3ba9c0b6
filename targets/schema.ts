import { z } from "zod";
import { COMMON_RESOURCES, RESOURCES } from "#ir/block-graph";
import { RESET_MODES } from "#ir/network";
import { LATER_ACTIONS } from "./actions.ts";
import { EVIDENCE, LAW_RATES, PRICED_ACTIONS, type Target } from "./target.ts";

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
  band: z
    .tuple([z.number(), z.number()])
    .refine(
      ([low, high]) => 0 <= low && low <= 1 && 1 <= high,
      "has to be two factors: one of 0 to 1, and one of 1 or more",
    )
    .exactOptional(),
  op: z.record(z.string(), z.number()).exactOptional(),
  src: z.array(z.string()),
  note: z.string().exactOptional(),
});

const entryList = z.strictObject({
  formula: z.literal("entry-list"),
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

const packer = z.preprocess(withFormula, z.discriminatedUnion("formula", [entryList]));

/** Files from before there were other formulas. */
function withFormula(file: unknown): unknown {
  return isObject(file) && !("formula" in file) ? { formula: "entry-list", ...file } : file;
}

const walls = z.preprocess(withAllWalls, z.record(z.enum(RESOURCES), quantity.nullable()));

/** Of what only some chips count, a file that does not name it has no wall. */
function withAllWalls(file: unknown): unknown {
  const others = RESOURCES.filter((key) => !COMMON_RESOURCES.includes(key));
  return isObject(file) ? { ...Object.fromEntries(others.map((key) => [key, null])), ...file } : file;
}

const loihiNeuron = z.strictObject({
  model: z.literal("loihi-cuba"),
  decayBits: count,
  thresholdMantissaMax: count,
  thresholdShift: count,
  biasMantissaMax: count,
  biasExponentMax: count,
  stateBits: count,
});

const neuron = z.preprocess(withModel, z.discriminatedUnion("model", [loihiNeuron]));

/** Files from before there were other neurons. */
function withModel(file: unknown): unknown {
  return isObject(file) && !("model" in file) ? { model: "loihi-cuba", ...file } : file;
}

function isObject(file: unknown): file is object {
  return typeof file === "object" && file !== null && !Array.isArray(file);
}

const prices = z.preprocess(withLaterActions, z.record(z.enum(PRICED_ACTIONS), quantity.nullable()));

function rates<const N extends string>(
  names: readonly N[],
): z.ZodExactOptional<z.ZodType<Partial<Record<N, z.infer<typeof quantity>>>>> {
  return z.partialRecord(z.enum(names), quantity).exactOptional();
}

const profile = z.strictObject({
  name,
  target: name,
  title: z.string(),
  kind: z.enum(["fitted", "simulated", "documented", "scaled", "inherited", "all-in"]),
  energy: prices,
  time: prices,
  inside: z.partialRecord(z.enum(PRICED_ACTIONS), z.string()).exactOptional(),
  barrier: z.array(z.strictObject({ tiles: count, time: quantity })),
  law: z.enum(["max-core", "max-affine", "cycles", "deadline", "pipeline"]),
  laws: z
    .strictObject({
      "max-affine": rates(LAW_RATES["max-affine"]),
      cycles: rates(LAW_RATES.cycles),
      deadline: rates(LAW_RATES.deadline),
      pipeline: rates(LAW_RATES.pipeline),
    })
    .exactOptional(),
  staticPower: z.record(z.enum(["chip", "core", "io"]), quantity.nullable()),
  errors: z
    .strictObject({ energyShare: z.number(), latencyShare: z.number(), note: z.string() })
    .exactOptional(),
  unpriced: z.array(z.string()),
});

/** Files from before there were these actions stay what they were: nothing is known of their prices. */
function withLaterActions(prices: unknown): unknown {
  if (!isObject(prices)) return prices;
  return { ...Object.fromEntries(LATER_ACTIONS.map((action) => [action, null])), ...prices };
}

/** Shape of a target file; what no shape can say is in check.ts. */
export const targetSchema: z.ZodType<Target> = z.strictObject({
  schema: z.literal(1),
  name,
  title: z.string(),
  vendor: z.string(),
  paradigm: z.enum(["stepped", "event-driven"]),
  status: z.enum(["experimental", "report-only"]).exactOptional(),
  caveats: z.array(z.string()).exactOptional(),
  sources: z.record(z.string(), z.string()),
  mesh: z.strictObject({
    columns: count,
    rows: count,
    coresPerTile: count,
    tileOrder: z.enum(["column-major", "row-major"]),
    maxChips: quantity,
    chipCrossingEntries: quantity,
    hopClasses: z.enum(["axes", "directions"]).exactOptional(),
  }),
  noc: z
    .strictObject({
      cast: z.enum(["unicast", "multicast"]),
      bufferMessages: quantity,
      networks: quantity.exactOptional(),
      virtualChannels: quantity.exactOptional(),
      flitsPerBuffer: quantity.exactOptional(),
      flitsPerMessage: quantity.exactOptional(),
      receiveMessages: quantity.exactOptional(),
      cycleNs: quantity.exactOptional(),
      chipCycleNs: quantity.exactOptional(),
      routerCycles: quantity.exactOptional(),
      linkCycles: quantity.exactOptional(),
    })
    .exactOptional(),
  walls,
  coreClasses: z
    .array(
      z.strictObject({
        name,
        cores: z.array(count),
        walls: z.partialRecord(z.enum(RESOURCES), quantity.nullable()),
      }),
    )
    .exactOptional(),
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
  neuron,
  maxDelaySteps: quantity,
  neuronModels: z.array(z.string()),
  resetModes: z.array(z.enum(RESET_MODES)),
  passes: z
    .strictObject({
      prepare: z.array(z.string()).exactOptional(),
      legalize: z.array(z.string()).exactOptional(),
    })
    .exactOptional(),
  defaults: z
    .strictObject({
      partitioner: z.string().exactOptional(),
      placer: z.string().exactOptional(),
      router: z.string().exactOptional(),
    })
    .exactOptional(),
  profiles: z.array(profile),
  defaultProfile: name,
});
