import type { SynapseFormat } from "#ir/deployment";
import type { CrossbarPacker, Packer } from "#targets/target";
import { invariant } from "#util/diagnostic";
import type { CoreLists } from "../core-lists.ts";
import type { Workload } from "../workload.ts";
import type { CoreFormula } from "./core-formula.ts";

/** Entries of a deployment name their format in 8 bits; formats are listed once for each projection. */
const MAX_LISTED_FORMATS = 256;

/** Rows and columns whose crosspoints are there whether they are used or not. */
export const crossbarFormula: CoreFormula = {
  formula: "crossbar",

  plan(workload, lists) {
    const packer = crossbarOf(workload.packer);
    const present = projectionsOf(lists);
    if (present.length > MAX_LISTED_FORMATS) return undefined;
    const formats = present.map((projection): SynapseFormat => {
      const { weightBits, signMode, weightExponent, axonType } =
        workload.byProjection[projection].quantization;
      return {
        projection,
        encoding: "crossbar",
        weightBits: packer.axonTypes === undefined ? weightBits : packer.crosspointBits,
        signMode,
        weightExponent,
        indexBits: 0,
        skipBits: 0,
        delayBits: 0,
        ...(packer.axonTypes !== undefined && { axonType: axonType ?? 0 }),
      };
    });
    const slotOf = new Map(present.map((projection, slot) => [projection, slot]));
    const rows = rowsOfAxons(workload, lists);
    const axonWords = rows.map((count) => count * wordsOfRow(packer, workload.target.wordBits));
    return {
      formats,
      slots: typesOf(workload, present),
      formatOfPart: Uint8Array.from(lists.partProjection, (projection) => slotOf.get(projection) ?? 0),
      axonWords,
      words: axonWords.reduce((sum, words) => sum + words, 0),
      longestAxonWords: axonWords.reduce((most, words) => Math.max(most, words), 0),
    };
  },

  fewestSlots: (workload, lists) => typesOf(workload, projectionsOf(lists)),

  demand(workload, lists) {
    const rows = rowsOfAxons(workload, lists);
    const isOwn = Array.from(lists.sourcePopulation, (population) => workload.mapped[population]);
    const sum = (counted: (axon: number) => boolean): number =>
      rows.reduce((total, count, axon) => total + (counted(axon) ? count : 0), 0);
    if (crossbarOf(workload.packer).rowPerNeuron !== true || !isOwn.includes(true))
      return { axonsIn: sum(() => true) };
    return { axonsIn: lists.neurons + sum((axon) => !isOwn[axon]) };
  },
};

function crossbarOf(packer: Packer): CrossbarPacker {
  invariant(packer.formula === "crossbar", "the formula was chosen by the packer's");
  return packer;
}

function projectionsOf(lists: CoreLists): number[] {
  return [...new Set(lists.partProjection)].sort((a, b) => a - b);
}

/** Kinds of rows on the core. */
function typesOf({ byProjection }: Workload, present: readonly number[]): number {
  return new Set(present.map((projection) => byProjection[projection].quantization.axonType ?? 0)).size;
}

/** `[axons]`: rows that each drives, as many as its widest weight takes crosspoints. */
function rowsOfAxons(workload: Workload, lists: CoreLists): Uint32Array {
  const { crosspointBits, axonTypes } = crossbarOf(workload.packer);
  const rows = new Uint32Array(lists.sourceNeuron.length).fill(1);
  if (axonTypes !== undefined) return rows;
  for (let axon = 0; axon < rows.length; axon++)
    for (let part = lists.partStart[axon]; part < lists.partStart[axon + 1]; part++) {
      const { weightBits } = workload.byProjection[lists.partProjection[part]].quantization;
      rows[axon] = Math.max(rows[axon], Math.ceil(weightBits / crosspointBits));
    }
  return rows;
}

/** A row is read in full, whatever it holds. */
function wordsOfRow({ cols, crosspointBits }: CrossbarPacker, wordBits: number): number {
  return Math.ceil((cols * crosspointBits) / wordBits);
}
