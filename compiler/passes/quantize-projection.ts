import { expand, propagate, scaleConnectivity, storedWeights, withStoredWeights } from "#ir/connectivity";
import type { Connectivity, Projection, SharedKernel, SparseMatrix } from "#ir/network";
import { dropZeros } from "#ir/sparse";
import { signNeedsBit } from "./diagnostics.ts";
import type { ProjectionQuantization, QuantizeContext } from "./quantize-report.ts";
import { chooseExponent, type ScaledProjection } from "./quantize-scale.ts";
import { roundWeights, signModeOf, weightGrid, weightRange } from "./quantize-weights.ts";

/** A projection with weights in thresholds of the post neurons. */
export interface NormalisedProjection extends ScaledProjection {
  readonly projection: Projection;
  readonly connectivity: SparseMatrix | SharedKernel;
}

/** @param factor thresholds per unit of the summed input, one per post neuron or one for all */
export function normalise(
  projection: Projection,
  factor: Float64Array,
  { target, options, sink }: QuantizeContext,
): NormalisedProjection {
  const keepZeros = options.keepZeros ?? false;
  const plain =
    projection.connectivity.kind === "kernel"
      ? projection.connectivity
      : expand(projection.connectivity, { keepZeros });
  const factors = factor.map((f) => f * projection.weightScale);
  const scaled = scaleConnectivity(plain, undefined, factors) as SparseMatrix | SharedKernel;
  const connectivity = scaled.kind === "kernel" || keepZeros ? scaled : dropZeros(scaled);
  const range = weightRange(storedWeights(connectivity));
  const symmetric = options.rules === "nengo";
  const signMode = symmetric ? "mixed" : signModeOf(range);
  const { bits } = target.weights;
  const weightBits = options.weightBits ?? bits[bits.length - 1];
  let usedBits = weightBits;
  if (signMode === "mixed" && weightBits < 2) {
    usedBits = Math.min(...bits.filter((b) => b >= 2));
    sink.report(signNeedsBit({ projection: projection.name, weightBits, usedBits }));
  }
  return { projection, connectivity, range, grid: weightGrid(target.weights, usedBits, signMode, symmetric) };
}

export interface QuantizedProjection {
  readonly projection: Projection;
  readonly report: ProjectionQuantization;
  /** Thresholds of one stored unit. */
  readonly unit: number;
}

export function quantizeProjection(
  { projection, connectivity, range, grid }: NormalisedProjection,
  scale: number,
  factor: Float64Array,
  { target, options }: QuantizeContext,
): QuantizedProjection {
  const weightExponent = Math.min(chooseExponent({ range, grid }, scale), target.weights.exponentMax);
  const unit = 2 ** weightExponent / scale;
  const { rounded, loss } = roundWeights(connectivity, unit, grid);
  const inModelUnits = factor.length === 1 && factor[0] !== 0;
  const weightScale = inModelUnits ? unit / factor[0] : unit;
  const { weightBits, signMode } = grid;
  return {
    projection: {
      ...projection,
      connectivity: rounded.kind === "kernel" || options.keepZeros === true ? rounded : dropZeros(rounded),
      weightScale,
      quantization: { weightBits, signMode, weightExponent },
    },
    report: {
      name: projection.name,
      weightBits,
      signMode,
      weightExponent,
      weightScale,
      weightUnit: inModelUnits ? "model" : "threshold",
      ...loss,
      maxError: inModelUnits ? loss.maxError / Math.abs(factor[0]) : loss.maxError,
    },
    unit,
  };
}

/** Adds the weights into each post neuron, by sign, as magnitudes in units of `unit`. */
export function addWeightSums(
  connectivity: Connectivity,
  unit: number,
  above: Float64Array,
  below: Float64Array,
): void {
  const weights = storedWeights(connectivity);
  const ones = new Float64Array(connectivity.rows).fill(1);
  for (const sign of [1, -1]) {
    const side = new Float64Array(weights.length);
    for (let i = 0; i < weights.length; i++) {
      const magnitude = weights[i] * sign;
      if (magnitude > 0) side[i] = magnitude * unit;
    }
    propagate(withStoredWeights(connectivity, side), ones, sign === 1 ? above : below);
  }
}
