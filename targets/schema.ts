import { z } from "zod";
import { COMMON_RESOURCES, RESOURCES } from "#ir/block-graph";
import { RESET_MODES } from "#ir/network";
import { DIGITAL_RESETS, LEAK_KINDS } from "#ir/digital-neuron";
import { LATER_ACTIONS } from "./actions.ts";
import {
  EVIDENCE,
  LAW_RATES,
  PRICED_ACTIONS,
  PROFILE_KINDS,
  ROW_FORMULAS,
  UNITS,
  type Profile,
  type Target,
} from "./target.ts";

// The types of target.ts once more, for files that people write. The compiler holds the two together: the schema
// has to produce a `Target`.

const count = z.int().nonnegative();
const name = z.string().regex(/^[a-z0-9-]+$/, "has to be lower-case letters, digits and hyphens");
const targetName = z
  .string()
  .regex(
    /^[a-z0-9-]+(:[A-Za-z]+=[0-9.]+(,[A-Za-z]+=[0-9.]+)*)?$/,
    "has to be lower-case letters, digits and hyphens",
  );

const quantity = z.strictObject({
  value: z.number(),
  unit: z.enum(UNITS),
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
  sharing: z.strictObject({ maxBase: quantity }).exactOptional(),
  maxFormats: count,
});

const crossbar = z.strictObject({
  formula: z.literal("crossbar"),
  name,
  title: z.string(),
  src: z.array(z.string()),
  rows: count,
  cols: count,
  crosspointBits: count,
  axonTypes: count.exactOptional(),
  typeWeightBits: count.exactOptional(),
  signPerRow: z.boolean().exactOptional(),
  rowPerNeuron: z.boolean().exactOptional(),
  maxFormats: count,
});

const slotTable = z.strictObject({
  formula: z.literal("slot-table"),
  name,
  title: z.string(),
  src: z.array(z.string()),
  inputReach: count.exactOptional(),
  readOutReach: count.exactOptional(),
  maxFormats: count,
});

const packedKernel = z.strictObject({
  formula: z.literal("packed-kernel"),
  name,
  title: z.string(),
  src: z.array(z.string()),
  lists: entryList,
  maxFormats: count,
});

const kernelPow2 = z.strictObject({
  formula: z.literal("kernel-pow2"),
  name,
  title: z.string(),
  src: z.array(z.string()),
  maxInputSide: count,
  maxOutputSide: count,
  maxChannels: count,
  maxKernelSide: count,
  strides: z.array(count),
  maxPadding: count,
  pools: z.array(count),
  maxFormats: count,
});

const rowPacker = z.strictObject({
  formula: z.enum(ROW_FORMULAS),
  name,
  title: z.string(),
  src: z.array(z.string()),
  wordBits: count,
  headerBits: count,
  synapseBits: count,
  weightBits: count,
  delayBits: count,
  indexBits: count,
  neuronWords: count,
  codebook: z.strictObject({ entries: count, entryBits: count }).exactOptional(),
  maxFormats: count,
});

const opaque = z.strictObject({
  formula: z.literal("opaque"),
  name,
  title: z.string(),
  src: z.array(z.string()),
  maxFormats: count,
});

const packer = z.preprocess(
  withFormula,
  z.discriminatedUnion("formula", [
    entryList,
    packedKernel,
    kernelPow2,
    crossbar,
    slotTable,
    rowPacker,
    opaque,
  ]),
);

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

const digitalNeuron = z.strictObject({
  model: z.literal("digital-lif"),
  stateBits: count,
  overflow: z.enum(["wrap", "clamp"]),
  leaks: z.array(z.enum(LEAK_KINDS)),
  linearMax: count.exactOptional(),
  decayBits: count,
  maxShift: count.exactOptional(),
  synapticCurrent: z
    .strictObject({
      leaks: z.array(z.enum(["linear", "shift", "share"])),
      order: z.enum(["decay-first", "input-first"]),
    })
    .exactOptional(),
  resets: z.array(z.enum(DIGITAL_RESETS)),
  compare: z.enum([">", ">="]),
  thresholdMax: count,
  biasMax: count,
  lowerClamp: z.boolean(),
  maxSpikes: count,
  maxSpikesOutput: count.exactOptional(),
});

const truenorthNeuron = z.strictObject({
  model: z.literal("truenorth-lif"),
  stateBits: count,
  resets: z.array(z.enum(DIGITAL_RESETS)),
  thresholdMax: count,
  leakMax: count,
});

const neuron = z.preprocess(
  withModel,
  z.discriminatedUnion("model", [loihiNeuron, digitalNeuron, truenorthNeuron]),
);

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

const factor = z.union([z.number(), z.partialRecord(z.enum(PRICED_ACTIONS), z.number())]).exactOptional();

const profile = z.strictObject({
  name,
  target: targetName,
  title: z.string(),
  kind: z.enum(PROFILE_KINDS),
  base: z
    .strictObject({ target: targetName, profile: name, energyFactor: factor, timeFactor: factor })
    .exactOptional(),
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

/** A profile in a file of its own, with the sources that its numbers name. */
export const profileFileSchema: z.ZodType<ProfileFile> = z.strictObject({
  schema: z.literal(1),
  profile,
  sources: z.record(z.string(), z.string()),
});

export interface ProfileFile {
  readonly schema: 1;
  readonly profile: Profile;
  readonly sources: Readonly<Record<string, string>>;
}

/** Shape of a target file; what no shape can say is in check.ts. */
export const targetSchema: z.ZodType<Target> = z.strictObject({
  schema: z.literal(1),
  name: targetName,
  title: z.string(),
  vendor: z.string(),
  paradigm: z.enum(["stepped", "event-driven"]),
  status: z.enum(["experimental", "report-only"]).exactOptional(),
  caveats: z.array(z.string()).exactOptional(),
  sources: z.record(z.string(), z.string()),
  die: z
    .strictObject({
      area: quantity.exactOptional(),
      clock: quantity.exactOptional(),
      memory: quantity.exactOptional(),
    })
    .exactOptional(),
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
  chipMemory: z
    .strictObject({ words: quantity.exactOptional(), routes: quantity.exactOptional() })
    .exactOptional(),
  walls,
  budgets: z.partialRecord(z.enum(RESOURCES), quantity.nullable()).exactOptional(),
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
    mixedStep: count.exactOptional(),
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
