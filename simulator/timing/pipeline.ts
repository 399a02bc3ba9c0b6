import { coresPerChip, PRICED_ACTIONS } from "#targets/target";
import type { StepActivity } from "../activity.ts";
import { COLUMN } from "../result.ts";
import { ratesOf, refuseRates, type RateMeanings } from "./rates.ts";
import { PHASE, type StepTime, type StepTimer, type TimingContext, type TimingModel } from "./timing.ts";
import { sumOf, SYNAPTIC_EVENTS } from "./work-counts.ts";

const RATES: RateMeanings<"pipeline"> = {
  synapseNs: { meaning: "time of a synaptic event on a core" },
  firstCoreSynapseNs: { meaning: "the same on core 0 of a chip, where it differs", isOptional: () => true },
  layerNs: { meaning: "way of an event through one layer", isOptional: () => true },
};

/**
 * No steps and no barrier: events flow from layer to layer, and all cores work at the same time, each at its own pace. A
 * step is the time until the slowest core is through with the events of the step.
 *
 * An event passes one layer in each step of a deployment, so latencies of layers add up over the steps that a sample
 * takes from input to output: a step in which anything happens lasts at least `layerNs`.
 *
 * Source: Speck (S. Richter et al., Neuromorphic Computing and Engineering 4, 2024; M. Yao et al., Nature Communications
 * 15:4464, 2024; synsense/sinabs for the law of load: synaptic operations per second of a core).
 */
export const pipeline: TimingModel = {
  name: "pipeline",
  summary: "the slowest core's synaptic events; layers overlap and nothing waits for a barrier (Speck)",
  needs: "counts",
  refuses: (context) => refuseRates("pipeline", RATES, context),
  prepare: preparePipeline,
};

function preparePipeline(context: TimingContext): StepTimer {
  const { synapseNs, firstCoreSynapseNs, layerNs } = ratesOf("pipeline", context);
  const perChip = coresPerChip(context.target);
  const eventNs = Float64Array.from(context.coreIds, (core) =>
    core % perChip === 0 && !Number.isNaN(firstCoreSynapseNs) ? firstCoreSynapseNs : synapseNs,
  );
  const latencyNs = Number.isNaN(layerNs) ? 0 : layerNs;
  return {
    barrierNs: 0,
    untimed: [],
    time({ rows, counts }: StepActivity, out: StepTime): void {
      out.timeNs = 0;
      out.core = -1;
      out.phase = PHASE.barrier;
      for (let row = 0; row < rows; row++) {
        const at = row * PRICED_ACTIONS.length;
        const workNs = sumOf(counts, at, SYNAPTIC_EVENTS) * eventNs[row];
        const isAlive = counts[at + COLUMN.messageIn] > 0 || counts[at + COLUMN.messageOut] > 0;
        if (isAlive && latencyNs > out.timeNs) {
          out.timeNs = latencyNs;
          out.core = row;
          out.phase = PHASE.network;
        }
        if (workNs <= out.timeNs) continue;
        out.timeNs = workNs;
        out.core = row;
        out.phase = PHASE.reception;
      }
    },
  };
}
