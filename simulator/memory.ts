import { compiledMemory, createCompiledKernels } from "./kernels/compiled.ts";
import { createPlainKernels } from "./kernels/plain/kernels.ts";
import {
  CORE,
  GROUP,
  KERNEL_ARRAYS,
  KERNEL_NUMBERS,
  RECEIVED,
  STATE_EVENT,
  type KernelMemory,
  type KernelNumbers,
  type Kernels,
} from "./kernels/tables.ts";
import { allocate, field } from "./layout.ts";
import { ACTIONS, COLUMN, type Action } from "./result.ts";

/** Everything the machine knows, in one buffer. */
export interface MachineMemory extends KernelMemory {
  /** What the compiled kernels are told. */
  readonly places: Uint32Array;
  /** `[compartments]`, state before the first step. */
  readonly u0: Int32Array;
  readonly v0: Int32Array;
  /** `[compartments]`, index inside the population. */
  readonly indexOf: Uint32Array;
}

/** How many there are of each, in all cores together. */
export interface MemorySizes {
  rows: number;
  groups: number;
  neurons: number;
  params: number;
  sums: number;
  planes: number;
  listWords: number;
  routes: number;
  queue: number;
  lines: number;
  lineRoutes: number;
}

/** Lines that the host can hand over at once. */
export const HOST_LINES = 4096;
/** Room of the log of spikes, besides what one step can bring. */
const LOG_WORDS = 1 << 13;

/** Columns of the counts that the kernels write. */
const COUNTED: Readonly<Partial<Record<keyof KernelNumbers, Action>>> = {
  neuronUpdate: "neuronUpdate",
  spikeOut: "spikeOut",
  messageOut: "messageOut",
  messageIn: "messageIn",
  inputMessage: "inputMessage",
  synapseWordRead: "synapseWordRead",
};

/** `compiled` where it can be had, else `plain`. */
export type KernelChoice = "compiled" | "plain";

/** Zeroed memory and the kernels that work on it. */
export function allocateMemory(
  sizes: Readonly<MemorySizes>,
  options: { readonly isNengo: boolean; readonly hasStatus: boolean; readonly kernels?: KernelChoice },
): {
  readonly memory: MachineMemory;
  readonly kernels: Kernels;
  readonly chosen: KernelChoice;
  readonly bytes: number;
} {
  const { rows, groups, neurons, params, sums, planes, listWords } = sizes;
  const { routes, queue, lines, lineRoutes } = sizes;
  const table = {
    places: field("u32", KERNEL_ARRAYS.length + KERNEL_NUMBERS.length),
    u: field("i32", neurons),
    v: field("i32", neurons),
    waiting: field("i32", neurons),
    status: field("u8", options.hasStatus ? neurons : 0),
    // Rows reach up to 7 slots behind the last.
    sums: field("i32", sums + 8),
    fired: field("u32", neurons),
    firedEnd: field("u32", rows),
    queue: field("u32", queue),
    queued: field("u32", rows),
    received: field("u32", rows * RECEIVED.count),
    counts: field("f64", rows * ACTIONS.length),
    constantCounts: field("f64", rows * ACTIONS.length),
    totals: field("f64", rows * ACTIONS.length),
    spikes: field("f64", neurons),
    updates: field("f64", groups),
    stateEvents: field("f64", STATE_EVENT.length),
    log: field("u32", LOG_WORDS + logWordsOfStep(sizes)),
    logLength: field("u32", 1),
    hostLine: field("u32", HOST_LINES),
    hostSpikes: field("u32", HOST_LINES),
    params: field("i32", params),
    groups: field("i32", groups * GROUP.count),
    cores: field("u32", rows * CORE.count),
    shifts: field("u32", planes),
    lists: field("u8", 4 * listWords),
    routeStart: field("u32", neurons + 1),
    routeRow: field("u32", routes),
    routeAt: field("u32", routes),
    lineStart: field("u32", lines + 1),
    lineRow: field("u32", lineRoutes),
    lineAt: field("u32", lineRoutes),
    u0: field("i32", neurons),
    v0: field("i32", neurons),
    indexOf: field("u32", neurons),
  } as const;
  let compiled: WebAssembly.Memory | undefined;
  const { views: memory, bytes } = allocate<MachineMemory>(table, (size) => {
    compiled = options.kernels === "plain" ? undefined : compiledMemory(size);
    return compiled?.buffer ?? new ArrayBuffer(size);
  });
  const numbers = {
    ...Object.fromEntries(Object.entries(COUNTED).map(([name, action]) => [name, COLUMN[action]] as const)),
    rows,
    actions: ACTIONS.length,
    isNengo: options.isNengo ? 1 : 0,
    hasStatus: options.hasStatus ? 1 : 0,
  } as KernelNumbers;
  return compiled === undefined
    ? { memory, bytes, kernels: createPlainKernels(memory, numbers), chosen: "plain" }
    : {
        memory,
        bytes,
        kernels: createCompiledKernels(compiled, memory, numbers, memory.places),
        chosen: "compiled",
      };
}

/** Words of the log that one step can fill at most. */
export function logWordsOfStep({ groups, neurons }: Pick<MemorySizes, "groups" | "neurons">): number {
  return 3 * groups + neurons;
}
