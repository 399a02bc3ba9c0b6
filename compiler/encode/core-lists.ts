import type { Slice } from "#ir/block-graph";
import type { Columns } from "./columns.ts";
import type { Incoming, Workload } from "./workload.ts";

/**
 * What one core has to store: a list of synapses for every neuron or input line that reaches it. A list
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
  return gather(workload, neurons, pieces);
}

function gather(workload: Workload, neurons: number, pieces: readonly Piece[]): CoreLists {
  const byPre = groupBy(pieces, (piece) => piece.incoming.pre);
  const counts = byPre.map((group) =>
    groupBy(group, (piece) => piece.incoming.projection).map((sameProjection) => ({
      pieces: sameProjection,
      /** Entries by sending neuron, then the place of its next entry. */
      next: countRows(workload.network.populations[group[0].incoming.pre].size, sameProjection),
    })),
  );
  let axons = 0;
  let parts = 0;
  let entries = 0;
  for (const group of counts) {
    const rows = group[0].next.length;
    for (let r = 0; r < rows; r++) {
      let hasParts = 0;
      for (const { next } of group) {
        if (next[r] === 0) continue;
        hasParts = 1;
        parts++;
        entries += next[r];
      }
      axons += hasParts;
    }
  }
  const lists = {
    neurons,
    sourcePopulation: new Uint32Array(axons),
    sourceNeuron: new Uint32Array(axons),
    partStart: new Uint32Array(axons + 1),
    partProjection: new Uint32Array(parts),
    entryStart: new Uint32Array(parts + 1),
    target: new Uint16Array(entries),
    weight: new Int16Array(entries),
  };
  let axon = 0;
  let part = 0;
  let entry = 0;
  for (const group of counts) {
    const { pre } = group[0].pieces[0].incoming;
    const rows = group[0].next.length;
    for (let r = 0; r < rows; r++) {
      const firstPart = part;
      for (const { pieces: sameProjection, next } of group) {
        const count = next[r];
        if (count === 0) continue;
        next[r] = entry;
        entry += count;
        lists.partProjection[part] = sameProjection[0].incoming.projection;
        lists.entryStart[++part] = entry;
      }
      if (part === firstPart) continue;
      lists.sourcePopulation[axon] = pre;
      lists.sourceNeuron[axon] = r;
      lists.partStart[++axon] = part;
    }
    for (const { pieces: sameProjection, next } of group)
      for (const piece of sameProjection) place(piece, next, lists.target, lists.weight);
  }
  return lists;
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
