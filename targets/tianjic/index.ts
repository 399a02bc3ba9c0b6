import {
  assumed,
  derived,
  documented,
  NO_STATIC_POWER,
  pricesOf,
  synapsePrices,
  plainWeights,
} from "../given.ts";
import { PRICED_ACTIONS, wallsOf, type Profile, type Quantity, type Target } from "../target.ts";

const SOURCES = {
  tianjic: "Tianjic, Nature 2019 and IEEE JSSC 2020 (parts read).",
  seneca2023:
    "SENECA, Frontiers in Neuroscience 2023, table 8: energies per synaptic operation of other chips.",
} as const;

const ROUND_NS = 16_833;
const inRound: Quantity = derived(
  0,
  "ns",
  ["tianjic"],
  "done within the round, whose length does not depend on what happens",
  { scope: "incremental" },
);

const deng2020: Profile = {
  name: "seneca-sop",
  target: "tianjic",
  title: "1.54 pJ for a synaptic event, at second hand; rounds of fixed length",
  kind: "secondary",
  energy: pricesOf(
    synapsePrices({
      value: 1.54,
      unit: "pJ",
      evidence: "secondary",
      scope: "all-in",
      src: ["seneca2023"],
      note: "quoted without its operating point; taken as all-in",
    }),
  ),
  time: pricesOf(
    Object.fromEntries(
      PRICED_ACTIONS.filter((action) => !/^input|^hop(East|West|North|South)$/.test(action)).map((action) => [
        action,
        inRound,
      ]),
    ),
  ),
  barrier: [
    {
      tiles: 1,
      time: derived(ROUND_NS, "ns", ["tianjic"], "a round of about 5,050 clocks at 300 MHz", {
        scope: "per-term",
      }),
    },
  ],
  law: "max-core",
  staticPower: NO_STATIC_POWER,
  unpriced: [
    "everything beside synaptic events, which the figure is taken to contain",
    "the chip at rest (about 400 mW in all at 0.9 V, at second hand)",
  ],
};

/** Tianjic in its spiking mode with shared weights, as far as its papers say. */
export const tianjic: Target = {
  schema: 1,
  name: "tianjic",
  title: "Tianjic",
  vendor: "Tsinghua University",
  paradigm: "stepped",
  status: "experimental",
  caveats: [
    "How its 22 KB of synapse memory lie is not published: synapses are counted as a 5-bit weight number and an 8-bit target.",
    "The 32 weights of a core are taken as -16 to 15 units; the chip's table may hold any values.",
    "Its neuron's arithmetic is assumed: 16 bits, held at the ends, linear or share leak.",
  ],
  sources: SOURCES,
  die: {
    area: documented(14.4, "mm2", ["tianjic"], { op: { processNm: 28 } }),
    clock: documented(300, "MHz", ["tianjic"]),
    memory: documented(22_528, "B", ["tianjic"], { note: "synapse memory of a core" }),
  },
  mesh: {
    columns: 13,
    rows: 12,
    coresPerTile: 1,
    tileOrder: "row-major",
    maxChips: assumed(1, "count", "how many chips work together is not published"),
    chipCrossingEntries: assumed(0, "count", "there is one chip"),
  },
  walls: wallsOf({
    neurons: documented(256, "count", ["tianjic"]),
    axonsIn: documented(256, "count", ["tianjic"]),
    fanIn: documented(256, "count", ["tianjic"]),
    fanOut: documented(256, "count", ["tianjic"]),
    synapseWords: derived(5632, "word", ["tianjic"], "22 KB / 4"),
  }),
  maxWordsPerAxon: null,
  wordBits: 32,
  packers: [
    {
      formula: "codebook",
      name: "codebook",
      title:
        "lists of weight numbers and targets, 13 bits a synapse (assumed); 32 weights of 8 bits for a core",
      src: ["tianjic"],
      wordBits: 32,
      headerBits: 0,
      synapseBits: 13,
      weightBits: 5,
      delayBits: 0,
      indexBits: 8,
      neuronWords: 0,
      codebook: { entries: 32, entryBits: 8 },
      maxFormats: 256,
    },
  ],
  weights: plainWeights(15, -16, [5]),
  neuron: {
    model: "digital-lif",
    stateBits: 15,
    overflow: "clamp",
    leaks: ["none", "linear", "share"],
    decayBits: 12,
    resets: ["zero", "value", "subtract"],
    compare: ">=",
    thresholdMax: 2 ** 15 - 1,
    biasMax: 2 ** 14,
    lowerClamp: true,
    maxSpikes: 1,
  },
  maxDelaySteps: assumed(1, "count", "what a round sends acts in the next one"),
  neuronModels: ["digital-lif"],
  resetModes: ["value", "subtract"],
  profiles: [deng2020],
  defaultProfile: deng2020.name,
};
