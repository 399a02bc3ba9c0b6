// The shape of everything that `--json` prints, as schemas: documented by `jsonSchemas`, held by tests.
import { z } from "zod";
import { RESOURCES } from "#ir/block-graph";
import { EVIDENCE, PRICED_ACTIONS } from "#targets/target";
import type { CompileReport } from "./compile-report.ts";
import type { RunReport } from "./run-report.ts";

const number = z.number();
const count = number.nonnegative();
const share = number.min(0);
const text = z.string();
const orNull = <T extends z.ZodType>(type: T): z.ZodNullable<T> => type.nullable();

const diagnostic = z.strictObject({
  code: text.regex(/^[a-z0-9-]+\/[a-z0-9-]+$/),
  severity: z.enum(["error", "warning", "note"]),
  message: text,
  subject: text.optional(),
  hint: text.optional(),
  data: z.record(text, z.unknown()).optional(),
});
const diagnostics = z.array(diagnostic);

const action = z.enum(PRICED_ACTIONS);
const evidence = z.enum(EVIDENCE);
const perAction = z.record(action, count);
const counted = z.array(z.strictObject({ action, count }));

const layer = z.strictObject({
  node: text,
  kind: z.enum(["linear", "conv"]),
  weights: count,
  nonzeroWeights: count,
  densityShare: share,
  synapses: count,
});
const model = z.strictObject({
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
const quantization = z.strictObject({
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
    .optional(),
});
const map = z.strictObject({
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
const run = z.strictObject({
  samples: count,
  modelSteps: count,
  stepsPerInference: count,
  populations: z.array(z.strictObject({ name: text, neurons: count, spikesPerInference: count })),
  synapticOperationsPerInference: count,
  perInference: perAction,
  neurobench: neurobench.optional(),
});
const energy = z.strictObject({
  profile: text,
  bound: z.enum(["estimate", "min", "max", "mixed"]),
  dynamicPj: count,
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
    }),
  ),
  staticPower: orNull(z.strictObject({ mw: count, evidence, source: z.array(text) })),
  evidenceShare: z.record(evidence, share),
  weakestEvidence: orNull(evidence),
  unpriced: counted,
  inside: z.array(z.strictObject({ action, count, where: text })),
});
const time = z.strictObject({
  model: text,
  meanStepNs: orNull(count),
  worstStepNs: orNull(count),
  perInferenceNs: orNull(count),
  binding: z.array(
    z.strictObject({ core: count, phase: z.enum(["generation", "reception"]), stepShare: share }),
  ),
  stepNs: z.array(orNull(count)),
});
const dense = z.strictObject({
  cores: count,
  chips: count,
  synapses: count,
  synapseWords: count,
  synapticOperationsPerInference: count,
  dynamicPj: count,
  totalPj: orNull(count),
  perInferenceNs: orNull(count),
});
const head = { generator: text, deploymentHash: text.regex(/^[0-9a-f]{64}$/) };

const runReport = z.strictObject({
  schema: z.literal("spinec/run/1"),
  ...head,
  model,
  quantization: quantization.optional(),
  map,
  run,
  energy,
  time,
  accuracy: z
    .strictObject({
      samples: count,
      chipShare: share,
      modelShare: share.optional(),
      agreeingShare: share.optional(),
    })
    .optional(),
  dense: dense.optional(),
});
const compileReport = z.strictObject({
  schema: z.literal("spinec/compile/1"),
  ...head,
  deploymentBytes: count,
  model,
  quantization,
  map,
});
// The schemas and the types say the same: a field that is added to one only does not compile.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
const runIsSame: Same<keyof z.infer<typeof runReport>, keyof RunReport> = true;
const compileIsSame: Same<keyof z.infer<typeof compileReport>, keyof CompileReport> = true;
void runIsSame;
void compileIsSame;

/** By value of the `schema` field. Every result also has `diagnostics`. */
export const JSON_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  "spinec/run/1": runReport.extend({ diagnostics }),
  "spinec/compile/1": compileReport.extend({ diagnostics }),
  "spinec/simulate/1": z.strictObject({
    schema: z.literal("spinec/simulate/1"),
    generator: text,
    name: text,
    on: text,
    samples: count,
    modelSteps: count,
    outputs: z.array(z.strictObject({ name: text, spikesPerInference: count })),
    accuracyShare: share.optional(),
    run: run.optional(),
    energy: energy.optional(),
    time: time.optional(),
    diagnostics,
  }),
  "spinec/check/1": z.strictObject({
    schema: z.literal("spinec/check/1"),
    file: text,
    findings: diagnostics,
    diagnostics,
  }),
  "spinec/inspect/1": z.looseObject({
    schema: z.literal("spinec/inspect/1"),
    file: text,
    nodes: z.array(z.looseObject({ name: text, type: text })),
    edges: count,
    findings: diagnostics,
    diagnostics,
  }),
  "spinec/verify/1": z.looseObject({
    schema: z.literal("spinec/verify/1"),
    ok: z.boolean(),
    cores: count,
    neurons: count,
    synapses: count,
    routes: count,
    diagnostics,
  }),
  "spinec/targets/1": z.strictObject({
    schema: z.literal("spinec/targets/1"),
    targets: z.array(
      z.strictObject({
        name: text,
        title: text,
        profiles: z.array(text),
        defaultProfile: text,
        packers: z.array(text),
      }),
    ),
    diagnostics,
  }),
  "spinec/formats/1": z.looseObject({ schema: z.literal("spinec/formats/1"), diagnostics }),
  "spinec/error/1": z.strictObject({ schema: z.literal("spinec/error/1"), diagnostics }),
};

/** The schemas as JSON Schema documents, by value of the `schema` field. */
export function jsonSchemas(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(JSON_SCHEMAS).map(([name, schema]) => [name, z.toJSONSchema(schema)]),
  );
}
