import { invariant } from "#util/diagnostic";
import type { EntryListPacker } from "../target.ts";
import { weightFieldBits, type ListFormat } from "./entry-list.ts";

// The slow, obvious twin of entry-list.ts: really lays out the bits of an axon, as a string of "0" and "1".
// Field order is ours; field widths and rounding are the packer's, and only they decide the length.

/** One synapse as stored: fields, not meanings. A signed weight is given as its two's complement. */
export interface ListSynapse {
  readonly target: number;
  /** Below 2^(width of the weight field). */
  readonly weightField: number;
  /** Below 2^delayBits. */
  readonly delayField: number;
}

/** Synapses of one axon in one format: ascending targets, no doubles. */
export interface AxonPart {
  /** 1 .. 15: index of the format on its core; 0 marks the end of an axon. */
  readonly formatId: number;
  readonly synapses: readonly ListSynapse[];
}

/**
 * Bits of an axon, padded to whole words as the packer rounds.
 *
 * @param formats by format id
 * @param maxFill longest gap of a dense list that is filled with zero weights, as in `listBits`
 */
export function packAxon(
  packer: EntryListPacker,
  formats: readonly (ListFormat | undefined)[],
  parts: readonly AxonPart[],
  maxFill = Infinity,
): string {
  let bits = "";
  for (const { formatId, synapses } of parts) {
    const format = formats[formatId];
    invariant(format !== undefined, `format ${formatId} of the axon is on its core`);
    for (const entry of cutIntoEntries(packer, format, synapses, maxFill)) {
      bits += packEntry(packer, formatId, format, entry);
      if (packer.rounding === "per-entry") bits = bits.padEnd(Math.ceil(bits.length / 64) * 64, "0");
    }
  }
  if (packer.rounding === "per-entry" || bits === "") return bits;
  const lastWordBits = bits.length % 64;
  const words = Math.ceil(bits.length / 64) + (lastWordBits === 0 || lastWordBits >= 59 ? 1 : 0);
  return bits.padEnd(words * 64, "0");
}

/**
 * Reads an axon back: every stored synapse in order, filled zeros included.
 *
 * @param base first target of a dense list whose entries carry no start index
 */
export function unpackAxon(
  packer: EntryListPacker,
  formats: readonly (ListFormat | undefined)[],
  bits: string,
  base = 0,
): AxonPart[] {
  const parts: { formatId: number; synapses: ListSynapse[] }[] = [];
  let at = 0;
  const take = (width: number): number => {
    const field = bits.slice(at, at + width);
    at += width;
    return width === 0 ? 0 : parseInt(field, 2);
  };
  let nextDense = base;
  while (at + packer.headerBits <= bits.length) {
    const formatId = take(FORMAT_ID_BITS);
    const count = take(packer.headerBits - FORMAT_ID_BITS) + 1;
    if (formatId === 0) break;
    const format = formats[formatId];
    invariant(format !== undefined, `format ${formatId} of the axon is on its core`);
    if (parts.at(-1)?.formatId !== formatId) parts.push({ formatId, synapses: [] });

    let target = hasStartIndex(packer, format) ? take(format.indexBits) : nextDense;
    for (let k = 0; k < count; k++) {
      const weightField = take(weightFieldBits(packer, format.weightBits));
      const delayField = take(format.delayBits);
      if (format.encoding === "sparse") target = take(format.indexBits);
      if (format.encoding === "run-length") target += take(format.skipBits);
      parts.at(-1)!.synapses.push({ target, weightField, delayField });
      if (format.encoding !== "sparse") target++;
    }
    nextDense = target;
    if (packer.rounding === "per-entry") at = Math.ceil(at / 64) * 64;
  }
  return parts;
}

const FORMAT_ID_BITS = 4;

function hasStartIndex(packer: EntryListPacker, format: ListFormat): boolean {
  return format.encoding === "run-length" || (format.encoding === "dense" && packer.startIndexInDense);
}

function cutIntoEntries(
  packer: EntryListPacker,
  format: ListFormat,
  synapses: readonly ListSynapse[],
  maxFill: number,
): ListSynapse[][] {
  const longestGap =
    format.encoding === "sparse"
      ? Infinity
      : format.encoding === "run-length"
        ? 2 ** format.skipBits - 1
        : packer.startIndexInDense
          ? maxFill
          : Infinity;
  const entries: ListSynapse[][] = [];
  let last: ListSynapse | undefined;
  for (const synapse of synapses) {
    const gap = last === undefined ? Infinity : synapse.target - last.target - 1;
    const bridged = last !== undefined && gap <= longestGap;
    const zeros =
      bridged && format.encoding === "dense"
        ? Array.from({ length: gap }, (_, k) => ({
            target: last!.target + 1 + k,
            weightField: 0,
            delayField: 0,
          }))
        : [];
    if (!bridged) entries.push([]);
    for (const stored of [...zeros, synapse]) {
      if (entries.at(-1)!.length === packer.maxEntriesPerHeader) entries.push([]);
      entries.at(-1)!.push(stored);
    }
    last = synapse;
  }
  return entries;
}

function packEntry(
  packer: EntryListPacker,
  formatId: number,
  format: ListFormat,
  entry: readonly ListSynapse[],
): string {
  let bits = field(formatId, FORMAT_ID_BITS) + field(entry.length - 1, packer.headerBits - FORMAT_ID_BITS);
  if (hasStartIndex(packer, format)) bits += field(entry[0].target, format.indexBits);
  entry.forEach(({ target, weightField, delayField }, k) => {
    bits +=
      field(weightField, weightFieldBits(packer, format.weightBits)) + field(delayField, format.delayBits);
    if (format.encoding === "sparse") bits += field(target, format.indexBits);
    if (format.encoding === "run-length") {
      bits += field(k === 0 ? 0 : target - entry[k - 1].target - 1, format.skipBits);
    }
  });
  return bits;
}

function field(value: number, width: number): string {
  invariant(value >= 0 && value < 2 ** width, `${value} fits a field of ${width} bits`);
  return width === 0 ? "" : value.toString(2).padStart(width, "0");
}
