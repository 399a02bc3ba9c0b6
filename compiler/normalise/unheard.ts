import type { Network } from "#ir/network";
import type { Wiring } from "./wiring.ts";

/**
 * Neurons from which no way leads to an output: along synapses that are not zero, through neurons that can fire.
 *
 * @param silent by population, `[size]`: neurons that never fire; outputs are heard whatever they do
 * @returns by population, `[size]`, 1 where a neuron is not heard
 */
export function unheardNeurons(
  { populations, projections, outputs }: Network,
  wiring: Wiring,
  silent: readonly Uint8Array[],
): Uint8Array[] {
  const unheard = populations.map(({ size }) => new Uint8Array(size).fill(1));
  const waiting: { readonly population: number; readonly neuron: number }[] = [];
  const hear = (population: number, neuron: number): void => {
    if (unheard[population][neuron] === 0) return;
    unheard[population][neuron] = 0;
    waiting.push({ population, neuron });
  };
  const isOutput = new Set(outputs.map(({ population }) => population));
  for (const population of isOutput)
    for (let n = 0; n < populations[population].size; n++) hear(population, n);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { population, neuron } = next;
    if (silent[population][neuron] === 1 && !isOutput.has(population)) continue;
    for (const p of wiring.into[population]) {
      const { start, row } = wiring.columns(p);
      for (let i = start[neuron]; i < start[neuron + 1]; i++) hear(projections[p].pre, row[i]);
    }
  }
  return unheard;
}
