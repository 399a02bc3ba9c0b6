import type { Slice } from "#ir/block-graph";
import type { Columns } from "./columns.ts";
import { splitAxons } from "./split-axons.ts";
import type { Incoming, Workload } from "./workload.ts";

/**
 * What one core has to store: a list of synapses for every neuron or input line that reaches it (crossbars: for each of its
 * rows, see `splitAxons`). A list
 * consists of parts, one for each projection, because synapses of one projection share a format.
 */
export interface CoreLists {
  readonly neurons: number;
  /** `[axons]`: population and neuron that send; ascending. */
  readonly sourcePopulation: Uint32Array;
  readonly sourceNeuron: Uint32Array;
  /** `[axons + 1]`: parts of each axon, ordered by projection. */
  readonly partStart: Uint32Array;
  /** `[parts]` */
  readonly partProjection: Uint32Array;
  /** `[parts + 1]`: entries of each part in the next two. */
  readonly entryStart: Uint32Array;
  /** `[entries]`: compartment; ascending inside a part. */
  readonly target: Uint16Array;
  /** `[entries]`: stored integer weight. */
  readonly weight: Int16Array;
}

/** A run of the core's compartments and what one projection sends to them. */
interface Piece {
  readonly incoming: Incoming;
  /** Compartment of the first column. */
  readonly offset: number;
  readonly columns: Columns;
}

/** Gathers the synapse lists of a core that holds `slices`, in this order, from compartment 0. O(entries + rows). */
export function coreLists(workload: Workload, slices: readonly Slice[]): CoreLists {
  const pieces: Piece[] = [];
  let neurons = 0;
  for (const { population, begin, end } of slices) {
    for (const incoming of workload.incoming[population])
      pieces.push({ incoming, offset: neurons, columns: incoming.source.read(begin, end) });
    neurons += end - begin;
  }
  pieces.sort(
    (a, b) =>
      a.incoming.pre - b.incoming.pre || a.incoming.projection - b.incoming.projection || a.offset - b.offset,
  );
  return splitAxons(workload, gather(workload, neurons, pieces));
}

function gather(workload: Workload, neurons: number, pieces: readonly Piece[]): CoreLists {
  const byPre = groupBy(pieces, (piece) => piece.incoming.pre);
  const counts = byPre.map((group) =>
    groupBy(group, (piece) => piece.incoming.projection).map((sameProjection) => ({
      pieces: sameProjection,
      projection: sameProjection[0].incoming.projection,
      /** Entries by sending neuron, then the place of its next entry. */
      next: countRows(workload.network.populations[group[0].incoming.pre].size, sameProjection),
    })),
  );
  const entries = pieces.reduce((sum, { columns }) => sum + columns.row.length, 0);
  const atMost = counts.reduce((sum, group) => sum + group.length * group[0].next.length, 0);
  const partsAtMost = Math.min(entries, atMost);
  const sourcePopulation = new Uint32Array(partsAtMost);
  const sourceNeuron = new Uint32Array(partsAtMost);
  const partStart = new Uint32Array(partsAtMost + 1);
  const partProjection = new Uint32Array(partsAtMost);
  const entryStart = new Uint32Array(partsAtMost + 1);
  let axon = 0;
  let part = 0;
  let entry = 0;
  for (const group of counts) {
    const { pre } = group[0].pieces[0].incoming;
    const rows = group[0].next.length;
    for (let r = 0; r < rows; r++) {
      const firstPart = part;
      for (let p = 0; p < group.length; p++) {
        const { next, projection } = group[p];
        const count = next[r];
        if (count === 0) continue;
        next[r] = entry;
        entry += count;
        partProjection[part] = projection;
        entryStart[++part] = entry;
      }
      if (part === firstPart) continue;
      sourcePopulation[axon] = pre;
      sourceNeuron[axon] = r;
      partStart[++axon] = part;
    }
  }
  const target = new Uint16Array(entries);
  const weight = new Int16Array(entries);
  for (const group of counts)
    for (const { pieces: sameProjection, next } of group)
      for (const piece of sameProjection) place(piece, next, target, weight);
  return {
    neurons,
    sourcePopulation: sourcePopulation.slice(0, axon),
    sourceNeuron: sourceNeuron.slice(0, axon),
    partStart: partStart.slice(0, axon + 1),
    partProjection: partProjection.slice(0, part),
    entryStart: entryStart.slice(0, part + 1),
    target,
    weight,
  };
}

/** Entries of each sending neuron. */
function countRows(rows: number, pieces: readonly Piece[]): Uint32Array {
  const counts = new Uint32Array(rows);
  for (const { columns } of pieces) {
    const { row } = columns;
    for (let i = 0; i < row.length; i++) counts[row[i]]++;
  }
  return counts;
}

/** Writes a piece's entries to where `next` says their rows are; columns ascend, so targets do. */
function place(piece: Piece, next: Uint32Array, target: Uint16Array, weight: Int16Array): void {
  const { start, row, weight: stored } = piece.columns;
  for (let c = 0; c + 1 < start.length; c++) {
    for (let i = start[c]; i < start[c + 1]; i++) {
      const at = next[row[i]]++;
      target[at] = piece.offset + c;
      weight[at] = stored[i];
    }
  }
}

/** Runs of neighbours with the same key. */
function groupBy<T>(items: readonly T[], key: (item: T) => number): T[][] {
  const groups: T[][] = [];
  let last: number | undefined;
  for (const item of items) {
    if (groups.length === 0 || key(item) !== last) groups.push([]);
    last = key(item);
    groups[groups.length - 1].push(item);
  }
  return groups;
}
