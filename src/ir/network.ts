// Level 1 of 3: what the model says, before any chip is chosen.

/**
 * A spiking network as populations of neurons and projections between them.
 *
 * Importers write one population for every node of the file: neurons, inputs, and `relay` populations
 * (stateless sums) for everything in between. The pass `fold-linear-chains` turns that into the form
 * the compiler maps: neurons joined directly. Both forms compute the same; both run on the reference.
 */
export interface Network {
  readonly name: string;
  /** Length of one simulated step; absent where the file counts time in steps. */
  readonly timestepNs?: number;
  readonly populations: readonly Population[];
  readonly projections: readonly Projection[];
  /** Populations driven from outside. */
  readonly inputs: readonly NetworkPort[];
  /** Populations read out. */
  readonly outputs: readonly NetworkPort[];
}

export interface NetworkPort {
  readonly name: string;
  /** Index into `Network.populations`. */
  readonly population: number;
  /**
   * Inputs only. Absent: the population is an `input`, and the data are what it sends. `bias`: the population is of
   * `loihi-cuba` neurons, and the data of each step are their bias mantissas; the last step given holds to the end.
   */
  readonly drives?: "bias";
}

export interface Population {
  /** Unique in the network; nested graphs join names with "/". */
  readonly name: string;
  /** Key in the neuron-model registry (`src/neurons/index.ts`), among them `input` and `relay`. */
  readonly model: string;
  /** Channel-first, without batch and time; C order gives the neuron index. */
  readonly shape: readonly number[];
  /** Product of `shape`. */
  readonly size: number;
  /** One array of length `size` (or 1, broadcast) for each parameter the model declares. */
  readonly params: Readonly<Record<string, Float64Array>>;
  /** Constant added to the summed input in every step; length `size` (or 1, broadcast). */
  readonly bias?: Float64Array;
  /** The conventions that exchange formats leave open; absent means `DEFAULT_DYNAMICS`. */
  readonly dynamics?: Dynamics;
  /**
   * Step in which the population starts; it holds its initial state until then. 0 in models. A chip
   * takes one step from layer to layer, so deeper layers of a deployed network start later.
   */
  readonly startStep?: number;
  /** Integer neurons only: forgets everything at regular times, as chips do between inferences without a pause. */
  readonly periodicReset?: PeriodicReset;
  /** Set by `quantize`: real membrane value of one integer unit, `[size]` or `[1]`. */
  readonly membraneQuantum?: Float64Array;
  /** Set where neurons have been removed: what the population was. */
  readonly kept?: KeptNeurons;
  /** Set by mapping onto chips whose neurons reach few places: whom these neurons stand in for. */
  readonly standsFor?: StandIn;
}

/** The neurons that are left of a larger population. */
export interface KeptNeurons {
  /** Shape before. */
  readonly shape: readonly number[];
  /** `[size]`, ascending: number of each neuron before. */
  readonly neuron: Uint32Array;
}

/** Neurons that spike as others do: copies in the same step, relays a step later. */
export interface StandIn {
  readonly kind: "copy" | "relay";
  /** Index into `Network.populations`, and `[size]`, the neuron there. */
  readonly population: number;
  readonly neuron: Uint32Array;
}

/** All registers become 0 at the beginning of each of the population's own steps that is offsetSteps modulo intervalSteps. */
export interface PeriodicReset {
  /** At least 1. */
  readonly intervalSteps: number;
  /** From 0 to intervalSteps - 1. */
  readonly offsetSteps: number;
}

/** How a continuous-time neuron becomes a step. `style` of the writer decides; see the NIR README. */
export interface Dynamics {
  readonly integrator: "euler" | "exponential";
  readonly compare: ">" | ">=";
  readonly reset: ResetMode;
  /** Whether the membrane sees this step's synaptic current or the previous step's. */
  readonly current: "new" | "old";
  /** Lower clamp of the membrane after reset, in units of the threshold (sinabs: -1). */
  readonly vMinThresholds?: number;
}

/**
 * - `value`: v = v_reset in the spike's step.
 * - `subtract`: v -= threshold.
 * - `multi-subtract`: floor(v / threshold) spikes in one step, each subtracts the threshold.
 * - `snntorch-subtract`: with r = (v_old > threshold): v = next(v_old) - r·threshold; z = v > threshold; v -= (z - r)·threshold.
 * - `delayed-value`, `delayed-subtract`: the reset acts one step later.
 */
export type ResetMode = (typeof RESET_MODES)[number];
export const RESET_MODES = [
  "value",
  "subtract",
  "multi-subtract",
  "snntorch-subtract",
  "delayed-value",
  "delayed-subtract",
] as const;

export const DEFAULT_DYNAMICS: Dynamics = {
  integrator: "euler",
  compare: ">",
  reset: "value",
  current: "new",
};

export interface Projection {
  readonly name: string;
  /** Where spikes come from and where they go; indices into `Network.populations`. */
  readonly pre: number;
  readonly post: number;
  /** pre size x post size, whatever the form. */
  readonly connectivity: Connectivity;
  /** Real weight = stored weight x weightScale. 1 until `quantize` makes the stored ones integers. */
  readonly weightScale: number;
  /** 0: acts in the same step (models only). d: what is sent in step t acts in step t + d. */
  readonly delaySteps: number;
  /**
   * What arrives before anything was sent, where `delaySteps` > 0: nothing, or (a feedback edge cut out of
   * a cycle) what the path gives for silence, so that biases on it act from step 0.
   */
  readonly beforeStart?: "absent" | "zeros-through";
  /** Set on trained layers: counted as weights by density and by NeuroBench. */
  readonly layer?: { readonly node: string; readonly kind: "linear" | "conv" };
  /** Set by `quantize`: how the integer weights are stored on the chip. */
  readonly quantization?: WeightQuantization;
}

export interface WeightQuantization {
  /** Bits of one stored weight, sign included where the signs are mixed. */
  readonly weightBits: number;
  readonly signMode: "mixed" | "excitatory" | "inhibitory";
  /** Input of the post neuron = stored weight x 2^weightExponent (before the chip's fixed shift). */
  readonly weightExponent: number;
  /** Chips whose rows have types: the type of the rows that carry the projection; a neuron has one weight for each type. */
  readonly axonType?: number;
}

export type Connectivity = SparseMatrix | DenseMatrix | SharedKernel | Diagonal;

/**
 * Synapses compressed by presynaptic row: all that a spike of neuron `r` touches lies in
 * `colIndex[rowStart[r] .. rowStart[r + 1])`. A stored zero is a synapse that carries nothing.
 */
export interface SparseMatrix {
  readonly kind: "sparse";
  readonly rows: number;
  readonly cols: number;
  /** `[rows + 1]`, ascending, first entry 0. */
  readonly rowStart: Uint32Array;
  /** `[nnz]`, each < cols, ascending inside a row. */
  readonly colIndex: Uint32Array;
  /** `[nnz]`. */
  readonly values: Float64Array;
}

/** Every pre neuron meets every post neuron, as frameworks store it. */
export interface DenseMatrix {
  readonly kind: "dense";
  readonly rows: number;
  readonly cols: number;
  /** `[cols, rows]`: post-major, as in the file; value of (pre r, post c) at c * rows + r. */
  readonly values: Float32Array | Float64Array;
}

/** A convolution (or pooling) kernel, cross-correlation as in PyTorch; 1-D ones have height 1. */
export interface SharedKernel {
  readonly kind: "kernel";
  readonly rows: number;
  readonly cols: number;
  /** `[outChannels, inChannels / groups, kernel height, kernel width]`. */
  readonly weights: Float32Array | Float64Array;
  readonly kernelShape: readonly [number, number, number, number];
  readonly stride: readonly [number, number];
  /** Zeros added at top, bottom, left, right. */
  readonly padding: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
  /** `[channels, height, width]` of pre and post. */
  readonly inputShape: readonly [number, number, number];
  readonly outputShape: readonly [number, number, number];
}

/** Neuron i to neuron i: reshapes, Scale nodes, direct edges. */
export interface Diagonal {
  readonly kind: "diagonal";
  readonly rows: number;
  readonly cols: number;
  /** `[rows]`, or `[1]`: the same for all. */
  readonly values: Float64Array;
}
