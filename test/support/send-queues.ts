// Orders of packets that are ready at the same moment, as yardsticks for the detailed time: a rule is free to choose.

export interface SendQueue {
  readonly size: number;
  push(core: number, send: number): void;
  /** @returns the core whose packet is ready first */
  pop(): number;
}

interface Ready {
  readonly core: number;
  readonly send: number;
}

/** The lowest core of those that are ready at once. */
export class ByCore implements SendQueue {
  readonly #waiting: Ready[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  push(core: number, send: number): void {
    this.#waiting.push({ core, send });
  }

  pop(): number {
    const first = this.#waiting.reduce((best, other) =>
      other.send < best.send || (other.send === best.send && other.core < best.core) ? other : best,
    );
    this.#waiting.splice(this.#waiting.indexOf(first), 1);
    return first.core;
  }
}

/**
 * Whatever a binary heap makes of it that is kept as the C++ standard library mostly keeps one: what is pushed rises from
 * the end as long as its parent is later; on a pop the hole goes down to a leaf, each time to the right child unless that is
 * later than the left, and the last entry rises from there.
 */
export class BinaryHeap implements SendQueue {
  readonly #heap: Ready[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(core: number, send: number): void {
    this.#heap.push({ core, send });
    this.#rise(this.#heap.length - 1, { core, send });
  }

  pop(): number {
    const heap = this.#heap;
    const { core } = heap[0];
    const last = heap.pop()!;
    let hole = 0;
    for (let right = 2; right <= heap.length; right = 2 * hole + 2) {
      const isLeft = right === heap.length || heap[right].send > heap[right - 1].send;
      heap[hole] = heap[isLeft ? right - 1 : right];
      hole = isLeft ? right - 1 : right;
    }
    if (heap.length > 0) this.#rise(hole, last);
    return core;
  }

  #rise(from: number, ready: Ready): void {
    const heap = this.#heap;
    let at = from;
    for (; at > 0; at = (at - 1) >> 1) {
      const parent = heap[(at - 1) >> 1];
      if (parent.send <= ready.send) break;
      heap[at] = parent;
    }
    heap[at] = ready;
  }
}
