import { assumed, documented, NO_PRICES, NO_STATIC_POWER, plainWeights } from "../given.ts";
import { wallsOf, type Profile, type Target } from "../target.ts";

const SOURCES = {
  metatf:
    "BrainChip: Akida user guide and MetaTF examples (read in part), with printed mapper outputs and measured powers.",
} as const;

const metatf: Profile = {
  name: "metatf-examples",
  target: "akida",
  title: "what the vendor's examples print",
  kind: "documented",
  energy: NO_PRICES,
  time: NO_PRICES,
  barrier: [],
  law: "max-core",
  staticPower: {
    ...NO_STATIC_POWER,
    io: {
      value: 914,
      unit: "mW",
      evidence: "measured",
      scope: "floor",
      src: ["metatf"],
      note: "board that does nothing",
    },
  },
  unpriced: [
    "energies of single events",
    "times of single events: a keyword spotter takes 93,965 clocks (62.5 frames a second)",
  ],
};

/** Akida: what is published, and why no network is mapped. */
export const akida: Target = {
  schema: 1,
  name: "akida",
  title: "BrainChip Akida AKD1000",
  vendor: "BrainChip",
  paradigm: "event-driven",
  status: "report-only",
  caveats: [
    "Its neurons keep no state from one frame to the next: it runs thresholded frames, not spiking networks in time.",
    "Which layer gets how many of its 80 processors is decided by the vendor's mapper, whose rules are not published.",
    "Published outputs of that mapper: a keyword spotter (DS-CNN) takes 65 processors and 88,748 B of program, AkidaNet-0.5 at 224 x 224 takes 68 and 1,361,244 B.",
  ],
  sources: SOURCES,
  die: { memory: documented(8_388_608, "B", ["metatf"], { note: "SRAM of all processors" }) },
  mesh: {
    columns: 80,
    rows: 1,
    coresPerTile: 1,
    tileOrder: "row-major",
    maxChips: assumed(1, "count", "cards of several chips exist; nothing is mapped"),
    chipCrossingEntries: assumed(0, "count", "there is one chip"),
  },
  walls: wallsOf({}),
  maxWordsPerAxon: null,
  wordBits: 8,
  packers: [
    {
      formula: "opaque",
      name: "mapper",
      title: "the vendor's mapper decides",
      src: ["metatf"],
      maxFormats: 1,
    },
  ],
  weights: plainWeights(7, -8, [1, 2, 4]),
  neuron: {
    model: "digital-lif",
    stateBits: 15,
    overflow: "clamp",
    leaks: ["none"],
    decayBits: 0,
    resets: ["zero"],
    compare: ">",
    thresholdMax: 2 ** 15 - 1,
    biasMax: 0,
    lowerClamp: false,
    maxSpikes: 1,
  },
  maxDelaySteps: assumed(1, "count", "frames have no delays"),
  neuronModels: ["digital-lif"],
  resetModes: ["value"],
  profiles: [metatf],
  defaultProfile: metatf.name,
};
