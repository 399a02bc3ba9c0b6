// What `spinec fit` lets a network see when nobody gives it data.
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { createRng } from "#util/rng";

/** How assumed input was made: the same numbers make the same input. */
export interface AssumedRates {
  /** Share of the input lines that spike in a step. */
  readonly spikeShare: number;
  /** Of the model. */
  readonly steps: number;
  readonly seed: number;
}

/** One sample of random spikes for every port. Ports that drive biases get none: they keep the bias 0. */
export function assumedInputs(
  { inputs, populations }: Network,
  { spikeShare, steps, seed }: AssumedRates,
): Record<string, SpikeData> {
  const rng = createRng(seed);
  return Object.fromEntries(
    inputs.map(({ name, population, drives }): [string, SpikeData] => {
      const { shape, size } = populations[population];
      const step: number[] = [];
      const index: number[] = [];
      for (let t = 0; t < steps && drives === undefined; t++)
        for (let i = 0; i < size; i++)
          if (rng() < spikeShare) {
            step.push(t);
            index.push(i);
          }
      const sample = { step: Uint32Array.from(step), index: Uint32Array.from(index) };
      return [name, { steps, shape, samples: [sample] }];
    }),
  );
}
