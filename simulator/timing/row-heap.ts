/**
 * Rows, earliest first; of two at the same time, the smaller row. Holds each row at most once and never allocates.
 *
 * Times are whole femtoseconds (`momentOf`): sums that differ in their rounding only are the same time.
 */
export class RowHeap {
  size = 0;
  readonly #rows: Int32Array;
  /** Of the row at the same place. */
  readonly #moments: Float64Array;

  constructor(rows: number) {
    this.#rows = new Int32Array(rows);
    this.#moments = new Float64Array(rows);
  }

  get top(): number {
    return this.#rows[0];
  }

  get topMoment(): number {
    return this.#moments[0];
  }

  /** Whether any row but the first is due by then. */
  hasSecond(byMoment: number): boolean {
    const { size } = this;
    return (size > 1 && this.#moments[1] <= byMoment) || (size > 2 && this.#moments[2] <= byMoment);
  }

  push(row: number, moment: number): void {
    this.#rise(this.size++, row, moment);
  }

  pop(): void {
    const last = --this.size;
    if (last > 0) this.#replaceTop(this.#rows[last], this.#moments[last]);
  }

  /** The first row's turn is now later. */
  delayTop(moment: number): void {
    this.#replaceTop(this.#rows[0], moment);
  }

  /** Moves the hole at the top down to a leaf, and the row up from there: what is new is mostly late. */
  #replaceTop(row: number, moment: number): void {
    const { size } = this;
    const rows = this.#rows;
    const moments = this.#moments;
    let at = 0;
    let child = 1;
    while (child < size) {
      const other = child + 1;
      if (
        other < size &&
        (moments[other] < moments[child] || (moments[other] === moments[child] && rows[other] < rows[child]))
      )
        child = other;
      rows[at] = rows[child];
      moments[at] = moments[child];
      at = child;
      child = 2 * at + 1;
    }
    this.#rise(at, row, moment);
  }

  #rise(from: number, row: number, moment: number): void {
    const rows = this.#rows;
    const moments = this.#moments;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (moments[parent] < moment || (moments[parent] === moment && rows[parent] < row)) break;
      rows[at] = rows[parent];
      moments[at] = moments[parent];
      at = parent;
    }
    rows[at] = row;
    moments[at] = moment;
  }
}

/** A time in whole femtoseconds. */
export function momentOf(ns: number): number {
  return Math.round(ns * 1e6);
}
