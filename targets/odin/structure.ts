import { plainWeights } from "../given.ts";
import { wallsOf, type CrossbarPacker, type Quantity, type Target, type Unit } from "../target.ts";
import { SOURCES } from "./sources.ts";

function documented(value: number, unit: Unit, src: readonly string[], note?: string): Quantity {
  return { value, unit, evidence: "documented", src, ...(note === undefined ? {} : { note }) };
}

const crossbar: CrossbarPacker = {
  formula: "crossbar",
  name: "crossbar",
  title: "256 x 256 synapses of 4 bits: 3 of weight, 1 for learning; a row's weights have one sign",
  src: ["odinDoc"],
  rows: 256,
  cols: 256,
  crosspointBits: 4,
  signPerRow: true,
  rowPerNeuron: true,
  maxFormats: 16,
};

/** Everything about the chip but prices and times. */
export const structure: Omit<Target, "profiles" | "defaultProfile"> = {
  schema: 1,
  name: "odin",
  title: "ODIN (UCLouvain)",
  vendor: "UCLouvain",
  paradigm: "event-driven",
  status: "experimental",
  caveats: [
    "The sign of a weight is its source's. Neurons that excite and inhibit become two; an input line takes a row for each sign.",
    "Every neuron drives a row of its own, so input lines get what is left of the 256 rows. Where no neuron sends to another, spikes are assumed not to be fed back, and input lines get all rows.",
    "The chip has no steps: an event from outside is taken for the end of one.",
    "Its second neuron, a phenomenological Izhikevich model, and learning are not used.",
  ],
  sources: SOURCES,
  mesh: {
    columns: 1,
    rows: 1,
    coresPerTile: 1,
    tileOrder: "row-major",
    maxChips: documented(1, "count", ["odinDoc"], "one core; off-chip events are not routed to other chips"),
    chipCrossingEntries: documented(0, "count", ["odinDoc"]),
  },
  walls: wallsOf({
    neurons: documented(256, "count", ["frenkel2019", "odinDoc"]),
    axonsIn: documented(256, "count", ["frenkel2019", "odinDoc"], "rows of the synapse array"),
    destinationsOfNeuron: documented(1, "count", ["odinDoc"], "the row of the neuron's number"),
  }),
  maxWordsPerAxon: null,
  wordBits: 64,
  packers: [crossbar],
  weights: plainWeights(7, -7, [1, 2, 3]),
  neuron: {
    model: "digital-lif",
    stateBits: 8,
    overflow: "clamp",
    leaks: ["none", "linear"],
    linearMax: 127,
    decayBits: 0,
    resets: ["zero"],
    compare: ">=",
    thresholdMax: 255,
    biasMax: 0,
    lowerClamp: true,
    maxSpikes: 1,
  },
  maxDelaySteps: documented(1, "count", ["odinDoc"], "events act when they come"),
  neuronModels: ["digital-lif"],
  resetModes: ["value"],
  passes: {
    prepare: ["fold-linear-chains", "drop-zero-synapses", "split-signs"],
    legalize: ["align-delays"],
  },
  defaults: { partitioner: "single-core" },
};
