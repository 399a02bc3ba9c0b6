import type { DigitalNeuronLimits, NeuronLimits } from "./target.ts";

/** Register and value that mark populations which never fire: `quantize` gives it to them, and to no others. */
export function silentThreshold(limits: NeuronLimits): {
  readonly parameter: "thresholdMantissa" | "threshold";
  readonly value: number;
} {
  switch (limits.model) {
    case "loihi-cuba":
      return { parameter: "thresholdMantissa", value: limits.thresholdMantissaMax };
    case "digital-lif":
      return { parameter: "threshold", value: limits.thresholdMax };
    case "truenorth-lif":
      return { parameter: "threshold", value: limits.thresholdMax * TRUENORTH_UNIT };
  }
}

/** Registers of `truenorth-lif` are multiples of this: a stored weight of 1. */
export const TRUENORTH_UNIT: number = 1 / 64;

/** What a table of a target says of its neurons: names and values. */
export function neuronRows(limits: NeuronLimits): readonly (readonly [name: string, text: string])[] {
  switch (limits.model) {
    case "loihi-cuba":
      return [
        ["decay", `${limits.decayBits} bits`],
        ["threshold", `up to ${limits.thresholdMantissaMax} x 2^${limits.thresholdShift}`],
        ["bias", `up to ${limits.biasMantissaMax} x 2^${limits.biasExponentMax}`],
        ["state", `sign and ${limits.stateBits} bits`],
      ];
    case "digital-lif":
      return digitalRows(limits);
    case "truenorth-lif":
      return [
        ["leak or bias", `linear, up to ${limits.leakMax}`],
        ["threshold", `up to ${limits.thresholdMax}, fires at it`],
        ["reset", limits.resets.join(", ")],
        ["state", `sign and ${limits.stateBits} bits`],
      ];
  }
}

function digitalRows(limits: DigitalNeuronLimits): readonly (readonly [string, string])[] {
  const { synapticCurrent: current, maxSpikes, maxSpikesOutput = maxSpikes } = limits;
  return [
    ["leak", limits.leaks.join(", ")],
    ["synaptic current", current === undefined ? "none" : `decays by ${current.leaks.join(", ")}`],
    ["threshold", `up to ${limits.thresholdMax}, fires ${limits.compare === ">" ? "above" : "at"} it`],
    ["reset", limits.resets.join(", ")],
    ["bias", limits.biasMax === 0 ? "none" : `up to ${limits.biasMax}`],
    ["lower clamp", limits.lowerClamp ? "yes" : "no"],
    [
      "spikes in a step",
      maxSpikes === maxSpikesOutput ? `${maxSpikes}` : `${maxSpikes}, outputs ${maxSpikesOutput}`,
    ],
    [
      "state",
      `sign and ${limits.stateBits} bits, ${limits.overflow === "wrap" ? "wraps around" : "is held"}`,
    ],
  ];
}
