import type { CoreProgram, Deployment, IntegerRules, SynapseFormat } from "#ir/deployment";
import { ENTRY_ACTION, ENTRY_ACTIONS, entryColumns } from "./entry-actions.ts";
import { FORM, HEAD, LIST_WORDS } from "./kernels/tables.ts";
import type { Action } from "./result.ts";

/** How the synapses of a core are stored for the kernels. */
export interface CorePlan {
  readonly neurons: number;
  /** Buffers in the ring of sums, a power of two. */
  readonly depth: number;
  /** Slots of one buffer: neurons x (1 + planes), one that nobody reads, and up to a multiple of 64 bytes. */
  readonly stride: number;
  /** Plane 1 + p collects a projection of negative weight exponent, whose sum is shifted right by shifts[p]. */
  readonly shifts: readonly number[];
  /** `[formats]`, plane of the entries of a format. */
  readonly planeOf: readonly number[];
  /** What the three counts of a list's head count. */
  readonly columns: readonly Action[];
  /** Largest magnitude that one message can add to one sum. */
  readonly largestValue: number;
  /** `[axons, PLAN.count]` */
  readonly lists: Uint32Array;
}

/** Columns of `CorePlan.lists`. */
export const PLAN = {
  /** `HEAD.code` */
  code: 0,
  /** `HEAD.length` */
  length: 1,
  /** Words of 4 bytes, head included; a multiple of `LIST_WORDS`. */
  room: 2,
  /** Place as in `routeAt`. */
  at: 3,
  count: 4,
} as const;

/**
 * Packed lists up to this length are short if their sender has several: they are served where they are met, side by side.
 * Others are served core by core, whose sums then stay in the first cache.
 */
const SHORT = 128;
const SEVERAL = 4;
/** First slots of rows fit into 16 bits. */
const ROW_FIRST = 2 ** 16;
/** Slots and values that fit the one-word form. */
const PACKED_SLOTS = 2 ** 13;
const PACKED_VALUE = 2 ** 15;
/** Slots in 64 bytes. */
const STRIDE_UNIT = 16;
/** Shorter lists are no rows. */
const SHORTEST_ROW = 8;

/**
 * Decides how each synapse list is stored. A row of values for successive slots where it takes no more room than a word
 * for every synapse would; it is the faster the fuller it is. Else words of slot and value, if they fit.
 */
export function planCore(program: CoreProgram, rules: IntegerRules): CorePlan {
  const { formats, axonStart, target, weight, format, delaySteps, neurons } = program;
  const planes = new Map<number, { plane: number; shift: number }>();
  const planeOf = formats.map(({ projection, weightExponent }) => {
    if (rules !== "lava" || weightExponent >= 0) return 0;
    const known = planes.get(projection) ?? { plane: planes.size + 1, shift: -weightExponent };
    planes.set(projection, known);
    return known.plane;
  });
  const slots = neurons * (1 + planes.size);

  const offset = Uint32Array.from(planeOf, (plane) => plane * neurons);
  const factor = Float64Array.from(formats, (f) => factorOf(f, rules));
  const lists = new Uint32Array((axonStart.length - 1) * PLAN.count);
  let largestValue = 0;
  let longestDelay = 1;
  for (let a = 0; a + 1 < axonStart.length; a++) {
    const begin = axonStart[a];
    const end = axonStart[a + 1];
    let [low, high, last, runs] = [0, 0, -1, 1];
    let firstSlot = 0;
    let delay = begin < end ? delaySteps[begin] : 1;
    let isUniform = true;
    for (let i = begin; i < end; i++) {
      const f = format[i];
      const slot = offset[f] + target[i];
      const value = factor[f] === 0 ? rounded(weight[i], formats[f]) : weight[i] * factor[f];
      if (value < low) low = value;
      if (value > high) high = value;
      if (i === begin) firstSlot = slot;
      else if (slot <= last) runs++;
      last = slot;
      if (delaySteps[i] === delay) continue;
      isUniform = false;
      if (delaySteps[i] > delay) delay = delaySteps[i];
    }
    if (delay > longestDelay) longestDelay = delay;
    const size = Math.max(-low, high);
    if (size * runs > largestValue) largestValue = size * runs;

    const length = end - begin;
    const row = isUniform && runs === 1 ? rowOf(firstSlot, last, length, low, high) : undefined;
    const { form, entries, extra, room } = row ?? wordsOf(isUniform, slots, size, length);
    const at = a * PLAN.count;
    lists[at + PLAN.code] = form | (isUniform ? delay << 8 : 0) | (extra << 16);
    lists[at + PLAN.length] = entries;
    lists[at + PLAN.room] = HEAD.count + Math.ceil(room / LIST_WORDS) * LIST_WORDS;
  }
  return {
    neurons,
    depth: 2 ** Math.ceil(Math.log2(longestDelay)),
    stride: Math.ceil((slots + 1) / STRIDE_UNIT) * STRIDE_UNIT,
    shifts: [...planes.values()].map(({ shift }) => shift),
    planeOf,
    columns: entryColumns(program) ?? ENTRY_ACTIONS.slice(0, 3),
    largestValue,
    lists,
  };
}

/** Form of a list; entries as in `HEAD.length`, first slot of a row, room for the entries in words of 4 bytes. */
interface Storage {
  readonly form: number;
  readonly entries: number;
  readonly extra: number;
  readonly room: number;
}

/** A list as a row, unless it would be too thin or its values are too large. */
function rowOf(first: number, last: number, length: number, low: number, high: number): Storage | undefined {
  if (length < SHORTEST_ROW || first >= ROW_FIRST) return undefined;
  if (last - first + 1 === length) {
    if (low >= -128 && high <= 127)
      return { form: FORM.row8, entries: length, extra: first, room: (length + 3) >> 2 };
    if (low >= -32_768 && high <= 32_767)
      return { form: FORM.row16, entries: length, extra: first, room: (length + 1) >> 1 };
    return undefined;
  }
  const extra = first & ~7;
  const entries = ((last >> 3) + 1) * 8 - extra;
  if (low >= -64 && high <= 63 && entries <= 4 * length)
    return { form: FORM.sparseRow8, entries, extra, room: entries >> 2 };
  if (low >= -16_384 && high <= 16_383 && entries <= 2 * length)
    return { form: FORM.sparseRow16, entries, extra, room: entries >> 1 };
  return undefined;
}

function wordsOf(isUniform: boolean, slots: number, size: number, length: number): Storage {
  const delays = (length + 3) >> 2;
  if (slots >= PACKED_SLOTS || size >= PACKED_VALUE)
    return { form: FORM.wide, entries: length, extra: 0, room: 2 * length + delays };
  const filled = Math.ceil(length / 4) * 4;
  if (isUniform) return { form: FORM.packed, entries: filled, extra: 0, room: filled };
  return { form: FORM.delayed, entries: length, extra: 0, room: length + delays };
}

/**
 * Gives every list its place (`PLAN.at`): in the order in which senders are served, so that the lists of one spike are side
 * by side.
 *
 * @returns words of 4 bytes that all lists take
 */
export function placeLists(
  { cores, inputs }: Deployment,
  plans: readonly CorePlan[],
  rowOf: ReadonlyMap<number, number>,
): number {
  let words = 0;
  const isPlaced = plans.map(({ lists }) => new Uint8Array(lists.length / PLAN.count));
  const place = (row: number, axon: number, isOneOfSeveral: boolean): void => {
    if (isPlaced[row][axon] === 1) return;
    isPlaced[row][axon] = 1;
    const { lists } = plans[row];
    const at = axon * PLAN.count;
    const isPacked = (lists[at + PLAN.code] & 255) === FORM.packed;
    const isShort = isOneOfSeveral && isPacked && lists[at + PLAN.length] <= SHORT;
    lists[at + PLAN.at] = 2 * (words / LIST_WORDS) + (isShort ? 1 : 0);
    words += lists[at + PLAN.room];
  };
  for (const { routeStart, routeCore, routeAxon } of [...cores, ...inputs])
    for (let n = 0; n + 1 < routeStart.length; n++) {
      const isSeveral = routeStart[n + 1] - routeStart[n] >= SEVERAL;
      for (let r = routeStart[n]; r < routeStart[n + 1]; r++)
        place(rowOf.get(routeCore[r])!, routeAxon[r], isSeveral);
    }
  // Lists that nobody sends to.
  isPlaced.forEach((axons, row) => {
    for (let axon = 0; axon < axons.length; axon++) place(row, axon, false);
  });
  return words;
}

/** Views of all lists. */
export interface PackTarget {
  readonly bytes: Int8Array;
  readonly halves: Int16Array;
  /** The same as `halves`. */
  readonly counts: Uint16Array;
  readonly words: Int32Array;
}

/** Writes the synapse lists of one core, as planned, to their places. */
export function packCore(
  program: CoreProgram,
  plan: CorePlan,
  { bytes, halves, counts, words }: PackTarget,
  rules: IntegerRules,
): void {
  const { formats, axonStart, axonWords, target, weight, format, delaySteps } = program;
  const { lists, neurons, shifts } = plan;
  const offset = Uint32Array.from(plan.planeOf, (plane) => plane * neurons);
  const factor = Float64Array.from(formats, (f) => factorOf(f, rules));
  // Words come first.
  const column = Uint8Array.from(formats, ({ encoding }) => 1 + plan.columns.indexOf(ENTRY_ACTION[encoding]));
  const nobody = (neurons * (1 + shifts.length)) << 2;
  for (let a = 0; a + 1 < axonStart.length; a++) {
    const head = (lists[a * PLAN.count + PLAN.at] >>> 1) * LIST_WORDS;
    const code = lists[a * PLAN.count + PLAN.code];
    const length = lists[a * PLAN.count + PLAN.length];
    const form = code & 255;
    const extra = code >>> 16;
    const begin = axonStart[a];
    const end = axonStart[a + 1];
    const at = head + HEAD.count;
    const counted = 2 * (head + HEAD.counts);
    words[head + HEAD.code] = code;
    words[head + HEAD.length] = length;
    counts[counted] = axonWords[a];
    if (form === FORM.packed) words.fill(nobody, at + end - begin, at + length);
    for (let i = begin; i < end; i++) {
      const f = format[i];
      const slot = offset[f] + target[i];
      const value = factor[f] === 0 ? rounded(weight[i], formats[f]) : weight[i] * factor[f];
      counts[counted + column[f]]++;
      switch (form) {
        case FORM.row8:
          bytes[4 * at + slot - extra] = value;
          break;
        case FORM.sparseRow8:
          bytes[4 * at + slot - extra] = 2 * value + 1;
          break;
        case FORM.row16:
          halves[2 * at + slot - extra] = value;
          break;
        case FORM.sparseRow16:
          halves[2 * at + slot - extra] = 2 * value + 1;
          break;
        case FORM.wide:
          words[at + 2 * (i - begin)] = slot;
          words[at + 2 * (i - begin) + 1] = value;
          bytes[4 * (at + 2 * length) + i - begin] = delaySteps[i];
          break;
        default:
          words[at + i - begin] = (value << 16) | (slot << 2);
          if (form === FORM.delayed) bytes[4 * (at + length) + i - begin] = delaySteps[i];
      }
    }
  }
}

/**
 * What one event adds to the sum of its slot is weight x factor. 0 where each weight is rounded by itself: Lava shifts
 * the sum of a projection with negative exponent (a plane of its own), nengo rounds every weight.
 */
function factorOf({ weightExponent }: SynapseFormat, rules: IntegerRules): number {
  if (weightExponent >= 0) return 2 ** weightExponent;
  return rules === "lava" ? 1 : 0;
}

/** weight x 2^exponent, half to even. */
function rounded(weight: number, { weightExponent }: SynapseFormat): number {
  const exact = weight * 2 ** weightExponent;
  const below = Math.floor(exact);
  const rest = exact - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
