import { z } from "zod";

/** Constants of one kind of layer. */
export interface SdSnnKindOptions {
  /** Share of rows to prune in the first pruning epoch, percent. Cumulative: it grows epoch by epoch. */
  readonly initialRate: number;
  readonly rateScale: number;
  readonly rateDecay: number;
  readonly quantile: number;
  readonly regrowth: boolean;
  readonly regrowAfter: number;
  readonly deadLimit: number;
}

export interface SdSnnLinearOptions extends SdSnnKindOptions {
  readonly rateDivisor: number;
  readonly lateAfter: number;
  readonly lateScale: number;
}

export interface SdSnnOptions {
  readonly window: number;
  readonly clipAfter?: number | undefined;
  readonly shrinkFactor: number;
  readonly quantileGrowth: number;
  readonly quantileLimit: number;
  readonly rateFactor: number;
  readonly linear: SdSnnLinearOptions;
  readonly conv: SdSnnKindOptions;
  readonly pruneOutput: boolean;
  readonly strict: boolean;
}

const percent = z.number().min(0).max(100);
/** Evidence is counted in bytes. */
const epochs = z.int().min(1).max(250);

const kind = {
  rateScale: z.number().min(0).default(1).describe("factor of the growth of the rate; 0: it stays"),
  regrowth: z.boolean().default(true).describe("whether pruned synapses can come back"),
  deadLimit: z.int().min(1).describe("a row with fewer live synapses than this counts as dead"),
  initialRate: percent.describe("share of rows to prune in the first pruning epoch, percent"),
  rateDecay: z.number().gt(0).describe("epochs in which the growth of the rate falls to 1/e"),
  quantile: percent.describe(
    "where the percentile starts above which pruned synapses are candidates to regrow",
  ),
  regrowAfter: epochs.describe("regrows when it was a candidate in more than so many epochs after the first"),
} as const;

const linear = z.strictObject({
  ...kind,
  initialRate: kind.initialRate.default(35),
  rateDecay: kind.rateDecay.default(1),
  rateDivisor: z.number().gt(0).default(10).describe("the rate grows by live rows / this, decaying"),
  lateAfter: z.int().min(0).default(23).describe("epochs of pruning after which the decay ends"),
  lateScale: z.number().min(0).default(0.00075).describe("what the decayed factor is from then on"),
  quantile: kind.quantile.default(60),
  regrowAfter: kind.regrowAfter.default(10),
  deadLimit: kind.deadLimit.default(20),
});

const conv = z.strictObject({
  ...kind,
  initialRate: kind.initialRate.default(5),
  rateDecay: kind.rateDecay.default(5),
  quantile: kind.quantile.default(65),
  regrowAfter: kind.regrowAfter.default(18),
  deadLimit: kind.deadLimit.default(10),
});

/** Defaults: what was published for MNIST. For short runs make `window` 3 to 5 and `regrowAfter` as small. */
export const sdSnnOptions: z.ZodType<SdSnnOptions> = z.strictObject({
  window: epochs
    .default(18)
    .describe("epochs of evidence that move the bound of a weight; rows are pruned after twice as many"),
  clipAfter: z
    .int()
    .min(0)
    .optional()
    .describe("weights are clipped to their bounds after this epoch, counted from 0; the window unless set"),
  shrinkFactor: z
    .number()
    .gt(0)
    .max(1)
    .default(0.75)
    .describe("what both bounds of a shrinking weight times"),
  quantileGrowth: z
    .number()
    .min(1)
    .default(1.1)
    .describe("the regrowth percentile is quantile + this to the power of the age of pruning in epochs"),
  quantileLimit: percent.default(99).describe("the regrowth percentile rises to this at most"),
  rateFactor: z
    .number()
    .gt(0)
    .default(1)
    .describe("factor of the initial rates of all layers; the more, the sparser"),
  linear: linear.prefault({}).describe("constants of linear layers; a row is a neuron"),
  conv: conv.prefault({}).describe("constants of convolutions; a row is an output channel"),
  pruneOutput: z
    .boolean()
    .default(false)
    .describe("also prune rows of the last weight layer, which are the classes; else it is trained only"),
  strict: z
    .boolean()
    .default(false)
    .describe(
      "true: pruned weights are zero in training too; false, as published: from epoch's end to its next step",
    ),
});
