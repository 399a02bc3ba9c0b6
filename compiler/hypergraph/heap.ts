/** Nodes by falling key; a key can be changed. */
export class NodeHeap {
  readonly #key: Float64Array;
  readonly #place: Int32Array;
  readonly #heap: Uint32Array;
  #size = 0;

  constructor(nodes: number) {
    this.#key = new Float64Array(nodes);
    this.#place = new Int32Array(nodes).fill(-1);
    this.#heap = new Uint32Array(nodes);
  }

  get size(): number {
    return this.#size;
  }

  /** The largest key; there must be one. */
  get topKey(): number {
    return this.#key[this.#heap[0]];
  }

  keyOf(node: number): number {
    return this.#key[node];
  }

  has(node: number): boolean {
    return this.#place[node] >= 0;
  }

  clear(): void {
    for (let i = 0; i < this.#size; i++) this.#place[this.#heap[i]] = -1;
    this.#size = 0;
  }

  set(node: number, key: number): void {
    const at = this.#place[node];
    if (at < 0) {
      this.#key[node] = key;
      this.#rise(this.#size++, node);
      return;
    }
    const before = this.#key[node];
    this.#key[node] = key;
    if (key > before) this.#rise(at, node);
    else if (key < before) this.#sink(at, node);
  }

  remove(node: number): void {
    const at = this.#place[node];
    if (at < 0) return;
    this.#place[node] = -1;
    const last = this.#heap[--this.#size];
    if (last === node) return;
    this.#rise(at, last);
    this.#sink(this.#place[last], last);
  }

  /** The node with the largest key, taken out; -1 if there is none. */
  pop(): number {
    if (this.#size === 0) return -1;
    const top = this.#heap[0];
    this.#place[top] = -1;
    const last = this.#heap[--this.#size];
    if (this.#size > 0) this.#sink(0, last);
    return top;
  }

  #rise(from: number, node: number): void {
    const heap = this.#heap;
    const key = this.#key[node];
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = heap[parent];
      if (this.#key[other] >= key) break;
      heap[at] = other;
      this.#place[other] = at;
      at = parent;
    }
    heap[at] = node;
    this.#place[node] = at;
  }

  #sink(from: number, node: number): void {
    const heap = this.#heap;
    const key = this.#key[node];
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#key[heap[child + 1]] > this.#key[heap[child]]) child++;
      const other = heap[child];
      if (this.#key[other] <= key) break;
      heap[at] = other;
      this.#place[other] = at;
      at = child;
    }
    heap[at] = node;
    this.#place[node] = at;
  }
}
