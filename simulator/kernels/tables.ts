// The layout that the kernels work on, compiled (`assembly/`) or plain (`plain/`). Numbers here are repeated in
// `assembly/memory.ts`; the kernels are tested against each other, so a difference shows.

/** Columns of `groups`, `[groups, count]`. Parameters are pairs: index into `params`, and 1, or 0 if all neurons share it. */
export const GROUP = {
  begin: 0,
  end: 1,
  row: 2,
  startStep: 3,
  /** mantissa x 2^exponent */
  bias: 4,
  /** 4096 - (uDecay + 1) */
  uKeep: 6,
  /** 4096 - vDecay */
  vKeep: 8,
  /** mantissa x 64 */
  threshold: 10,
  vMin: 12,
  refractory: 14,
  flags: 16,
  /** 0: none. */
  resetInterval: 17,
  resetOffset: 18,
  /** Model steps whose spikes are logged. */
  recordSteps: 19,
  count: 20,
} as const;

/** Bits of `GROUP.flags`: what allows shorter ways. */
export const GROUP_FLAG = {
  /** All uKeep are 0: u is the input of the step. */
  noCurrentMemory: 1,
  /** All vKeep are 4096. */
  noLeak: 2,
  /** No bias is 0, and the host drives none: every neuron is updated in every step. */
  alwaysUpdated: 4,
  /** Some neuron has a refractory time above one step. */
  waits: 8,
  /** Not `loihi-cuba`: the kernels leave it alone. */
  foreign: 16,
} as const;

/** Columns of `cores`, `[rows, count]`. */
export const CORE = {
  neuronBegin: 0,
  groupBegin: 1,
  groupEnd: 2,
  /** Sums are a ring of depthMask + 1 buffers of `stride` slots; plane p of a compartment is slot p x neurons + compartment. */
  sumsBegin: 3,
  stride: 4,
  depthMask: 5,
  neurons: 6,
  /** Further planes, and where their shifts are in `shifts`. */
  planes: 7,
  shiftBegin: 8,
  queueBegin: 9,
  queueEnd: 10,
  /** 1 if no sum of a step can leave 16 bits. */
  smallSums: 11,
  /** Three: the actions that the counts of its lists' heads are of, words aside. */
  actions: 12,
  count: 15,
} as const;

/**
 * Head of a synapse list in `lists`, in words of 4 bytes; the entries follow. All that a message needs is side by side, so
 * that a short list is one access to memory. Lists begin on multiples of `LIST_WORDS`.
 */
export const HEAD = {
  /** Form; (delay of all entries) x 2^8; rows: (first slot) x 2^16. */
  code: 0,
  /** Entries; for rows, slots. */
  length: 1,
  /** 16 bits each: words of the chip's list; events of the three kinds that the core's `CORE.actions` names. */
  counts: 2,
  count: 4,
} as const;

/** Places of lists (`routeAt`, `lineAt`, `queue`) count so many words; in the first two, doubled, plus 1 if the list is short. */
export const LIST_WORDS = 4;

/** Columns of `received`, `[rows, count]`: `HEAD.counts`, widened, and messages. */
export const RECEIVED = { counts: 0, messages: 4, count: 8 } as const;

/** Forms of a synapse list. Values are weight x 2^exponent. */
export const FORM = {
  /** 32-bit words: 4 x slot in the low 15 bits, bit 15 clear, value in the high 16. Filled up to a multiple of 4 by zeros for the slot behind the last. */
  packed: 0,
  /** 32-bit words as above, not filled up; then a delay of 8 bits for each. */
  delayed: 1,
  /** Pairs of 32 bits: slot, value; then a delay of 8 bits for each. */
  wide: 2,
  /** A value of 8 bits for every slot from the first on. */
  row8: 3,
  /** The same with holes: 2 x value + 1, or 0 where there is no synapse; first slot and length are multiples of 8. */
  sparseRow8: 4,
  row16: 5,
  sparseRow16: 6,
} as const;

/** Kinds of `stateEvents`: [kinds] neuron-steps, [kinds] first compartment, number of kinds that have happened. */
export const STATE_EVENT = {
  inputWrap: 0,
  currentWrap: 1,
  driveWrap: 2,
  membraneHigh: 3,
  membraneLow: 4,
  kinds: 5,
  /** Length of `stateEvents`. */
  length: 11,
} as const;

/** Arrays that the kernels know, in the order in which their places are told to the compiled ones. */
export const KERNEL_ARRAYS = [
  "u",
  "v",
  "waiting",
  "sums",
  "status",
  "fired",
  "firedEnd",
  "queue",
  "queued",
  "received",
  "counts",
  "constantCounts",
  "totals",
  "spikes",
  "updates",
  "stateEvents",
  "log",
  "logLength",
  "hostLine",
  "hostSpikes",
  "params",
  "groups",
  "cores",
  "shifts",
  "lists",
  "routeStart",
  "routeRow",
  "routeAt",
  "lineStart",
  "lineRow",
  "lineAt",
] as const satisfies readonly (keyof KernelMemory)[];

/** The arrays; compartments, routes and lines of all cores are numbered through. */
export interface KernelMemory {
  // State of the run.
  /** `[compartments]` each. */
  readonly u: Int32Array;
  readonly v: Int32Array;
  readonly waiting: Int32Array;
  /** 0: nothing came; else twice the summed weight, plus 1. */
  readonly sums: Int32Array;
  /** `[compartments]`: 0 idle, 1 updated, 2 fired; written if `hasStatus`. */
  readonly status: Uint8Array;
  /** Fired compartments of a core: entries neuronBegin .. firedEnd[row]. */
  readonly fired: Uint32Array;
  readonly firedEnd: Uint32Array;
  /** Places of lists that got a message, a list twice if it got two. */
  readonly queue: Uint32Array;
  /** `[rows]`, end of the core's messages in `queue`; the rest of its room is the caller's duty. */
  readonly queued: Uint32Array;
  /** What messages that are not queued count, until the end of the step; see `RECEIVED`. */
  readonly received: Uint32Array;

  // Counts.
  /** `[rows, actions]`, of the step; of every step; of the run. */
  readonly counts: Float64Array;
  readonly constantCounts: Float64Array;
  readonly totals: Float64Array;
  /** `[compartments]`, of the run. */
  readonly spikes: Float64Array;
  /** `[groups]`, of the run. A neuron is updated if u, v or bias was not 0, if an input came (even one that sums to 0), or if it fired. */
  readonly updates: Float64Array;
  /** See `STATE_EVENT`. */
  readonly stateEvents: Float64Array;
  /** Spikes to be recorded: entries of group, model step, number of spikes, compartments. Room for a step is the caller's duty. */
  readonly log: Uint32Array;
  readonly logLength: Uint32Array;

  // From the host.
  readonly hostLine: Uint32Array;
  readonly hostSpikes: Uint32Array;

  // What stays.
  readonly params: Int32Array;
  readonly groups: Int32Array;
  readonly cores: Uint32Array;
  readonly shifts: Uint32Array;
  /** Synapse lists, those of one sender side by side. */
  readonly lists: Uint8Array;
  /** `[compartments + 1]` into the next two: receiving rows, and places of lists. */
  readonly routeStart: Uint32Array;
  readonly routeRow: Uint32Array;
  readonly routeAt: Uint32Array;
  /** `[lines + 1]` into the next two. */
  readonly lineStart: Uint32Array;
  readonly lineRow: Uint32Array;
  readonly lineAt: Uint32Array;
}

/** Numbers that follow the places. */
export const KERNEL_NUMBERS = [
  "rows",
  "actions",
  "neuronUpdate",
  "spikeOut",
  "messageOut",
  "messageIn",
  "inputMessage",
  "synapseWordRead",
  "isNengo",
  "hasStatus",
] as const;
export type KernelNumbers = Readonly<Record<(typeof KERNEL_NUMBERS)[number], number>>;

/** What both kinds of kernels can do; see `plain/kernels.ts`. */
export interface Kernels {
  /** Clears the counts of the step and merges planes of sums. */
  begin(step: number): void;
  /** One step of a group. Returns -1, or the compartment whose current left its register beyond all rules. */
  stepGroup(group: number, step: number): number;
  /** From spikes to messages. Short lists are served at once, others are queued. */
  send(step: number): void;
  /** `begin`, `stepGroup` for all groups, `send`. */
  stepAll(step: number): number;
  /** Sends the messages of the first `events` entries of `hostLine` and `hostSpikes`. */
  inject(events: number, step: number): void;
  /** Serves all queues: there is room again for a message of each sender. */
  serve(step: number): void;
  /** The same, and adds the counts of the step to the totals. */
  deliver(step: number): void;
}
