import type { FamilyValues, TargetFamily } from "../family.ts";
import { assumed, plainWeights } from "../given.ts";
import { wallsOf, type Target } from "../target.ts";
import { profilesOf } from "./profiles.ts";
import { SOURCES } from "./sources.ts";

/** Cores without walls: a network is what it computes and what it reads. For papers that count operations. */
export const genericDigital45nm: TargetFamily = {
  name: "generic-digital-45nm",
  parameters: [
    { key: "bits", value: 8, min: 2, max: 16, meaning: "bits of a weight" },
    {
      key: "memoryKB",
      value: 1024,
      min: 1,
      max: 65_536,
      meaning: "size of the SRAM that every access goes to",
    },
  ],
  build,
};

const STATE_BITS = 31;

function build(values: FamilyValues, name: string): Target {
  const { bits } = values;
  const profiles = profilesOf(values, name);
  return {
    schema: 1,
    name,
    title: "digital logic in 45 nm: cores without limits, operations and memory accesses",
    vendor: "none",
    paradigm: "stepped",
    caveats: [
      "Not a chip: cores have no limits, and messages between them cost nothing.",
      "A list is its weights, read in words of 64 bits; where they go is taken as known.",
    ],
    sources: SOURCES,
    mesh: {
      columns: 16,
      rows: 16,
      coresPerTile: 4,
      tileOrder: "row-major",
      maxChips: assumed(
        1,
        "count",
        "not a chip: a core that is full only because of 16-bit numbers continues on the next",
      ),
      chipCrossingEntries: assumed(0, "count", "there is one chip"),
    },
    walls: wallsOf({}),
    maxWordsPerAxon: null,
    wordBits: 64,
    packers: [
      {
        formula: "free",
        name: "weights",
        title: `weights of ${bits} bits, one after the other`,
        src: [],
        wordBits: 64,
        headerBits: 0,
        synapseBits: bits,
        weightBits: bits,
        delayBits: 6,
        indexBits: 16,
        neuronWords: 0,
        maxFormats: 256,
      },
    ],
    weights: plainWeights(2 ** (bits - 1) - 1, -(2 ** (bits - 1)), [bits]),
    neuron: {
      model: "digital-lif",
      stateBits: STATE_BITS,
      overflow: "clamp",
      leaks: ["none", "share"],
      decayBits: 12,
      synapticCurrent: { leaks: ["share"], order: "decay-first" },
      resets: ["zero", "value", "subtract"],
      compare: ">=",
      thresholdMax: 2 ** STATE_BITS - 1,
      biasMax: 2 ** (STATE_BITS - 1),
      lowerClamp: true,
      maxSpikes: 255,
    },
    maxDelaySteps: assumed(64, "count", "not a chip: as many as six bits tell apart"),
    neuronModels: ["digital-lif"],
    resetModes: ["value", "subtract", "multi-subtract"],
    profiles,
    defaultProfile: profiles[0].name,
  };
}
