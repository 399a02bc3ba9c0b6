import type { Connectivity, Network, ResetMode, Dynamics } from "#ir/network";
import type { DiagnosticSink } from "#util/diagnostic";

/** Reads one file format. Bytes in, network out: no file system here, so browsers can use it. */
export interface Importer {
  readonly name: string;
  readonly summary: string;
  /** Lower case, with the dot. */
  readonly extensions: readonly string[];
  /** What its networks may hold, for the table of the README; a test compares it with what files give. */
  readonly supports: NodeSupport;
  /** True if the bytes look like this format; must not throw. */
  recognizes(bytes: Uint8Array): boolean;
  /** Reports every fault to the sink, all at once; undefined if no network could be made. Never throws for a fault of the file. */
  read(bytes: Uint8Array, options: ImportOptions, sink: DiagnosticSink): Promise<Network | undefined>;
}

/** What networks of a format are made of. */
export interface NodeSupport {
  /** Keys of the neuron-model registry, `input` and `relay` among them. */
  readonly models: readonly string[];
  readonly connectivity: readonly Connectivity["kind"][];
  /** Edges that take steps, which recurrence needs. */
  readonly delays: boolean;
}

/** What files do not say. Everything is optional: a recognised writer gives the rest, and it is printed. */
export interface ImportOptions {
  /** Name of the network, usually the file's base name. */
  readonly name?: string;
  /** Length of one step, in the unit of the file's time constants (`timeUnit`) unless given in seconds. */
  readonly dtSeconds?: number;
  readonly timeUnit?: "s" | "ms" | "steps";
  readonly integrator?: Dynamics["integrator"];
  readonly compare?: Dynamics["compare"];
  readonly current?: Dynamics["current"];
  /** For all neurons, or by node name. */
  readonly reset?: ResetMode | Readonly<Record<string, ResetMode>>;
  /** Lower clamp of IF membranes, in units of the threshold; -Infinity: none. */
  readonly vMinThresholds?: number;
  /** Gain of IF and I per step: 1 (v += r·x), or the step (v += dt·r·x). */
  readonly ifStep?: "one" | "dt";
  readonly feedbackT0?: "zeros-through" | "absent";
  /** netx: neurons forget everything every so many steps, each layer a step after the one before. Absent: never. */
  readonly resetIntervalSteps?: number;
  /**
   * onnx: with `ann`, rectifiers become neurons whose firing rates stand for their values. With `values` the same
   * network is read with its rectifiers, which is what calibration measures.
   */
  readonly convert?: "ann" | "values";
  /** onnx, `convert`: the value of a spike, by the name of the rectifier; absent: bounds from the weights. */
  readonly rateScales?: Readonly<Record<string, number>>;
  /** onnx: bytes of a file beside the model, by the name that the model uses; undefined if there is none. */
  readonly externalData?: (location: string) => Uint8Array | undefined;
}
