import { plainWeights } from "../given.ts";
import { wallsOf, type CrossbarPacker, type Quantity, type Target, type Unit } from "../target.ts";
import { SOURCES } from "./sources.ts";

function documented(value: number, unit: Unit, src: readonly string[], note?: string): Quantity {
  return { value, unit, evidence: "documented", src, ...(note === undefined ? {} : { note }) };
}

const crossbar: CrossbarPacker = {
  formula: "crossbar",
  name: "crossbar",
  title: "256 x 256 crosspoints of one bit; rows of four types, a weight for each in every neuron",
  src: ["merolla2014"],
  rows: 256,
  cols: 256,
  crosspointBits: 1,
  axonTypes: 4,
  typeWeightBits: 9,
  maxFormats: 4,
};

/** Everything about the chip but prices and times. */
export const structure: Omit<Target, "profiles" | "defaultProfile"> = {
  schema: 1,
  name: "truenorth",
  title: "IBM TrueNorth",
  vendor: "IBM",
  paradigm: "stepped",
  caveats: [
    "Weights are sums of the four weights that a neuron has, one for each type of axon: exact from -8 to 7, at the price of an axon for each bit.",
    "A neuron reaches one axon of one core. What has to reach more is copied, or repeated by splitter cores a step later.",
    "A neuron has one register for leak and bias. Where a model has both, the bias comes from a neuron that fires in every step, as a weight of 4 bits.",
    "Random thresholds, leaks and synapses of the chip are not used.",
  ],
  sources: SOURCES,
  mesh: {
    columns: 64,
    rows: 64,
    coresPerTile: 1,
    tileOrder: "row-major",
    maxChips: {
      value: 16,
      unit: "count",
      evidence: "assumed",
      src: [],
      note: "chips join at their edges without glue; boards of 4 x 4 are the largest that we have seen quoted, and no limit is published",
    },
    chipCrossingEntries: documented(
      0,
      "count",
      ["merolla2014"],
      "spikes are merged and split at the edges; a neuron's one entry holds any core",
    ),
  },
  walls: wallsOf({
    neurons: documented(256, "count", ["merolla2014"], "columns of the crossbar"),
    axonsIn: documented(256, "count", ["merolla2014"], "rows of the crossbar"),
    axonsOut: {
      value: 256,
      unit: "count",
      evidence: "derived",
      src: ["merolla2014"],
      note: "one entry for each neuron",
    },
    synapseFormats: documented(4, "count", ["merolla2014"], "types of axons"),
    destinationsOfNeuron: documented(1, "count", ["merolla2014"], "one axon of one core"),
  }),
  maxWordsPerAxon: null,
  wordBits: 64,
  packers: [crossbar],
  weights: plainWeights(7, -8, [2, 3, 4]),
  neuron: {
    model: "truenorth-lif",
    stateBits: 19,
    resets: ["zero", "value", "subtract"],
    thresholdMax: 2 ** 18 - 1,
    leakMax: 255,
  },
  maxDelaySteps: documented(
    15,
    "count",
    ["catalogue"],
    "of the neuron's entry: all that it reaches waits equally",
  ),
  neuronModels: ["truenorth-lif"],
  resetModes: ["value", "subtract"],
  passes: {
    prepare: ["fold-linear-chains", "drop-zero-synapses", "bias-neurons"],
    legalize: ["decompose-weights", "align-delays"],
  },
  defaults: { partitioner: "copies" },
};
