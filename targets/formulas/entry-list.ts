import type { Encoding } from "#ir/deployment";
import type { EntryListPacker } from "../target.ts";

/** Fields of a synapse list, as wide as the core stores them; a deployment's `SynapseFormat` is one. */
export interface ListFormat {
  /** One of the packer's. */
  readonly encoding: Encoding;
  /** Bits of one stored weight; a width the packer lacks is stored in the next larger one. */
  readonly weightBits: number;
  /** See `indexFieldBits`: one width for all lists of the format on a core. */
  readonly indexBits: number;
  /** Run-length only, else 0. */
  readonly skipBits: number;
  readonly delayBits: number;
}

/** Ascending target indices, and which of them belong to the list: [begin, end). */
export type TargetArray = Uint16Array | Uint32Array | readonly number[];

/** Width of the index field that covers compartment `largestTarget`: never 0, which means "no index". */
export function indexFieldBits(packer: EntryListPacker, largestTarget: number): number {
  return smallestWidth(packer.indexBits, Math.max(1, bitsOf(largestTarget)));
}

/** Width of the weight field that holds weights of `weightBits` bits. */
export function weightFieldBits(packer: EntryListPacker, weightBits: number): number {
  return smallestWidth(packer.weightBits, weightBits);
}

/** Width of the delay field for synapses that act up to `largestDelaySteps` (at least 1) after the spike: 1 step needs none. */
export function delayFieldBits(largestDelaySteps: number): number {
  return bitsOf(largestDelaySteps - 1);
}

/** Bits in front of an entry's synapses: header and, where the encoding has one, the start index. */
export function prefixBits(packer: EntryListPacker, format: ListFormat): number {
  const hasStart =
    format.encoding === "run-length" || (format.encoding === "dense" && packer.startIndexInDense);
  return packer.headerBits + (hasStart ? format.indexBits : 0);
}

/** Bits of one synapse inside an entry. */
export function synapseBits(packer: EntryListPacker, format: ListFormat): number {
  const position =
    format.encoding === "sparse" ? format.indexBits : format.encoding === "run-length" ? format.skipBits : 0;
  return weightFieldBits(packer, format.weightBits) + format.delayBits + position;
}

/**
 * Longest gap in a dense list that is cheaper (or as cheap) filled with zero weights than bridged by a new
 * entry; Infinity where dense entries carry no start index and so have to be filled.
 */
export function cheapestFill(packer: EntryListPacker, format: ListFormat): number {
  if (!packer.startIndexInDense) return Infinity;
  return Math.floor(prefixBits(packer, format) / synapseBits(packer, format));
}

/**
 * Bits of one synapse list, all of its entries together.
 *
 * Where the packer rounds each entry up to a word, that is included; otherwise the bits of all lists of the axon
 * are added before `wordsOfBits` rounds them.
 *
 * @param targets ascending between `begin` and `end`, each < 2^indexBits
 * @param maxFill dense only: gaps of up to that many targets are filled with zero weights, longer ones start a new
 *                entry (never, where dense entries carry no start index). Infinity fills all, `cheapestFill` is
 *                the cheapest, 0 counts the list exactly as it stands.
 *
 * Checks nothing. Source: NxTF and nengo-loihi, as described in the README of this folder.
 */
export function listBits(
  packer: EntryListPacker,
  format: ListFormat,
  targets: TargetArray,
  begin: number,
  end: number,
  maxFill = Infinity,
): number {
  return measuredListBits(packer, measureFormat(packer, format, maxFill), targets, begin, end);
}

/** What `listBits` derives from a format, worked out once for many lists. */
export interface MeasuredFormat {
  readonly encoding: ListFormat["encoding"];
  readonly prefixBits: number;
  readonly synapseBits: number;
  /** Missing targets that start a new entry; run-length only. */
  readonly skipLimit: number;
  /** Dense only; see `listBits`. */
  readonly maxFill: number;
}

export function measureFormat(packer: EntryListPacker, format: ListFormat, maxFill: number): MeasuredFormat {
  return {
    encoding: format.encoding,
    prefixBits: prefixBits(packer, format),
    synapseBits: synapseBits(packer, format),
    skipLimit: 2 ** format.skipBits,
    maxFill: packer.startIndexInDense ? maxFill : Infinity,
  };
}

/** `listBits` for a format that was measured before. */
export function measuredListBits(
  packer: EntryListPacker,
  { encoding, prefixBits: prefix, synapseBits: perSynapse, skipLimit, maxFill }: MeasuredFormat,
  targets: TargetArray,
  begin: number,
  end: number,
): number {
  if (begin === end) return 0;
  if (encoding === "sparse") return blockBits(packer, prefix, perSynapse, end - begin);
  if (encoding === "run-length") {
    const entries = runLengthEntries(targets, begin, end, skipLimit, packer.maxEntriesPerHeader);
    return entries * prefix + (end - begin) * perSynapse;
  }
  if (maxFill === Infinity) {
    return blockBits(packer, prefix, perSynapse, targets[end - 1] - targets[begin] + 1);
  }
  let bits = 0;
  let runStart = targets[begin];
  for (let i = begin + 1; i < end; i++) {
    if (targets[i] - targets[i - 1] - 1 > maxFill) {
      bits += blockBits(packer, prefix, perSynapse, targets[i - 1] - runStart + 1);
      runStart = targets[i];
    }
  }
  return bits + blockBits(packer, prefix, perSynapse, targets[end - 1] - runStart + 1);
}

/** 64-bit words of an axon whose lists have `bits` bits in all (the sum of `listBits`). */
export function wordsOfBits(packer: EntryListPacker, bits: number): number {
  if (bits === 0) return 0;
  if (packer.rounding === "per-entry") return bits / WORD_BITS;
  // A spare word if the last one is full or has fewer than 6 bits left.
  const lastWordBits = bits % WORD_BITS;
  const spare = lastWordBits === 0 || lastWordBits >= GUARD_BITS ? 1 : 0;
  return Math.ceil(bits / WORD_BITS) + spare;
}

/** Words of an axon that has this one list; `maxFill` as in `listBits`. */
export function listWords(
  packer: EntryListPacker,
  format: ListFormat,
  targets: TargetArray,
  begin: number,
  end: number,
  maxFill = Infinity,
): number {
  return wordsOfBits(packer, listBits(packer, format, targets, begin, end, maxFill));
}

/**
 * Words of one axon as a deployment stores it: entries [begin, end), runs of one format, zeros of dense lists
 * written out (a gap that is left in a dense run starts a new entry).
 *
 * @param formats  the core's format slots
 * @param target   `[synapses]`, ascending inside a run of one format
 * @param formatOf `[synapses]`, index into `formats`
 */
export function axonWords(
  packer: EntryListPacker,
  formats: readonly ListFormat[],
  target: Uint16Array | Uint32Array,
  formatOf: Uint8Array,
  begin: number,
  end: number,
): number {
  let bits = 0;
  for (let from = begin; from < end;) {
    let to = from + 1;
    while (to < end && formatOf[to] === formatOf[from]) to++;
    bits += listBits(packer, formats[formatOf[from]], target, from, to, 0);
    from = to;
  }
  return wordsOfBits(packer, bits);
}

/** Bits of `synapses` synapses cut into entries of the packer's length. */
function blockBits(packer: EntryListPacker, prefix: number, perSynapse: number, synapses: number): number {
  const perEntry = packer.maxEntriesPerHeader;
  const fullEntries = Math.floor(synapses / perEntry);
  const rest = synapses - fullEntries * perEntry;
  if (packer.rounding === "per-axon-guarded") {
    return (fullEntries + (rest > 0 ? 1 : 0)) * prefix + synapses * perSynapse;
  }
  const full = fullEntries * roundUpToWord(prefix + perEntry * perSynapse);
  return full + (rest > 0 ? roundUpToWord(prefix + rest * perSynapse) : 0);
}

/**
 * Entries of a run-length list: a gap of `skipLimit` or more missing targets, or a full entry, starts a new one.
 * Without branches, because gaps are random and a wrong guess costs more than all the rest:
 * (a - b) >>> 31 is 1 if a < b, else 0.
 */
function runLengthEntries(
  targets: TargetArray,
  begin: number,
  end: number,
  skipLimit: number,
  maxPerEntry: number,
): number {
  let entries = 1;
  let inEntry = 1;
  let previous = targets[begin];
  for (let i = begin + 1; i < end; i++) {
    const target = targets[i];
    const starts = ((skipLimit - (target - previous)) >>> 31) | ((maxPerEntry - 1 - inEntry) >>> 31);
    entries += starts;
    inEntry = (inEntry & (starts - 1)) + 1;
    previous = target;
  }
  return entries;
}

const WORD_BITS = 64;
const GUARD_BITS = 59;

function roundUpToWord(bits: number): number {
  return Math.ceil(bits / WORD_BITS) * WORD_BITS;
}

/** Bits of the binary form of a non-negative integer; 0 has none. */
function bitsOf(value: number): number {
  return value === 0 ? 0 : 32 - Math.clz32(value);
}

/** The smallest width on the list that is at least `bits`; the largest one if none is. */
function smallestWidth(widths: readonly number[], bits: number): number {
  for (const width of widths) if (width >= bits) return width;
  return widths[widths.length - 1];
}
