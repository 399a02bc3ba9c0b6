import type { LoihiNeuronLimits } from "#targets/target";
import type { Circuit } from "./quantize-neuron.ts";
import { gridFill, type WeightGrid, type WeightRange } from "./quantize-weights.ts";

// How many integer units one threshold is. Only spikes leave a neuron, so the unit of its membrane is free:
// every neuron is measured in its own threshold, and one number, the scale, serves the population. With scale
// s a membrane of one threshold is 64 s units of v, the threshold mantissa is s, and a weight of w thresholds
// is stored as w s / 2^exponent.

/** Per neuron, in thresholds: how far its registers can go, at worst, per sign. All `[size]`. */
export interface Reach {
  /** Sum of the weights of one sign, the larger of both: input of one step. */
  readonly step: Float64Array;
  /** |u| after many steps of that. */
  readonly u: Float64Array;
  /** |v| after many steps of that, bias included, if it never fired. */
  readonly v: Float64Array;
  /** How far v goes below its reset value under inhibition alone. */
  readonly depth: Float64Array;
}

/** Shares that the chip's registers lose in a step, `[size]`. */
export interface Losses {
  readonly u: Float64Array;
  readonly v: Float64Array;
}

/**
 * @param above `[size]`, sum of the weights above zero, in thresholds; `below` likewise, as magnitudes
 * @param horizonSteps how long a sum may run where (almost) nothing leaks
 */
export function reachOf(
  above: Float64Array,
  below: Float64Array,
  { form, unit }: Circuit,
  losses: Losses,
  horizonSteps: number,
): Reach {
  const step = above.map((sum, j) => Math.max(sum, below[j]));
  const u = step.map((sum, j) => {
    return sum * gainOf(losses.u[j], horizonSteps) + Math.abs(form.u0[j] / unit[j]);
  });
  const v = u.map((current, j) => {
    const drive = current + Math.abs(form.bias[j] / unit[j]);
    return drive * gainOf(losses.v[j], horizonSteps) + Math.abs(form.v0[j] / unit[j]);
  });
  const depth = below.map((sum, j) => {
    const current = sum * gainOf(losses.u[j], horizonSteps);
    const drive = current + Math.max(0, -form.u0[j] / unit[j]) + Math.max(0, -form.bias[j] / unit[j]);
    const lowest = drive * gainOf(losses.v[j], horizonSteps);
    return Math.min(lowest + Math.max(0, -form.v0[j] / unit[j]), -form.vMin[j] / unit[j]);
  });
  return { step, u, v, depth };
}

/** What a constant input of 1 adds up to: in the long run, or in `steps` steps of a sum that hardly leaks. */
function gainOf(loss: number, steps: number): number {
  return loss * steps > 1 ? 1 / loss : steps;
}

/** One projection, as far as the scale is concerned. */
export interface ScaledProjection {
  readonly grid: WeightGrid;
  readonly range: WeightRange;
}

/** What limits the scale of a population, largest allowed values; see `scaleLimits`. */
export interface ScaleLimits {
  /** Fields of the chip that cannot hold more. */
  readonly hard: number;
  /** No register overflows, whatever the input. */
  readonly safe: number;
  /** No membrane is cut off below: wanted, not needed. */
  readonly deep: number;
  /** The neuron that sets `safe`, and which of its registers. */
  readonly worst: { readonly neuron: number; readonly register: "u" | "v" };
}

/**
 * Where the population never fires, v must stay below the largest threshold that the chip has.
 *
 * @param accumulatorBits bits of the input of one step, sign not counted (nengo's rules), or undefined
 */
export function scaleLimits(
  { form, unit, fires }: Circuit,
  reach: Reach,
  neuron: LoihiNeuronLimits,
  accumulatorBits: number | undefined,
): ScaleLimits {
  const one = 2 ** neuron.thresholdShift;
  const registerMax = 2 ** neuron.stateBits - 1;
  const biasMax = neuron.biasMantissaMax * 2 ** neuron.biasExponentMax;
  // The largest mantissa marks populations that never fire: their membrane is what is read out.
  let hard = fires ? neuron.thresholdMantissaMax - 1 : Infinity;
  let safe = Infinity;
  let deep = Infinity;
  let worst: ScaleLimits["worst"] = { neuron: 0, register: "u" };
  for (let j = 0; j < unit.length; j++) {
    const start = Math.max(Math.abs(form.v0[j]), Math.abs(form.u0[j])) / unit[j];
    hard = Math.min(hard, biasMax / (one * Math.abs(form.bias[j] / unit[j])), registerMax / (one * start));
    deep = Math.min(deep, registerMax / (one * reach.depth[j]));
    const ofU = registerMax / (one * reach.u[j]);
    const ofStep =
      accumulatorBits === undefined ? Infinity : (2 ** accumulatorBits - 1) / (one * reach.step[j]);
    const ofV = fires ? Infinity : neuron.thresholdMantissaMax / reach.v[j];
    const least = Math.min(ofU, ofStep, ofV);
    if (least >= safe) continue;
    safe = least;
    worst = { neuron: j, register: ofV < Math.min(ofU, ofStep) ? "v" : "u" };
  }
  return { hard, safe, deep, worst };
}

/** Room for weights that rounding makes larger. */
const ROUNDING_MARGIN = 0.98;

/** Share of the full range that a population without threshold gives up at most to be safe at worst. */
const READOUT_RANGE = 1 / 4;

/**
 * The scale: as large as the limits allow, in steps that let the largest projection use its full range.
 *
 * Larger scales round decays and biases less and give smaller projections more bits, smaller ones leave room
 * for deep inhibition. If even exponent 0 could overflow at worst, the full range is kept (and the caller
 * warns): worst cases are rare, lost bits are not. A readout gives up to two bits first, because a membrane
 * that is cut off shows in every result.
 *
 * @param lattice unit of which all weights are multiples, if there is one: then the scale makes them all exact
 * @param fires   whether the scale has to be a threshold mantissa
 */
export function chooseScale(
  projections: readonly ScaledProjection[],
  lattice: number | undefined,
  limits: ScaleLimits,
  fires: boolean,
  exponentMax: number,
): number {
  const { hard } = limits;
  const least = fires ? 1 : Number.MIN_VALUE;
  const safe = limits.safe * ROUNDING_MARGIN;
  const fill = Math.max(0, ...projections.map(({ range, grid }) => gridFill(range, grid)));
  if (fill === 0) return Math.min(hard, safe, NO_WEIGHTS_SCALE);

  const whole = (scale: number): number => (fires ? Math.floor(scale * (1 + 1e-12)) : scale);
  const gridScales = (highest: number): number[] =>
    Array.from({ length: highest + 1 }, (_, i) => whole(2 ** (highest - i) / fill));
  const step = Math.max(...projections.map(({ grid }) => grid.step));
  const exactScales = (highest: number): number[] =>
    lattice === undefined ? [] : latticeScales(lattice, step, fill, highest);
  const deepest = Math.min(hard, safe, limits.deep);
  for (const scales of [exactScales, gridScales]) {
    const fitting =
      scales(exponentMax).find((scale) => scale <= deepest && scale >= least) ??
      scales(0).find((scale) => scale <= Math.min(hard, safe) && scale >= least);
    if (fitting !== undefined) return fitting;
  }
  const full = 1 / fill;
  const wanted = fires ? full : Math.max(safe, full * READOUT_RANGE);
  return Math.max(least, whole(Math.min(full, wanted, hard)));
}

/** Scales that store every weight exactly, largest first: down to half the range, and at exponent 0 to one step. */
function latticeScales(lattice: number, step: number, fill: number, highest: number): number[] {
  const steps = Math.floor(lattice / (fill * step) + 1e-6);
  const scales: number[] = [];
  for (let exponent = highest; exponent >= 0; exponent--) {
    const fewest = exponent === 0 ? 1 : Math.floor(steps / 2) + 1;
    for (let k = steps; k >= fewest; k--) scales.push((k * step * 2 ** exponent) / lattice);
  }
  return scales;
}

/** Scale of a population that only has a bias. */
const NO_WEIGHTS_SCALE = 2 ** 12;

/** The smallest exponent with which the projection's largest weight fits its grid. */
export function chooseExponent({ range, grid }: ScaledProjection, scale: number): number {
  const needed = gridFill(range, grid) * scale * (1 - 1e-9);
  return needed <= 1 ? 0 : Math.ceil(Math.log2(needed));
}
