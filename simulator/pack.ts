import type { CoreProgram, IntegerRules, SynapseFormat } from "#ir/deployment";
import { AXON, FORM } from "./kernels/tables.ts";

/** How the synapses of a core are stored for the kernels. */
export interface CorePlan {
  readonly neurons: number;
  /** Buffers in the ring of sums, a power of two. */
  readonly depth: number;
  /** Slots of one buffer: neurons x (1 + planes). */
  readonly stride: number;
  /** Plane 1 + p collects a projection of negative weight exponent, whose sum is shifted right by shifts[p]. */
  readonly shifts: readonly number[];
  /** `[formats]`, plane of the entries of a format. */
  readonly planeOf: readonly number[];
  /** Largest magnitude that one message can add to one sum. */
  readonly largestValue: number;
  /** `[axons, AXON.count]`; places count from the begin of the core's lists. */
  readonly axons: Uint32Array;
  /** Words of 4 bytes that the lists take. */
  readonly listWords: number;
}

/** Slots and values that fit the one-word form. */
const PACKED_SLOTS = 2 ** 13;
const PACKED_VALUE = 2 ** 15;
/** Shorter lists are no rows. */
const SHORTEST_ROW = 8;

/** Axon-table columns of `KernelMemory.axonTable`, after the words. */
const ENCODING_COLUMN: Readonly<Record<SynapseFormat["encoding"], number>> = {
  dense: 1,
  sparse: 2,
  "run-length": 3,
};

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
  const stride = neurons * (1 + planes.size);

  const offset = Uint32Array.from(planeOf, (plane) => plane * neurons);
  const factor = Float64Array.from(formats, (f) => factorOf(f, rules));
  const axons = new Uint32Array((axonStart.length - 1) * AXON.count);
  let listWords = 0;
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
    const words = wordsOf(isUniform, stride, size, length);
    const { form, entries, extra, room } = row ?? words;
    const at = a * AXON.count;
    axons[at + AXON.at] = listWords;
    axons[at + AXON.length] = entries;
    axons[at + AXON.extra] = row === undefined ? listWords + extra : extra;
    axons[at + AXON.form] = form + 256 * (isUniform ? delay : 0);
    listWords += room;
  }
  return {
    neurons,
    depth: 2 ** Math.ceil(Math.log2(longestDelay)),
    stride,
    shifts: [...planes.values()].map(({ shift }) => shift),
    planeOf,
    largestValue,
    axons,
    listWords,
  };
}

/** Form of a list; entries as in `AXON.length`, room in words of 4 bytes. */
interface Storage {
  readonly form: number;
  readonly entries: number;
  readonly extra: number;
  readonly room: number;
}

/** A list as a row, unless it would be too thin or its values are too large. */
function rowOf(first: number, last: number, length: number, low: number, high: number): Storage | undefined {
  if (length < SHORTEST_ROW) return undefined;
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

function wordsOf(isUniform: boolean, stride: number, size: number, length: number): Storage {
  const delays = (length + 3) >> 2;
  if (stride > PACKED_SLOTS || size >= PACKED_VALUE)
    return { form: FORM.wide, entries: length, extra: 2 * length, room: 2 * length + delays };
  if (isUniform) return { form: FORM.packed, entries: length, extra: 0, room: length };
  return { form: FORM.delayed, entries: length, extra: length, room: length + delays };
}

/** Where a core's tables are. */
export interface PackTarget {
  /** `[axons, 4]` of this core. */
  readonly axonTable: Uint32Array;
  /** The lists of this core. */
  readonly bytes: Int8Array;
  readonly halves: Int16Array;
  readonly words: Int32Array;
}

/**
 * Writes the synapse lists of one core, as planned.
 *
 * @param listBegin what the places in the plan's axons are to be moved by, afterwards
 */
export function packCore(
  program: CoreProgram,
  plan: CorePlan,
  { axonTable, bytes, halves, words }: PackTarget,
  rules: IntegerRules,
  listBegin: number,
): void {
  const { formats, axonStart, axonWords, target, weight, format, delaySteps } = program;
  const { axons } = plan;
  const offset = Uint32Array.from(plan.planeOf, (plane) => plane * plan.neurons);
  const factor = Float64Array.from(formats, (f) => factorOf(f, rules));
  const column = Uint8Array.from(formats, ({ encoding }) => ENCODING_COLUMN[encoding]);
  for (let a = 0; a + 1 < axonStart.length; a++) {
    const at = axons[a * AXON.count + AXON.at];
    const extra = axons[a * AXON.count + AXON.extra];
    const form = axons[a * AXON.count + AXON.form] & 255;
    const begin = axonStart[a];
    const end = axonStart[a + 1];
    axonTable[4 * a] = axonWords[a];
    for (let i = begin; i < end; i++) {
      const f = format[i];
      const slot = offset[f] + target[i];
      const value = factor[f] === 0 ? rounded(weight[i], formats[f]) : weight[i] * factor[f];
      axonTable[4 * a + column[f]]++;
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
          bytes[4 * extra + i - begin] = delaySteps[i];
          break;
        default:
          words[at + i - begin] = (value << 16) | (slot << 2);
          if (form === FORM.delayed) bytes[4 * extra + i - begin] = delaySteps[i];
      }
    }
    axons[a * AXON.count + AXON.at] += listBegin;
    if (form === FORM.delayed || form === FORM.wide) axons[a * AXON.count + AXON.extra] += listBegin;
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
