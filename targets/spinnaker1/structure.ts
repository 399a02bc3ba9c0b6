import { assumed, derived, documented, plainWeights } from "../given.ts";
import { wallsOf, type Target } from "../target.ts";
import { SOURCES } from "./sources.ts";

const TOOLS = ["spinnakerTools"];
const CORES = 16;
const SDRAM_BYTES = 123_469_792;
const SDRAM_WORDS = Math.floor(SDRAM_BYTES / 4);

/** Everything about the chip but prices and times. Its limits are deadlines: a core that is too full is late. */
export const structure: Omit<Target, "profiles" | "defaultProfile"> = {
  schema: 1,
  name: "spinnaker1",
  title: "SpiNNaker (first generation)",
  vendor: "University of Manchester",
  paradigm: "stepped",
  caveats: [
    "Neurons are software: that a core holds 255 of them is a habit, not a wall, and nothing published says how long one takes.",
    "State of a neuron: 16 slots of 16 bits for each of two kinds of synapses, and 8 words of registers (assumed).",
    "Weights are kept to 15 bits and a sign.",
    "Spikes are multicast; they are counted once for each core that hears them.",
  ],
  sources: SOURCES,
  die: {
    clock: documented(200, "MHz", TOOLS),
    memory: documented(SDRAM_BYTES, "B", TOOLS, { note: "usable SDRAM of a chip, of 128 MB" }),
  },
  mesh: {
    columns: 1,
    rows: 1,
    coresPerTile: CORES,
    tileOrder: "row-major",
    maxChips: documented(48, "count", TOOLS, { note: "a board; larger machines are made of boards" }),
    chipCrossingEntries: assumed(0, "count", "the chips' routing tables are counted, cores have none"),
  },
  chipMemory: {
    words: derived(SDRAM_WORDS, "word", TOOLS, `${SDRAM_BYTES} bytes of SDRAM / 4`),
    routes: documented(1023, "count", TOOLS, { note: "of 1,024 entries" }),
  },
  walls: wallsOf({
    neuronWords: derived(16_384, "word", TOOLS, "64 KB of data memory / 4"),
  }),
  budgets: {
    neurons: assumed(255, "count", "the usual number of a core, from the 8-bit index of its synapse words"),
    synapseWords: derived(
      Math.floor(SDRAM_WORDS / CORES),
      "word",
      TOOLS,
      `an equal share of the chip's SDRAM: ${SDRAM_WORDS} words / ${CORES} cores (18, less one that watches and one to spare)`,
    ),
  },
  maxWordsPerAxon: null,
  wordBits: 32,
  packers: [
    {
      formula: "row-words",
      name: "rows",
      title: "rows in SDRAM: 3 header words, and a word for each synapse",
      src: TOOLS,
      wordBits: 32,
      headerBits: 96,
      synapseBits: 32,
      weightBits: 16,
      delayBits: 4,
      indexBits: 8,
      neuronWords: 24,
      maxFormats: 256,
    },
  ],
  weights: plainWeights(2 ** 15 - 1, -(2 ** 15 - 1), [16]),
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
  maxDelaySteps: documented(16, "count", TOOLS, { note: "longer delays take cores of their own" }),
  neuronModels: ["digital-lif"],
  resetModes: ["value", "subtract"],
};
