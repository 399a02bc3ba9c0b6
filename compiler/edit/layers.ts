import { storedWeights } from "#ir/connectivity";
import type { Network, Projection } from "#ir/network";

/** Trained weights under the name that people know them by. */
export interface Layer {
  readonly name: string;
  readonly projection: number;
}

/**
 * Trained layers, in the order of the projections. Where a file does not say what was trained, all weights count but
 * those that only join neuron to neuron.
 */
export function layersOf({ projections }: Network): Layer[] {
  const all = projections.map((projection, index) => ({ name: nameOf(projection), projection: index }));
  const said = all.filter(({ projection }) => projections[projection].layer !== undefined);
  if (said.length > 0) return said;
  return all.filter(({ projection }) => projections[projection].connectivity.kind !== "diagonal");
}

const nameOf = ({ layer, name }: Projection): string => layer?.node ?? name;

/** Sum of the squares of a layer's weights. */
export function powerOf({ connectivity, weightScale }: Projection): number {
  let power = 0;
  for (const weight of storedWeights(connectivity)) power += weight * weight;
  return power * weightScale * weightScale;
}
