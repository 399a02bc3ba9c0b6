import type { SpikeEvents } from "#ir/spikes";

/** Collects the events of one population, sample by sample; inside a step they may come in any order. */
export class EventRecorder {
  readonly withValues: boolean;
  readonly #samples: SpikeEvents[] = [];
  #step: Uint32Array = new Uint32Array(64);
  #index: Uint32Array = new Uint32Array(64);
  #value: Float64Array | undefined;
  #length = 0;
  #stepBegin = 0;

  /** @param withValues each event carries a value; else all are 1 */
  constructor(withValues: boolean) {
    this.withValues = withValues;
    if (withValues) this.#value = new Float64Array(64);
  }

  /** Steps must ascend; a neuron that is listed several times in one fires as often. Adds a spike for each of the compartments in `fired` [begin, end); `indexOf` gives the index recorded. */
  addFired(step: number, fired: Uint32Array, begin: number, end: number, indexOf: Uint32Array): void {
    this.#begin(step);
    this.#reserve(end - begin);
    for (let i = begin; i < end; i++) {
      this.#step[this.#length] = step;
      this.#index[this.#length++] = indexOf[fired[i]];
    }
  }

  /** Adds one event with a value; indices must ascend inside a step. */
  addValue(step: number, index: number, value: number): void {
    this.#begin(step);
    this.#reserve(1);
    this.#value![this.#length] = value;
    this.#step[this.#length] = step;
    this.#index[this.#length++] = index;
  }

  /** A new step ends the one before: its spikes are put into ascending order. */
  #begin(step: number): void {
    if (this.#length > this.#stepBegin && this.#step[this.#length - 1] !== step) this.#endStep();
  }

  #endStep(): void {
    const tail = this.#index.subarray(this.#stepBegin, this.#length);
    for (let i = 1; i < tail.length; i++) {
      if (tail[i - 1] <= tail[i]) continue;
      tail.sort();
      break;
    }
    this.#stepBegin = this.#length;
  }

  endSample(): void {
    this.#endStep();
    const step = this.#step.slice(0, this.#length);
    const index = this.#index.slice(0, this.#length);
    const value = this.#value?.slice(0, this.#length);
    this.#samples.push(value === undefined ? addedUp(step, index) : { step, index, value });
    this.#length = 0;
    this.#stepBegin = 0;
  }

  get samples(): readonly SpikeEvents[] {
    return this.#samples;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#step.length) return;
    const capacity = Math.max(needed, this.#step.length * 2);
    this.#step = grown(this.#step, new Uint32Array(capacity));
    this.#index = grown(this.#index, new Uint32Array(capacity));
    if (this.#value !== undefined) this.#value = grown(this.#value, new Float64Array(capacity));
  }
}

/** Events that are there several times, as one with a value. */
function addedUp(step: Uint32Array, index: Uint32Array): SpikeEvents {
  const isAgain = (e: number): boolean => e > 0 && step[e] === step[e - 1] && index[e] === index[e - 1];
  // Mostly nothing is: then nothing is made of every spike.
  let first = 0;
  while (first < step.length && !isAgain(first)) first++;
  if (first === step.length) return { step, index };
  const kept: number[] = [];
  for (let e = 0; e < step.length; e++) if (!isAgain(e)) kept.push(e);
  return {
    step: Uint32Array.from(kept, (e) => step[e]),
    index: Uint32Array.from(kept, (e) => index[e]),
    value: Float64Array.from(kept, (e, k) => (kept[k + 1] ?? step.length) - e),
  };
}

function grown<T extends Uint32Array | Float64Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
