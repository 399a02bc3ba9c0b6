import type { Deployment } from "#ir/deployment";

/** Who sits on a core. */
export interface Compartments {
  /** `[compartments]`: neuron of its population. */
  readonly neuron: Uint32Array;
  /** Neurons of a population that are on the core, ascending. */
  of(population: number): readonly number[];
}

/** Read off the maps of the populations, slowly. */
export function compartmentsOf(
  { populations }: Deployment,
  core: number,
  compartments: number,
): Compartments {
  const neuron = new Uint32Array(compartments);
  const byPopulation = populations.map((map) => {
    const own: number[] = [];
    for (let n = map.core.indexOf(core); n >= 0; n = map.core.indexOf(core, n + 1)) {
      own.push(n);
      if (map.compartment[n] < compartments) neuron[map.compartment[n]] = n;
    }
    return own;
  });
  return { neuron, of: (population) => byPopulation[population] };
}
