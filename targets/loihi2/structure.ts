import { wallsOf, type Evidence, type Quantity, type Target, type Walls } from "../target.ts";
import { netx } from "./packers.ts";
import { SOURCES } from "./sources.ts";

function known(
  value: number,
  unit: Quantity["unit"],
  evidence: Evidence,
  src: readonly string[],
  note?: string,
): Quantity {
  return { value, unit, evidence, src, ...(note === undefined ? {} : { note }) };
}

const assumed = (value: number, note: string): Quantity => known(value, "count", "assumed", [], note);

/** What the vendor states of a core. */
const PUBLIC_WALLS: Walls = wallsOf({
  neurons: {
    ...known(8192, "count", "documented", ["intel2021"], "fewer where states are large"),
    bound: "max",
  },
  synapseWords: {
    ...known(
      16_384,
      "word",
      "documented",
      ["intel2021"],
      "at most 128 KB of the 192 KB that synapses and neurons share",
    ),
    bound: "max",
  },
});

/** What the partitioner of netx counts with. */
const NETX_WALLS: Walls = wallsOf({
  neurons: known(4096, "count", "derived", ["lavaDl"], "from the percentages that netx prints"),
  synapseWords: known(12_000, "word", "measured", ["lavaDl"], "printed by netx: 96 KB"),
  axonsIn: known(16_000, "count", "derived", ["lavaDl"], "from the percentages that netx prints"),
  axonsOut: known(16_000, "count", "derived", ["lavaDl"], "from the percentages that netx prints"),
  populations: known(
    8,
    "count",
    "derived",
    ["lavaDl"],
    "neuron groups, from the percentages that netx prints",
  ),
});

const CAVEATS = [
  "numbers of synapse formats and of neuron configurations are not published: 15 formats are assumed, as on Loihi 1",
  "neurons are those of Lava's bit-accurate LIF; programmed neurons and graded spikes are not mapped",
];

const common = {
  schema: 1,
  vendor: "Intel",
  paradigm: "stepped",
  sources: SOURCES,
  mesh: {
    columns: 8,
    rows: 4,
    coresPerTile: 4,
    tileOrder: "column-major",
    maxChips: known(1152, "count", "secondary", ["candidate"], "Hala Point; a Kapoho Point board has 8"),
    chipCrossingEntries: assumed(0, "nothing is published about entries of routes between chips"),
  },
  maxWordsPerAxon: null,
  wordBits: 64,
  packers: [netx],
  weights: {
    maxMagnitude: 255,
    minMixed: -256,
    bits: [1, 2, 3, 4, 5, 6, 7, 8],
    exponentMin: -7,
    exponentMax: 7,
    inputShift: 6,
  },
  neuron: {
    model: "loihi-cuba",
    decayBits: 12,
    thresholdMantissaMax: 2 ** 17 - 1,
    thresholdShift: 6,
    biasMantissaMax: 2 ** 12 - 1,
    biasExponentMax: 7,
    stateBits: 23,
  },
  maxDelaySteps: known(
    63,
    "count",
    "documented",
    ["lava"],
    "62 steps of delay, and the one that every spike takes",
  ),
  neuronModels: ["loihi-cuba"],
  resetModes: ["value"],
} as const satisfies Partial<Target>;

type Structure = Omit<Target, "profiles" | "defaultProfile">;

export const loihi2Structure: Structure = {
  ...common,
  name: "loihi2",
  title: "Intel Loihi 2, by the limits that Intel has published",
  status: "experimental",
  caveats: [
    "no limit of input axons or routes is published, and none is kept: loihi2-netx has those of the public compiler",
    "memory is divided between synapses and neurons as a program likes; what neurons take is not counted",
    ...CAVEATS,
  ],
  walls: PUBLIC_WALLS,
};

export const loihi2NetxStructure: Structure = {
  ...common,
  name: "loihi2-netx",
  title: "Intel Loihi 2, by the capacities that the partitioner of netx counts with",
  status: "experimental",
  caveats: CAVEATS,
  walls: NETX_WALLS,
};
