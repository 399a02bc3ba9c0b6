import {
  assumed,
  documented,
  NO_PRICES,
  NO_STATIC_POWER,
  pricesOf,
  synapsePrices,
  plainWeights,
} from "../given.ts";
import { wallsOf, type Profile, type Target } from "../target.ts";

const SOURCES = {
  darwin3: "Darwin3, National Science Review, 2024 (abstract and parts read).",
} as const;

const ma2024: Profile = {
  name: "ma2024-sop",
  target: "darwin3",
  title: "measured energy of one more synaptic event; neurons and the chip at rest come on top",
  kind: "documented",
  energy: pricesOf(
    synapsePrices({
      value: 5.47,
      unit: "pJ",
      evidence: "measured",
      scope: "incremental",
      op: { voltage: 0.8, freqMHz: 333, processNm: 22 },
      src: ["darwin3"],
    }),
  ),
  time: NO_PRICES,
  barrier: [],
  law: "max-core",
  staticPower: NO_STATIC_POWER,
  unpriced: ["neurons and the chip at rest, which its equation 7 has apart", "messages", "times"],
};

/** Darwin3, as far as its paper says: neurons are known, tables are not. */
export const darwin3: Target = {
  schema: 1,
  name: "darwin3",
  title: "Darwin3",
  vendor: "Zhejiang University",
  paradigm: "stepped",
  status: "experimental",
  caveats: [
    "How large the tables of a core are is not published: synapses meet no wall here.",
    "Synapses are counted as 32 bits each; the chip's tables compress them, convolutions 7 to 200 times.",
    "How many cores its neurons are on was not verified: 575 of 4,096 neurons are assumed, in a mesh of 25 x 23.",
    "Neurons are programs there; only integer leaky integrate and fire is mapped.",
  ],
  sources: SOURCES,
  die: { clock: documented(333, "MHz", ["darwin3"]) },
  mesh: {
    columns: 25,
    rows: 23,
    coresPerTile: 1,
    tileOrder: "row-major",
    maxChips: assumed(1, "count", "how many chips work together is not published"),
    chipCrossingEntries: assumed(0, "count", "there is one chip"),
  },
  walls: wallsOf({
    neurons: assumed(
      4096,
      "count",
      "a chip has 2.35 million neurons (published); on 575 cores (assumed) 4,087 each, and tables are powers of two",
      { src: ["darwin3"] },
    ),
  }),
  maxWordsPerAxon: null,
  wordBits: 32,
  packers: [
    {
      formula: "word-list",
      name: "words",
      title: "a word for the list and one for each synapse (assumed)",
      src: [],
      wordBits: 32,
      headerBits: 32,
      synapseBits: 32,
      weightBits: 8,
      delayBits: 4,
      indexBits: 12,
      neuronWords: 0,
      maxFormats: 256,
    },
  ],
  weights: plainWeights(127, -128, [8]),
  neuron: {
    model: "digital-lif",
    stateBits: 15,
    overflow: "clamp",
    leaks: ["none", "share"],
    decayBits: 12,
    synapticCurrent: { leaks: ["share"], order: "decay-first" },
    resets: ["zero", "value", "subtract"],
    compare: ">=",
    thresholdMax: 2 ** 15 - 1,
    biasMax: 2 ** 14,
    lowerClamp: true,
    maxSpikes: 1,
  },
  maxDelaySteps: assumed(16, "count", "a delay field of 4 bits"),
  neuronModels: ["digital-lif"],
  resetModes: ["value", "subtract"],
  profiles: [ma2024],
  defaultProfile: ma2024.name,
};
