import type { CoreProgram, Encoding } from "#ir/deployment";
import type { Action } from "./result.ts";

/** What an entry of a synapse list counts as, by how the list lies in memory. */
export const ENTRY_ACTION: Readonly<Record<Encoding, Action>> = {
  dense: "synapseDense",
  sparse: "synapseSparse",
  "run-length": "synapseRunLength",
  kernel: "synapseConv",
  crossbar: "synapseDense",
  row: "synapseSparse",
  slot: "synapseSparse",
};

/** The kinds of synaptic events, in the order of `MachineTables.axonTable`. */
export const ENTRY_ACTIONS = [
  "synapseDense",
  "synapseSparse",
  "synapseRunLength",
  "synapseConv",
] as const satisfies readonly Action[];

/**
 * The three kinds of events that the heads of a core's lists have room for: the first three, unless there are convolutions,
 * which take the place of one that does not occur. Undefined: all four do.
 */
export function entryColumns({ formats }: Pick<CoreProgram, "formats">): readonly Action[] | undefined {
  const used = new Set(formats.map(({ encoding }) => ENTRY_ACTION[encoding]));
  const columns: Action[] = ENTRY_ACTIONS.slice(0, 3);
  if (!used.has("synapseConv")) return columns;
  const free = columns.findLastIndex((action) => !used.has(action));
  return free < 0 ? undefined : columns.with(free, "synapseConv");
}
