import { z } from "zod";
import { RESET_MODES } from "#ir/network";

// The layout in the metadata of files of our own, as far as a reader must check it before it follows indices and names.

const whole = z
  .number()
  .int()
  .min(0)
  .max(2 ** 32);
const extents = z
  .array(
    z
      .number()
      .int()
      .min(1)
      .max(2 ** 26),
  )
  .max(16);
const pair = z.tuple([whole, whole]);

const dynamics = z.object({
  integrator: z.enum(["euler", "exponential"]),
  compare: z.enum([">", ">="]),
  reset: z.enum(RESET_MODES),
  current: z.enum(["new", "old"]),
  vMinThresholds: z.number().optional(),
});

const population = z.object({
  name: z.string(),
  model: z.string(),
  shape: extents,
  params: z.record(z.string(), z.string()),
  bias: z.string().optional(),
  spread: z.array(z.string()),
  dynamics: dynamics.optional(),
  startStep: whole.optional(),
  periodicReset: z.looseObject({}).optional(),
  membraneQuantum: z.array(z.number()).optional(),
});

const kernel = z.object({
  kernelShape: z.tuple([whole, whole, whole, whole]),
  stride: pair,
  padding: z.tuple([whole, whole, whole, whole]),
  dilation: pair,
  groups: whole,
  inputShape: z.tuple([whole, whole, whole]),
  outputShape: z.tuple([whole, whole, whole]),
});

const projection = z.object({
  name: z.string(),
  pre: whole,
  post: whole,
  weightScale: z.number(),
  delaySteps: whole,
  beforeStart: z.enum(["absent", "zeros-through"]).optional(),
  layer: z.object({ node: z.string(), kind: z.enum(["linear", "conv"]) }).optional(),
  quantization: z
    .object({
      weightBits: whole,
      signMode: z.enum(["mixed", "excitatory", "inhibitory"]),
      weightExponent: z.number().int(),
    })
    .optional(),
  kind: z.enum(["dense", "sparse", "kernel", "diagonal"]),
  rows: whole,
  cols: whole,
  weights: z.string().optional(),
  indices: z.string().optional(),
  ones: whole.optional(),
  scales: z.string().optional(),
  kernel: kernel.optional(),
});

const port = z.object({ name: z.string(), population: whole });

export const OWN_LAYOUT_SCHEMA = z.object({
  version: z.literal(1),
  name: z.string(),
  timestepNs: z.number().optional(),
  populations: z.array(population),
  projections: z.array(projection),
  inputs: z.array(port),
  outputs: z.array(port),
});
