import type { AxonGraph } from "#ir/axon-graph";
import { invariant, ToolchainError } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";
import { neuronOverCapacity } from "../diagnostics.ts";
import { Assignment } from "./assignment.ts";
import { coreBounds, oversizedNeuron, type CoreBounds } from "./bounds.ts";
import type { CoreCapacity } from "./capacity.ts";
import { eliminate } from "./eliminate.ts";
import { evaluatePartition } from "./evaluate.ts";
import { incomingOf } from "./fill.ts";
import { inferShapes } from "./infer-shapes.ts";
import { finestLevel, type Level } from "./level.ts";
import { refine, sweep } from "./refine.ts";
import { orderByCore, reorderGraph } from "./reorder.ts";
import { repair } from "./repair.ts";
import { EFFORTS, SEEDS, type Cut, type Effort, type SeedProblem } from "./seeds.ts";
import type { LayerShape } from "./tile-order.ts";
import { vCycle } from "./v-cycle.ts";

export interface PartitionOptions {
  readonly effort: Effort;
  readonly seed: number;
  /** Cores wanted; more are taken where the walls ask for it. */
  readonly cores?: number;
  /** Layers with height and width; found from the connectivity where they are not given. */
  readonly shapes?: readonly LayerShape[];
  readonly onProgress?: (
    stage: string,
    state: { readonly cores: number; readonly cutSpikes: number },
  ) => void;
  /** Asked now and then: true ends the search, and the best legal partition so far is returned. */
  readonly shouldStop?: () => boolean;
  /** Seconds, of the processor where there is such a clock; absent: wall clock. Only reported. */
  readonly clock?: () => number;
  /** Cheap estimate of what placing a partition costs; of the seeds, the cheapest is refined. Absent: its cut spikes. */
  readonly score?: (coreOf: Uint16Array, cores: number) => number;
}

export interface Partition {
  /** `[neurons]`, core of each, from 0 on without gaps. */
  readonly coreOf: Uint16Array;
  readonly cores: number;
  /** Whether all walls hold: output entries of one neuron may be more than a core has. */
  readonly isLegal: boolean;
  readonly bounds: CoreBounds;
  readonly history: readonly Stage[];
}

interface Stage {
  readonly stage: string;
  readonly cores: number;
  readonly cutSpikes: number;
  /** Since the beginning, by the clock of the options. */
  readonly cpuSeconds: number;
}

/** Seeds are made to fill so many more cores than the neurons need: room to move. */
const SPARE = 1.03;
/** Walls of the rounds, as multiples of the capacity; every round ends at the capacity itself. */
type Rounds = Readonly<Record<Effort, readonly (readonly number[])[]>>;
/** Where neurons bind, room is plain to see and to get back. */
const NEURON_ROUNDS: Rounds = {
  fast: [[]],
  default: [[1.1], [1.05]],
  best: [[1.15, 1.08], [1.1, 1.05], [1.1], [1.05], [1.05], [1.02], [1.02]],
};
/** Where axons bind, one round is what time allows: a pass looks at every core for every neuron. */
const LIST_ROUNDS: Rounds = {
  fast: [[]],
  default: [[1.05]],
  best: [[1.05], [1.05, 1.02], [1.02], [1.02], [1.01], [1.01]],
};
/** Words, once over a wall, are hard to bring back: small steps, after one inside the walls. */
const WORD_ROUNDS: Rounds = {
  fast: [[]],
  default: [[], [1.02]],
  best: [[], [1.05, 1.02], [1.02], [1.02], [1.01], [1.01]],
};
/** What one core more than wanted may save, as a share of the cost times the share of the cores. */
const CORE_PRICE = 2;

/**
 * Divides neurons among cores so that few spikes travel between them and no core is over a wall. Same arguments, same
 * partition.
 *
 * @throws ToolchainError if a neuron alone is more than a core can hold
 */
export function partitionGraph(
  graph: AxonGraph,
  capacity: CoreCapacity,
  options: PartitionOptions,
): Partition {
  const { effort, onProgress, shouldStop, clock = (): number => performance.now() / 1000 } = options;
  const started = clock();
  const rng = createRng(options.seed);
  const history: Stage[] = [];
  const note = (stage: string, cores: number, cutSpikes: number): void => {
    history.push({ stage, cores, cutSpikes, cpuSeconds: clock() - started });
    onProgress?.(stage, { cores, cutSpikes });
  };
  const seed = chooseSeed(graph, capacity, options, note);
  const order = orderByCore(seed.coreOf, seed.cores);
  const level = finestLevel(reorderGraph(graph, order));
  const room = Math.min(2 ** 16 - 1, 2 * seed.cores + 256);
  const start = Uint16Array.from(order, (n) => seed.coreOf[n]);
  let state = new Assignment(level, capacity, start, seed.cores, room);
  const stop = shouldStop && { shouldStop };
  let best: Kept | undefined;
  const wanted = (): number => options.cores ?? comfortableCores(state);
  for (const relaxed of roundsFor(state)[effort]) {
    if (best !== undefined && !best.isLatest)
      state = new Assignment(level, capacity, best.coreOf.slice(), best.cores, room);
    if (effort === "best" && relaxed.length > 0 && shouldStop?.() !== true) {
      const { cores } = state;
      const coreOf = vCycle(level, capacity, state.coreOf, { cores, relax: relaxed[0], rng, ...stop });
      state = new Assignment(level, capacity, coreOf, cores, room);
    }
    round(state, relaxed, effort, wanted(), room, rng, shouldStop);
    const { cutSpikes, overload } = state;
    const cores = state.usedCores();
    note(relaxed.length > 0 ? `walls at ${relaxed.join(", ")}` : "inside the walls", cores, cutSpikes);
    const price = cutSpikes * (1 + (CORE_PRICE * Math.max(0, cores - wanted())) / wanted());
    if (best === undefined || overload < best.overload || (overload === best.overload && price < best.price))
      best = { coreOf: state.coreOf.slice(), cores: state.cores, overload, price, isLatest: true };
    else best = { ...best, isLatest: false };
    if (shouldStop?.() === true) break;
  }
  invariant(best !== undefined, "there is at least one round");
  const coreOf = new Uint16Array(graph.neurons);
  for (let i = 0; i < order.length; i++) coreOf[order[i]] = best.coreOf[i];
  const cores = closeGaps(coreOf);
  const metrics = evaluatePartition(graph, coreOf, capacity);
  const lists = metrics.axonsIn.reduce((sum, count) => sum + count, 0);
  const isLegal = Object.values(metrics.over).every((count) => count === 0);
  return { coreOf, cores, isLegal, bounds: coreBounds(graph, capacity, lists), history };
}

interface Kept {
  readonly coreOf: Uint16Array;
  readonly cores: number;
  readonly overload: number;
  readonly price: number;
  /** Whether the last round found it. */
  readonly isLatest: boolean;
}

/** Finer walls after wider ones, then those of the capacity, which hold at the end. */
function round(
  state: Assignment,
  relaxed: readonly number[],
  effort: Effort,
  wanted: number,
  room: number,
  rng: Rng,
  shouldStop?: () => boolean,
): void {
  const stop = shouldStop && { shouldStop };
  const passes = effort === "best" ? 4 : 2;
  for (const relax of relaxed) {
    eliminate(state, wanted, relax);
    sweep(state, { relax, passes: 3, rng, ...stop });
    refine(state, { relax, passes, rng, ...stop });
  }
  if (effort === "fast") sweep(state, { relax: 1, passes: 1, rng, ...stop });
  refine(state, { relax: 1, passes: effort === "fast" ? 1 : passes, rng, ...stop });
  if (repair(state, room)) refine(state, { relax: 1, passes: passes + 1, rng, ...stop });
}

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

function comfortableCores(state: Assignment): number {
  const { neurons, lists, words } = neededCores(state);
  return Math.max(1, neurons, lists, words);
}

function roundsFor(state: Assignment): Rounds {
  const { neurons, lists, words } = neededCores(state);
  if (neurons >= Math.max(lists, words)) return NEURON_ROUNDS;
  return lists >= words ? LIST_ROUNDS : WORD_ROUNDS;
}

/** More than for neurons: lists and entries come in lumps. */
const LIST_SPARE = 1.07;

/** The seed with the lowest cost for its cores. */
function chooseSeed(
  graph: AxonGraph,
  capacity: CoreCapacity,
  { effort, cores, shapes, score, shouldStop }: PartitionOptions,
  note: (stage: string, cores: number, cutSpikes: number) => void,
): Cut {
  const incoming = incomingOf(graph);
  const oversized = oversizedNeuron(graph, incoming, capacity);
  if (oversized !== undefined)
    throw new ToolchainError([
      neuronOverCapacity({ ...oversized, limit: capacity[oversized.resource], core: capacity.name }),
    ]);
  let level: Level | undefined;
  const problem: SeedProblem = {
    graph,
    // Most seeds of layered graphs do without.
    get level() {
      return (level ??= finestLevel(graph));
    },
    incoming,
    capacity,
    shapes: shapes ?? inferShapes(graph, incoming),
    cores: cores ?? Math.ceil((graph.neurons / capacity.neurons) * SPARE),
  };
  let best: Cut | undefined;
  let lowest = Infinity;
  for (const { name, make, from, isForLayers } of SEEDS) {
    if (effort !== "best" && problem.shapes !== undefined && !isForLayers) continue;
    if (EFFORTS.indexOf(from) > EFFORTS.indexOf(effort)) continue;
    if (best !== undefined && shouldStop?.() === true) break;
    const cut = make(problem);
    if (cut === undefined || cut.cores >= 2 ** 15) continue;
    const { cutSpikes } = evaluatePartition(graph, cut.coreOf, capacity);
    note(name, cut.cores, cutSpikes);
    const cost = score === undefined ? cutSpikes : score(cut.coreOf, cut.cores);
    const price = cost * (1 + (CORE_PRICE * Math.max(0, cut.cores - problem.cores)) / problem.cores);
    if (best !== undefined && price >= lowest) continue;
    lowest = price;
    best = cut;
  }
  invariant(best !== undefined, "there are seeds for every graph");
  return best;
}

/** Numbers cores without gaps; returns how many there are. */
function closeGaps(coreOf: Uint16Array): number {
  const isUsed = new Uint8Array(2 ** 16);
  for (const core of coreOf) isUsed[core] = 1;
  const newOf = new Uint16Array(2 ** 16);
  let cores = 0;
  for (let core = 0; core < isUsed.length; core++) if (isUsed[core] === 1) newOf[core] = cores++;
  for (let n = 0; n < coreOf.length; n++) coreOf[n] = newOf[coreOf[n]];
  return cores;
}
