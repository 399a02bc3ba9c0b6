import { storedWeights } from "#ir/connectivity";
import type { Connectivity, Projection } from "#ir/network";
import type { Circuit } from "./quantize-neuron.ts";
import {
  addWeightSums,
  normalise,
  type QuantizedProjection,
  quantizeProjection,
} from "./quantize-projection.ts";
import type { QuantizeContext } from "./quantize-report.ts";
import {
  chooseScale,
  type Losses,
  reachOf,
  type Reach,
  type ScaledProjection,
  type ScaleLimits,
} from "./quantize-scale.ts";
import { weightLattice } from "./quantize-weights.ts";

/** What a kind of neuron has to say about its scale. */
export interface FitRules {
  /** Of the chip's registers, not the model's. */
  readonly losses: Losses;
  /** `[size]`, what one unit of input adds to the first register, in the model's units. */
  readonly gain: Float64Array;
  readonly limitsOf: (reach: Reach) => ScaleLimits;
  /** Numbers that would be exact if they shared a unit with the weights, in thresholds: sets to be tried in this order. */
  readonly constants: readonly (readonly number[])[];
}

export interface Fit {
  /** Integer units of a threshold. */
  readonly scale: number;
  /** In the order of `incoming`. */
  readonly projections: readonly QuantizedProjection[];
  /** With the rounded weights. */
  readonly limits: ScaleLimits;
}

/** Rounding can make weights larger; then the scale is chosen anew, at most this often. */
const MAX_FITS = 4;

const DEFAULT_HORIZON_STEPS = 100;

/** The scale, the projections that it rounds, and the limits that hold for the rounded weights. */
export function fitScale(
  circuit: Circuit,
  incoming: readonly Projection[],
  { losses, gain, limitsOf, constants }: FitRules,
  context: QuantizeContext,
): Fit {
  const { unit, fires } = circuit;
  const factor = shared(gain.map((each, j) => each / unit[j]));
  const normalised = incoming.map((projection) => normalise(projection, factor, context));
  const weights = normalised.map(({ connectivity }) => connectivity);
  const stored = weights.map(storedWeights);
  const most = mostSteps(normalised);
  let lattice: number | undefined;
  for (const others of constants) lattice ??= weightLattice(stored, most, others);
  const { exponentMax } = context.target.weights;

  /** @param units thresholds of one unit of the weights, for each projection */
  const limitsFor = (connectivities: readonly Connectivity[], units: readonly number[]): ScaleLimits => {
    const above = new Float64Array(unit.length);
    const below = new Float64Array(unit.length);
    connectivities.forEach((one, i) => {
      addWeightSums(one, units[i], above, below);
    });
    const horizonSteps = context.options.horizonSteps ?? DEFAULT_HORIZON_STEPS;
    return limitsOf(reachOf(above, below, circuit, losses, horizonSteps));
  };

  const one = weights.map(() => 1);
  let before = limitsFor(weights, one);
  for (let fit = 1; ; fit++) {
    const scale = chooseScale(normalised, lattice, before, fires, exponentMax);
    const projections = normalised.map((each) => quantizeProjection(each, scale, factor, context));
    const limits = limitsFor(
      projections.map(({ projection }) => projection.connectivity),
      projections.map(({ unit: thresholds }) => thresholds),
    );
    if (scale <= limits.safe || scale > before.safe || fit === MAX_FITS)
      return { scale, projections, limits };
    before = { ...before, safe: limits.safe };
  }
}

/** One number where all are equal, so that kernels and diagonals can stay what they are. */
function shared(factors: Float64Array): Float64Array {
  return factors.length > 0 && factors.every((factor) => factor === factors[0])
    ? factors.slice(0, 1)
    : factors;
}

/** Steps between zero and the largest weight of the coarsest grid; 0 without weights. */
function mostSteps(projections: readonly ScaledProjection[]): number {
  const steps = projections.map(({ grid }) => Math.max(grid.max, -grid.min) / grid.step);
  return steps.length === 0 ? 0 : Math.min(...steps);
}
