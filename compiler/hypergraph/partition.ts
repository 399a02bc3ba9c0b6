import type { AxonGraph } from "#ir/axon-graph";
import { invariant } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";
import { Assignment } from "./assignment.ts";
import { coreBounds, type CoreBounds } from "./bounds.ts";
import type { CoreCapacity } from "./capacity.ts";
import { CORE_PRICE, chooseSeed, seedProblem, type NamedCut } from "./choose-seed.ts";
import { eliminate } from "./eliminate.ts";
import { evaluatePartition } from "./evaluate.ts";
import { pieceClusters } from "./image-places.ts";
import { finestLevel } from "./level.ts";
import { refine, sweep } from "./refine.ts";
import { orderByCore, reorderGraph } from "./reorder.ts";
import { repair } from "./repair.ts";
import { comfortableCores, roundsFor } from "./rounds.ts";
import type { Cut, Effort } from "./seeds.ts";
import type { CoreColumnsAndRows } from "./shorten.ts";
import { SHORTENED, shortenWays } from "./shorten-ways.ts";
import type { LayerShape } from "./tile-order.ts";
import { refineClusters, vCycle } from "./v-cycle.ts";

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
  /** Seeds made already, by `makeSeed`; the others of `seedTasks` are made here. */
  readonly seeds?: readonly NamedCut[];
  /** Column and row of each core, were they placed now: neurons are swapped so that spikes travel less far. Absent: all are equally far. */
  readonly place?: (coreOf: Uint16Array, cores: number) => CoreColumnsAndRows;
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

/** Of the quick sweep before walls are held. */
const FAST_WALLS = 1.02;

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
  const { shapes, seed } = firstCut(graph, capacity, options, note);
  const order = orderByCore(seed.coreOf, seed.cores);
  const level = finestLevel(reorderGraph(graph, order));
  const room = Math.min(2 ** 16 - 1, 2 * seed.cores + 256);
  const start = Uint16Array.from(order, (n) => seed.coreOf[n]);
  let state = new Assignment(level, capacity, start, seed.cores, room);
  const stop = shouldStop && { shouldStop };
  let best: Kept | undefined;
  const wanted = (): number => options.cores ?? comfortableCores(state);
  for (const { clustered, walls } of roundsFor(state, shapes !== undefined)[effort]) {
    if (best !== undefined && !best.isLatest)
      state = new Assignment(level, capacity, best.coreOf.slice(), best.cores, room);
    if (clustered !== undefined && shouldStop?.() !== true) {
      const { cores } = state;
      const cycle = { cores, relax: clustered, rng, ...stop };
      const coreOf =
        shapes === undefined
          ? vCycle(level, capacity, state.coreOf, cycle)
          : refineClusters(level, capacity, state.coreOf, clustersOf(shapes, order, state.coreOf), cycle);
      state = new Assignment(level, capacity, coreOf, cores, room);
    }
    round(state, walls, effort, wanted(), room, rng, shouldStop);
    const { cutSpikes, overload } = state;
    const cores = state.usedCores();
    note(walls.length > 0 ? `walls at ${walls.join(", ")}` : "inside the walls", cores, cutSpikes);
    const price = cutSpikes * (1 + (CORE_PRICE * Math.max(0, cores - wanted())) / wanted());
    if (best === undefined || overload < best.overload || (overload === best.overload && price < best.price))
      best = { coreOf: state.coreOf.slice(), cores: state.cores, overload, price, isLatest: true };
    else best = { ...best, isLatest: false };
    if (shouldStop?.() === true) break;
  }
  invariant(best !== undefined, "there is at least one round");
  const cores = closeGaps(best.coreOf);
  if (best.overload === 0) {
    const kept = new Assignment(level, capacity, best.coreOf, cores);
    for (let again = 0; again < SHORTENED[effort] && shouldStop?.() !== true; again++) {
      if (!shortenWays(kept, order, effort, rng, options)) break;
      note("swaps", cores, kept.cutSpikes);
    }
  }
  const coreOf = new Uint16Array(graph.neurons);
  for (let i = 0; i < order.length; i++) coreOf[order[i]] = best.coreOf[i];
  const metrics = evaluatePartition(graph, coreOf, capacity);
  const lists = metrics.axonsIn.reduce((sum, count) => sum + count, 0);
  const isLegal = Object.values(metrics.over).every((count) => count === 0);
  return { coreOf, cores, isLegal, bounds: coreBounds(graph, capacity, lists), history };
}

/** In a function of its own, so that what seeds are made from is garbage before there is more. */
function firstCut(
  graph: AxonGraph,
  capacity: CoreCapacity,
  options: PartitionOptions,
  note: (stage: string, cores: number, cutSpikes: number) => void,
): { readonly shapes: readonly LayerShape[] | undefined; readonly seed: Cut } {
  const problem = seedProblem(graph, capacity, options);
  return { shapes: problem.shapes, seed: chooseSeed(problem, options, note) };
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
    // What a second pass finds, the passes inside the walls find as well.
    refine(state, { relax, passes: effort === "best" ? passes : 1, rng, ...stop });
  }
  if (effort === "fast") sweep(state, { relax: FAST_WALLS, passes: 1, rng, ...stop });
  refine(state, { relax: 1, passes: effort === "fast" ? 1 : passes, rng, ...stop });
  const isMended = state.overload > 0;
  if (repair(state, room) && (isMended || effort !== "fast"))
    refine(state, { relax: 1, passes: passes + 1, rng, ...stop });
}

/** Clusters of the neurons in their new order. */
function clustersOf(shapes: readonly LayerShape[], order: Uint32Array, coreOf: Uint16Array): Uint32Array {
  const before = new Uint16Array(order.length);
  for (let i = 0; i < order.length; i++) before[order[i]] = coreOf[i];
  const clusterOf = pieceClusters(shapes, before);
  return Uint32Array.from(order, (n) => clusterOf[n]);
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
