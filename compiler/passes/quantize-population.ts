import { storedWeights } from "#ir/connectivity";
import type { Connectivity, Population, Projection } from "#ir/network";
import { invariant } from "#util/diagnostic";
import { boundaryCompare, worstCaseOverflow } from "./diagnostics.ts";
import { type ChipDecays, chipDecays, decayPairs } from "./quantize-decays.ts";
import {
  type Circuit,
  circuitOf,
  cubaFormOf,
  integerNeuron,
  reportDecays,
  reportPairs,
} from "./quantize-neuron.ts";
import {
  addWeightSums,
  normalise,
  type QuantizedProjection,
  quantizeProjection,
} from "./quantize-projection.ts";
import type { PopulationQuantization, QuantizeContext } from "./quantize-report.ts";
import {
  chooseScale,
  reachOf,
  type ScaledProjection,
  type ScaleLimits,
  scaleLimits,
} from "./quantize-scale.ts";
import { weightLattice } from "./quantize-weights.ts";

export interface QuantizedPopulation {
  readonly population: Population;
  readonly report: PopulationQuantization;
  /** In the order of `incoming`. */
  readonly projections: readonly QuantizedProjection[];
}

/** One population and all that goes into it: they share one scale. */
export function quantizePopulation(
  population: Population,
  incoming: readonly Projection[],
  context: QuantizeContext,
): QuantizedPopulation {
  const { target, options, sink } = context;
  const { decayBits } = target.neuron;
  const form = cubaFormOf(population);
  invariant(form !== undefined, `"${population.model}" was checked to have a circuit`);
  const circuit = circuitOf(population, form);
  const decays = chipDecays(form, decayBits, options.decayLevels);
  const { scale, projections, limits } = fitScale(circuit, decays, incoming, context);

  const { name } = population;
  if (scale > limits.safe) {
    const limit = 2 ** target.neuron.stateBits - 1;
    const reached = (scale / limits.safe) * limit;
    sink.report(worstCaseOverflow({ population: name, ...limits.worst, reached, limit }));
  }
  const { population: integers, loss } = integerNeuron(population, circuit, decays, scale, target);
  reportDecays(name, form, chipDecays(form, decayBits, undefined), target, sink);
  reportPairs(name, decays, target, sink);
  if (circuit.compare === ">=" && circuit.fires) {
    const { thresholdMantissa, thresholdError } = loss;
    sink.report(boundaryCompare({ population: name, thresholdMantissa, share: thresholdError }));
  }
  const worstCaseFill = scale / limits.safe;
  return {
    population: integers,
    report: {
      name,
      scale,
      ...loss,
      decayPairs: decayPairs(decays),
      worstCaseFill,
      depthThresholds: 2 ** (target.neuron.stateBits - target.neuron.thresholdShift) / scale,
    },
    projections,
  };
}

/** Rounding can make weights larger; then the scale is chosen anew, at most this often. */
const MAX_FITS = 4;

/** The scale, the projections that it rounds, and the limits that hold for the rounded weights. */
function fitScale(
  circuit: Circuit,
  decays: ChipDecays,
  incoming: readonly Projection[],
  context: QuantizeContext,
): { scale: number; projections: QuantizedProjection[]; limits: ScaleLimits } {
  const { form, unit, fires } = circuit;
  const factor = shared(form.gain.map((gain, j) => gain / unit[j]));
  const normalised = incoming.map((projection) => normalise(projection, factor, context));
  const weights = normalised.map(({ connectivity }) => connectivity);
  const stored = weights.map(storedWeights);
  const constants = [form.bias, form.v0].flatMap((values) =>
    Array.from(values, (value, j) => value / unit[j]),
  );
  const most = mostSteps(normalised);
  const lattice = weightLattice(stored, most, constants) ?? weightLattice(stored, most);
  const { exponentMax } = context.target.weights;
  let before = limitsOf(
    circuit,
    decays,
    weights,
    weights.map(() => 1),
    context,
  );
  for (let fit = 1; ; fit++) {
    const scale = chooseScale(normalised, lattice, before, fires, exponentMax);
    const projections = normalised.map((one) => quantizeProjection(one, scale, factor, context));
    const rounded = projections.map(({ projection }) => projection.connectivity);
    const units = projections.map((one) => one.unit);
    const limits = limitsOf(circuit, decays, rounded, units, context);
    if (scale <= limits.safe || scale > before.safe || fit === MAX_FITS)
      return { scale, projections, limits };
    before = { ...before, safe: limits.safe };
  }
}

/** @param units thresholds of one unit of the weights, for each projection */
function limitsOf(
  circuit: Circuit,
  decays: ChipDecays,
  weights: readonly Connectivity[],
  units: readonly number[],
  { target, options }: QuantizeContext,
): ScaleLimits {
  const above = new Float64Array(circuit.unit.length);
  const below = new Float64Array(circuit.unit.length);
  weights.forEach((one, i) => {
    addWeightSums(one, units[i], above, below);
  });
  const horizonSteps = options.horizonSteps ?? DEFAULT_HORIZON_STEPS;
  const reach = reachOf(above, below, circuit, decays, target.neuron.decayBits, horizonSteps);
  return scaleLimits(circuit, reach, target, options.rules === "nengo" ? NENGO_ACCUMULATOR_BITS : undefined);
}

const DEFAULT_HORIZON_STEPS = 100;

/** Bits of the input of one step under nengo's rules, sign not counted. */
const NENGO_ACCUMULATOR_BITS = 21;

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
