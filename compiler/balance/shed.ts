import { NodeHeap } from "../hypergraph/heap.ts";
import type { BalanceState } from "./balance-state.ts";
import { Offers } from "./offers.ts";
import { Trial } from "./trial.ts";

/** Other cores that are tried where a neuron's best move is not possible. */
const TRIES = 3;
/** So often, cores whose output entries are used up are made to have some, this share of them, to let a busy core's neurons go. */
const ROOM_TRIES = 6;
const ROOM_SHARE = 0.04;
/** Least busy cores that a swap is tried with, and neurons there that are looked at for each of the busy core. */
const PARTNERS = 8;
const SWAP_TRIES = 4;
/** Swaps that are not possible, one after the other, until the partner is given up. */
const MOST_FAILED = 40;

/** Takes work from cores until none is above a limit. */
export class Shed {
  readonly state: BalanceState;
  readonly trial: Trial;
  /** Neurons that have been looked at so far. */
  looks = 0;
  readonly #offers: Offers;
  readonly #heap: NodeHeap;
  readonly #value: Float64Array;
  /** `[maxCores]`, moves that a core forbade. */
  readonly #blocked: Int32Array;
  readonly #withSwaps: boolean;
  readonly #shouldStop: () => boolean;

  constructor(
    state: BalanceState,
    options: {
      readonly withSwaps: boolean;
      /** Neurons that may be looked at altogether. */
      readonly mostLooks: number;
      readonly shouldStop: () => boolean;
    },
  ) {
    const { neurons } = state.problem.graph;
    this.state = state;
    this.trial = new Trial(state);
    this.#offers = new Offers(state);
    this.#heap = new NodeHeap(neurons);
    this.#value = new Float64Array(neurons);
    this.#blocked = new Int32Array(state.problem.maxCores);
    this.#withSwaps = options.withSwaps;
    this.#shouldStop = () => this.looks > options.mostLooks || options.shouldStop();
  }

  /**
   * Brings all cores to the limit, busiest first.
   *
   * @param tryAll once nothing else helps, try every core for every neuron
   * @returns false: it did not succeed, and some moves have been made
   */
  reach(limitNs: number, tryAll = false): boolean {
    for (;;) {
      const core = this.state.busiest();
      if (this.state.loadOf(core) <= limitNs) return true;
      if (this.#shouldStop()) return false;
      this.#moveOut(core, limitNs);
      for (let k = 0; k < ROOM_TRIES && this.state.loadOf(core) > limitNs; k++) {
        if (!this.#makeRoom(core, limitNs)) break;
        this.#moveOut(core, limitNs);
      }
      if (this.#withSwaps && this.state.loadOf(core) > limitNs) this.#swapOut(core, limitNs);
      if (tryAll) this.#moveAnywhere(core, limitNs);
      if (this.state.loadOf(core) > limitNs) return false;
    }
  }

  /** What `Offers` estimates may be a little too much, and it tries few cores only. */
  #moveAnywhere(core: number, limitNs: number): void {
    const { state, trial } = this;
    for (const v of state.membersOf(core).sort((a, b) => a - b))
      for (let to = 0; to < state.problem.maxCores; to++) {
        if (state.loadOf(core) <= limitNs || this.#shouldStop()) return;
        if (to !== core && state.isWelcome(v, to) && trial.move(v, to, limitNs)) break;
      }
  }

  /** Moves neurons to less busy cores: those first that save most cut spikes, or cost fewest, for the time they take. */
  #moveOut(core: number, limitNs: number): void {
    const { state } = this;
    const phase = state.phaseOf(core);
    this.#blocked.fill(0);
    this.#drain(core, limitNs, {
      isDone: () => state.loadOf(core) <= limitNs,
      weigh: (offers) => offers.reliefNs(phase),
    });
  }

  /** Takes neurons from the core that forbade most moves, until it has some output entries to spare. */
  #makeRoom(core: number, limitNs: number): boolean {
    const { state } = this;
    const { axonsOut } = state.problem.capacity;
    let full = -1;
    for (let c = 0; c < this.#blocked.length; c++)
      if (c !== core && this.#blocked[c] > 0 && (full < 0 || this.#blocked[c] > this.#blocked[full]))
        full = c;
    if (full < 0) return false;
    const before = state.axonsOut[full];
    const wanted = Math.min(before, axonsOut) - ROOM_SHARE * axonsOut;
    this.#drain(full, limitNs, {
      isDone: () => state.axonsOut[full] <= wanted,
      weigh: (_, v) => state.lambda[v],
    });
    return state.axonsOut[full] < before;
  }

  /** Moves neurons from a core, those first that save most cut spikes for what they weigh. */
  #drain(core: number, limitNs: number, { isDone, weigh }: Draining): void {
    const { state, trial } = this;
    const heap = this.#heap;
    const keyOf = (v: number): number => {
      this.looks++;
      this.#offers.lookAt(v);
      const weight = weigh(this.#offers, v);
      if (weight <= 0) return -Infinity;
      const to = this.#offers.best(limitNs);
      return to < 0 ? -Infinity : this.#offers.savingAt(to) / weight;
    };
    heap.clear();
    for (const v of state.membersOf(core).sort((a, b) => a - b)) {
      const key = keyOf(v);
      if (key > -Infinity) heap.set(v, key);
    }
    while (!isDone()) {
      const v = heap.pop();
      if (v < 0) return;
      const before = heap.keyOf(v);
      const now = keyOf(v);
      if (now === -Infinity) continue;
      if (now < before - 1e-9 * Math.abs(before)) {
        heap.set(v, now);
        continue;
      }
      const to = this.#offers.best(limitNs);
      if (trial.move(v, to, limitNs)) continue;
      this.#blocked[trial.blocker]++;
      this.#tryOthers(v, to, limitNs);
    }
  }

  /** Where its sources' messages are too many for a core, or their output entries, another core may do. */
  #tryOthers(v: number, failed: number, limitNs: number): void {
    const barred = new Set([failed]);
    for (let k = 0; k < TRIES; k++) {
      const to = this.#offers.best(limitNs, (core) => barred.has(core));
      if (to < 0 || this.trial.move(v, to, limitNs)) return;
      barred.add(to);
    }
  }

  /** Exchanges neurons that have much of the phase for some that have little. */
  #swapOut(core: number, limitNs: number): void {
    const { state } = this;
    const { maxCores } = state.problem;
    const cores = Array.from({ length: maxCores }, (_, c) => c)
      .filter((c) => c !== core && state.neurons[c] > 0)
      .sort((a, b) => state.loadOf(a) - state.loadOf(b) || a - b)
      .slice(0, PARTNERS);
    for (const partner of cores) {
      if (state.loadOf(core) <= limitNs || this.#shouldStop()) return;
      this.#swapWith(core, partner, limitNs);
    }
  }

  #swapWith(core: number, partner: number, limitNs: number): void {
    const { state, trial } = this;
    const phase = state.phaseOf(core);
    const heavy = this.#sortedBy(core, (offers) => offers.reliefNs(phase), -1);
    const light = this.#sortedBy(partner, (offers) => offers.addedNs(phase, core), 1);
    let next = 0;
    let failed = 0;
    for (const v of heavy) {
      for (let k = 0; k < SWAP_TRIES && next + k < light.length; k++) {
        const w = light[next + k];
        if (this.#value[v] <= this.#value[w] || failed > MOST_FAILED) return;
        if (!state.isWelcome(v, partner) || !state.isWelcome(w, core)) continue;
        this.looks++;
        if (!trial.move(v, partner, limitNs, w, core)) {
          failed++;
          continue;
        }
        if (state.loadOf(core) <= limitNs) return;
        light.splice(next + k, 1);
        failed = 0;
        break;
      }
      if (next + SWAP_TRIES < light.length && state.coreOf[v] === core) next++;
    }
  }

  #sortedBy(core: number, value: (offers: Offers) => number, sign: number): number[] {
    const members = this.state.membersOf(core);
    for (const v of members) {
      this.looks++;
      this.#offers.lookAt(v);
      this.#value[v] = value(this.#offers);
    }
    return members.sort((a, b) => sign * (this.#value[a] - this.#value[b]) || a - b);
  }
}

interface Draining {
  readonly isDone: () => boolean;
  /** What the core is to get rid of, of a neuron. */
  readonly weigh: (offers: Offers, neuron: number) => number;
}
