import type { CoreLists } from "../core-lists.ts";
import type { Workload } from "../workload.ts";
import type { CoreFormula } from "./core-formula.ts";
import { plainFormat } from "./plain-format.ts";

/** Entries of a deployment name their format in 8 bits; formats are listed once for each projection. */
const MAX_LISTED_FORMATS = 256;

/**
 * A table with a slot for each synapse between hidden neurons, and two full matrices: from the inputs to the hidden neurons,
 * and from hidden neurons to the read-out. `synapses`, `fanIn` and `fanOut` count slots.
 */
export const slotTableFormula: CoreFormula = {
  formula: "slot-table",

  plan(workload, lists, slices) {
    const present = [...new Set(lists.partProjection)].sort((a, b) => a - b);
    if (present.length > MAX_LISTED_FORMATS) return undefined;
    const formats = present.map((projection) => plainFormat(workload, projection, "slot"));
    const slotOf = new Map(present.map((projection, slot) => [projection, slot]));
    const isReadOut = slices.every(({ population }) => isReadOutOnly(workload, population));
    const axonWords = Uint32Array.from(lists.sourceNeuron, (_, axon) =>
      isReadOut || !isFromNeuron(workload, lists, axon) ? lists.neurons : entriesOf(lists, axon),
    );
    return {
      formats,
      slots: present.length === 0 ? 0 : 1,
      formatOfPart: Uint8Array.from(lists.partProjection, (projection) => slotOf.get(projection) ?? 0),
      axonWords,
      words: axonWords.reduce((sum, words) => sum + words, 0),
      longestAxonWords: axonWords.reduce((most, words) => Math.max(most, words), 0),
    };
  },

  fewestSlots: (_, lists) => (lists.partProjection.length === 0 ? 0 : 1),

  demand(workload, lists, slices) {
    if (slices.every(({ population }) => isReadOutOnly(workload, population)))
      return { synapses: 0, fanIn: 0, fanOut: 0 };
    let synapses = 0;
    let fanOut = 0;
    const fanIn = new Uint32Array(lists.neurons);
    for (let axon = 0; axon < lists.sourceNeuron.length; axon++) {
      if (!isFromNeuron(workload, lists, axon)) continue;
      const slots = entriesOf(lists, axon);
      synapses += slots;
      fanOut = Math.max(fanOut, slots);
      const first = lists.entryStart[lists.partStart[axon]];
      for (let i = first; i < first + slots; i++) fanIn[lists.target[i]]++;
    }
    return { synapses, fanOut, fanIn: fanIn.reduce((most, count) => Math.max(most, count), 0) };
  },
};

/** Whether a population is read and sends to no other: it belongs to the read-out. */
export function isReadOutOnly({ network }: Pick<Workload, "network">, population: number): boolean {
  return (
    network.outputs.some((port) => port.population === population) &&
    network.projections.every(({ pre }) => pre !== population)
  );
}

function isFromNeuron({ mapped }: Workload, { sourcePopulation }: CoreLists, axon: number): boolean {
  return mapped[sourcePopulation[axon]];
}

function entriesOf({ partStart, entryStart }: CoreLists, axon: number): number {
  return entryStart[partStart[axon + 1]] - entryStart[partStart[axon]];
}
