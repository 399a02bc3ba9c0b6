import { insideSynapses, NO_PRICES } from "../given.ts";
import type { Profile, Quantity } from "../target.ts";

const UNTIMED: Pick<Profile, "time" | "barrier" | "law"> = {
  time: NO_PRICES,
  barrier: [
    {
      tiles: 1,
      time: { value: 0, unit: "ns", evidence: "assumed", src: [], note: "one core: nobody to wait for" },
    },
  ],
  law: "max-core",
};

/** All that the chip consumes at its lowest voltage and highest rate, by synaptic operation. */
export const frenkel2019: Profile = {
  name: "frenkel2019",
  target: "odin",
  title: "Least energy per synaptic operation, everything included",
  kind: "all-in",
  energy: {
    ...NO_PRICES,
    synapseDense: {
      value: 12.7,
      unit: "pJ",
      evidence: "measured",
      scope: "all-in",
      bound: "min",
      op: { voltage: 0.55 },
      src: ["frenkel2019"],
      note: "at the highest rate of events; at biological rates 54 pJ were measured",
    } satisfies Quantity,
  },
  inside: insideSynapses("synapseDense: the figure holds all that the chip consumes", [
    "hopChip",
    "inputMessage",
  ]),
  ...UNTIMED,
  staticPower: {
    chip: {
      value: 0,
      unit: "mW",
      evidence: "derived",
      scope: "floor",
      src: ["frenkel2019"],
      note: "in the figure by operation, which divides all power of the chip",
    },
    core: null,
    io: null,
  },
  unpriced: ["input and output pads", "times: none are published per event"],
};

/** What one more synaptic operation costs; idle power (clocks, leakage) is not in it. */
export const frenkel2019Incremental: Profile = {
  name: "frenkel2019-incremental",
  target: "odin",
  title: "Energy of one synaptic operation more",
  kind: "documented",
  energy: {
    ...NO_PRICES,
    synapseDense: {
      value: 8.43,
      unit: "pJ",
      evidence: "measured",
      scope: "incremental",
      src: ["frenkel2019"],
      note: "reading and writing the neuron's state included",
    } satisfies Quantity,
  },
  inside: {
    synapseWordRead: "synapseDense: reading is part of the operation",
    neuronUpdate: "synapseDense: a neuron is updated at each of its synaptic operations",
  },
  ...UNTIMED,
  staticPower: { chip: null, core: null, io: null },
  unpriced: [
    "idle power: leakage and clocks",
    "spikes that leave the chip",
    "times: none are published per event",
  ],
};
