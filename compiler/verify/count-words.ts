import type { CoreProgram, SynapseFormat } from "#ir/deployment";
import type { EntryListPacker } from "#targets/target";

const WORD_BITS = 64;
/** With fewer free bits than this in the last word, NxTF takes one more. */
const SPARE_BITS = 6;

/**
 * 64-bit words of one axon, by walking through its list as it lies in memory: each entry is a header and the
 * synapses behind it. Slow and plain on purpose: an opinion of its own beside the formulas that the compiler uses.
 */
export function countWords(packer: EntryListPacker, core: CoreProgram, axon: number): number {
  const { axonStart, target, format, formats } = core;
  const end = axonStart[axon + 1];
  const perEntry = packer.rounding === "per-entry";
  let bits = 0;
  let words = 0;
  let i = axonStart[axon];
  while (i < end) {
    const form = formats[format[i]];
    const synapseBits = fieldBits(packer.weightBits, form.weightBits) + form.delayBits + positionBits(form);
    const farthest = reach(form);
    let entryBits = packer.headerBits + startIndexBits(packer, form);
    let synapses = 0;
    do {
      entryBits += synapseBits;
      synapses++;
      i++;
    } while (
      i < end &&
      format[i] === format[i - 1] &&
      synapses < packer.maxEntriesPerHeader &&
      target[i] - target[i - 1] <= farthest
    );
    if (perEntry) words += Math.ceil(entryBits / WORD_BITS);
    else bits += entryBits;
  }
  if (bits === 0) return words;
  const full = Math.ceil(bits / WORD_BITS);
  const freeBits = full * WORD_BITS - bits;
  return freeBits === 0 || freeBits < SPARE_BITS ? full + 1 : full;
}

function startIndexBits(packer: EntryListPacker, { encoding, indexBits }: SynapseFormat): number {
  const hasStart = encoding === "run-length" || (encoding === "dense" && packer.startIndexInDense);
  return hasStart ? indexBits : 0;
}

function positionBits({ encoding, indexBits, skipBits }: SynapseFormat): number {
  if (encoding === "sparse") return indexBits;
  return encoding === "run-length" ? skipBits : 0;
}

/** How far the next target of an entry may be from the last. */
function reach({ encoding, skipBits }: SynapseFormat): number {
  if (encoding === "sparse") return Infinity;
  return encoding === "run-length" ? 2 ** skipBits : 1;
}

function fieldBits(widths: readonly number[], bits: number): number {
  return widths.find((width) => width >= bits) ?? widths[widths.length - 1];
}
