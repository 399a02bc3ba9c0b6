import type { WeightQuantization } from "#ir/network";

/** Weights as the chip stores them, and what that cost. */
export interface StoredWeights {
  /** For each matrix handed in: mantissas, in the same order. */
  readonly matrices: readonly Float32Array[];
  readonly quantization: WeightQuantization;
  /** Stored mantissa x weightScale = mantissa in the file. */
  readonly weightScale: number;
  readonly range: { readonly min: number; readonly max: number };
  /** Weights outside the range, and odd ones that were rounded down. */
  readonly clipped: number;
  readonly rounded: number;
}

const FULL_BITS = 8;
const MAX_SHIFT = 7;
const RANGES = {
  mixed: { min: -256, max: 254 },
  excitatory: { min: 0, max: 255 },
  inhibitory: { min: -255, max: 0 },
} as const;

/**
 * Mantissas of exponent 0 as the chip stores them: clipped to its range, shifted up as far as all of them go
 * (with an exponent that shifts the sum back down, so nothing changes), and in the fewest bits that hold them.
 * One sign only saves the bit that mixed signs cost.
 *
 * @param matrices whole numbers; those of one group share sign mode and exponent
 *
 * Source: the weight rules of Lava's netx importer, as observed on its runs.
 */
export function storeWeights(matrices: readonly ArrayLike<number>[]): StoredWeights {
  const { lowest, highest } = extremes(matrices);
  const signMode = highest < 0 ? "inhibitory" : lowest >= 0 ? "excitatory" : "mixed";
  const range = RANGES[signMode];
  const low = Math.max(lowest, range.min);
  const high = Math.min(highest, range.max);
  let shift = 0;
  while (shift < MAX_SHIFT && low * 2 ** (shift + 1) >= range.min && high * 2 ** (shift + 1) <= range.max)
    shift++;
  let clipped = 0;
  let rounded = 0;
  let usedBits = 0;
  const stored = matrices.map((weights) => {
    const mantissas = new Float32Array(weights.length);
    for (let i = 0; i < weights.length; i++) {
      const weight = Math.min(Math.max(weights[i], range.min), range.max);
      if (weight !== weights[i]) clipped++;
      const exact = weight * 2 ** shift;
      const mantissa = signMode === "mixed" ? 2 * Math.floor(exact / 2) : exact;
      if (mantissa !== exact) rounded++;
      usedBits |= mantissa;
      // No negative zeros.
      mantissas[i] = mantissa + 0;
    }
    return mantissas;
  });
  return {
    matrices: stored,
    quantization: {
      weightBits: bitsFor(usedBits, signMode === "mixed"),
      signMode,
      weightExponent: 0 - shift,
    },
    weightScale: 2 ** -shift,
    range,
    clipped,
    rounded,
  };
}

function extremes(matrices: readonly ArrayLike<number>[]): { lowest: number; highest: number } {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const weights of matrices)
    for (let i = 0; i < weights.length; i++) {
      if (weights[i] < lowest) lowest = weights[i];
      if (weights[i] > highest) highest = weights[i];
    }
  return lowest === Infinity ? { lowest: 0, highest: 0 } : { lowest, highest };
}

/** Every bit less doubles the step; cores have no format of 7 bits. */
function bitsFor(usedBits: number, mixed: boolean): number {
  const finest = usedBits === 0 ? FULL_BITS : Math.log2(usedBits & -usedBits);
  const bits = Math.max(1, FULL_BITS - finest + (mixed ? 1 : 0));
  return bits === 7 ? FULL_BITS : bits;
}
