// Calibration of converted networks: how large the values of every rectifier get.
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { simulateReference } from "#simulator/reference-float";
import type { OnProgress } from "#util/progress";

/** Share of values below the scale: the few beyond it saturate, all others gain resolution. */
const PERCENTILE_SHARE = 0.999;

/**
 * The value that 99.9 % of a rectifier's positive values stay below, by name: `rateScales` of `convert: "ann"`.
 *
 * @param network read with `convert: "values"`
 * @param inputs  by input port; the mean over the steps is what the network sees
 * @throws ToolchainError `simulate/...` for everything wrong with the inputs
 */
export function rateScales(
  network: Network,
  inputs: Readonly<Record<string, SpikeData>>,
  onProgress?: OnProgress,
): Record<string, number> {
  const record = network.populations.filter(({ model }) => model === "relu").map(({ name }) => name);
  const means = Object.fromEntries(Object.entries(inputs).map(([port, data]) => [port, meanOverSteps(data)]));
  const { recorded } = simulateReference(network, means, { steps: 1, record }, onProgress);
  return Object.fromEntries(record.map((name) => [name, percentile(recorded[name], PERCENTILE_SHARE)]));
}

function meanOverSteps({ steps, shape, samples }: SpikeData): SpikeData {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return {
    steps: 1,
    shape,
    samples: samples.map((events) => {
      const sums = new Float64Array(size);
      for (let e = 0; e < events.index.length; e++) sums[events.index[e]] += events.value?.[e] ?? 1;
      const index = Uint32Array.from(sums.keys()).filter((i) => sums[i] !== 0);
      return {
        step: new Uint32Array(index.length),
        index,
        value: Float64Array.from(index, (i) => sums[i] / steps),
      };
    }),
  };
}

function percentile({ samples }: SpikeData, share: number): number {
  const values = samples.flatMap(({ value, index }) =>
    value === undefined ? Array.from(index, () => 1) : Array.from(value),
  );
  const sorted = Float64Array.from(values).sort();
  return sorted.length === 0 ? 1 : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
