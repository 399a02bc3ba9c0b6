import type { IntegerRules } from "#ir/deployment";
import type { WeightQuantization } from "#ir/network";

/**
 * What a chip stores for a weight mantissa that someone else wrote.
 *
 * - `lava`: clipped to 8 bits for one sign, 9 for mixed signs; a mixed weight loses its lowest bit, rounded
 *   down. The exponent acts later, on the sum (`loihiGroupInput`), so the result is still a mantissa.
 * - `nengo`: always mixed: half the mantissa, rounded half to even and limited to 127, shifted by
 *   1 + exponent; where that shift is to the right, the weight is rounded half to even.
 *   The result is in units of the input: the exponent is in it.
 *
 * Weights made by `quantize` are stored as they are; this is for foreign files.
 */
export function storeLoihiWeight(
  mantissa: number,
  { signMode, weightExponent }: Pick<WeightQuantization, "signMode" | "weightExponent">,
  rules: IntegerRules,
): number {
  if (rules === "nengo") {
    const half = Math.min(Math.max(roundHalfEven(mantissa / 2), -127), 127);
    return roundHalfEven(half * 2 ** (1 + weightExponent));
  }
  if (signMode === "mixed") return 2 * Math.floor(clip(mantissa, -256, 255) / 2);
  return signMode === "excitatory" ? clip(mantissa, 0, 255) : clip(mantissa, -255, 0);
}

/**
 * Input of a neuron from the summed stored weights of one group of synapses, those that share an exponent.
 * A negative exponent rounds the sum down, not each weight.
 */
export function loihiGroupInput(summedMantissas: number, weightExponent: number): number {
  return Math.floor(summedMantissas * 2 ** weightExponent);
}

/** To the nearest integer; halves to the even one. */
export function roundHalfEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

function clip(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
