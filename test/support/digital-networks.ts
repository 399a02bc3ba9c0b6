// Networks of plain integer neurons, as chips of one core hold them.
import type { Network, Population } from "#ir/network";
import { edge, input, network, population, randomSparse, between } from "#test/networks";
import type { Rng } from "#util/rng";

export const EIGHT_BITS = { weightBits: 8, signMode: "mixed", weightExponent: 0 } as const;

/** Reset by subtraction, no leak. */
export function digitalLif(name: string, size: number, startStep: number): Population {
  return population(name, "digital-lif", size, { threshold: 60, resetKind: 2, stateBits: 15 }, { startStep });
}

/** inputs -> hidden layers -> read-out, random weights of both signs. */
export function hiddenLayers(rng: Rng, sizes: readonly number[], density: number): Network {
  return network(
    sizes.map((size, l) => (l === 0 ? input("in", size) : digitalLif(`l${l}`, size, l))),
    sizes.slice(1).map((size, l) =>
      edge(
        l === 0 ? "in" : `l${l}`,
        `l${l + 1}`,
        randomSparse(rng, sizes[l], size, density, () => between(rng, 1, 127)),
        {
          delaySteps: 1,
          quantization: EIGHT_BITS,
        },
      ),
    ),
  );
}
