// The shape of everything that `--json` prints, as schemas: documented by `jsonSchemas`, held by tests.
import { z } from "zod";
import { RESOURCES } from "#ir/block-graph";
import type { VerifyReport } from "#compiler/verify";
import type { DeploymentMeta } from "#formats/deployment-file/index";
import type { NirInspection, NirNodeSummary } from "#formats/nir/findings";
import type { Deployment } from "#ir/deployment";
import type { Diagnostic } from "#util/diagnostic";
import type { Comparison } from "./comparison.ts";
import type { CompileReport } from "./compile-report.ts";
import type { MapReport } from "./map-report.ts";
import type { RunReport } from "./run-report.ts";
import type { FitReport } from "./fit-report.ts";
import { details } from "./schema-detail.ts";
import { FIT_SCHEMAS, type fitReport } from "./schema-fit.ts";
import { deployment, deploymentMeta, inspection, networkInspection, type node } from "./schema-files.ts";
import {
  accuracy,
  count,
  dense,
  diagnostics,
  energy,
  map,
  model,
  quantization,
  recorded,
  run,
  share,
  text,
  time,
} from "./schema-sections.ts";
import { MAP_SCHEMAS, type comparison, type mapReport } from "./schema-map.ts";
import { TRAINING_SCHEMAS, type trainingReport } from "./schema-training.ts";
import type { SimulationReport } from "./simulation-text.ts";
import type { TrainingReport } from "./training-report.ts";

const sha256 = text.regex(/^[0-9a-f]{64}$/);
const contentHash = text.regex(/^[0-9a-f]{12}$/);
const head = { generator: text, deploymentHash: sha256, targetHash: contentHash };

const runReport = z.strictObject({
  schema: z.literal("spinec/run/1"),
  ...head,
  profileHash: contentHash.exactOptional(),
  model,
  quantization: quantization.exactOptional(),
  map,
  run,
  energy,
  time,
  ...details,
  accuracy: accuracy.exactOptional(),
  dense: dense.exactOptional(),
});
const compileReport = z.strictObject({
  schema: z.literal("spinec/compile/1"),
  ...head,
  deploymentBytes: count,
  model,
  quantization,
  map,
  search: z.strictObject({
    effort: text,
    objective: text,
    partitioner: text,
    placer: text,
    coreBounds: z.array(z.strictObject({ resource: z.enum(RESOURCES), cores: count })),
    coreBound: count,
    coresAtFoundLists: count,
    connectivity: count,
    hops: count,
    hopsBound: count,
  }),
});
const simulationReport = z.strictObject({
  schema: z.literal("spinec/simulate/1"),
  generator: text,
  name: text,
  on: text,
  samples: count,
  modelSteps: count,
  outputs: z.array(z.strictObject({ name: text, ...recorded })),
  accuracyShare: share.exactOptional(),
  run: run.exactOptional(),
  energy: energy.exactOptional(),
  time: time.exactOptional(),
  ...details,
});
const verifyReport = z.strictObject({
  ok: z.boolean(),
  cores: count,
  neurons: count,
  synapses: count,
  entries: count,
  routes: count,
  violations: z.record(text, count),
});

const reading = z.strictObject({
  reader: text,
  title: text,
  verdict: z.enum(["refuses", "differs", "reads"]),
  findings: diagnostics,
  changed: z
    .array(z.strictObject({ population: text, ownSpikes: count, readerSpikes: count, differing: count }))
    .exactOptional(),
});

/** A type as JSON has it: nothing is read-only, typed arrays are lists. */
type Json<T> = T extends readonly (infer Item)[]
  ? Json<Item>[]
  : T extends Uint8Array | Uint16Array | Uint32Array | Int16Array | Int32Array | Float64Array
    ? number[]
    : T extends object
      ? { -readonly [Key in keyof T]: Json<T[Key]> }
      : T;
type Identical<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Holds<Schema extends z.ZodType, Type> = Identical<Json<z.infer<Schema>>, Json<Type>>;
// The schemas and the types say the same at every depth: a field that is added to one only does not compile.
// (Numbers of time constants may be null in JSON.)
const isSame: [
  Holds<typeof runReport, RunReport>,
  Holds<typeof compileReport, CompileReport>,
  Holds<typeof simulationReport, SimulationReport>,
  Holds<typeof trainingReport, TrainingReport>,
  Holds<typeof verifyReport, VerifyReport>,
  Holds<typeof deployment, Deployment>,
  Holds<typeof deploymentMeta, DeploymentMeta>,
  Holds<typeof mapReport, MapReport>,
  Holds<typeof comparison, Comparison>,
  Holds<typeof fitReport, FitReport>,
  Holds<typeof diagnostics, Diagnostic[]>,
  Identical<
    Json<Omit<z.infer<typeof inspection>, "nodes" | "findings">>,
    Json<Omit<NirInspection, "nodes" | "findings">>
  >,
  Identical<Json<Omit<z.infer<typeof node>, "timeConstants">>, Json<Omit<NirNodeSummary, "timeConstants">>>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true];
void isSame;

const fileFormat = { name: text, summary: text, extensions: z.array(text) };

/** What running an exported graph gave. */
const onnxCheck = z.strictObject({
  schema: z.literal("spinec/onnx-check/1"),
  graph: z.enum(["sequence", "step"]),
  semantics: z.enum(["float", "loihi1-int"]),
  runtime: text,
  samples: count,
  steps: count,
  outputs: z.array(
    z.strictObject({
      name: text,
      values: count,
      sum: z.number(),
      referenceSum: z.number(),
      differingValues: count,
      largestDifference: z.number(),
    }),
  ),
  differingValues: count,
  input: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("file"), sha256 }),
    z.strictObject({
      kind: z.enum(["random-spikes", "random-values"]),
      seed: count,
      rate: z.number(),
      value: z.number(),
      samples: count,
      steps: count,
      silentPopulations: z.array(text),
    }),
  ]),
});

/** By value of the `schema` field. Every result also has `diagnostics`. */
export const JSON_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  "spinec/run/1": runReport.extend({ diagnostics }),
  "spinec/compile/1": compileReport.extend({ diagnostics }),
  "spinec/simulate/1": simulationReport.extend({ diagnostics }),
  "spinec/check/1": z.strictObject({
    schema: z.literal("spinec/check/1"),
    file: text,
    findings: diagnostics,
    readings: z.array(reading).exactOptional(),
    diagnostics,
  }),
  "spinec/inspect/1": inspection.extend({ schema: z.literal("spinec/inspect/1"), file: text, diagnostics }),
  "spinec/inspect-network/1": networkInspection.extend({
    schema: z.literal("spinec/inspect-network/1"),
    file: text,
    diagnostics,
  }),
  "spinec/inspect-deployment/1": z.strictObject({
    schema: z.literal("spinec/inspect-deployment/1"),
    sha256,
    meta: deploymentMeta,
    deployment,
    diagnostics,
  }),
  "spinec/verify/1": verifyReport.extend({ schema: z.literal("spinec/verify/1"), diagnostics }),
  "spinec/targets/1": z.strictObject({
    schema: z.literal("spinec/targets/1"),
    targets: z.array(
      z.strictObject({
        name: text,
        title: text,
        status: z.enum(["supported", "experimental", "report-only"]),
        profiles: z.array(text),
        defaultProfile: text,
        packers: z.array(text),
        contentHash: text,
        parameters: z.array(
          z.strictObject({ key: text, value: count, min: count, max: count, meaning: text }),
        ),
      }),
    ),
    diagnostics,
  }),
  "spinec/target/1": z.strictObject({
    schema: z.literal("spinec/target/1"),
    target: z.looseObject({ schema: z.literal(1), name: text, title: text }),
    diagnostics,
  }),
  "spinec/profile/1": z.strictObject({
    schema: z.literal("spinec/profile/1"),
    file: z.looseObject({ schema: z.literal(1), sources: z.record(text, text) }),
    diagnostics,
  }),
  "spinec/targets-check/1": z.strictObject({
    schema: z.literal("spinec/targets-check/1"),
    checked: z.array(
      z.strictObject({
        name: text,
        kind: z.enum(["target", "profile"]).nullable(),
        ok: z.boolean(),
        findings: count,
        contentHash: text.nullable(),
      }),
    ),
    diagnostics,
  }),
  "spinec/targets-diff/1": z.strictObject({
    schema: z.literal("spinec/targets-diff/1"),
    first: text,
    second: text,
    differences: z.array(z.strictObject({ section: text, what: text, first: text, second: text })),
    diagnostics,
  }),
  "spinec/formats/1": z.strictObject({
    schema: z.literal("spinec/formats/1"),
    models: z.array(z.strictObject(fileFormat)),
    exporters: z.array(
      z.strictObject({
        ...fileFormat,
        level: z.enum(["network", "quantized", "deployment"]),
        options: z.array(
          z.strictObject({
            name: text,
            summary: text,
            choices: z.array(text).exactOptional(),
            value: text.exactOptional(),
            needs: z.record(text, z.enum(["quantized", "deployment"])).exactOptional(),
          }),
        ),
      }),
    ),
    spikes: z.array(z.strictObject(fileFormat)),
    diagnostics,
  }),
  "spinec/export/1": z.strictObject({
    schema: z.literal("spinec/export/1"),
    exporter: text,
    options: z.record(text, text),
    files: z.array(z.strictObject({ path: text, bytes: count, sha256 })),
    /** Null: the file was not run. */
    check: onnxCheck.nullable().optional(),
    diagnostics,
  }),
  ...FIT_SCHEMAS,
  ...MAP_SCHEMAS,
  ...TRAINING_SCHEMAS,
  "spinec/error/1": z.strictObject({ schema: z.literal("spinec/error/1"), diagnostics }),
};

/** The schemas as JSON Schema documents, by value of the `schema` field. */
export function jsonSchemas(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(JSON_SCHEMAS).map(([name, schema]) => [name, z.toJSONSchema(schema, { reused: "ref" })]),
  );
}
