// Schemas of the sections that reports are made of; `schema.ts` puts them together.
import { z } from "zod";
import { RESOURCES } from "#ir/block-graph";
import { PHASES } from "#simulator/timing/timing";
import { EVIDENCE, PRICED_ACTIONS } from "#targets/target";

export const count = z.number().nonnegative();
export const share = z.number().nonnegative();
export const text = z.string();
export const orNull = <T extends z.ZodType>(type: T): z.ZodNullable<T> => type.nullable();
const number = z.number();

export const diagnostics = z.array(
  z.strictObject({
    code: text.regex(/^[a-z0-9-]+\/[a-z0-9-]+$/),
    severity: z.enum(["error", "warning", "note"]),
    message: text,
    subject: text.exactOptional(),
    hint: text.exactOptional(),
    data: z.record(text, z.unknown()).exactOptional(),
  }),
);

const action = z.enum(PRICED_ACTIONS);
const evidence = z.enum(EVIDENCE);
const perAction = z.record(action, count);
/** What a population gave; `values`: of one that does not fire. */
export const recorded = {
  spikesPerInference: count,
  values: z.strictObject({ lowest: z.number(), highest: z.number() }).exactOptional(),
} as const;
const counted = z.array(z.strictObject({ action, count }));

const layer = z.strictObject({
  node: text,
  kind: z.enum(["linear", "conv"]),
  weights: count,
  nonzeroWeights: count,
  densityShare: share,
  synapses: count,
});
export const model = z.strictObject({
  name: text,
  timestepNs: orNull(number),
  inputs: count,
  neurons: count,
  weights: count,
  nonzeroWeights: count,
  densityShare: share,
  synapses: count,
  populations: z.array(z.strictObject({ name: text, model: text, neurons: count })),
  layers: z.array(layer),
});
export const quantization = z.strictObject({
  projections: z.array(
    z.strictObject({
      name: text,
      weightBits: count,
      signMode: text,
      weightExponent: number,
      snrDb: orNull(number),
      zerosCreated: count,
    }),
  ),
  changedSpikes: z
    .array(z.strictObject({ population: text, modelSpikes: count, chipSpikes: count, differing: count }))
    .exactOptional(),
});
export const map = z.strictObject({
  target: text,
  packer: text,
  rules: text,
  chips: count,
  tiles: count,
  cores: count,
  synapses: count,
  synapseWords: count,
  resources: z.array(
    z.strictObject({
      resource: z.enum(RESOURCES),
      wall: orNull(count),
      mean: count,
      worst: count,
      worstCore: number,
      meanShare: orNull(share),
      worstShare: orNull(share),
    }),
  ),
  populations: z.array(z.strictObject({ name: text, neurons: count, cores: count })),
  mesh: z.strictObject({ columns: count, rows: count, coresPerTile: count }),
  coreLoads: z.array(
    z.strictObject({
      core: count,
      chip: count,
      x: count,
      y: count,
      neurons: count,
      axonsIn: count,
      synapseWords: count,
    }),
  ),
});
const neurobench = z.strictObject({
  footprintBytes: count,
  parameters: count,
  connectionSparsityShare: share,
  activationSparsityShare: share,
  effectiveAcs: count,
  effectiveMacs: count,
  denseOperations: count,
  membraneUpdates: count,
});
export const run = z.strictObject({
  samples: count,
  modelSteps: count,
  stepsPerInference: count,
  populations: z.array(z.strictObject({ name: text, neurons: count, ...recorded })),
  synapticOperationsPerInference: count,
  perInference: perAction,
  neurobench: neurobench.exactOptional(),
});
const band = z.strictObject({ lowPj: orNull(count), highPj: orNull(count) });
export const energy = z.strictObject({
  profile: text,
  bound: z.enum(["estimate", "min", "max", "mixed"]),
  dynamicPj: count,
  dynamicPjPerSynapticOperation: orNull(count).exactOptional(),
  dynamicBand: band.exactOptional(),
  totalBand: band.exactOptional(),
  publishedError: z.strictObject({ energyShare: share, note: text }).exactOptional(),
  withoutBand: z.array(action).exactOptional(),
  staticPj: orNull(count),
  totalPj: orNull(count),
  terms: z.array(
    z.strictObject({
      action,
      count,
      pricePj: count,
      evidence,
      source: z.array(text),
      bound: orNull(z.enum(["min", "max"])),
      energyPj: count,
      band: band.exactOptional(),
    }),
  ),
  staticPower: orNull(z.strictObject({ mw: count, evidence, source: z.array(text) })),
  evidenceShare: z.record(evidence, share),
  weakestEvidence: orNull(evidence),
  unpriced: counted,
  inside: z.array(z.strictObject({ action, count, where: text })),
});
const phase = z.enum(PHASES);
export const time = z.strictObject({
  model: text,
  meanStepNs: orNull(count),
  worstStepNs: orNull(count),
  perInferenceNs: orNull(count),
  requiredClockMhz: number.exactOptional(),
  binding: z.array(z.strictObject({ core: count, phase, stepShare: share })),
  phases: z.array(z.strictObject({ phase, stepShare: share })).exactOptional(),
  stepNs: z.array(count),
});
export const dense = z.strictObject({
  cores: count,
  chips: count,
  synapses: count,
  synapseWords: count,
  synapticOperationsPerInference: count,
  dynamicPj: count,
  totalPj: orNull(count),
  perInferenceNs: orNull(count),
});
export const accuracy = z.strictObject({
  samples: count,
  chipShare: share,
  modelShare: share.exactOptional(),
  agreeingShare: share.exactOptional(),
});
