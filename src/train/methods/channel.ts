import { z } from "zod";
import { createChannelRun } from "./channel-run.ts";
import type { SparseMethod } from "./method.ts";

export interface ChannelOptions {
  readonly variant: "gate" | "group-soft-threshold" | "slimming";
  readonly parameters?: number | undefined;
  readonly finalThreshold?: number | undefined;
  readonly endShare: number;
  readonly everySteps: number;
  readonly minChannels: number;
  readonly scaleBySize: boolean;
  readonly l1: number;
}

const options = z.strictObject({
  variant: z
    .enum(["gate", "group-soft-threshold", "slimming"])
    .default("gate")
    .describe(
      "what a group of channels is judged by: a gate on its batch normalizations, the norm of its filters, or (baseline) its gammas",
    ),
  parameters: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .describe(
      "share of all weights that is left when dead channels have been removed; 0.5 if finalThreshold is absent too",
    ),
  finalThreshold: z
    .number()
    .min(0)
    .optional()
    .describe(
      "threshold D at the end; without parameters it decides what is left. Absent: 0.3 of the mean score at the start",
    ),
  endShare: z
    .number()
    .gt(0)
    .max(1)
    .default(0.75)
    .describe(
      "with parameters: the share is reached after this share of all steps, and then the choice stands",
    ),
  everySteps: z.int().min(1).default(10).describe("with parameters: optimizer steps between two choices"),
  minChannels: z.int().min(1).default(1).describe("fewest channels that are left in a layer"),
  scaleBySize: z
    .boolean()
    .default(true)
    .describe("group-soft-threshold: the threshold of a group grows with the root of its number of weights"),
  l1: z.number().min(0).default(0.1).describe("slimming: coefficient of the L1 penalty on gamma"),
});

/**
 * Removes channels instead of weights, in groups that share an index through skip connections.
 *
 * - `gate`: one spine size θ per group, 1 at the start; z = S_d(θ) multiplies gamma and, being zero, beta too. Where no
 *   batch normalization follows a layer alone, z multiplies its filters and biases. Straight-through, summed over the group.
 * - `group-soft-threshold`: the filters of a group, stacked, shrink by max(1 - d/norm, 0): the group lasso's proximal step.
 * - `slimming`: L1 on gamma, and one cut through the ranking after the last step.
 *
 * d rises with the learning rate used up (the LATS rule) to D. With `parameters`, who dies is decided by rank instead: on
 * a cubic ramp the lowest scores go until so few weights are left, so that the share is met exactly (not above it, and
 * below it by less than one group); a survivor whose score is under d keeps a twentieth of the mean score of the start.
 */
export const channel: SparseMethod<ChannelOptions> = {
  name: "channel",
  summary: "prune whole channels, coupled through skip connections, to a share of the parameters",
  source:
    "ours, after the channel pruning for spiking detection of Y. Chen's thesis (equations of this form are our design); " +
    "slimming: Z. Liu et al., Learning Efficient Convolutional Networks through Network Slimming, ICCV 2017",
  density: { kind: "exact", option: "parameters" },
  options,
  create: createChannelRun,
};
