import { NodeHeap } from "../hypergraph/heap.ts";
import type { BalanceState } from "./balance-state.ts";
import type { Trial } from "./trial.ts";

/** Axons with more targets hardly say who belongs together. */
const LARGE_NET = 400;
/** Cores that one halving may make necessary to halve as well. */
const MOST_FOLLOWING = 24;

/** Halves cores: what grows from one neuron along shared sources goes to another core. */
export class Split {
  readonly #state: BalanceState;
  readonly #trial: Trial;
  readonly #heap: NodeHeap;

  constructor(state: BalanceState, trial: Trial) {
    this.#state = state;
    this.#trial = trial;
    this.#heap = new NodeHeap(state.problem.graph.neurons);
  }

  /**
   * Halves the work of a core. Sources of what moves may need more output entries than their cores have; those cores are
   * then halved as well.
   *
   * @returns whether that took work from it and left no core over a wall; else nothing has changed
   */
  relieve(core: number): boolean {
    const state = this.#state;
    const start = this.#trial.length;
    const beforeNs = state.loadOf(core);
    let isDone = this.#halve(core, (c) => state.loadOf(c)) && state.loadOf(core) < beforeNs;
    for (let k = 0; isDone; k++) {
      const over = this.#overWall();
      if (over < 0) break;
      isDone = k < MOST_FOLLOWING && this.#halve(over, (c) => state.axonsOut[c]);
    }
    if (isDone) return true;
    this.#trial.undo(start);
    return false;
  }

  #overWall(): number {
    for (let c = 0; c < this.#state.problem.maxCores; c++) if (this.#state.isOverWall(c)) return c;
    return -1;
  }

  /** Moves neurons to an empty core until it has half of what is measured; false if there is no such core. */
  #halve(core: number, measure: (core: number) => number): boolean {
    const state = this.#state;
    const empty = state.neurons.indexOf(0);
    const members = state.membersOf(core).sort((a, b) => a - b);
    if (empty < 0 || members.length < 2) return false;
    const heap = this.#heap;
    heap.clear();
    for (const v of members) heap.set(v, 0);
    heap.set(members[0], 1);
    while (state.neurons[core] > 1 && measure(empty) < measure(core)) {
      const v = heap.pop();
      this.#trial.force(v, empty);
      this.#raiseNeighbours(v, core);
    }
    return true;
  }

  #raiseNeighbours(v: number, core: number): void {
    const { problem, incoming, coreOf } = this.#state;
    const { axonStart, target, rate } = problem.graph;
    const heap = this.#heap;
    for (let i = incoming.inStart[v]; i < incoming.inStart[v + 1]; i++) {
      const source = incoming.inSource[i];
      const end = axonStart[source + 1];
      if (end - axonStart[source] > LARGE_NET) continue;
      for (let s = axonStart[source]; s < end; s++) {
        const u = target[s];
        if (coreOf[u] === core && heap.has(u)) heap.set(u, heap.keyOf(u) + rate[source]);
      }
    }
  }
}
