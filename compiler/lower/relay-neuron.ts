import { DIGITAL_RESETS, LEAK_KINDS } from "#ir/digital-neuron";
import type { Population, WeightQuantization } from "#ir/network";
import { neuronModel, paramOf } from "#neurons/index";
import { TRUENORTH_UNIT } from "#targets/neuron-limits";
import type { DigitalNeuronLimits, Target } from "#targets/target";

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

/** A neuron that fires as often as it is told to in a step, and forgets: its registers, and the weight that tells it. */
export interface RelayNeuron {
  readonly params: Readonly<Record<string, number>>;
  readonly weight: number;
  readonly quantization: WeightQuantization;
}

/**
 * The relay for a population on chips that store whole weights; undefined where their neurons cannot be one: where what they
 * hear lingers (a synaptic current), or where several spikes in a step cannot be counted out.
 *
 * @param like how a projection of the network is stored: the relay's weights are stored so, too
 */
export function relayNeuronOf(
  population: Population,
  target: Target,
  like: WeightQuantization,
): RelayNeuron | undefined {
  const { weights, neuron } = target;
  const signMode = like.signMode === "inhibitory" ? "mixed" : like.signMode;
  const fullBits = weights.bits[weights.bits.length - 1];
  const step = 2 ** (fullBits - like.weightBits) * (signMode === "mixed" ? (weights.mixedStep ?? 2) : 1);
  const weight = Math.max(2, step);
  const quantization = { weightBits: like.weightBits, signMode, weightExponent: 0 };
  if (weight > weights.maxMagnitude || weights.exponentMin > 0 || weights.exponentMax < 0) return undefined;
  if (population.model === "loihi-cuba")
    return { params: { uDecay: 4095, vDecay: 4095, thresholdMantissa: 1 }, weight, quantization };
  if (population.model !== "digital-lif" || neuron.model !== "digital-lif") return undefined;
  const params = digitalRelay(population, neuron, weight);
  return params === undefined ? undefined : { params, weight, quantization };
}

/** Registers that all neurons of a chip share are those of the population that is repeated. */
const TAKEN_OVER = ["isStrict", "leakKind", "leak", "decayBits", "vMin", "stateBits", "wraps"] as const;

function digitalRelay(
  { params, size }: Population,
  { resets }: DigitalNeuronLimits,
  weight: number,
): Record<string, number> | undefined {
  const model = neuronModel("digital-lif");
  const values = (name: string): ArrayLike<number> => paramOf(model, params, name, size);
  const highest = (name: string): number => Array.from(values(name)).reduce((a, b) => Math.max(a, b), 0);
  const taken = Object.fromEntries(TAKEN_OVER.map((name) => [name, values(name)[0]]));
  const maxSpikes = highest("maxSpikes");
  const isStrict = highest("isStrict") === 1;
  // Above its threshold, a neuron that subtracts it is left with something.
  const wanted = maxSpikes > 1 ? ["subtract"] : isStrict ? ["zero", "value"] : ["zero", "value", "subtract"];
  const reset = DIGITAL_RESETS.find((one) => wanted.includes(one) && resets.includes(one));
  const lingers = highest("currentKind") !== LEAK_KINDS.indexOf("none");
  const isWide = weight * maxSpikes < 2 ** taken["stateBits"];
  if (reset === undefined || lingers || !isWide || (isStrict && maxSpikes > 1)) return undefined;
  return {
    ...taken,
    resetKind: DIGITAL_RESETS.indexOf(reset),
    threshold: isStrict ? weight - 1 : weight,
    maxSpikes,
  };
}

/** Neurons that fire a step after those of another population. */
export function relayPopulation(
  of: Population,
  population: number,
  neuron: Uint32Array,
  relay: Readonly<Record<string, number>> = RELAYS[of.model],
): Population {
  const params = Object.entries(relay).map(([name, value]) => [name, Float64Array.of(value)]);
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
