import type { AxonGraph } from "#ir/axon-graph";
import type { Rng } from "#util/rng";
import { Assignment } from "../hypergraph/assignment.ts";
import type { CoreCapacity } from "../hypergraph/capacity.ts";
import { eliminate } from "../hypergraph/eliminate.ts";
import type { Level } from "../hypergraph/level.ts";
import { refine, sweep } from "../hypergraph/refine.ts";
import { repair } from "../hypergraph/repair.ts";
import { withOutside } from "./graph-level.ts";
import type { Effort } from "./partitioner.ts";

/** Neurons to cores, numbered from 0 on without gaps. */
export interface Cut {
  /** `[neurons]` */
  readonly coreOf: Uint16Array;
  readonly cores: number;
}

export interface FoundCut extends Cut {
  /** Spikes x cores other than their own that they go to; all of those from outside. */
  readonly cutSpikes: number;
  /** How far walls are broken, as shares of them; 0 if none is. */
  readonly overload: number;
}

export interface CutProblem {
  readonly graph: AxonGraph;
  readonly level: Level;
  /** Walls if so many cores are in use: where load is to be even, fewer cores hold more each. */
  readonly capacityOf: (cores: number) => CoreCapacity;
}

export interface CutSearch {
  readonly effort: Effort;
  readonly rng: Rng;
  readonly shouldStop?: (() => boolean) | undefined;
}

/** Walls while searching, as multiples of what there is; every round ends at 1. */
const ROUNDS: Readonly<Record<Effort, readonly (readonly number[])[]>> = {
  fast: [],
  default: [[1.05]],
  best: [[1.1, 1.05], [1.05], [1.02]],
};

/** Room to move on average: neurons can be counted out, lists come in lumps. */
const SPARE = { neurons: 1.02, lists: 1.06 };

/** A share of the cores is worth so many times that share of the spikes. */
const CORE_WORTH = 2;

/**
 * Moves neurons between the cores of a first cut until fewer spikes travel, inside all walls: on as many cores, and on as few as
 * the load may do with.
 */
export function searchCut(problem: CutProblem, start: Cut, { effort, rng, shouldStop }: CutSearch): FoundCut {
  const { graph, capacityOf } = problem;
  const stop = shouldStop && { shouldStop };
  const room = Math.min(2 ** 16 - 2, 2 * start.cores + 64);
  const passes = effort === "best" ? 3 : 2;
  let best = judge(graph, open(problem, start, start.cores, room));
  for (const relaxed of ROUNDS[effort]) {
    const enough = comfortableCores(open(problem, best, best.cores, room), capacityOf(1));
    for (const wanted of new Set([best.cores, Math.min(best.cores, enough), Math.max(1, best.cores - 1)])) {
      if (shouldStop?.() === true) return best;
      const state = open(problem, best, wanted, room);
      for (const relax of relaxed) {
        eliminate(state, wanted, relax);
        sweep(state, { relax, passes: 2, rng, ...stop });
        refine(state, { relax, passes, rng, ...stop });
      }
      refine(state, { relax: 1, passes, rng, ...stop });
      if (repair(state, room)) refine(state, { relax: 1, passes, rng, ...stop });
      const found = judge(graph, state);
      if (isBetterCut(found, best)) best = found;
    }
  }
  return best;
}

/** Legal before broken; then fewer spikes, on fewer cores. */
export function isBetterCut(a: FoundCut, b: FoundCut): boolean {
  if (a.overload !== b.overload) return a.overload < b.overload;
  const [priceA, priceB] = [a, b].map(({ cutSpikes, cores }) => cutSpikes * cores ** CORE_WORTH);
  return priceA < priceB || (priceA === priceB && a.cores < b.cores);
}

/** A cut with what it costs. */
export function judgeCut(problem: CutProblem, cut: Cut): FoundCut {
  return judge(problem.graph, open(problem, cut, cut.cores, cut.cores));
}

function open({ graph, level, capacityOf }: CutProblem, cut: Cut, wanted: number, room: number): Assignment {
  return new Assignment(level, capacityOf(wanted), withOutside(graph, cut.coreOf), cut.cores, room);
}

function judge(graph: AxonGraph, state: Assignment): FoundCut {
  state.setWalls(1);
  const coreOf = state.coreOf.slice(0, graph.neurons);
  return { coreOf, cores: closeGaps(coreOf), cutSpikes: state.cutSpikes, overload: state.overload };
}

function comfortableCores(state: Assignment, limits: CoreCapacity): number {
  const needed = (load: Int32Array, wall: number, spare: number): number =>
    Math.ceil((load.subarray(0, state.cores).reduce((sum, held) => sum + held, 0) / wall) * spare);
  return Math.max(
    needed(state.neurons, limits.neurons, SPARE.neurons),
    needed(state.axonsIn, limits.axonsIn, SPARE.lists),
    needed(state.axonsOut, limits.axonsOut, SPARE.lists),
    needed(state.words, limits.synapseWords, SPARE.lists),
  );
}

/** Numbers cores without gaps; returns how many there are. */
function closeGaps(coreOf: Uint16Array): number {
  const newOf = new Map([...new Set(coreOf)].sort((a, b) => a - b).map((core, i) => [core, i]));
  for (let n = 0; n < coreOf.length; n++) coreOf[n] = newOf.get(coreOf[n])!;
  return newOf.size;
}
