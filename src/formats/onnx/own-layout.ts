import type { Dynamics, PeriodicReset, Projection } from "#ir/network";

// What files of our own say about themselves in `metadata_props`, beside the graph: enough to rebuild the network
// from the initializers that it names.

/** Keys of `metadata_props`. */
export const METADATA = {
  /** `OwnLayout` as JSON. */
  layout: "spinec.layout",
  generator: "spinec.generator",
  /** Length of one step; absent where the model counts in steps. */
  dtSeconds: "spinec.dt_seconds",
  /** Share of weights that are not zero, over all projections of trained layers. */
  density: "spinec.density",
  target: "spinec.target",
  /** SHA-256 of the deployment that the integers belong to. */
  mappingHash: "spinec.mapping_hash",
  /** JSON: what a run of the file gave, compared with the reference simulator; absent: it was not run. */
  check: "spinec.check",
} as const;

export interface OwnLayout {
  /** Readers refuse any other. */
  readonly version: 1;
  readonly graph: "sequence" | "step";
  /** Real numbers, or the integers of a chip. */
  readonly semantics: "float" | "loihi1-int";
  /** Of the integer graph: whose arithmetic. */
  readonly rules?: "lava" | "nengo";
  readonly name: string;
  readonly timestepNs?: number;
  readonly populations: readonly OwnPopulation[];
  readonly projections: readonly OwnProjection[];
  readonly inputs: readonly OwnPort[];
  readonly outputs: readonly OwnPort[];
  /** State tensors of the step graph, in the order of its inputs; every one starts at zeros. */
  readonly states: readonly OwnState[];
}

export interface OwnPopulation {
  readonly name: string;
  readonly model: string;
  readonly shape: readonly number[];
  /** Initializer of each parameter. */
  readonly params: Readonly<Record<string, string>>;
  /** Initializer. */
  readonly bias?: string;
  /** Parameters (and "bias") that are stored once, or once per channel, and hold for every neuron: broadcast to `shape`. */
  readonly spread: readonly string[];
  readonly dynamics?: Dynamics;
  readonly startStep?: number;
  readonly periodicReset?: PeriodicReset;
  /** Real membrane value of one integer unit: one, or one for each neuron. */
  readonly membraneQuantum?: readonly number[];
}

export interface OwnProjection extends Pick<
  Projection,
  "name" | "pre" | "post" | "weightScale" | "delaySteps" | "beforeStart" | "layer" | "quantization"
> {
  /**
   * - `dense`, `sparse`: `weights` is `[rows, cols]`, whichever way it is stored.
   * - `kernel`: `weights` has as many elements as `kernel.kernelShape`, in its order.
   * - `diagonal`: `weights` has one element, or one for each neuron; ones only: `ones` says how many, there is no initializer.
   */
  readonly kind: "dense" | "sparse" | "kernel" | "diagonal";
  readonly rows: number;
  readonly cols: number;
  /** Initializer; after `DequantizeLinear` with `scales` where there are any. */
  readonly weights?: string;
  /** Initializer: the places of `weights`, by flat index in C order, ascending; the others are zeros. Absent: `weights` has all. */
  readonly indices?: string;
  readonly ones?: number;
  /** Initializer `[cols]` or `[out channels]`: weight = stored integer × scale. */
  readonly scales?: string;
  readonly kernel?: OwnKernel;
}

export interface OwnKernel {
  readonly kernelShape: readonly [number, number, number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
  readonly inputShape: readonly [number, number, number];
  readonly outputShape: readonly [number, number, number];
}

export interface OwnPort {
  readonly name: string;
  readonly population: number;
  /** Name of the graph's input or output. */
  readonly tensor: string;
  /** Outputs of populations that never fire: the integer membrane after each step, in place of spikes. */
  readonly readout?: "membrane";
}

export interface OwnState {
  readonly input: string;
  readonly output: string;
  readonly type: "float" | "double" | "int32" | "int64";
  /** Behind the batch axis. */
  readonly shape: readonly number[];
}
