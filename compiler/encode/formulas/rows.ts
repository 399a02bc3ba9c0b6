import type { SynapseFormat } from "#ir/deployment";
import { codebookWords, rowWords } from "#targets/formulas/rows";
import { ROW_FORMULAS, type RowPacker } from "#targets/target";
import { invariant } from "#util/diagnostic";
import type { CoreLists } from "../core-lists.ts";
import type { FormatPlan } from "../format-plan.ts";
import type { Workload } from "../workload.ts";
import type { CoreFormula } from "./core-formula.ts";
import { plainFormat } from "./plain-format.ts";

/** Entries of a deployment name their format in 8 bits. */
const MAX_FORMATS = 256;

/** Plain lists: a header, and synapses that are all as wide as each other. One format for each projection. */
export const rowFormulas: readonly CoreFormula[] = ROW_FORMULAS.map((formula) => ({
  formula,
  plan,
  fewestSlots: (workload, lists) => distinctSlots(formatsOf(workload, lists)),
  demand: (workload, lists) => ({ neuronWords: lists.neurons * rowPackerOf(workload).neuronWords }),
}));

function plan(workload: Workload, lists: CoreLists): FormatPlan | undefined {
  const packer = rowPackerOf(workload);
  const formats = formatsOf(workload, lists);
  if (formats.length > MAX_FORMATS) return undefined;
  const slots = distinctSlots(formats);
  if (slots > Math.min(packer.maxFormats, workload.target.walls.synapseFormats?.value ?? Infinity))
    return undefined;
  const number = new Map(formats.map(({ projection }, i) => [projection, i]));
  const axons = lists.sourceNeuron.length;
  const axonWords = new Uint32Array(axons);
  let words = axons === 0 ? 0 : codebookWords(packer);
  let longestAxonWords = 0;
  for (let axon = 0; axon < axons; axon++) {
    const synapses = lists.entryStart[lists.partStart[axon + 1]] - lists.entryStart[lists.partStart[axon]];
    axonWords[axon] = rowWords(packer, synapses);
    words += axonWords[axon];
    longestAxonWords = Math.max(longestAxonWords, axonWords[axon]);
  }
  const formatOfPart = Uint8Array.from(lists.partProjection, (projection) => number.get(projection)!);
  return { formats, slots, formatOfPart, axonWords, words, longestAxonWords };
}

function formatsOf(workload: Workload, lists: CoreLists): SynapseFormat[] {
  const { indexBits, delayBits } = rowPackerOf(workload);
  const present = [...new Set<number>(lists.partProjection)].sort((a, b) => a - b);
  return present.map((projection) => plainFormat(workload, projection, "row", { indexBits, delayBits }));
}

/** Formats that differ in more than their projection. */
function distinctSlots(formats: readonly SynapseFormat[]): number {
  const key = ({ weightBits, signMode, weightExponent }: SynapseFormat): string =>
    [weightBits, signMode, weightExponent].join();
  return new Set(formats.map(key)).size;
}

function rowPackerOf({ packer }: Workload): RowPacker {
  invariant("synapseBits" in packer, "plain lists belong to such a packer");
  return packer;
}
