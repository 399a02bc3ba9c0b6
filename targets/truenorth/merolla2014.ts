import { insideSynapses, NO_PRICES } from "../given.ts";
import type { Profile, Quantity } from "../target.ts";

const perEvent: Quantity = {
  value: 26,
  unit: "pJ",
  evidence: "measured",
  scope: "all-in",
  op: { voltage: 0.775, rateHz: 20, synapses: 128, hopsEachWay: 21.3 },
  src: ["merolla2014"],
  note: "72 mW by synaptic events: 20 Hz, 128 active synapses per neuron, destinations 21.3 cores away in x and in y on average. Other loads differ: 46 to 400 billion events per joule were measured",
};

function noWork(): Quantity {
  return {
    value: 0,
    unit: "ns",
    evidence: "assumed",
    src: [],
    note: "the chip keeps its tick at the loads that were published; work does not lengthen a step",
  };
}

/** One figure for everything, measured on a recurrent network; and the chip's tick. */
export const merolla2014: Profile = {
  name: "merolla2014",
  target: "truenorth",
  title: "Chip power by synaptic events, and a tick of 1 ms",
  kind: "all-in",
  energy: { ...NO_PRICES, synapseDense: perEvent },
  time: NO_PRICES,
  inside: insideSynapses("synapseDense: the figure holds all that the chip consumes", [
    "hopChip",
    "inputMessage",
  ]),
  barrier: [
    {
      tiles: 1,
      time: {
        value: 1,
        unit: "us",
        evidence: "assumed",
        src: [],
        note: "not used: the tick is what cores wait for",
      },
    },
  ],
  law: "deadline",
  laws: {
    deadline: {
      tickNs: {
        value: 1_000_000,
        unit: "ns",
        evidence: "documented",
        src: ["merolla2014"],
        note: "global tick of 1 kHz; faster ticks at higher voltage are not in it",
      },
      neuronNs: noWork(),
      synapseNs: noWork(),
      messageNs: noWork(),
      spikeNs: noWork(),
    },
  },
  staticPower: {
    chip: {
      value: 0,
      unit: "mW",
      evidence: "derived",
      scope: "floor",
      src: ["merolla2014"],
      note: "in the figure by event, which divides all power of the chip",
    },
    core: null,
    io: null,
  },
  unpriced: [
    "input from outside the chip",
    "the split between idle and active power: the figure holds both, and at low activity it is too low",
  ],
};
