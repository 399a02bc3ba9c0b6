import type { Population, WeightQuantization } from "#ir/network";
import { TRUENORTH_UNIT } from "#targets/neuron-limits";

/** Models whose neurons can repeat a spike, and with which parameters: they fire at a weight of 1, do not leak, and forget. */
const RELAYS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "truenorth-lif": { threshold: TRUENORTH_UNIT },
};

export const RELAY_WEIGHT: { readonly weight: number; readonly quantization: WeightQuantization } = {
  weight: 1,
  quantization: { weightBits: 4, signMode: "excitatory", weightExponent: 0, axonType: 0 },
};

export function canRelay({ model }: Population): boolean {
  return model in RELAYS;
}

/** Neurons that fire a step after those of another population. */
export function relayPopulation(of: Population, population: number, neuron: Uint32Array): Population {
  const params = Object.entries(RELAYS[of.model]).map(([name, value]) => [name, Float64Array.of(value)]);
  return {
    name: `${of.name}.relay`,
    model: of.model,
    shape: [neuron.length],
    size: neuron.length,
    params: Object.fromEntries(params) as Record<string, Float64Array>,
    startStep: (of.startStep ?? 0) + 1,
    standsFor: { kind: "relay", population, neuron },
  };
}
