import { derived, documented, NO_PRICES, pricesOf } from "../given.ts";
import type { Profile } from "../target.ts";

const TOOLS = ["spinnakerTools"];

/** What was measured on machines: chips at rest, cores at work, and the router. */
export const machinePower: Profile = {
  name: "machine-power",
  target: "spinnaker1",
  title: "powers measured on machines, and the router's energy",
  kind: "documented",
  energy: pricesOf({
    messageOut: derived(1, "nJ", TOOLS, "25 pJ for a bit, times 40 bits of a packet without payload", {
      scope: "per-term",
    }),
  }),
  time: NO_PRICES,
  barrier: [],
  law: "deadline",
  laws: { deadline: { tickNs: documented(1000, "us", TOOLS, { note: "timer for real time" }) } },
  staticPower: {
    chip: {
      value: 350,
      unit: "mW",
      evidence: "measured",
      scope: "floor",
      src: TOOLS,
      note: "a chip at rest",
    },
    core: {
      value: 34,
      unit: "mW",
      evidence: "measured",
      scope: "incremental",
      src: TOOLS,
      note: "a core at work, on top of the chip at rest",
    },
    io: null,
  },
  unpriced: [
    "synaptic events and neurons: published figures disagree by their unit",
    "times of neurons, synapses, messages and spikes: they are the program's (--timing deadline --rates ...)",
    "hops between chips",
    "the 34 mW of each core at work: chips count as at rest",
    "host and board",
  ],
};
