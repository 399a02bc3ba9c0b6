import { NO_CORE, type BalanceState } from "./balance-state.ts";

/** Rounding of sums that moves go through. */
const ROUNDING = 1e-9;

/** Makes moves that keep every wall and every limit, and can take them back. */
export class Trial {
  readonly #state: BalanceState;
  /** Neuron and the core that it came from, move after move. */
  readonly #log: number[] = [];
  readonly #touched: Uint16Array;
  readonly #before: Float64Array;
  readonly #stamp: Int32Array;
  #trial = 0;
  #count = 0;
  /** Core whose wall or limit forbade the last move that did not happen. */
  blocker = -1;

  constructor(state: BalanceState) {
    const { maxCores } = state.problem;
    this.#state = state;
    this.#touched = new Uint16Array(maxCores);
    this.#before = new Float64Array(maxCores);
    this.#stamp = new Int32Array(maxCores).fill(-1);
  }

  /** Moves so far. */
  get length(): number {
    return this.#log.length / 2;
  }

  /**
   * Moves one or two neurons at once, if no core ends over a wall, and none above the limit that was not busier before.
   *
   * @returns whether they moved
   */
  move(neuron: number, to: number, limitNs: number, other = -1, otherTo = -1): boolean {
    const state = this.#state;
    const from = state.coreOf[neuron];
    this.#trial++;
    this.#count = 0;
    this.#touch(neuron, to);
    if (other >= 0) this.#touch(other, otherTo);
    const length = this.#log.length;
    this.force(neuron, to);
    if (other >= 0) this.force(other, otherTo);
    if (this.#holds(limitNs, from)) return true;
    this.undo(length / 2);
    return false;
  }

  /** Whatever that does to walls. */
  force(neuron: number, to: number): void {
    this.#log.push(neuron, this.#state.coreOf[neuron]);
    this.#state.move(neuron, to);
  }

  /** Back to so many moves. */
  undo(length: number): void {
    while (this.length > length) {
      const from = this.#log.pop()!;
      this.#state.move(this.#log.pop()!, from);
    }
  }

  /** Forgets the moves: they stay. */
  clear(): void {
    this.#log.length = 0;
  }

  #holds(limitNs: number, from: number): boolean {
    const state = this.#state;
    for (let k = 0; k < this.#count; k++) {
      const core = this.#touched[k];
      this.blocker = core;
      if (state.isOverWall(core)) return false;
      const load = state.loadOf(core);
      if (load <= limitNs) continue;
      const before = this.#before[core];
      if (core === from ? load >= before * (1 - ROUNDING) : load > before * (1 + ROUNDING)) return false;
    }
    return true;
  }

  #touch(neuron: number, to: number): void {
    const { incoming, coreOf } = this.#state;
    this.#add(coreOf[neuron]);
    this.#add(to);
    for (let i = incoming.inStart[neuron]; i < incoming.inStart[neuron + 1]; i++)
      if (coreOf[incoming.inSource[i]] !== NO_CORE) this.#add(coreOf[incoming.inSource[i]]);
  }

  #add(core: number): void {
    if (this.#stamp[core] === this.#trial) return;
    this.#stamp[core] = this.#trial;
    this.#before[core] = this.#state.loadOf(core);
    this.#touched[this.#count++] = core;
  }
}
