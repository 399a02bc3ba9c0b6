// Counting where an exported graph and the reference simulator differ.
import type { SpikeData } from "#ir/spikes";
import { invariant } from "#util/diagnostic";

export interface OnnxOutputCheck {
  readonly name: string;
  /** Compared: steps × size × samples. */
  readonly values: number;
  /** Sum over all steps and samples: the number of spikes of a spiking output. */
  readonly sum: number;
  readonly referenceSum: number;
  readonly differingValues: number;
  readonly largestDifference: number;
}

export interface BatchExtent {
  /** First sample. */
  readonly from: number;
  readonly count: number;
  readonly steps: number;
}

/** Counts the differences of one output. */
export class Tally {
  readonly #name: string;
  readonly #tolerance: number;
  #values = 0;
  #sum = 0;
  #referenceSum = 0;
  #differing = 0;
  #largest = 0;

  constructor(name: string, tolerance: number) {
    this.#name = name;
    this.#tolerance = tolerance;
  }

  /** @param got `[steps, count, size]` */
  add(got: ArrayLike<number>, recorded: SpikeData, size: number, { from, count, steps }: BatchExtent): void {
    invariant(got.length === steps * count * size, "an output has a value for each step, sample and neuron");
    const expected = new Float64Array(got.length);
    for (let s = 0; s < count; s++) {
      const { step, index, value } = recorded.samples[from + s];
      for (let e = 0; e < step.length; e++)
        expected[(step[e] * count + s) * size + index[e]] = value === undefined ? 1 : value[e];
    }
    for (let i = 0; i < got.length; i++) {
      const difference = Math.abs(got[i] - expected[i]);
      // Not a number is a difference too.
      if (!(difference <= this.#tolerance * (1 + Math.abs(expected[i])))) this.#differing++;
      if (!(difference <= this.#largest)) this.#largest = difference;
      this.#sum += got[i];
      this.#referenceSum += expected[i];
    }
    this.#values += got.length;
  }

  result(): OnnxOutputCheck {
    return {
      name: this.#name,
      values: this.#values,
      sum: this.#sum,
      referenceSum: this.#referenceSum,
      differingValues: this.#differing,
      largestDifference: this.#largest,
    };
  }
}
