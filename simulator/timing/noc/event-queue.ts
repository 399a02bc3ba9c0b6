/** A binary heap of times and codes in typed arrays. Codes of one time come out in no particular order. */
export class EventQueue {
  size = 0;
  #times = new Float64Array(256);
  #codes = new Int32Array(256);

  /** Of the earliest event; the queue must not be empty. */
  get nextNs(): number {
    return this.#times[0];
  }

  push(ns: number, code: number): void {
    if (this.size === this.#times.length) this.#grow();
    const times = this.#times;
    const codes = this.#codes;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (times[parent] <= ns) break;
      times[at] = times[parent];
      codes[at] = codes[parent];
      at = parent;
    }
    times[at] = ns;
    codes[at] = code;
  }

  /** Takes the earliest event out; the queue must not be empty. */
  pop(): number {
    const times = this.#times;
    const codes = this.#codes;
    const first = codes[0];
    const size = --this.size;
    const ns = times[size];
    const code = codes[size];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && times[child + 1] < times[child]) child++;
      if (ns <= times[child]) break;
      times[at] = times[child];
      codes[at] = codes[child];
      at = child;
    }
    times[at] = ns;
    codes[at] = code;
    return first;
  }

  #grow(): void {
    const times = new Float64Array(2 * this.size);
    times.set(this.#times);
    this.#times = times;
    const codes = new Int32Array(2 * this.size);
    codes.set(this.#codes);
    this.#codes = codes;
  }
}
