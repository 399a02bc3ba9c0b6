// Schemas of what `inspect` says of files.
import { z } from "zod";
import { ENCODINGS } from "#ir/deployment";
import { RESET_MODES } from "#ir/network";
import { WRITER_NAMES } from "#formats/nir/writers";
import { count, diagnostics, orNull, share, text } from "./schema-sections.ts";

const shape = z.array(count);
const timeUnit = z.enum(["s", "ms", "steps"]);
/** Null where the file holds no number. */
const spread = z.strictObject({
  min: orNull(z.number()),
  median: orNull(z.number()),
  max: orNull(z.number()),
});

export const writer = z.strictObject({
  writer: z.enum(WRITER_NAMES),
  evidence: text,
  timeUnit,
  dtSeconds: count.exactOptional(),
  integrator: z.enum(["euler", "exponential"]),
  compare: z.enum([">", ">="]),
  current: z.enum(["new", "old"]),
  reset: z.enum(RESET_MODES),
  ifStep: z.enum(["one", "dt"]),
  vMinThresholds: z.number().exactOptional(),
  timestepNs: count.exactOptional(),
  feedbackT0: z.enum(["zeros-through", "absent"]).exactOptional(),
  hidesReset: z.boolean(),
  remarks: z.array(text),
});

export const node = z.strictObject({
  name: text,
  type: text,
  input: shape.exactOptional(),
  output: shape.exactOptional(),
  neurons: count.exactOptional(),
  weights: count.exactOptional(),
  nonzeroWeights: count.exactOptional(),
  densityShare: share.exactOptional(),
  timeConstants: z.array(z.strictObject({ field: text, inFile: spread, inSteps: spread })),
  odd: z.array(text),
});

export const inspection = z.strictObject({
  version: text.exactOptional(),
  writer,
  timeUnit,
  dtSeconds: count.exactOptional(),
  nodes: z.array(node),
  edges: count,
  feedback: z.array(text),
  findings: diagnostics,
});

const port = z.strictObject({ name: text, shape });
/** What `inspect` says of files that have no nodes of their own: the network they become. */
export const networkInspection = z.strictObject({
  format: text,
  name: text,
  timestepNs: count.exactOptional(),
  neurons: count,
  weights: count,
  nonzeroWeights: count,
  densityShare: share,
  synapses: count,
  inputs: z.array(port),
  outputs: z.array(port),
  populations: z.array(
    z.strictObject({
      name: text,
      model: text,
      shape,
      size: count,
      hasBias: z.boolean(),
      params: z.record(text, spread),
      dynamics: z
        .strictObject({
          integrator: z.enum(["euler", "exponential"]),
          compare: z.enum([">", ">="]),
          reset: z.enum(RESET_MODES),
          current: z.enum(["new", "old"]),
          vMinThresholds: z.number().exactOptional(),
        })
        .exactOptional(),
    }),
  ),
  projections: z.array(
    z.strictObject({
      name: text,
      pre: text,
      post: text,
      kind: z.enum(["sparse", "dense", "kernel", "diagonal", "identity"]),
      layer: text.exactOptional(),
      synapses: count,
      weights: count,
      nonzeroWeights: count,
      densityShare: share,
      delaySteps: count,
      isFeedback: z.boolean(),
    }),
  ),
  findings: diagnostics,
});

const numbers = z.array(z.number());
const routes = { routeStart: numbers, routeCore: numbers, routeAxon: numbers };
const core = z.strictObject({
  core: count,
  neurons: count,
  groups: z.array(
    z.strictObject({ population: count, model: text, begin: count, end: count, params: z.array(numbers) }),
  ),
  formats: z.array(
    z.strictObject({
      projection: count,
      encoding: z.enum(ENCODINGS),
      weightBits: count,
      signMode: z.enum(["mixed", "excitatory", "inhibitory"]),
      weightExponent: z.number(),
      indexBits: count,
      skipBits: count,
      delayBits: count,
      axonType: count.exactOptional(),
    }),
  ),
  axonStart: numbers,
  axonWords: numbers,
  axonList: numbers.exactOptional(),
  memoryWords: count.exactOptional(),
  target: numbers,
  weight: numbers,
  format: numbers,
  delaySteps: numbers,
  ...routes,
});

/** A deployment as JSON: typed arrays are lists. */
export const deployment = z.strictObject({
  version: z.literal(1),
  network: text,
  target: text,
  packer: text,
  rules: z.enum(["lava", "nengo"]),
  timestepNs: count.exactOptional(),
  chips: count,
  cores: z.array(core),
  populations: z.array(
    z.strictObject({
      name: text,
      shape,
      startStep: count,
      periodicReset: z.strictObject({ intervalSteps: count, offsetSteps: count }).exactOptional(),
      core: numbers,
      compartment: numbers,
    }),
  ),
  inputs: z.array(
    z.strictObject({ name: text, population: count, drives: z.literal("bias").exactOptional(), ...routes }),
  ),
  outputs: z.array(
    z.strictObject({
      name: text,
      population: count,
      readout: z.enum(["spikes", "membrane"]),
      membraneQuantum: numbers.exactOptional(),
    }),
  ),
});

export const deploymentMeta = z.strictObject({
  generator: text,
  notes: z.record(text, text).exactOptional(),
});
