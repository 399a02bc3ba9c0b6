import { assumed, documented, plainWeights } from "../given.ts";
import { wallsOf, type Target } from "../target.ts";
import { SOURCES } from "./sources.ts";

const SPLIT =
  "128 KB of SRAM hold 65,536 words of 16 bits (documented); the program gets 32 KB, neurons 16 KB, synapses 80 KB";

/** Everything about the chip but prices and times. Its limits are deadlines: a core that is too full is late. */
export const structure: Omit<Target, "profiles" | "defaultProfile"> = {
  schema: 1,
  name: "spinnaker2",
  title: "SpiNNaker 2",
  vendor: "TU Dresden, University of Manchester",
  paradigm: "stepped",
  status: "experimental",
  caveats: [
    "Neurons are software: nothing published says how many fit, or how long one takes.",
    "Synapses are assumed to be words of 16 bits: a 4-bit weight and its sign, a 3-bit delay, an 8-bit target.",
    "How the SRAM of a core is shared out is assumed; the chip's DRAM, its MAC arrays and its routing table are left out.",
    "The 38 tiles of 4 cores are taken as a mesh of 19 x 2: only hops depend on it.",
  ],
  sources: SOURCES,
  die: {
    clock: documented(300, "MHz", ["spinnakerTools", "datasheet"], { note: "150 in the lower setting" }),
    memory: documented(131_072, "B", ["datasheet"], { note: "SRAM of a core" }),
  },
  mesh: {
    columns: 19,
    rows: 2,
    coresPerTile: 4,
    tileOrder: "row-major",
    maxChips: documented(48, "count", ["spinnakerTools"], { note: "a board" }),
    chipCrossingEntries: assumed(0, "count", "cores have no output tables"),
  },
  walls: wallsOf({
    synapseWords: assumed(40_960, "word", SPLIT),
    neuronWords: assumed(8192, "word", SPLIT),
  }),
  budgets: {
    neurons: assumed(
      250,
      "count",
      "what an 8-bit target field and the usual real-time programs leave room for",
    ),
  },
  maxWordsPerAxon: null,
  wordBits: 16,
  packers: [
    {
      formula: "word-list",
      name: "words",
      title: "lists in SRAM: a header of 4 bytes, and a 16-bit word for each synapse (assumed)",
      src: [],
      wordBits: 16,
      headerBits: 32,
      synapseBits: 16,
      weightBits: 5,
      delayBits: 3,
      indexBits: 8,
      neuronWords: 32,
      maxFormats: 256,
    },
  ],
  weights: plainWeights(15, -15, [5]),
  neuron: {
    model: "digital-lif",
    stateBits: 31,
    overflow: "clamp",
    leaks: ["none", "share"],
    decayBits: 15,
    synapticCurrent: { leaks: ["share"], order: "decay-first" },
    resets: ["zero", "value", "subtract"],
    compare: ">=",
    thresholdMax: 2 ** 31 - 1,
    biasMax: 2 ** 30,
    lowerClamp: true,
    maxSpikes: 1,
  },
  maxDelaySteps: assumed(8, "count", "a delay field of 3 bits"),
  neuronModels: ["digital-lif"],
  resetModes: ["value", "subtract"],
};
