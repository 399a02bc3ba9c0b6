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
}

/** Collects neurons that fit nowhere: one finding for each population and resource, however many neurons share it. */
export class Misfits {
  readonly #worst = new Map<string, Misfit>();

  add(misfit: Omit<Misfit, "neurons">): void {
    const key = `${misfit.population} ${misfit.resource}`;
    const known = this.#worst.get(key);
    const neurons = (known?.neurons ?? 0) + 1;
    const worst = known !== undefined && known.needed >= misfit.needed ? known : misfit;
    this.#worst.set(key, { ...worst, neurons });
  }

  get all(): readonly Misfit[] {
    return [...this.#worst.values()];
  }
}
