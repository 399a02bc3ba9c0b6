import { documented, insideSynapses, NO_PRICES, NO_STATIC_POWER, pricesOf, synapsePrices } from "../given.ts";
import type { Profile } from "../target.ts";

/** One figure for everything, as others quote it. */
export const hoppner2021: Profile = {
  name: "hoppner2021-sop",
  target: "spinnaker2",
  title: "10 pJ for a synaptic event, all-in, at second hand",
  kind: "secondary",
  energy: pricesOf(
    synapsePrices({
      value: 10,
      unit: "pJ",
      evidence: "secondary",
      scope: "all-in",
      src: ["seneca2023"],
      note: "quoted without its operating point",
    }),
  ),
  time: NO_PRICES,
  inside: insideSynapses("the all-in figure of a synaptic event"),
  barrier: [],
  law: "deadline",
  laws: {
    deadline: { tickNs: documented(1000, "us", ["spinnakerTools"], { note: "timer for real time" }) },
  },
  staticPower: NO_STATIC_POWER,
  unpriced: [
    "times of neurons, synapses, messages and spikes: they are the program's (--timing deadline --rates ...)",
    "DRAM, links between chips, and the chip at rest (less than 250 mW, at second hand)",
  ],
};
