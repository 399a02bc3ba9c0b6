import type { PackedKernelPacker } from "../target.ts";

/** Kernels packed, all else indexed entry by entry, as the words that netx prints for PilotNet say. */
export const netx: PackedKernelPacker = {
  formula: "packed-kernel",
  name: "netx",
  title: "netx: kernels packed and stored once, all else as indexed entries",
  src: ["lavaDl"],
  lists: {
    formula: "entry-list",
    name: "netx-lists",
    title: "indexed entries behind a header of 10 bits for 64 of them",
    src: ["lavaDl"],
    headerBits: 10,
    maxEntriesPerHeader: 64,
    // Printed dense layers of 10 and 50 neurons have an index of 10 bits already.
    indexBits: [0, 10, 11, 12, 13],
    weightBits: [1, 2, 3, 4, 5, 6, 7, 8],
    skipBits: [],
    encodings: ["sparse"],
    startIndexInDense: false,
    rounding: "per-entry",
    maxFormats: 15,
  },
  maxFormats: 15,
};
