import { PRICED_ACTIONS } from "#targets/target";
import type { StepActivity } from "../activity.ts";
import { COLUMN } from "../result.ts";
import { ratesOf, refuseRates, type RateMeanings } from "./rates.ts";
import { PHASE, type StepTime, type StepTimer, type TimingContext, type TimingModel } from "./timing.ts";
import { NEURON_ACCESSES, SPIKES, sumOf, SYNAPTIC_EVENTS } from "./work-counts.ts";

const RATES: RateMeanings<"deadline"> = {
  tickNs: { meaning: "length of a tick" },
  neuronNs: { meaning: "time of a neuron update" },
  synapseNs: { meaning: "time of a synaptic event" },
  messageNs: { meaning: "time to take a message in" },
  spikeNs: { meaning: "time to send a spike" },
};

/**
 * A timer starts every step, whether or not there is much to do: processors work through their neurons, spikes, messages
 * and synaptic events one after the other. A step lasts one tick if all are done by then, and as long as the slowest
 * processor if not: real time is lost.
 *
 * Every neuron is updated in every step: software does not skip.
 *
 * Source: the timer of SpiNNaker's cores (SpiNNakerManchester/SpiNNMachine and SpiNNFrontEndCommon). What an event costs
 * depends on the program and is not published in one place: rates.
 */
export const deadline: TimingModel = {
  name: "deadline",
  summary: "a tick, or the slowest core's work where it does not fit into one (SpiNNaker)",
  needs: "counts",
  refuses: (context) => refuseRates("deadline", RATES, context),
  prepare: prepareDeadline,
};

function prepareDeadline(context: TimingContext): StepTimer {
  const { tickNs, neuronNs, synapseNs, messageNs, spikeNs } = ratesOf("deadline", context);
  return {
    barrierNs: tickNs,
    untimed: [],
    time({ rows, counts }: StepActivity, out: StepTime): void {
      out.timeNs = tickNs;
      out.core = -1;
      out.phase = PHASE.barrier;
      for (let row = 0; row < rows; row++) {
        const at = row * PRICED_ACTIONS.length;
        const sendingNs = sumOf(counts, at, NEURON_ACCESSES) * neuronNs + sumOf(counts, at, SPIKES) * spikeNs;
        const receivingNs =
          counts[at + COLUMN.messageIn] * messageNs + sumOf(counts, at, SYNAPTIC_EVENTS) * synapseNs;
        if (sendingNs + receivingNs <= out.timeNs) continue;
        out.timeNs = sendingNs + receivingNs;
        out.core = row;
        out.phase = receivingNs > sendingNs ? PHASE.reception : PHASE.generation;
      }
    },
  };
}
