import type { Floats } from "../engine/backend.ts";

/**
 * Keeps the `keep` largest magnitudes of the live entries of all arrays together; of equals, the first ones (by array,
 * then by index). Returns the new masks, or undefined where no more than `keep` live already.
 *
 * @param values arrays to rank
 * @param masks  of the same lengths, 1: lives; an entry that does not live stays out whatever its value
 */
export function largestMasks(
  values: readonly Floats[],
  masks: readonly Uint8Array[],
  keep: number,
): Uint8Array[] | undefined {
  const live = masks.reduce((sum, mask) => sum + mask.reduce((part, one) => part + one, 0), 0);
  if (live <= keep) return undefined;
  if (keep === 0) return masks.map((mask) => new Uint8Array(mask.length));
  const sizes = new Float64Array(live);
  let end = 0;
  values.forEach((value, v) => {
    for (let i = 0; i < value.length; i++) if (masks[v][i] !== 0) sizes[end++] = Math.abs(value[i]);
  });
  const limit = select(sizes, live - keep);
  // After `select` the entries from live - keep on are the largest; those equal to the limit share what is left.
  let equals = 0;
  for (let i = live - keep; i < live; i++) if (sizes[i] === limit) equals++;
  return values.map((value, v) =>
    masks[v].map((alive, i) => {
      const size = Math.abs(value[i]);
      return alive !== 0 && (size > limit || (size === limit && equals-- > 0)) ? 1 : 0;
    }),
  );
}

/** The value that would stand at `rank` if `sizes` were sorted. Reorders them: smaller or equal before, larger or equal after. */
export function select(sizes: Float64Array, rank: number): number {
  let low = 0;
  let high = sizes.length - 1;
  while (low < high) {
    const pivot = medianOf(sizes[low], sizes[(low + high) >> 1], sizes[high]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (sizes[i] < pivot) i++;
      while (sizes[j] > pivot) j--;
      if (i > j) break;
      const swapped = sizes[i];
      sizes[i++] = sizes[j];
      sizes[j--] = swapped;
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else break;
  }
  return sizes[rank];
}

function medianOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
