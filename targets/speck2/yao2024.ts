import { PRICED_ACTIONS, type PricedAction, type Profile, type Quantity } from "../target.ts";

const NO_PRICE = Object.fromEntries(PRICED_ACTIONS.map((action) => [action, null])) as Profile["time"];

/** Middle of the band on a log scale. */
const LOW_PJ = 10;
const HIGH_PJ = 26;
const MIDDLE_PJ = 16.1;

const perSynapse: Quantity = {
  value: MIDDLE_PJ,
  unit: "pJ",
  evidence: "derived",
  scope: "all-in",
  band: [LOW_PJ / MIDDLE_PJ, HIGH_PJ / MIDDLE_PJ],
  src: ["yao2024#T1"],
  note: "(power - 0.42 mW) x 0.54 s over spikes is 2.9 to 7.6 nJ a spike; over 32 x 9 synapses that is 10 to 26 pJ. Low confidence: how many synapses a spike drives is assumed",
};

const ALL_IN = "synapseConv: an all-in figure";

/** The only energy that measurements on the chip give: all of its dynamic power, over synaptic operations. */
export const yao2024: Profile = {
  name: "yao2024",
  target: "speck2",
  title: "dynamic power of published networks over their synaptic operations",
  kind: "all-in",
  energy: { ...NO_PRICE, synapseConv: perSynapse },
  time: NO_PRICE,
  inside: Object.fromEntries(
    PRICED_ACTIONS.filter((action) => action !== "synapseConv").map((action): [PricedAction, string] => [
      action,
      ALL_IN,
    ]),
  ),
  barrier: [],
  law: "pipeline",
  laws: {
    pipeline: {
      synapseNs: {
        value: 33.3,
        unit: "ns",
        evidence: "secondary",
        src: ["richter2024"],
        note: "30 million synaptic operations a second",
      },
      firstCoreSynapseNs: {
        value: 10,
        unit: "ns",
        evidence: "secondary",
        src: ["richter2024"],
        note: "100 million synaptic operations a second on core 0",
      },
      layerNs: {
        value: 1.58,
        unit: "us",
        evidence: "secondary",
        src: ["richter2024"],
        note: "one 3 x 3 layer; 0.12 to 7 us by size of the kernel",
      },
    },
  },
  staticPower: {
    chip: {
      value: 0.42,
      unit: "mW",
      evidence: "measured",
      scope: "floor",
      src: ["yao2024#T1"],
      note: "the chip at rest",
    },
    core: null,
    io: null,
  },
  unpriced: ["the sensor and its readout", "single layers: the figure is for all of a network"],
};
