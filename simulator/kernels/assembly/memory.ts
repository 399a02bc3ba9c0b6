// Where everything is: the places of `KERNEL_ARRAYS` and the numbers of `KERNEL_NUMBERS` (../tables.ts), told once.

export let u: usize = 0;
export let v: usize = 0;
export let waiting: usize = 0;
export let sums: usize = 0;
export let status: usize = 0;
export let fired: usize = 0;
export let firedEnd: usize = 0;
export let queue: usize = 0;
export let queued: usize = 0;
export let received: usize = 0;
export let counts: usize = 0;
export let constantCounts: usize = 0;
export let totals: usize = 0;
export let spikes: usize = 0;
export let updates: usize = 0;
export let stateEvents: usize = 0;
export let log: usize = 0;
export let logLength: usize = 0;
export let hostLine: usize = 0;
export let hostSpikes: usize = 0;
export let params: usize = 0;
export let groups: usize = 0;
export let cores: usize = 0;
export let shifts: usize = 0;
export let lists: usize = 0;
export let routeStart: usize = 0;
export let routeRow: usize = 0;
export let routeAt: usize = 0;
export let lineStart: usize = 0;
export let lineRow: usize = 0;
export let lineAt: usize = 0;

export let rows: u32 = 0;
export let actions: u32 = 0;
export let neuronUpdate: u32 = 0;
export let spikeOut: u32 = 0;
export let messageOut: u32 = 0;
export let messageIn: u32 = 0;
export let inputMessage: u32 = 0;
export let synapseWordRead: u32 = 0;
export let isNengo: u32 = 0;
export let hasStatus: u32 = 0;

// Bytes. `GROUP`, `CORE`, `HEAD` and `RECEIVED` of ../tables.ts, times 4.
export const GROUP_BYTES: usize = 80;
export const GROUP_BEGIN: usize = 0;
export const GROUP_END: usize = 4;
export const GROUP_ROW: usize = 8;
export const GROUP_START_STEP: usize = 12;
export const GROUP_BIAS: usize = 16;
export const GROUP_U_KEEP: usize = 24;
export const GROUP_V_KEEP: usize = 32;
export const GROUP_THRESHOLD: usize = 40;
export const GROUP_V_MIN: usize = 48;
export const GROUP_REFRACTORY: usize = 56;
export const GROUP_FLAGS: usize = 64;
export const GROUP_RESET_INTERVAL: usize = 68;
export const GROUP_RESET_OFFSET: usize = 72;
export const GROUP_RECORD_STEPS: usize = 76;

export const FLAG_NO_CURRENT_MEMORY: u32 = 1;
export const FLAG_NO_LEAK: u32 = 2;
export const FLAG_ALWAYS_UPDATED: u32 = 4;
export const FLAG_WAITS: u32 = 8;
export const FLAG_FOREIGN: u32 = 16;

export const CORE_BYTES: usize = 60;
export const CORE_NEURON_BEGIN: usize = 0;
export const CORE_GROUP_BEGIN: usize = 4;
export const CORE_GROUP_END: usize = 8;
export const CORE_SUMS_BEGIN: usize = 12;
export const CORE_STRIDE: usize = 16;
export const CORE_DEPTH_MASK: usize = 20;
export const CORE_NEURONS: usize = 24;
export const CORE_PLANES: usize = 28;
export const CORE_SHIFT_BEGIN: usize = 32;
export const CORE_QUEUE_BEGIN: usize = 36;
export const CORE_QUEUE_END: usize = 40;
export const CORE_SMALL_SUMS: usize = 44;
export const CORE_ACTIONS: usize = 48;

export const HEAD_CODE: usize = 0;
export const HEAD_LENGTH: usize = 4;
export const HEAD_COUNTS: usize = 8;
export const HEAD_BYTES: usize = 16;

export const RECEIVED_COUNTS: usize = 0;
export const RECEIVED_MESSAGES: usize = 16;
export const RECEIVED_BYTES: usize = 32;

export const FORM_PACKED: u32 = 0;
export const FORM_DELAYED: u32 = 1;
export const FORM_WIDE: u32 = 2;
export const FORM_ROW8: u32 = 3;
export const FORM_SPARSE_ROW8: u32 = 4;
export const FORM_ROW16: u32 = 5;
export const FORM_SPARSE_ROW16: u32 = 6;

export const EVENT_INPUT_WRAP: usize = 0;
export const EVENT_CURRENT_WRAP: usize = 1;
export const EVENT_DRIVE_WRAP: usize = 2;
export const EVENT_MEMBRANE_HIGH: usize = 3;
export const EVENT_MEMBRANE_LOW: usize = 4;
export const EVENT_KINDS: usize = 5;

/** @param table places of all arrays, then the numbers; 32 bits each */
export function setup(table: usize): void {
  u = load<u32>(table);
  v = load<u32>(table + 4);
  waiting = load<u32>(table + 8);
  sums = load<u32>(table + 12);
  status = load<u32>(table + 16);
  fired = load<u32>(table + 20);
  firedEnd = load<u32>(table + 24);
  queue = load<u32>(table + 28);
  queued = load<u32>(table + 32);
  received = load<u32>(table + 36);
  counts = load<u32>(table + 40);
  constantCounts = load<u32>(table + 44);
  totals = load<u32>(table + 48);
  spikes = load<u32>(table + 52);
  updates = load<u32>(table + 56);
  stateEvents = load<u32>(table + 60);
  log = load<u32>(table + 64);
  logLength = load<u32>(table + 68);
  hostLine = load<u32>(table + 72);
  hostSpikes = load<u32>(table + 76);
  params = load<u32>(table + 80);
  groups = load<u32>(table + 84);
  cores = load<u32>(table + 88);
  shifts = load<u32>(table + 92);
  lists = load<u32>(table + 96);
  routeStart = load<u32>(table + 100);
  routeRow = load<u32>(table + 104);
  routeAt = load<u32>(table + 108);
  lineStart = load<u32>(table + 112);
  lineRow = load<u32>(table + 116);
  lineAt = load<u32>(table + 120);
  rows = load<u32>(table + 124);
  actions = load<u32>(table + 128);
  neuronUpdate = load<u32>(table + 132);
  spikeOut = load<u32>(table + 136);
  messageOut = load<u32>(table + 140);
  messageIn = load<u32>(table + 144);
  inputMessage = load<u32>(table + 148);
  synapseWordRead = load<u32>(table + 152);
  isNengo = load<u32>(table + 156);
  hasStatus = load<u32>(table + 160);
}

/** Where a list is. @param place as in `queue` */
@inline
export function listAt(place: u32): usize {
  return lists + (<usize>place << 4);
}

/** Adds to a count of the step. */
@inline
export function count(row: u32, action: u32, by: f64): void {
  const at = counts + (<usize>(row * actions + action) << 3);
  store<f64>(at, load<f64>(at) + by);
}
