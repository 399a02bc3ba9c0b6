import { NEURON_FIELDS } from "./kernels/step-cuba.ts";
import { allocate, field } from "./layout.ts";
import { ACTIONS } from "./result.ts";

/** Everything the kernels touch. Compartments, axons, synapses, routes and lines are numbered through; see `Machine`. */
export interface MachineMemory {
  // State of the run.
  /** `[compartments, NEURON_FIELDS.count]`: state and parameters, see `kernels/step-cuba.ts`. */
  readonly neurons: Int32Array;
  readonly sums: Int32Array;
  /** Fired compartments of a core: entries neuronBegin .. firedEnd[row]. */
  readonly fired: Uint32Array;
  readonly firedEnd: Uint32Array;
  readonly queue: Uint32Array;
  /** `[rows]`, messages in the queue of a row. */
  readonly queued: Uint32Array;

  // Counts of one step.
  readonly updates: Float64Array;
  /** `[rows, ACTIONS.length]` */
  readonly counts: Float64Array;
  readonly scratch: Float64Array;

  // Parameters of neurons, `[compartments]`.
  readonly refractory: Int32Array;
  readonly u0: Int32Array;
  readonly v0: Int32Array;
  /** Index inside the population. */
  readonly indexOf: Uint32Array;

  // Synapses.
  /** `[axons + 1]` */
  readonly axonStart: Uint32Array;
  /** `[axons, 4]`: words of the list; dense, sparse, run-length events. */
  readonly axonTable: Uint32Array;
  /** `[synapses]`, see `kernels/deliver.ts`. */
  readonly words: Int32Array;
  readonly delaySteps: Uint8Array;
  readonly slots: Uint32Array;

  // Routes of neurons, and of input lines.
  /** `[compartments + 1]` into the next two. */
  readonly routeStart: Uint32Array;
  readonly routeRow: Uint32Array;
  readonly routeAxon: Uint32Array;
  /** `[compartments, 4]`: east-west, north-south, chip borders, messages inside the tile; of one spike. */
  readonly hopTable: Uint32Array;
  /** `[rows]` */
  readonly queueBegin: Uint32Array;
  /** `[lines + 1]` into the next two. */
  readonly lineStart: Uint32Array;
  readonly lineRow: Uint32Array;
  readonly lineAxon: Uint32Array;
}

/** How many there are of each, in all cores together. */
export interface MemorySizes {
  rows: number;
  neurons: number;
  sums: number;
  axons: number;
  synapses: number;
  /** Synapses with an entry in `delaySteps`, and in `slots`. */
  delays: number;
  slots: number;
  routes: number;
  queue: number;
  lines: number;
  lineRoutes: number;
}

/** Zeroed memory, all of it one buffer. */
export function allocateMemory(sizes: Readonly<MemorySizes>): {
  readonly memory: MachineMemory;
  readonly bytes: number;
} {
  const { rows, neurons, sums, axons, synapses, delays, slots, routes, queue, lines, lineRoutes } = sizes;
  const { buffer, views } = allocate<MachineMemory>({
    neurons: field("i32", neurons * NEURON_FIELDS.count),
    sums: field("i32", sums),
    fired: field("u32", neurons),
    firedEnd: field("u32", rows),
    queue: field("u32", queue),
    queued: field("u32", rows),
    updates: field("f64", rows),
    counts: field("f64", rows * ACTIONS.length),
    scratch: field("f64", 4),
    refractory: field("i32", neurons),
    u0: field("i32", neurons),
    v0: field("i32", neurons),
    indexOf: field("u32", neurons),
    axonStart: field("u32", axons + 1),
    axonTable: field("u32", axons * 4),
    words: field("i32", synapses),
    delaySteps: field("u8", delays),
    slots: field("u32", slots),
    routeStart: field("u32", neurons + 1),
    routeRow: field("u32", routes),
    routeAxon: field("u32", routes),
    hopTable: field("u32", neurons * 4),
    queueBegin: field("u32", rows),
    lineStart: field("u32", lines + 1),
    lineRow: field("u32", lineRoutes),
    lineAxon: field("u32", lineRoutes),
  });
  return { memory: views, bytes: buffer.byteLength };
}
