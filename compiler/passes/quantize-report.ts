import type { IntegerRules } from "#ir/deployment";
import type { Target } from "#targets/target";
import type { DiagnosticSink } from "#util/diagnostic";
import type { NeuronLoss } from "./quantize-neuron.ts";
import type { RoundingLoss, SignMode } from "./quantize-weights.ts";

export interface QuantizeOptions {
  /** Bits of a stored weight, sign included where signs are mixed; one of `target.weights.bits`. Default: all. */
  readonly weightBits?: number;
  /**
   * Whose cores will run it. `nengo` has no one-sign weights (they would lose their last bit), stops at ±254 and
   * adds up a step in 21 bits; weights that are even or of one sign are otherwise the same in both. Default: lava.
   */
  readonly rules?: IntegerRules;
  /** At most this many different (uDecay, vDecay) pairs per population. Default: no limit. */
  readonly decayLevels?: number;
  /** Keep synapses whose stored weight is zero: what the unpruned network would cost. Default: drop them. */
  readonly keepZeros?: boolean;
  /** Steps after which states are reset: bounds how far a sum without leak can run. Default: 100. */
  readonly horizonSteps?: number;
}

/** What the step to integers lost, and what it chose. */
export interface QuantizationReport {
  readonly populations: readonly PopulationQuantization[];
  /** In the order of `Network.projections`. */
  readonly projections: readonly ProjectionQuantization[];
}

export interface PopulationQuantization extends NeuronLoss {
  readonly name: string;
  /** Units of the threshold mantissa per threshold of the model; for readouts, per unit of the membrane. */
  readonly scale: number;
  readonly decayPairs: number;
  /** How full the fuller register gets at worst (every synapse of one sign active in each step); above 1: overflow. */
  readonly worstCaseFill: number;
  /** Thresholds below the reset value at which the membrane is cut off. */
  readonly depthThresholds: number;
}

export interface ProjectionQuantization extends RoundingLoss {
  readonly name: string;
  readonly weightBits: number;
  readonly signMode: SignMode;
  readonly weightExponent: number;
  /** What one stored unit means, as `Projection.weightScale`. */
  readonly weightScale: number;
  /** Unit of `weightScale` and `maxError`: of the model's weights, or of the post neuron's threshold. */
  readonly weightUnit: "model" | "threshold";
}

/** What every part of the stage is handed. */
export interface QuantizeContext {
  readonly target: Target;
  readonly options: QuantizeOptions;
  readonly sink: DiagnosticSink;
}
