import { z } from "zod";
import { ToolchainError } from "#util/diagnostic";
import type { MethodContext, SparseMethod } from "./method.ts";
import { pruningStartsTooLate } from "./methods-diagnostics.ts";
import { createSoftThresholdRun, startThreshold } from "./soft-threshold.ts";
import {
  accumulatedRateShare,
  cosineHomotopyShare,
  linearShare,
  lowFrequencyLatsShare,
  type RunningShare,
  simplifiedLatsShare,
  sineShare,
} from "./thresholds.ts";

export interface LatsOptions {
  readonly threshold: number;
  readonly schedule: "lats" | "pgh" | "low-frequency-lats" | "s-lats" | "cosine-pgh" | "linear" | "sine";
  readonly beta: number;
  readonly pruningStartEpoch: number;
}

const options = z.strictObject({
  threshold: z
    .number()
    .min(0)
    .describe("final threshold D, in units of the weights; the only knob of the final density"),
  schedule: z
    .enum(["lats", "pgh", "low-frequency-lats", "s-lats", "cosine-pgh", "linear", "sine"])
    .default("lats")
    .describe(
      "lats and pgh follow the learning rate whatever it is; low-frequency-lats (rate per epoch), s-lats and cosine-pgh " +
        "(rate per step) are closed forms for a cosine rate without warm-up; linear and sine ignore it, for comparison",
    ),
  beta: z
    .number()
    .gt(0)
    .default(0.1)
    .describe("pgh and cosine-pgh: factor by which the L1 coefficient changes over the training; 1 is lats"),
  pruningStartEpoch: z
    .int()
    .min(0)
    .default(0)
    .describe("epochs before the threshold begins to rise, counted from 0"),
});

/**
 * Learning-rate-adapted threshold schedules. Soft-threshold pruning is ISTA with the L1 coefficient
 * (d[n+1] - d[n]) / rate[n]; these schedules keep it constant (LATS) or let it change geometrically (PGH).
 */
export const lats: SparseMethod<LatsOptions> = {
  name: "lats",
  summary: "soft threshold that rises with the learning rate used up, so that the L1 penalty stays even",
  source: "Y. Chen et al., A Unified Framework for Soft Threshold Pruning, ICLR 2023",
  density: { kind: "emergent", knob: "threshold", start: startThreshold },
  options,

  create(context, chosen) {
    const share = shareOf(context, chosen);
    return createSoftThresholdRun(
      context,
      { after: (done) => chosen.threshold * share.after(done), restart: () => share.restart() },
      false,
    );
  },
};

function shareOf(context: MethodContext, { schedule, beta, pruningStartEpoch }: LatsOptions): RunningShare {
  const { rateOf, totalSteps, stepsPerEpoch } = context;
  const start = pruningStartEpoch * stepsPerEpoch;
  const epochs = totalSteps / stepsPerEpoch;
  if (start >= totalSteps)
    throw new ToolchainError([pruningStartsTooLate({ startEpoch: pruningStartEpoch, epochs })]);
  const closed = (share: (x: number) => number): RunningShare => ({
    after: (done) => share((done - start) / (totalSteps - start)),
    restart: () => undefined,
  });
  switch (schedule) {
    case "lats":
      return accumulatedRateShare({ rateOf, start, total: totalSteps, beta: 1 });
    case "pgh":
      return accumulatedRateShare({ rateOf, start, total: totalSteps, beta });
    case "low-frequency-lats":
      return {
        after(done) {
          const since = Math.max(0, done - start);
          const epoch = Math.floor(since / stepsPerEpoch);
          return lowFrequencyLatsShare(
            epoch,
            since % stepsPerEpoch,
            epochs - pruningStartEpoch,
            stepsPerEpoch,
          );
        },
        restart: () => undefined,
      };
    case "s-lats":
      return closed(simplifiedLatsShare);
    case "cosine-pgh":
      return closed((x) => cosineHomotopyShare(x, beta));
    case "linear":
      return closed(linearShare);
    case "sine":
      return closed(sineShare);
  }
}
