// Chips with other neurons, on the cores and the memory of Loihi 1: for tests of arithmetic, not of mapping.
import { loihi1 } from "#targets/loihi1/index";
import type { DigitalNeuronLimits, Target, WeightLimits } from "#targets/target";

/** Signed weights of so many bits. */
export function signedWeights(bits: number): WeightLimits {
  const most = 2 ** (bits - 1);
  return {
    maxMagnitude: most - 1,
    minMixed: -most,
    bits: [bits],
    exponentMin: 0,
    exponentMax: 0,
    inputShift: 0,
    mixedStep: 1,
  };
}

const DIGITAL: DigitalNeuronLimits = {
  model: "digital-lif",
  stateBits: 15,
  overflow: "clamp",
  leaks: ["none"],
  decayBits: 12,
  resets: ["zero", "subtract"],
  compare: ">=",
  thresholdMax: 2 ** 15 - 1,
  biasMax: 2 ** 15 - 1,
  lowerClamp: true,
  maxSpikes: 1,
};

function chip(
  name: string,
  neuron: Target["neuron"],
  weights: WeightLimits,
  resetModes: readonly string[],
): Target {
  const packers = loihi1.packers.map((packer) =>
    packer.formula === "entry-list" ? { ...packer, weightBits: weights.bits } : packer,
  );
  return {
    ...loihi1,
    name,
    neuron,
    weights,
    packers,
    neuronModels: [neuron.model],
    resetModes,
    profiles: [profileOf(name)],
  };
}

function profileOf(name: string): Target["profiles"][number] {
  return { ...loihi1.profiles[0], target: name };
}

const BOTH = ["value", "subtract"];

/** Integrate and fire, 16 bits, as on Speck. */
export const IF_CHIP: Target = chip("if-chip", DIGITAL, signedWeights(8), BOTH);

/** Two stages that decay by bit shifts, several spikes in a step, as on Xylo. */
export const SHIFT_CHIP: Target = chip(
  "shift-chip",
  {
    ...DIGITAL,
    leaks: ["shift"],
    maxShift: 15,
    synapticCurrent: { leaks: ["shift"], order: "input-first" },
    resets: ["subtract"],
    lowerClamp: false,
    maxSpikes: 31,
    maxSpikesOutput: 1,
  },
  signedWeights(8),
  ["subtract", "multi-subtract"],
);

/** Small registers, a linear leak and one sign of a few bits, as on ODIN. */
export const LINEAR_CHIP: Target = chip(
  "linear-chip",
  {
    ...DIGITAL,
    stateBits: 8,
    leaks: ["none", "linear"],
    linearMax: 127,
    resets: ["zero"],
    thresholdMax: 255,
    biasMax: 0,
    lowerClamp: false,
  },
  signedWeights(4),
  ["value"],
);

/** Software in fixed point, as on SpiNNaker: everything that the model can do. */
export const SOFTWARE_CHIP: Target = chip(
  "software-chip",
  {
    ...DIGITAL,
    stateBits: 30,
    leaks: ["none", "linear", "shift", "share"],
    decayBits: 15,
    synapticCurrent: { leaks: ["share"], order: "decay-first" },
    resets: ["zero", "value", "subtract"],
    compare: ">",
    thresholdMax: 2 ** 30 - 1,
    biasMax: 2 ** 30 - 1,
  },
  signedWeights(16),
  BOTH,
);

/** One register for leak and bias, 20 bits, as on TrueNorth. */
export const TRUENORTH_CHIP: Target = chip(
  "truenorth-chip",
  {
    model: "truenorth-lif",
    stateBits: 19,
    resets: ["zero", "value", "subtract"],
    thresholdMax: 2 ** 18 - 1,
    leakMax: 255,
  },
  signedWeights(9),
  BOTH,
);

export const CHIPS: readonly Target[] = [IF_CHIP, SHIFT_CHIP, LINEAR_CHIP, SOFTWARE_CHIP, TRUENORTH_CHIP];
