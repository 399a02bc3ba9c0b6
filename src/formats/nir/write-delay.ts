import type { Projection } from "#ir/network";

/** Whole steps that a Delay node must add: the cut of a cycle brings one by itself. */
export function waitsOf({ delaySteps, beforeStart }: Projection): number {
  return beforeStart === undefined ? delaySteps : delaySteps - 1;
}

/**
 * Delay of each element, in steps, if the projections are the parts of one Delay node: one source, and
 * every element passed on once, unchanged. Undefined otherwise.
 */
export function delaysOf(parts: readonly Projection[]): Float64Array | undefined {
  if (parts.length < 2) return undefined;
  const [{ pre, connectivity: first }] = parts;
  const delays = new Float64Array(first.rows).fill(-1);
  for (const { pre: other, connectivity, weightScale, delaySteps, beforeStart } of parts) {
    if (other !== pre || connectivity.kind !== "sparse" || weightScale !== 1 || beforeStart !== undefined)
      return undefined;
    const { rows, cols, rowStart, colIndex, values } = connectivity;
    if (rows !== cols) return undefined;
    for (let row = 0; row < rows; row++) {
      for (let i = rowStart[row]; i < rowStart[row + 1]; i++) {
        if (colIndex[i] !== row || values[i] !== 1 || delays[row] !== -1) return undefined;
        delays[row] = delaySteps;
      }
    }
  }
  return delays.includes(-1) ? undefined : delays;
}
