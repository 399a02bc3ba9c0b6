import type { LayerShape } from "#compiler/hypergraph/tile-order";
import { ToolchainError } from "#util/diagnostic";
import { shapesDoNotMatch } from "./map-diagnostics.ts";
import type { ConnectivityMapOptions } from "./map-connectivity.ts";

/**
 * Shapes of layers with the neuron that each begins at.
 *
 * Throws `ToolchainError` if they hold more or fewer neurons than there are.
 */
export function layersOf(
  shapes: ConnectivityMapOptions["shapes"],
  neurons: number,
): readonly LayerShape[] | undefined {
  if (shapes === undefined) return undefined;
  let first = 0;
  const layers = shapes.map(([channels, height, width]): LayerShape => {
    const layer = { first, channels, height, width };
    first += channels * height * width;
    return layer;
  });
  if (first !== neurons) throw new ToolchainError([shapesDoNotMatch({ shapes: first, neurons })]);
  return layers;
}
