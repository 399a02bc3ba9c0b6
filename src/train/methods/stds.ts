import { z } from "zod";
import type { SparseMethod } from "./method.ts";
import { createSoftThresholdRun, startThreshold } from "./soft-threshold.ts";
import { linearShare, sineShare } from "./thresholds.ts";

export interface StdsOptions {
  readonly threshold: number;
  readonly schedule: "sine" | "linear" | "constant";
}

const options = z.strictObject({
  threshold: z
    .number()
    .min(0)
    .describe("final threshold D, in units of the weights; the only knob of the final density"),
  schedule: z
    .enum(["sine", "linear", "constant"])
    .default("sine")
    .describe(
      "how the threshold rises from 0 to D over all steps; constant: D from the start, weights shifted to match",
    ),
});

/** State transition of dendritic spines: soft-threshold pruning with a threshold that rises by step count alone. */
export const stds: SparseMethod<StdsOptions> = {
  name: "stds",
  summary: "soft threshold that rises with the step count; a weight may change its sign through zero",
  source:
    "Y. Chen et al., State Transition of Dendritic Spines Improves Learning of Sparse Spiking Neural Networks, ICML 2022",
  density: { kind: "emergent", knob: "threshold", start: startThreshold },
  options,

  create(context, { threshold, schedule }) {
    const share = schedule === "constant" ? () => 1 : schedule === "sine" ? sineShare : linearShare;
    return createSoftThresholdRun(
      context,
      { after: (done) => threshold * share(done / context.totalSteps), restart: () => undefined },
      schedule === "constant",
    );
  },
};
