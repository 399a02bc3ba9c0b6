import { expand } from "#ir/connectivity";
import type { Population, Projection } from "#ir/network";
import { mergeSparse, scaleSparse } from "#ir/sparse";

/**
 * Adds up projections that join the same two populations with the same delay; the same array if there are
 * none. Quantized ones stay apart: their integers have scales of their own. So do those out of a relay
 * with a past of their own.
 */
export function mergeParallel(
  projections: readonly Projection[],
  populations: readonly Population[],
): readonly Projection[] {
  const groups = new Map<string, Projection[]>();
  for (const [i, projection] of projections.entries()) {
    const { pre, post, delaySteps, beforeStart, quantization } = projection;
    const past = populations[pre].model === "relay" ? (beforeStart ?? "absent") : "";
    const key = quantization === undefined ? `${pre},${post},${delaySteps},${past}` : `quantized ${i}`;
    groups.set(key, [...(groups.get(key) ?? []), projection]);
  }
  if (groups.size === projections.length) return projections;
  return [...groups.values()].map((group) => (group.length === 1 ? group[0] : merged(group)));
}

function merged(group: readonly Projection[]): Projection {
  const matrices = group.map(({ connectivity, weightScale }) => {
    const matrix = expand(connectivity, { keepZeros: true });
    return weightScale === 1 ? matrix : scaleSparse(matrix, [weightScale]);
  });
  const layers = group.flatMap(({ layer }) => (layer === undefined ? [] : [layer]));
  const layer = layers.every(({ node }) => node === layers[0].node) ? layers.at(0) : undefined;
  const { name, pre, post, delaySteps, beforeStart } = group[0];
  return {
    name: layer?.node ?? name,
    pre,
    post,
    connectivity: mergeSparse(matrices),
    weightScale: 1,
    delaySteps,
    ...(beforeStart === undefined ? {} : { beforeStart }),
    ...(layer === undefined ? {} : { layer }),
  };
}
