import type { SpikeData } from "#ir/spikes";
import { ToolchainError } from "#util/diagnostic";
import { labelsDiffer } from "./diagnostics-reference.ts";

/** Sum over the steps of every element, `[elements]` for each sample: spike counts, where values are spikes. */
export function sumsOverSteps({ shape, samples }: SpikeData): Float64Array[] {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return samples.map((events) => {
    const sums = new Float64Array(size);
    for (let e = 0; e < events.index.length; e++) {
      sums[events.index[e]] += events.value === undefined ? 1 : events.value[e];
    }
    return sums;
  });
}

/** Class of each sample: the element with the largest sum over the steps; the lowest index wins a tie. */
export function predictions(output: SpikeData): Uint32Array {
  return Uint32Array.from(sumsOverSteps(output), (sums) =>
    sums.reduce((best, sum, i) => (sum > sums[best] ? i : best), 0),
  );
}

/**
 * Share of samples whose prediction is their label.
 *
 * @throws ToolchainError `simulate/labels-differ` unless there is one label for each sample
 */
export function accuracy(output: SpikeData, labels: ArrayLike<number>): number {
  const samples = output.samples.length;
  if (labels.length !== samples) throw new ToolchainError([labelsDiffer({ labels: labels.length, samples })]);
  const right = predictions(output).reduce((count, label, s) => count + (label === labels[s] ? 1 : 0), 0);
  return samples === 0 ? 0 : right / samples;
}
