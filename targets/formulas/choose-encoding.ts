import type { EntryListPacker } from "../target.ts";
import {
  cheapestFill,
  measureFormat,
  measuredListBits,
  wordsOfBits,
  type ListFormat,
  type MeasuredFormat,
  type TargetArray,
} from "./entry-list.ts";

/** What the lists of one projection on one core have in common. */
export interface ListWidths {
  readonly weightBits: number;
  readonly indexBits: number;
  readonly delayBits: number;
}

/** All ways in which the packer can store a list: sparse, dense, then run-length by rising skip width. */
export function encodingChoices(packer: EntryListPacker, widths: ListWidths): readonly ListFormat[] {
  const { weightBits, indexBits, delayBits } = widths;
  return packer.encodings
    .toSorted((a, b) => CHOICE_ORDER.indexOf(a) - CHOICE_ORDER.indexOf(b))
    .flatMap((encoding) =>
      (encoding === "run-length" ? packer.skipBits : [0]).map((skipBits) => ({
        encoding,
        weightBits,
        indexBits,
        skipBits,
        delayBits,
      })),
    );
}

const CHOICE_ORDER = ["sparse", "dense", "run-length"] as const;

/** The choices as `allEncodingBits` wants them: dense ones filled at the cheapest. */
export function measureChoices(
  packer: EntryListPacker,
  choices: readonly ListFormat[],
): readonly MeasuredFormat[] {
  return choices.map((choice) => measureFormat(packer, choice, cheapestFill(packer, choice)));
}

/**
 * Bits of one list in every encoding: `out[k]` for the k-th of `choices`.
 *
 * @param choices from `measureChoices`
 * @param out     `[choices]`, overwritten
 */
export function allEncodingBits(
  packer: EntryListPacker,
  choices: readonly MeasuredFormat[],
  targets: TargetArray,
  begin: number,
  end: number,
  out: Float64Array,
): void {
  for (let k = 0; k < choices.length; k++) {
    out[k] = measuredListBits(packer, choices[k], targets, begin, end);
  }
}

/** How a group of lists is stored with few formats. */
export interface EncodingPlan {
  /** Formats in use, at most as many as there were slots. */
  readonly formats: readonly ListFormat[];
  /** `[lists]`, index into `formats`. */
  readonly formatOfList: Uint8Array;
  /** `[lists]`, bits of each list in its format. */
  readonly bitsOfList: Float64Array;
  /** Sum over the lists, each counted as an axon of its own. */
  readonly words: number;
}

/**
 * The cheapest encoding of each list of a group, with at most `slots` formats (at least 1) in all: every list
 * has its own best where the slots allow, otherwise the best few formats for all are found by trying every set.
 * Fewer formats win at equal words, then fewer bits.
 *
 * @param targets   all lists one after the other
 * @param listStart `[lists + 1]`, ascending: list i is targets[listStart[i]] .. targets[listStart[i + 1]]
 */
export function chooseEncoding(
  packer: EntryListPacker,
  widths: ListWidths,
  targets: TargetArray,
  listStart: Uint32Array,
  slots: number,
): EncodingPlan {
  const choices = encodingChoices(packer, widths);
  const measured = measureChoices(packer, choices);
  const lists = listStart.length - 1;
  const bits = new Float64Array(lists * choices.length);
  for (let list = 0; list < lists; list++) {
    const row = bits.subarray(list * choices.length, (list + 1) * choices.length);
    allEncodingBits(packer, measured, targets, listStart[list], listStart[list + 1], row);
  }

  let best: { set: readonly number[]; words: number; bits: number } | undefined;
  for (const set of subsets(choices.length, Math.min(slots, choices.length))) {
    const total = { set, words: 0, bits: 0 };
    for (let list = 0; list < lists; list++) {
      const least = bits[list * choices.length + cheapestOf(set, bits, list * choices.length)];
      total.words += wordsOfBits(packer, least);
      total.bits += least;
    }
    const better =
      best === undefined ||
      total.words < best.words ||
      (total.words === best.words && set.length === best.set.length && total.bits < best.bits);
    if (better) best = total;
  }

  const { set, words } = best!;
  const formatOfList = new Uint8Array(lists);
  const bitsOfList = new Float64Array(lists);
  for (let list = 0; list < lists; list++) {
    const choice = cheapestOf(set, bits, list * choices.length);
    formatOfList[list] = set.indexOf(choice);
    bitsOfList[list] = bits[list * choices.length + choice];
  }
  return { formats: set.map((choice) => choices[choice]), formatOfList, bitsOfList, words };
}

/** The choice of the set with the fewest bits in the row that begins at `offset`; the first of equals. */
function cheapestOf(set: readonly number[], bits: Float64Array, offset: number): number {
  let cheapest = set[0];
  for (const choice of set) if (bits[offset + choice] < bits[offset + cheapest]) cheapest = choice;
  return cheapest;
}

/** Non-empty subsets of 0 .. count - 1 with at most `maxSize` members, small ones first. */
function subsets(count: number, maxSize: number): number[][] {
  const all: number[][] = [];
  for (let mask = 1; mask < 2 ** count; mask++) {
    const members = Array.from({ length: count }, (_, i) => i).filter((i) => (mask >> i) & 1);
    if (members.length <= maxSize) all.push(members);
  }
  return all.toSorted((a, b) => a.length - b.length);
}
