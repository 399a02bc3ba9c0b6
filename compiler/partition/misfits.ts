import type { Shortage } from "../encode/measure.ts";

/** A neuron that no core can hold, and why. */
export interface Misfit {
  readonly population: number;
  readonly neuron: number;
  readonly resource: Shortage;
  readonly needed: number;
  readonly available: number;
  /** Neurons of the population that lack the same; this one lacks most. */
  readonly neurons: number;
  /** Set where the population does not fit in one piece, and has to. */
  readonly layer?: LayerMisfit;
}

export interface LayerMisfit {
  /** What cores cannot do about the layer at all, in words. */
  readonly faults: readonly string[];
  /** What the core lacks that lacks least; `available` is what the largest core has. */
  readonly shortages: readonly {
    readonly resource: Shortage;
    readonly needed: number;
    readonly available: number;
  }[];
  /** What would make it fit. */
  readonly changes: readonly string[];
}

/** Collects neurons that fit nowhere: one finding for each population and resource, however many neurons share it. */
export class Misfits {
  readonly #worst = new Map<string, Misfit>();
  readonly #lacking = new Map<string, Set<number>>();

  add(misfit: Omit<Misfit, "neurons">): void {
    const key = `${misfit.population} ${misfit.resource}`;
    const known = this.#worst.get(key);
    const lacking = this.#lacking.get(key) ?? new Set();
    this.#lacking.set(key, lacking.add(misfit.neuron));
    const worst = known !== undefined && known.needed >= misfit.needed ? known : misfit;
    this.#worst.set(key, { ...worst, neurons: lacking.size });
  }

  get all(): readonly Misfit[] {
    return [...this.#worst.values()];
  }
}
