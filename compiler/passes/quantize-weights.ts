import { storedWeights, withStoredWeights } from "#ir/connectivity";
import type { SharedKernel, SparseMatrix, WeightQuantization } from "#ir/network";
import type { WeightLimits } from "#targets/target";

// Real weights to stored integers: which integers there are, how large they may get, and the rounding.

export type SignMode = WeightQuantization["signMode"];

/** The integers that a projection may store: multiples of `step` from `min` to `max`. */
export interface WeightGrid {
  readonly weightBits: number;
  readonly signMode: SignMode;
  readonly step: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Stored weights of `weightBits` bits. Fewer bits keep the full range in coarser steps; where mixed signs cost one
 * bit, their steps are twice as wide (even numbers at 8 bits).
 *
 * @param symmetric give up the one most negative weight of a mixed grid
 */
export function weightGrid(
  limits: WeightLimits,
  weightBits: number,
  signMode: SignMode,
  symmetric: boolean,
): WeightGrid {
  const fullBits = limits.bits[limits.bits.length - 1];
  const step = 2 ** (fullBits - weightBits) * (signMode === "mixed" ? (limits.mixedStep ?? 2) : 1);
  const max = Math.floor(limits.maxMagnitude / step) * step;
  if (signMode === "excitatory") return { weightBits, signMode, step, min: 0, max };
  if (signMode === "inhibitory") return { weightBits, signMode, step, min: -max, max: 0 };
  const min = symmetric ? -max : Math.ceil(limits.minMixed / step) * step;
  return { weightBits, signMode, step, min, max };
}

/** Largest weight above zero and largest magnitude below. */
export interface WeightRange {
  readonly above: number;
  readonly below: number;
}

export function weightRange(weights: ArrayLike<number>): WeightRange {
  let above = 0;
  let below = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i];
    if (weight > above) above = weight;
    else if (-weight > below) below = -weight;
  }
  return { above, below };
}

export function signModeOf({ above, below }: WeightRange): SignMode {
  if (above > 0 && below > 0) return "mixed";
  return below > 0 ? "inhibitory" : "excitatory";
}

/** Stored units that the range needs per unit of weight scale: scale · this <= 1 fits the grid. */
export function gridFill({ above, below }: WeightRange, grid: WeightGrid): number {
  return Math.max(above === 0 ? 0 : above / grid.max, below === 0 ? 0 : below / -grid.min);
}

/** Weights that agree with a multiple of the unit to this share of the unit are taken for exact. */
const LATTICE_TOLERANCE = 1e-3;

/**
 * The largest unit of which all weights are whole multiples, none above `maxMultiple`; undefined if there is
 * none. Networks that were quantized before have one, and then rounding need not lose anything.
 *
 * @param others further numbers that must be multiples, however large
 */
export function weightLattice(
  arrays: readonly ArrayLike<number>[],
  maxMultiple: number,
  others: ArrayLike<number> = [],
): number | undefined {
  let largest = 0;
  for (const weights of arrays) {
    const { above, below } = weightRange(weights);
    largest = Math.max(largest, above, below);
  }
  if (largest === 0) return undefined;
  const all = [...arrays, others];
  const smallest = (largest / maxMultiple) * (1 - LATTICE_TOLERANCE);
  let unit = largest;
  for (const numbers of all) {
    for (let i = 0; i < numbers.length; i++) {
      if (isMultiple(numbers[i], unit)) continue;
      unit = commonUnit(unit, Math.abs(numbers[i]));
      if (unit < smallest) return undefined;
    }
  }
  const refined = largest / Math.round(largest / unit);
  const exact = all.every((numbers) => {
    for (let i = 0; i < numbers.length; i++) if (!isMultiple(numbers[i], refined)) return false;
    return true;
  });
  return exact ? refined : undefined;
}

function isMultiple(weight: number, unit: number): boolean {
  const multiple = weight / unit;
  return Math.abs(multiple - Math.round(multiple)) <= LATTICE_TOLERANCE;
}

/** Euclid's algorithm on lengths. */
function commonUnit(a: number, b: number): number {
  let [longer, shorter] = a > b ? [a, b] : [b, a];
  while (!isMultiple(longer, shorter)) {
    [longer, shorter] = [shorter, Math.abs(longer - Math.round(longer / shorter) * shorter)];
  }
  return shorter;
}

/** What rounding did to the weights of one projection. */
export interface RoundingLoss {
  /** Power of the weights over power of the error, in decibels; Infinity if nothing was lost. */
  readonly snrDb: number;
  /** Largest error of one weight, in the unit of the weights. */
  readonly maxError: number;
  /** Weights other than zero that were rounded to zero. */
  readonly zerosCreated: number;
}

/**
 * Rounds weight / unit to the grid, halves away from zero. The form stays.
 *
 * @param unit weight of one stored unit
 */
export function roundWeights<C extends SparseMatrix | SharedKernel>(
  connectivity: C,
  unit: number,
  grid: WeightGrid,
): { rounded: C; loss: RoundingLoss } {
  const weights = storedWeights(connectivity);
  const stored = new Float64Array(weights.length);
  const { step, min, max } = grid;
  let signal = 0;
  let noise = 0;
  let maxError = 0;
  let zerosCreated = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i];
    const steps = Math.floor(Math.abs(weight) / (unit * step) + 0.5);
    const value = Math.min(max, Math.max(min, weight < 0 ? -steps * step : steps * step));
    stored[i] = value + 0;
    const error = Math.abs(weight - value * unit);
    signal += weight * weight;
    noise += error * error;
    if (error > maxError) maxError = error;
    if (value === 0 && weight !== 0) zerosCreated++;
  }
  const lost = noise > signal * NEGLIGIBLE;
  return {
    rounded: withStoredWeights(connectivity, stored),
    loss: { snrDb: lost ? 10 * Math.log10(signal / noise) : Infinity, maxError, zerosCreated },
  };
}

/** Noise below this share of the signal is the rounding of float32 weights, not ours. */
const NEGLIGIBLE = 1e-13;
