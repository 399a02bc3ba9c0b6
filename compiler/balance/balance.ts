import type { AxonGraph } from "#ir/axon-graph";
import { invariant } from "#util/diagnostic";
import type { CoreCapacity } from "../hypergraph/capacity.ts";
import { BalanceState, NO_CORE, type BalanceProblem } from "./balance-state.ts";
import { stepBoundNs } from "./bound.ts";
import { Shed } from "./shed.ts";
import { Split } from "./split.ts";
import type { StepCosts } from "./step-costs.ts";
import { Trial } from "./trial.ts";

export type BalanceEffort = "fast" | "default" | "best";

export interface BalanceOptions {
  /** Cores that may be used, those in use included; default: these only. */
  readonly maxCores?: number | undefined;
  /** `default` if absent. */
  readonly effort?: BalanceEffort | undefined;
  /** `[neurons]`: neurons of two groups meet on a core only where both are already. Absent: all may meet. */
  readonly group?: Uint16Array | undefined;
  /** Told the step of the best partition so far. */
  readonly onProgress?: ((progress: BalanceProgress) => void) | undefined;
  /** Asked often; once it says yes, the best partition so far is returned. */
  readonly shouldStop?: (() => boolean) | undefined;
}

export interface BalanceProgress {
  readonly stage: string;
  readonly stepNs: number;
  readonly boundNs: number;
  readonly cores: number;
}

export interface Balanced {
  /** `[neurons]`, from 0 on without gaps. */
  readonly coreOf: Uint16Array;
  readonly cores: number;
  /** Predicted, barrier included, on as few tiles as hold the cores. */
  readonly stepNsBefore: number;
  readonly stepNsAfter: number;
  /** No partition into `maxCores` cores is below. */
  readonly boundNs: number;
}

/** Limits that are tried between the bound and what has been reached; then steps that a descent must gain at least. */
const LIMITS: Readonly<Record<BalanceEffort, number>> = { fast: 4, default: 8, best: 12 };
/** Halving and lowering in turn. */
const ROUNDS: Readonly<Record<BalanceEffort, number>> = { fast: 1, default: 2, best: 4 };
const FIRST_GAIN = 0.016;
const GAIN_STEP = 4;
/** Neurons that are looked at, for each neuron that there is. */
const LOOKS: Readonly<Record<BalanceEffort, number>> = { fast: 5, default: 60, best: 600 };
const LEAST_GAIN: Readonly<Record<BalanceEffort, number>> = { fast: 0.01, default: 1e-3, best: 1e-4 };

/**
 * Lowers the longest phase of the busiest core, which a step waits for: halves cores while there are spare ones and that
 * helps, then moves and swaps neurons. Of moves that lower it, those that cut fewest spikes come first. Ends where nothing
 * on the busiest core can be moved, or swapped with the least busy cores, to any gain of that phase. Where that makes the mean
 * step longer, which counts all cores, what was there before is kept. Same arguments, same result.
 *
 * @param coreOf `[neurons]`, a legal partition, from 0 on without gaps
 * @returns a legal partition whose predicted step is not longer
 */
export function balanceSteps(
  graph: AxonGraph,
  capacity: CoreCapacity,
  coreOf: ArrayLike<number>,
  costs: StepCosts,
  options: BalanceOptions = {},
): Balanced {
  const { effort = "default", group, onProgress, shouldStop = () => false } = options;
  let cores = 0;
  for (let n = 0; n < graph.neurons; n++) cores = Math.max(cores, coreOf[n] + 1);
  const maxCores = Math.max(1, cores, options.maxCores ?? cores);
  invariant(maxCores < NO_CORE, "cores are numbered in 16 bits");
  const problem: BalanceProblem = { graph, capacity, costs, maxCores, group };
  const boundNs = stepBoundNs(graph, capacity, costs, maxCores);
  const first = new BalanceState(problem, coreOf);
  const stepNsBefore = first.expectedNs();
  let best: Kept = { coreOf: first.coreOf, stepNs: stepNsBefore };
  const report = (stage: string, state: BalanceState): void =>
    onProgress?.({
      stage,
      stepNs: Math.min(best.stepNs, state.expectedNs()),
      boundNs,
      cores: state.usedCores(),
    });
  for (let round = 0; round < ROUNDS[effort] && !shouldStop(); round++) {
    const before = best.stepNs;
    const starts = spread(new BalanceState(problem, best.coreOf), shouldStop);
    if (round > 0 && starts.length === 1) break;
    for (const start of starts) {
      const state = new BalanceState(problem, start);
      report("halve", state);
      lower(state, boundNs, { effort, report, shouldStop });
      const stepNs = state.expectedNs();
      if (stepNs < best.stepNs) best = { coreOf: state.coreOf, stepNs };
    }
    if (best.stepNs > before * (1 - LEAST_GAIN[effort])) break;
  }
  const compact = withoutGaps(best.coreOf.slice(0, graph.neurons));
  return { ...compact, stepNsBefore, stepNsAfter: best.stepNs, boundNs };
}

interface Kept {
  /** `[sources]` */
  readonly coreOf: Uint16Array;
  readonly stepNs: number;
}

/**
 * Halves the busiest core again and again, until there are no more cores or that core cannot be halved.
 *
 * @returns what there was, or the state with the shortest step on the way; and the last one, if that is another
 */
function spread(state: BalanceState, shouldStop: () => boolean): Uint16Array[] {
  const trial = new Trial(state);
  const split = new Split(state, trial);
  let best = state.stepNs();
  let bestLength = 0;
  for (;;) {
    if (state.usedCores() === state.problem.maxCores || shouldStop() || !split.relieve(state.busiest()))
      break;
    const stepNs = state.stepNs();
    if (stepNs >= best) continue;
    best = stepNs;
    bestLength = trial.length;
  }
  const starts: Uint16Array[] = trial.length > bestLength ? [state.coreOf.slice()] : [];
  trial.undo(bestLength);
  return [state.coreOf, ...starts];
}

interface Lowering {
  readonly effort: BalanceEffort;
  readonly report: (stage: string, state: BalanceState) => void;
  readonly shouldStop: () => boolean;
}

/** Tries limits between what no partition is below and what is reached, then descends, in smaller and smaller steps. */
function lower(state: BalanceState, boundNs: number, { effort, report, shouldStop }: Lowering): void {
  const mostLooks = LOOKS[effort] * state.problem.graph.neurons;
  const shed = new Shed(state, { withSwaps: effort !== "fast", mostLooks, shouldStop });
  const { trial } = shed;
  const leastGain = LEAST_GAIN[effort];
  const longest = (): number => state.loadOf(state.busiest());
  const isOver = (): boolean => shouldStop() || shed.looks > mostLooks;
  const barrierNs = state.stepNs() - longest();
  const leastNs = state.problem.costs.barrier === "floor" ? boundNs : boundNs - barrierNs;
  const reaches = (limitNs: number, tryAll = false): boolean => {
    const isReached = shed.reach(limitNs, tryAll);
    if (!isReached) trial.undo(0);
    trial.clear();
    state.recount();
    if (isReached) report("limit", state);
    return isReached;
  };
  let low = leastNs;
  let high = longest();
  for (let k = 0; k < LIMITS[effort] && high > low * (1 + leastGain) && !isOver(); k++) {
    const limitNs = (low + high) / 2;
    if (reaches(limitNs)) high = longest();
    else low = limitNs;
  }
  for (let gain = FIRST_GAIN; gain >= leastGain && !isOver() && longest() > leastNs;) {
    const isLast = gain / GAIN_STEP < leastGain;
    if (!reaches(longest() * (1 - gain), isLast && effort === "best")) gain /= GAIN_STEP;
  }
}

/** Numbers cores without gaps. */
function withoutGaps(coreOf: Uint16Array): { readonly coreOf: Uint16Array; readonly cores: number } {
  const isUsed = new Uint8Array(NO_CORE);
  for (const core of coreOf) isUsed[core] = 1;
  const newOf = new Uint16Array(NO_CORE);
  let cores = 0;
  for (let core = 0; core < NO_CORE; core++) if (isUsed[core] === 1) newOf[core] = cores++;
  return { coreOf: coreOf.map((core) => newOf[core]), cores };
}
