import type { Assignment } from "./assignment.ts";
import { SPARE } from "./choose-seed.ts";
import type { Effort } from "./seeds.ts";

/** One after the other; every round begins at the best legal partition so far, and ends inside the walls. */
export interface Round {
  /** Walls that clusters are moved within first, as a multiple of the capacity. */
  readonly clustered?: number;
  /** The same for neurons, one after the other. */
  readonly walls: readonly number[];
}
type Rounds = Readonly<Record<Effort, readonly Round[]>>;
/** Where neurons bind, room is plain to see and to get back. */
const NEURON_ROUNDS: Rounds = {
  fast: [{ walls: [] }],
  default: [{ walls: [1.1] }, { walls: [1.05] }],
  best: [
    { clustered: 1.15, walls: [1.15, 1.08] },
    { clustered: 1.1, walls: [1.1, 1.05] },
    { clustered: 1.1, walls: [1.1] },
    { clustered: 1.05, walls: [1.05] },
    { clustered: 1.05, walls: [1.05] },
    { clustered: 1.02, walls: [1.02] },
    { clustered: 1.02, walls: [1.02] },
  ],
};
/** Places of images begin as compact tiles, which wide walls only fray. */
const IMAGE_ROUNDS: Rounds = {
  fast: [{ clustered: 1.03, walls: [] }],
  default: [
    { clustered: 1.03, walls: [] },
    { clustered: 1.02, walls: [1.02] },
  ],
  best: [
    { clustered: 1.03, walls: [] },
    { clustered: 1.02, walls: [1.02] },
    { clustered: 1.06, walls: [1.03] },
    { clustered: 1.03, walls: [1.02] },
    { clustered: 1.02, walls: [1.01] },
    { clustered: 1.02, walls: [1.02] },
    { clustered: 1.01, walls: [1.01] },
  ],
};
/** Where axons bind, one round is what time allows: a pass looks at every core for every neuron. */
const LIST_ROUNDS: Rounds = {
  fast: [{ walls: [] }],
  default: [{ walls: [1.05] }],
  best: [
    { clustered: 1.05, walls: [1.05] },
    { clustered: 1.05, walls: [1.05, 1.02] },
    { clustered: 1.02, walls: [1.02] },
    { clustered: 1.02, walls: [1.02] },
    { clustered: 1.01, walls: [1.01] },
    { clustered: 1.01, walls: [1.01] },
  ],
};
/** Words, once over a wall, are hard to bring back: small steps, after one inside the walls. */
const WORD_ROUNDS: Rounds = {
  fast: [{ walls: [] }],
  default: [{ walls: [] }, { walls: [1.02] }],
  best: [
    { walls: [] },
    { clustered: 1.05, walls: [1.05, 1.02] },
    { clustered: 1.02, walls: [1.02] },
    { clustered: 1.02, walls: [1.02] },
    { clustered: 1.01, walls: [1.01] },
    { clustered: 1.01, walls: [1.01] },
  ],
};
/** Cores that would hold what the mapping takes of every resource, with some room to move. */
function neededCores({ cores, capacity, neurons, axonsIn, axonsOut, words }: Assignment): {
  readonly neurons: number;
  readonly lists: number;
  readonly words: number;
} {
  const needed = (load: Int32Array, wall: number, spare: number): number =>
    Math.ceil((load.subarray(0, cores).reduce((sum, held) => sum + held, 0) / wall) * spare);
  return {
    neurons: needed(neurons, capacity.neurons, SPARE),
    lists: Math.max(
      needed(axonsIn, capacity.axonsIn, LIST_SPARE),
      needed(axonsOut, capacity.axonsOut, LIST_SPARE),
    ),
    words: needed(words, capacity.synapseWords, LIST_SPARE),
  };
}

/** Cores that hold it with some room to move. */
export function comfortableCores(state: Assignment): number {
  const { neurons, lists, words } = neededCores(state);
  return Math.max(1, neurons, lists, words);
}

export function roundsFor(state: Assignment, isImage: boolean): Rounds {
  const { neurons, lists, words } = neededCores(state);
  if (isImage && 1.1 * neurons >= Math.max(lists, words)) return IMAGE_ROUNDS;
  if (neurons >= Math.max(lists, words)) return NEURON_ROUNDS;
  return lists >= words ? LIST_ROUNDS : WORD_ROUNDS;
}

/** More than for neurons: lists and entries come in lumps. */
const LIST_SPARE = 1.07;
