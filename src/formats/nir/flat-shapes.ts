import { expand, isIdentity } from "#ir/connectivity";
import type { Network, Projection } from "#ir/network";

/**
 * A network whose neurons lie in a row wherever a general map leads to them, for NIR's matrices have vectors at both
 * ends, and no node turns a vector into an image again. What follows such neurons gets flat with them; windows over
 * flat neurons are written out as matrices.
 *
 * @returns the names of the populations that lost their shape, beside the network; the same network if there are none
 */
export function withFlatShapes(network: Network): { network: Network; flattened: string[] } {
  const flat = network.populations.map(({ shape }) => shape.length === 1);
  for (let changed = true; changed;) {
    changed = false;
    for (const projection of network.projections) {
      if (flat[projection.post] || keepsShape(network, projection, flat[projection.pre])) continue;
      flat[projection.post] = changed = true;
    }
  }
  const flattened = network.populations.filter(({ shape }, i) => flat[i] && shape.length > 1);
  if (flattened.length === 0) return { network, flattened: [] };
  const populations = network.populations.map((population, i) =>
    flat[i] ? { ...population, shape: [population.size] } : population,
  );
  const projections = network.projections.map((projection) => {
    const isWindow = projection.connectivity.kind === "kernel";
    const becomesMatrix = isWindow && (flat[projection.pre] || flat[projection.post]);
    if (!becomesMatrix || network.populations[projection.pre].shape.length === 1) return projection;
    return { ...projection, connectivity: expand(projection.connectivity) };
  });
  return { network: { ...network, populations, projections }, flattened: flattened.map(({ name }) => name) };
}

/** True if NIR has a node for the map that leads to a shape of several axes. */
function keepsShape(
  { populations }: Network,
  { pre, post, connectivity }: Projection,
  preIsFlat: boolean,
): boolean {
  const [from, to] = [populations[pre].shape, populations[post].shape];
  if (preIsFlat) return false;
  if (connectivity.kind === "kernel") return true;
  const isSame = from.length === to.length && from.every((length, axis) => length === to[axis]);
  if (connectivity.kind === "diagonal" || isIdentity(connectivity)) return isSame;
  // Blocks on the last axis are one matrix each.
  return (
    from.length > 1 && from.slice(0, -1).join() === to.slice(0, -1).join() && isBlocks(connectivity, from, to)
  );
}

function isBlocks(
  connectivity: Projection["connectivity"],
  from: readonly number[],
  to: readonly number[],
): boolean {
  if (connectivity.kind !== "sparse") return from.slice(0, -1).every((length) => length === 1);
  const [ins, outs] = [from[from.length - 1], to[to.length - 1]];
  const { rows, rowStart, colIndex } = connectivity;
  for (let row = 0; row < rows; row++)
    for (let i = rowStart[row]; i < rowStart[row + 1]; i++)
      if (Math.floor(colIndex[i] / outs) !== Math.floor(row / ins)) return false;
  return true;
}
