import { plainWeights } from "../given.ts";
import { wallsOf, type CoreClass, type KernelPow2Packer, type Quantity, type Target } from "../target.ts";
import { SOURCES } from "./sources.ts";

function documented(value: number, unit: Quantity["unit"], note?: string): Quantity {
  return { value, unit, evidence: "documented", src: ["sinabs"], ...(note === undefined ? {} : { note }) };
}

const KI = 1024;

/** Cores that differ in memory only. */
function cores(name: string, numbers: readonly number[], kernelKi: number, neuronKi: number): CoreClass {
  return {
    name,
    cores: numbers,
    walls: {
      synapseWords: documented(kernelKi * KI, "word", "kernel memory, words of 8 bits"),
      neuronWords: documented(neuronKi * KI, "word", "neuron memory, words of 16 bits"),
    },
  };
}

const packer: KernelPow2Packer = {
  formula: "kernel-pow2",
  name: "dynapcnn",
  title: "one convolution for each core, kernel and image rounded up to powers of two",
  src: ["sinabs"],
  maxInputSide: 128,
  maxOutputSide: 64,
  maxChannels: 1024,
  maxKernelSide: 16,
  strides: [1, 2, 4, 8],
  maxPadding: 7,
  pools: [1, 2, 4],
  maxFormats: 1,
};

/** Everything about the chip but prices and times. */
export const structure: Omit<Target, "profiles" | "defaultProfile"> = {
  schema: 1,
  name: "speck2",
  title: "SynSense Speck 2 (DynapCNN)",
  vendor: "SynSense",
  paradigm: "event-driven",
  caveats: [
    "events flow through the chip one by one; here a step gathers them: a neuron adds up what arrives in a step before it fires",
    "a bias acts once in each step; on the chip it acts with a slow clock",
    "the output decimator and the readout of up to 15 classes are not used: spikes of the last layer leave the chip as they are",
  ],
  sources: SOURCES,
  mesh: {
    columns: 1,
    rows: 1,
    coresPerTile: 9,
    tileOrder: "row-major",
    maxChips: documented(1, "count"),
    chipCrossingEntries: documented(0, "count", "there is one chip"),
  },
  walls: wallsOf({
    synapseWords: documented(16 * KI, "word", "kernel memory, words of 8 bits"),
    neuronWords: documented(16 * KI, "word", "neuron memory, words of 16 bits"),
    biasWords: documented(1024, "word"),
    populations: documented(1, "count", "one layer for each core"),
    synapseFormats: documented(1, "count", "one kernel for each core"),
    destinationCores: documented(2, "count"),
  }),
  coreClasses: [
    cores("large-image", [0, 1, 2], 16, 64),
    cores("medium", [3, 4], 32, 32),
    cores("large-kernel", [5, 6], 64, 16),
    cores("small", [7, 8], 16, 16),
  ],
  maxWordsPerAxon: null,
  wordBits: 8,
  packers: [packer],
  weights: plainWeights(127, -128, [8]),
  neuron: {
    model: "digital-lif",
    stateBits: 15,
    overflow: "clamp",
    leaks: ["none"],
    decayBits: 0,
    resets: ["subtract", "zero"],
    compare: ">=",
    thresholdMax: 2 ** 15 - 1,
    biasMax: 2 ** 15 - 1,
    lowerClamp: true,
    // At most one for each synaptic event, and a step gathers many.
    maxSpikes: 255,
  },
  maxDelaySteps: {
    value: 1,
    unit: "count",
    evidence: "assumed",
    src: [],
    note: "the chip has no delays; a layer takes a step of the deployment",
  },
  neuronModels: ["digital-lif"],
  resetModes: ["value", "subtract", "multi-subtract"],
  defaults: { partitioner: "layer-per-core", placer: "matching" },
};
