import type { EntryListPacker, ListSharing } from "../target.ts";

/** As the NxTF compiler counts: an axon's entries share words, with a spare word near the edge. */
export const nxtf: EntryListPacker = {
  formula: "entry-list",
  name: "nxtf",
  title: "NxTF: sparse, run-length and dense lists, bits of an axon added up",
  src: ["nxtf"],
  headerBits: 10,
  maxEntriesPerHeader: 60,
  indexBits: [0, 6, 7, 8, 9, 10, 11, 12],
  weightBits: [0, 1, 2, 3, 4, 5, 6, 8],
  skipBits: [2, 3, 4, 5],
  encodings: ["sparse", "run-length", "dense"],
  startIndexInDense: true,
  rounding: "per-axon-guarded",
  maxFormats: 7,
};

/** A discrete input axon has a compartment base of its own, so axons of one kernel at different places need one list only. */
const sharing: ListSharing = {
  maxBase: {
    value: 255,
    unit: "count",
    evidence: "documented",
    src: ["nxtf", "nengoLoihi"],
    note: "NxTF keeps bases below 256, nengo-loihi allows 256; population axons, whose bases go in steps of 4, and NxTF's 16 groups of core pairs (a detour around its firmware) do not come in: each source keeps an input axon",
  },
};

/** `nxtf`, with every list stored once for all axons that need it. */
export const nxtfShared: EntryListPacker = {
  ...nxtf,
  name: "nxtf-shared",
  title: "NxTF, lists that are equal but for a shift of compartments stored once",
  src: ["nxtf", "nengoLoihi"],
  sharing,
};

/** As nengo-loihi counts: no run-length lists, every entry rounded up to whole words. */
export const nengo: EntryListPacker = {
  formula: "entry-list",
  name: "nengo",
  title: "nengo-loihi: sparse and dense lists, every entry rounded up to whole words",
  src: ["nengoLoihi"],
  headerBits: 10,
  maxEntriesPerHeader: 64,
  indexBits: [0, 6, 7, 8, 9, 10, 11, 12],
  weightBits: [0, 1, 2, 3, 4, 5, 6, 8],
  skipBits: [],
  encodings: ["sparse", "dense"],
  startIndexInDense: false,
  rounding: "per-entry",
  maxFormats: 15,
};
