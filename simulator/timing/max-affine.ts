import { coresPerChip, PRICED_ACTIONS } from "#targets/target";
import { invariant } from "#util/diagnostic";
import type { StepActivity } from "../activity.ts";
import { LinkMessages } from "./link-messages.ts";
import { COLUMN } from "../result.ts";
import { ratesOf, refuseRates, type RateMeanings } from "./rates.ts";
import { PHASE, type StepTime, type StepTimer, type TimingContext, type TimingModel } from "./timing.ts";
import { NEURON_ACCESSES, sumOf, SYNAPTIC_EVENTS } from "./work-counts.ts";

const RATES: RateMeanings<"max-affine"> = {
  neuronNs: { meaning: "time of a neuron update" },
  synapseNs: { meaning: "time of a synaptic operation" },
  wordNs: { meaning: "time to read a word of synapse memory" },
  linkNsPerBit: { meaning: "time of a bit on a link" },
  chipLinkNsPerBit: {
    meaning: "time of a bit on a link between chips",
    isOptional: ({ coreIds, target }) => chipsOf(coreIds, coresPerChip(target)).size <= 1,
  },
  messageBits: { meaning: "length of a message" },
  barrierNs: { meaning: "shortest step" },
};

/**
 * Five bounds, of which the largest decides: T >= max(neuron updates of a core, synaptic operations of a core, words read
 * by a core, bits over a link, barrier), each times its rate. Everything overlaps: nothing is added up.
 *
 * Every neuron of a core is updated in every step. Links are those from cores to routers, from routers to cores, and
 * between routers. A link is named by the first core that sends over it.
 *
 * Source: J. Timcheck, A. Pierro, S. B. Shrestha, arXiv 2601.10035, eq. 1 (Loihi 2). Its rates are published as a figure
 * only: they have to be given.
 */
export const maxAffine: TimingModel = {
  name: "max-affine",
  summary:
    "the largest of five bounds: neurons, synapses and words of a core, bits of a link, barrier (Loihi 2)",
  needs: "messages",
  refuses: (context) => refuseRates("max-affine", RATES, context),
  prepare: prepareMaxAffine,
};

function prepareMaxAffine(context: TimingContext): StepTimer {
  const { tables, target, coreIds } = context;
  invariant(tables !== undefined, "max-affine has its tables");
  const rates = ratesOf("max-affine", context);
  const messageNs = rates.messageBits * rates.linkNsPerBit;
  const links = new LinkMessages(target, coreIds, tables);
  const linkNs = Float64Array.from(links.isBorder, (isBorder) =>
    isBorder === 0 ? messageNs : rates.messageBits * rates.chipLinkNsPerBit,
  );

  return {
    barrierNs: rates.barrierNs,
    untimed: [],
    time({ rows, counts, messages }: StepActivity, out: StepTime): void {
      invariant(messages !== undefined, "a timing model that needs messages gets them");
      links.count(messages);
      out.timeNs = rates.barrierNs;
      out.core = -1;
      out.phase = PHASE.barrier;
      for (let row = 0; row < rows; row++) {
        const at = row * PRICED_ACTIONS.length;
        bound(out, sumOf(counts, at, NEURON_ACCESSES) * rates.neuronNs, row, PHASE.generation);
        bound(out, sumOf(counts, at, SYNAPTIC_EVENTS) * rates.synapseNs, row, PHASE.reception);
        bound(out, counts[at + COLUMN.synapseWordRead] * rates.wordNs, row, PHASE.reception);
        bound(out, links.fromCore[row] * messageNs, row, PHASE.network);
        bound(out, links.toCore[row] * messageNs, row, PHASE.network);
      }
      for (let link = 0; link < linkNs.length; link++)
        if (links.between[link] > 0)
          bound(out, links.between[link] * linkNs[link], links.firstUser[link], PHASE.network);
    },
  };
}

/** A step lasts at least `ns`. */
function bound(out: StepTime, ns: number, row: number, phase: number): void {
  if (ns <= out.timeNs) return;
  out.timeNs = ns;
  out.core = row;
  out.phase = phase;
}

function chipsOf(coreIds: Uint32Array, perChip: number): Set<number> {
  return new Set(Array.from(coreIds, (core) => Math.floor(core / perChip)));
}
