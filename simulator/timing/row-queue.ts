/**
 * A time for each row; tells the earliest, of two at the same time the smaller row. Never allocates.
 *
 * A tournament: every node of a binary tree over the rows holds the earlier of its two children. It is kept without
 * branches, because which child is earlier cannot be foretold.
 */
export class RowQueue {
  readonly #leaves: number;
  /** By node: 1 is the root, 2n and 2n + 1 are the children of n, the leaves are the rows. */
  readonly #times: Float64Array;
  readonly #rows: Int32Array;

  constructor(rows: number) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(rows, 1)));
    this.#times = new Float64Array(2 * this.#leaves).fill(Infinity);
    this.#rows = Int32Array.from(this.#times, (_, node) => node - this.#leaves);
  }

  clear(): void {
    this.#times.fill(Infinity);
  }

  /** The earliest row, if there is any. */
  get top(): number {
    return this.#rows[1];
  }

  /** Infinity: no row has a time. */
  get topTime(): number {
    return this.#times[1];
  }

  /** Whether any row but the first is due by then. */
  hasSecond(moment: number): boolean {
    const times = this.#times;
    for (let node = this.#leaves + this.#rows[1]; node > 1; node >>= 1)
      if (times[node ^ 1] <= moment) return true;
    return false;
  }

  /** @param time Infinity: none */
  set(row: number, time: number): void {
    const times = this.#times;
    const rows = this.#rows;
    let node = this.#leaves + row;
    times[node] = time;
    while (node > 1) {
      const left = node & ~1;
      const earlier = left + Number(times[left + 1] < times[left]);
      node >>= 1;
      times[node] = times[earlier];
      rows[node] = rows[earlier];
    }
  }
}
