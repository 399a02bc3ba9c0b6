// Networks of TrueNorth neurons, and their plain simulation: step by step, no cores.
import { expand } from "#ir/connectivity";
import type { Network, Population } from "#ir/network";
import { paramOf } from "#neurons/index";
import { stepTruenorthLif, truenorthLifModel } from "#neurons/truenorth-lif";
import { CLOCKED_WEIGHT_UNIT, STATUS } from "#neurons/clocked";
import { between, edge, input, network, population, randomSparse } from "#test/networks";
import type { Rng } from "#util/rng";

export const FOUR_BITS = { weightBits: 4, signMode: "mixed", weightExponent: 0 } as const;

/** @param threshold in stored weights; so is the leak, 1 */
export function truenorthLif(name: string, size: number, startStep: number, threshold: number): Population {
  return population(
    name,
    "truenorth-lif",
    size,
    { threshold: threshold * CLOCKED_WEIGHT_UNIT, leak: CLOCKED_WEIGHT_UNIT, v0: 0 },
    { startStep },
  );
}

/** A chain of layers with random even weights of four bits. */
export function layers(rng: Rng, sizes: readonly number[], density: number, threshold = 6): Network {
  const weight = (): number => 2 * between(rng, -8, 7);
  return network(
    sizes.map((size, l) => (l === 0 ? input("in", size) : truenorthLif(`l${l}`, size, l, threshold))),
    sizes.slice(1).map((size, l) =>
      edge(l === 0 ? "in" : `l${l}`, `l${l + 1}`, randomSparse(rng, sizes[l], size, density, weight), {
        delaySteps: 1,
        quantization: FOUR_BITS,
      }),
    ),
  );
}

/** Spikes of every population, `[steps][size]`, each population's counted from its start step. */
export function spikesOf(
  net: Network,
  inputSpikes: readonly (readonly number[])[],
  steps: number,
): number[][][] {
  const { populations, projections } = net;
  const last = Math.max(0, ...populations.map(({ startStep }) => startStep ?? 0));
  const longest = Math.max(1, ...projections.map(({ delaySteps }) => delaySteps));
  const total = steps + last;
  const sums = populations.map(({ size }) =>
    Array.from({ length: total + longest + 1 }, () => new Float64Array(size)),
  );
  const arrived = populations.map(({ size }) =>
    Array.from({ length: total + longest + 1 }, () => new Uint8Array(size)),
  );
  const matrices = projections.map(({ connectivity }) => expand(connectivity));
  const neurons = populations.map(({ model, params, size }) => ({
    state: [new Float64Array(size)],
    params:
      model === "input"
        ? []
        : truenorthLifModel.params.map(({ name }) => paramOf(truenorthLifModel, params, name, size)),
  }));
  const spikes = populations.map((): number[][] => []);
  for (let t = 0; t < total; t++) {
    populations.forEach(({ model, size, startStep = 0 }, p) => {
      if (t < startStep) return;
      const fired = new Array<number>(size).fill(0);
      for (let n = 0; n < size; n++) {
        if (model === "input") fired[n] = inputSpikes[t]?.[n] ?? 0;
        else {
          const status = stepTruenorthLif(neurons[p], n, sums[p][t][n], arrived[p][t][n] === 1);
          fired[n] = status === STATUS.fired ? 1 : 0;
        }
      }
      spikes[p].push(fired);
      projections.forEach(({ pre, post, delaySteps }, i) => {
        if (pre !== p) return;
        const { rowStart, colIndex, values } = matrices[i];
        for (let n = 0; n < size; n++) {
          if (fired[n] === 0) continue;
          for (let k = rowStart[n]; k < rowStart[n + 1]; k++) {
            sums[post][t + delaySteps][colIndex[k]] += values[k] * CLOCKED_WEIGHT_UNIT;
            arrived[post][t + delaySteps][colIndex[k]] = 1;
          }
        }
      });
    });
  }
  return spikes.map((rows) => rows.slice(0, steps));
}
