import type { FamilyValues, TargetFamily } from "../family.ts";
import { assumed, meshOf, NO_PRICES, NO_STATIC_POWER, plainWeights } from "../given.ts";
import { wallsOf, type Profile, type Target } from "../target.ts";

/** Crossbars of any size: every crosspoint is there, whether a synapse uses it or not. */
export const genericCrossbar: TargetFamily = {
  name: "generic-crossbar",
  parameters: [
    { key: "rows", value: 256, min: 1, max: 65_536, meaning: "rows of a crossbar, driven by input axons" },
    { key: "cols", value: 256, min: 1, max: 65_536, meaning: "columns, one for each neuron" },
    { key: "bits", value: 4, min: 1, max: 8, meaning: "bits of a crosspoint" },
    {
      key: "weightBits",
      value: 0,
      min: 0,
      max: 8,
      meaning:
        "bits of a weight, over several rows if more than a crosspoint has; 0: as many as one has, but 2 at least",
    },
    { key: "cores", value: 1024, min: 1, max: 16_384, meaning: "crossbars of a chip" },
    { key: "chips", value: 16, min: 1, max: 16_384, meaning: "chips that may be used" },
  ],
  build,
  refuses: ({ weightBits }) =>
    weightBits === 1 ? { key: "weightBits", expected: "2 or more: a weight has a sign" } : undefined,
};

const STATE_BITS = 15;

function build({ rows, cols, bits, weightBits, cores, chips }: FamilyValues, name: string): Target {
  const width = weightBits === 0 ? Math.max(2, bits) : weightBits;
  const profile: Profile = {
    name: "unpriced",
    target: name,
    title: "no prices: a crossbar of any size has none",
    kind: "documented",
    energy: NO_PRICES,
    time: NO_PRICES,
    barrier: [],
    law: "max-core",
    staticPower: NO_STATIC_POWER,
    unpriced: ["everything: bring a profile of your own (--profile FILE)"],
  };
  return {
    schema: 1,
    name,
    title: `crossbars of ${rows} x ${cols} crosspoints of ${bits} bits`,
    vendor: "none",
    paradigm: "stepped",
    caveats: ["Not a chip: its limits are parameters."],
    sources: {},
    mesh: {
      ...meshOf(cores),
      coresPerTile: 1,
      tileOrder: "row-major",
      maxChips: assumed(chips, "count", 'parameter "chips"'),
      chipCrossingEntries: assumed(0, "count", "not a chip: borders cost nothing"),
    },
    walls: wallsOf({
      neurons: assumed(cols, "count", 'parameter "cols"'),
      axonsIn: assumed(rows, "count", 'parameter "rows"; a wide weight takes several'),
    }),
    maxWordsPerAxon: null,
    wordBits: 64,
    packers: [
      {
        formula: "crossbar",
        name: "crossbar",
        title: `${rows} rows and ${cols} columns of ${bits} bits`,
        src: [],
        rows,
        cols,
        crosspointBits: bits,
        maxFormats: 256,
      },
    ],
    weights: plainWeights(2 ** (width - 1) - 1, -(2 ** (width - 1)), [width]),
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
      maxSpikes: 1,
    },
    maxDelaySteps: assumed(15, "count", "not a chip: as many as a ring of 16 steps holds"),
    neuronModels: ["digital-lif"],
    resetModes: ["value", "subtract"],
    profiles: [profile],
    defaultProfile: profile.name,
  };
}
