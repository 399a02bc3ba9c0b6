import type { RowPacker } from "../target.ts";

/** Words of a list of `synapses`; an empty list takes none. */
export function rowWords({ headerBits, synapseBits, wordBits }: RowPacker, synapses: number): number {
  return synapses === 0 ? 0 : Math.ceil((headerBits + synapses * synapseBits) / wordBits);
}

/** Words that a core's codebook takes beside its lists; 0 without one. */
export function codebookWords({ codebook, wordBits }: RowPacker): number {
  return codebook === undefined ? 0 : Math.ceil((codebook.entries * codebook.entryBits) / wordBits);
}
