// Bare connectivity for tests.
import type { AxonGraph } from "#ir/axon-graph";
import { createRng } from "#util/rng";

/** Targets of every axon, ascending; rates are 1, 2, 3, … */
export function graphOf(targets: readonly (readonly number[])[]): AxonGraph {
  const axonStart = new Uint32Array(targets.length + 1);
  targets.forEach((list, n) => {
    axonStart[n + 1] = axonStart[n] + list.length;
  });
  return {
    neurons: targets.length,
    axonStart,
    target: Uint32Array.from(targets.flat()),
    rate: Float64Array.from(targets, (_, n) => n + 1),
    layer: Uint32Array.from(targets, (_, n) => n % 3),
  };
}

/** A random graph: about so many targets for each axon, some axons without, some neurons that reach themselves. */
export function someGraph(neurons: number, targets: number, seed: number): AxonGraph {
  const rng = createRng(seed);
  return graphOf(
    Array.from({ length: neurons }, () => {
      if (rng() < 0.2) return [];
      const list = new Set(Array.from({ length: targets }, () => Math.floor(rng() * neurons)));
      return [...list].sort((a, b) => a - b);
    }),
  );
}

/** Targets of every axon. */
export const lists = ({ neurons, axonStart, target }: AxonGraph): number[][] =>
  Array.from({ length: neurons }, (_, n) => [...target.subarray(axonStart[n], axonStart[n + 1])]);
