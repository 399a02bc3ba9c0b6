import type { Rng } from "#util/rng";
import type { Assignment } from "./assignment.ts";
import { NodeHeap } from "./heap.ts";
import { shuffle } from "./shuffle.ts";

export interface RefineOptions {
  /** Walls are taken times this; 1 holds them exactly. */
  readonly relax: number;
  readonly passes: number;
  readonly rng: Rng;
  /** Ends a pass after so many moves without a new best; as a share of the nodes. */
  readonly patience?: number;
  /** Asked now and then; true ends the work, and leaves the best state found. */
  readonly shouldStop?: () => boolean;
}

/** Pins of larger nets are not looked at again when one of them moves. */
const LARGE_NET = 400;
/** Above all gains: nodes of cores that are over a wall go first. */
const URGENT = 1e12;
/** A pass that saves less than this share of the cost is the last. */
const WORTHWHILE = 0.001;
/** A node that had nowhere to go is looked at again so often. */
const TRIES = 8;
const SWEEP_WORTHWHILE = 0.005;

/**
 * Fiduccia-Mattheyses over all cores at once: the node whose move saves most is moved, even if that saves less than
 * nothing, and locked; afterwards everything behind the best state is taken back. Walls are the capacity times
 * `relax`. A core that is over is emptied first, cheapest nodes first; a state that is over by less is better than one
 * that costs less.
 */
export function refine(state: Assignment, options: RefineOptions): void {
  const { relax, passes, rng, patience = 0.02, shouldStop } = options;
  const { nodes } = state.level;
  state.setWalls(relax);
  const search = new Search(state, relax === 1);
  const order = new Uint32Array(nodes).map((_, v) => v);
  for (let pass = 0; pass < passes; pass++) {
    shuffle(order, rng);
    const before = state.cutSpikes;
    const overBefore = state.overload;
    search.pass(order, Math.max(100, Math.floor(patience * nodes)), shouldStop);
    if (state.overload >= overBefore - 1e-9 && before - state.cutSpikes < WORTHWHILE * before) break;
    if (shouldStop?.() === true) break;
  }
}

/**
 * Visits all nodes in random order and moves each at once to where it saves most, if it saves anything: rough, but
 * several times as fast as `refine`, which goes on from there. Walls as there.
 */
export function sweep(state: Assignment, { relax, passes, rng, shouldStop }: RefineOptions): void {
  const { nodes } = state.level;
  state.setWalls(relax);
  const search = new Search(state, false);
  const order = new Uint32Array(nodes).map((_, v) => v);
  for (let pass = 0; pass < passes; pass++) {
    shuffle(order, rng);
    const before = state.cutSpikes;
    const overBefore = state.overload;
    for (const v of order) search.moveIfBetter(v);
    if (state.overload >= overBefore - 1e-9 && before - state.cutSpikes < SWEEP_WORTHWHILE * before) break;
    if (shouldStop?.() === true) break;
  }
}

class Search {
  readonly #state: Assignment;
  readonly #heap: NodeHeap;
  readonly #locked: Uint8Array;
  readonly #target: Int32Array;
  readonly #tries: Uint8Array;
  readonly #isUrgent: boolean;
  /** Nodes whose key is not known. */
  readonly #isDirty: Uint8Array;
  #isTakingBack = false;

  constructor(state: Assignment, isUrgent: boolean) {
    const { nodes } = state.level;
    this.#state = state;
    this.#isUrgent = isUrgent;
    this.#heap = new NodeHeap(nodes);
    this.#locked = new Uint8Array(nodes);
    this.#target = new Int32Array(nodes);
    this.#tries = new Uint8Array(nodes);
    this.#isDirty = new Uint8Array(nodes).fill(1);
  }

  pass(order: Uint32Array, limit: number, shouldStop: (() => boolean) | undefined): void {
    const state = this.#state;
    const heap = this.#heap;
    const isDirty = this.#isDirty;
    this.#locked.fill(0);
    this.#tries.fill(0);
    for (const v of order) {
      if (isDirty[v] === 0) continue;
      isDirty[v] = 0;
      this.#propose(v);
    }
    const log: number[] = [];
    let bestCut = state.cutSpikes;
    let bestOver = this.#isUrgent ? state.overload : 0;
    let bestLength = 0;
    for (let steps = 1; ; steps++) {
      const v = heap.pop();
      if (v < 0) break;
      if ((steps & 1023) === 0 && shouldStop?.() === true) break;
      const key = heap.keyOf(v);
      const now = this.#bestMove(v);
      if (now === -Infinity) continue;
      if (now < key - 1e-9) {
        heap.set(v, now);
        continue;
      }
      const from = state.coreOf[v];
      const to = this.#target[v];
      if (to < 0 || !state.fits(v, to)) continue;
      state.move(v, to);
      this.#locked[v] = 1;
      log.push(v, from);
      const over = this.#isUrgent ? state.overload : 0;
      if (over < bestOver - 1e-9 || (over <= bestOver + 1e-9 && state.cutSpikes < bestCut - 1e-9)) {
        bestCut = state.cutSpikes;
        bestOver = Math.min(over, bestOver);
        bestLength = log.length;
      } else if (log.length - bestLength > 2 * limit) break;
      this.#raiseNeighbours(v, from, to);
    }
    this.#isTakingBack = true;
    for (let k = 0; k < log.length; k += 2) isDirty[log[k]] = 1;
    while (log.length > bestLength) {
      const from = log.pop()!;
      const v = log.pop()!;
      const to = state.coreOf[v];
      state.move(v, from);
      this.#raiseNeighbours(v, to, from);
    }
    this.#isTakingBack = false;
  }

  moveIfBetter(v: number): void {
    const state = this.#state;
    if (this.#bestMove(v) <= 1e-9) return;
    const to = this.#target[v];
    if (to >= 0 && state.fits(v, to)) state.move(v, to);
  }

  #propose(v: number): void {
    const gain = this.#bestMove(v);
    if (gain === -Infinity) this.#heap.remove(v);
    else this.#heap.set(v, gain);
  }

  /**
   * Raises the keys of those that may gain from a move: they have become the last of a net where they are, or a net of
   * theirs has reached a core that it did not. Keys are upper bounds; what they are really is found when they come up.
   */
  #raiseNeighbours(v: number, from: number, to: number): void {
    const { level, slotCore, slotCount, lambda, coreOf } = this.#state;
    const { inStart, inNet, inCount, outStart, outNet, netStart, pin, pinCount, source, rate } = level;
    for (let i = inStart[v]; i < inStart[v + 1]; i++) {
      const net = inNet[i];
      const begin = netStart[net];
      const end = netStart[net + 1];
      if (end - begin > LARGE_NET) continue;
      let left = 0;
      let there = 0;
      for (let s = begin; s < begin + lambda[net]; s++) {
        if (slotCore[s] === from) left = slotCount[s];
        else if (slotCore[s] === to) there = slotCount[s];
      }
      const entered = there === (inCount === undefined ? 1 : inCount[i]);
      const w = rate[net];
      if (entered || left === 0) this.#raise(source[net], w);
      if (left === 0) continue;
      if (entered) {
        for (let p = begin; p < end; p++) if (coreOf[pin[p]] === from) this.#raise(pin[p], w);
        continue;
      }
      if (pinCount === undefined && left > 1) continue;
      for (let p = begin; p < end; p++) {
        if (coreOf[pin[p]] === from && (pinCount === undefined ? 1 : pinCount[p]) === left)
          this.#raise(pin[p], w);
      }
    }
    for (let i = outStart[v]; i < outStart[v + 1]; i++) {
      const net = outNet[i];
      const begin = netStart[net];
      const end = netStart[net + 1];
      if (end - begin > LARGE_NET) continue;
      for (let p = begin; p < end; p++) if (coreOf[pin[p]] === from) this.#raise(pin[p], rate[net]);
    }
  }

  #raise(u: number, by: number): void {
    if (this.#locked[u] === 1) return;
    if (this.#heap.has(u)) this.#heap.set(u, this.#heap.keyOf(u) + by);
    else if (this.#isTakingBack || this.#tries[u]++ >= TRIES) this.#isDirty[u] = 1;
    else this.#propose(u);
  }

  /** Key of a node's best legal move, or -Infinity; its core goes to `target`, -1 if no other core has its nets yet. */
  #bestMove(v: number): number {
    const state = this.#state;
    const { listed, gain, leaving } = state.offersFor(v);
    const chosen = state.bestOffer(v);
    const result = chosen < 0 ? 0 : gain[chosen] + leaving;
    state.releaseOffers();
    this.#target[v] = chosen;
    if (chosen < 0) return listed === 0 ? leaving : -Infinity;
    const isUrgent = this.#isUrgent && state.isOver(state.coreOf[v]);
    return isUrgent ? result + URGENT : result;
  }
}
