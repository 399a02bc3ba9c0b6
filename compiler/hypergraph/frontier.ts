/** Nodes of a block, which know their largest key together. */
const BLOCK = 1024;

/**
 * Nodes with keys that only grow, until the one with the largest is taken. Growing writes two numbers at most, however many nodes
 * there are; taking looks at every block, and at the nodes of those that may hold the largest.
 */
export class Frontier {
  /** `[nodes]`, -Infinity for those that are not in it. */
  readonly #key: Float64Array;
  /** `[blocks]`, not below any key of the block. */
  readonly #most: Float64Array;

  constructor(nodes: number) {
    this.#key = new Float64Array(nodes).fill(-Infinity);
    this.#most = new Float64Array(Math.ceil(nodes / BLOCK)).fill(-Infinity);
  }

  keyOf(node: number): number {
    return this.#key[node];
  }

  /** For nodes that are not in it, and for keys that are not smaller than before. */
  set(node: number, key: number): void {
    this.#key[node] = key;
    const block = Math.floor(node / BLOCK);
    if (key > this.#most[block]) this.#most[block] = key;
  }

  remove(node: number): void {
    this.#key[node] = -Infinity;
  }

  /** Takes the node with the largest key, the first of equals; node -1 if there is none. */
  pop(): { readonly node: number; readonly key: number } {
    const most = this.#most;
    for (;;) {
      let block = -1;
      let key = -Infinity;
      for (let b = 0; b < most.length; b++)
        if (most[b] > key) {
          block = b;
          key = most[b];
        }
      if (block < 0) return { node: -1, key };
      const best = this.#bestOf(block);
      if (best >= 0 && this.#key[best] === key) {
        this.remove(best);
        return { node: best, key };
      }
      most[block] = best < 0 ? -Infinity : this.#key[best];
    }
  }

  #bestOf(block: number): number {
    const end = Math.min(this.#key.length, (block + 1) * BLOCK);
    let best = -1;
    let key = -Infinity;
    for (let v = block * BLOCK; v < end; v++)
      if (this.#key[v] > key) {
        best = v;
        key = this.#key[v];
      }
    return best;
  }
}
