import { wallsOf, type Quantity, type Target, type Unit } from "../target.ts";
import { nengo, nxtf, nxtfShared } from "./packers.ts";
import { SOURCES } from "./sources.ts";

/** A limit read in the code or the manual of the public tools. */
function documented(value: number, unit: Unit, src: readonly string[], note?: string): Quantity {
  return { value, unit, evidence: "documented", src, ...(note === undefined ? {} : { note }) };
}

/** Everything about the chip but prices and times. */
export const structure: Omit<Target, "profiles" | "defaultProfile"> = {
  schema: 1,
  name: "loihi1",
  title: "Intel Loihi (first generation)",
  vendor: "Intel",
  paradigm: "stepped",
  sources: SOURCES,
  mesh: {
    columns: 8,
    rows: 4,
    coresPerTile: 4,
    tileOrder: "column-major",
    maxChips: documented(16_384, "count", ["davies2018"]),
    chipCrossingEntries: documented(1, "count", ["nxtf"]),
  },
  noc: {
    cast: "unicast",
    bufferMessages: {
      value: 16,
      unit: "count",
      evidence: "fitted",
      src: ["sanafe#arch/loihi.yaml"],
      note: "buffer of each link, in the file of the fitted times",
    },
    networks: {
      value: 2,
      unit: "count",
      evidence: "secondary",
      src: ["sanafe"],
      note: "two physical meshes, as in SANA-FE's cycle-accurate network (BookSim 2)",
    },
    receiveMessages: {
      value: 8,
      unit: "count",
      evidence: "assumed",
      src: ["sanafe"],
      note: "SANA-FE's fork of BookSim 2 counts a core at which 8 messages wait as full; not published for the chip",
    },
    cycleNs: {
      value: 1,
      unit: "ns",
      evidence: "assumed",
      src: ["sanafe"],
      note: "clock of SANA-FE's cycle-accurate network; the chip's mesh is asynchronous and its rate not published",
    },
  },
  walls: wallsOf({
    neurons: documented(1024, "count", ["davies2018", "nengoLoihi", "nxtf"]),
    synapseWords: documented(
      16_384,
      "word",
      ["nengoLoihi", "nxtf"],
      "1,048,576 bits (128 KiB) of synapse memory",
    ),
    axonsIn: documented(4096, "count", ["nengoLoihi", "nxtf"], "each points to one synapse list"),
    axonsOut: documented(4096, "count", ["nengoLoihi", "nxtf"], "entries of the output table"),
    synapseFormats: documented(
      15,
      "count",
      ["nengoLoihi", "nxtf"],
      "16 slots, of which index 0 stays unused; NxTF calls 7 safe",
    ),
    neuronConfigs: documented(32, "count", ["nengoLoihi"], "decays, bias exponent and refractory time"),
    thresholdConfigs: documented(16, "count", ["nengoLoihi"]),
  }),
  maxWordsPerAxon: documented(256, "word", ["nxtf"]),
  wordBits: 64,
  packers: [nxtf, nengo, nxtfShared],
  weights: {
    maxMagnitude: 255,
    minMixed: -256,
    bits: [1, 2, 3, 4, 5, 6, 8],
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
  maxDelaySteps: documented(
    63,
    "count",
    ["davies2018", "nengoLoihi"],
    "62 steps of delay and the one that every spike takes; Intel's published N-TIDIGITS network has delays of 62",
  ),
  neuronModels: ["loihi-cuba"],
  resetModes: ["value"],
};
