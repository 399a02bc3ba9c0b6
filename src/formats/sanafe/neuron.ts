import type { IntegerRules, NeuronGroup } from "#ir/deployment";
import { LOIHI_INPUT_SHIFT, LOIHI_V_MAX, loihiCubaModel } from "#neurons/loihi-cuba";

const DECAY_ONE = 4096;
const UNIT = 2 ** LOIHI_INPUT_SHIFT;

/** Registers of one neuron by name. */
export type Registers = Readonly<Record<string, number>>;

export function registersOf({ params }: NeuronGroup, index: number): Registers {
  return Object.fromEntries(loihiCubaModel.params.map(({ name }, p) => [name, params[p][index]]));
}

/** What is added to the membrane in every step, in units of the membrane. */
export const biasOf = ({ biasMantissa, biasExponent }: Registers): number =>
  Math.floor(biasMantissa * 2 ** biasExponent);

/** Share of the synaptic current that is left a step later; 0: the current has no memory. */
export const currentLeft = ({ uDecay }: Registers): number => (DECAY_ONE - (uDecay + 1)) / DECAY_ONE;

/**
 * Attributes of SANA-FE's `leaky_integrate_fire`. Its potential is cut to 1/64, toward zero, in every step: in units of
 * a 64th of our membrane that is our integer membrane, and weights are their stored integers.
 */
export function attributesOf(registers: Registers, rules: IntegerRules): string {
  const { thresholdMantissa, vDecay, refractorySteps, vMin } = registers;
  const bias = biasOf(registers);
  return [
    `threshold: ${thresholdMantissa}`,
    `leak_decay: ${(DECAY_ONE - vDecay) / DECAY_ONE}`,
    `input_decay: ${currentLeft(registers)}`,
    ...(bias === 0 ? [] : [`bias: ${bias / UNIT}`]),
    ...(rules === "nengo" && refractorySteps > 0 ? [`refractory_delay: ${refractorySteps}`] : []),
    ...(vMin > -LOIHI_V_MAX ? [`reverse_threshold: ${vMin / UNIT}`, "reverse_reset_mode: saturate"] : []),
  ].join(", ");
}
