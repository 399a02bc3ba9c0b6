import { sizeOf } from "../graph.ts";
import type { Random } from "../random.ts";

/**
 * - `uniform`: every layer the same;
 * - `er`: a linear layer's share falls with its size, as in Erdős–Rényi graphs of equal degree;
 * - `erk`: the same, and kernel height and width count too.
 */
export type AllocationKind = "uniform" | "er" | "erk";

export interface Allocation {
  /** Per layer, 0 to 1. */
  readonly densities: number[];
  /** Per layer: nonzero weights, density times weights, rounded. */
  readonly counts: number[];
}

/**
 * Shares a density out among layers: density of layer l = min(1, ε · p[l]) with one ε for all, so that the sum over
 * layers of density · weights is the wanted one. Where ε · p would be above 1, the layers of the largest p become dense
 * and ε is found anew.
 *
 * p is 1 for `uniform`, (in + out) / (in · out) for `er`, (in + out + kh + kw) / (in · out · kh · kw) for `erk`.
 *
 * @param shapes weight shapes, `[out, in]` or `[out, in / groups, kernel height, kernel width]`
 * @param density of all layers together, 0 to 1
 * @param keptDense layers that stay dense whatever it costs the others; their weights count. If they alone are more than
 *   `density` allows, the others get 0.
 *
 * Source: Evci et al., "Rigging the Lottery", ICML 2020 (ERK); Mocanu et al., Nature Communications 9, 2018 (ER).
 */
export function allocateDensities(
  shapes: readonly (readonly number[])[],
  density: number,
  kind: AllocationKind,
  keptDense: readonly boolean[] = [],
): Allocation {
  const sizes = shapes.map(sizeOf);
  const scores = shapes.map((shape) => rawScore(shape, kind));
  const isDense = shapes.map((_, l) => keptDense[l] === true);
  const wanted = density * sizes.reduce((sum, size) => sum + size, 0);
  for (;;) {
    let budget = wanted;
    let scored = 0;
    let largest = 0;
    for (let l = 0; l < sizes.length; l++) {
      if (isDense[l]) budget -= sizes[l];
      else {
        scored += scores[l] * sizes[l];
        largest = Math.max(largest, scores[l]);
      }
    }
    const epsilon = scored === 0 ? 0 : Math.max(0, budget) / scored;
    if (epsilon * largest <= 1) {
      const densities = sizes.map((_, l) => (isDense[l] ? 1 : epsilon * scores[l]));
      return { densities, counts: densities.map((d, l) => Math.round(d * sizes[l])) };
    }
    for (let l = 0; l < sizes.length; l++) if (!isDense[l] && scores[l] === largest) isDense[l] = true;
  }
}

function rawScore(shape: readonly number[], kind: AllocationKind): number {
  if (kind === "uniform") return 1;
  const [outputs, inputs] = shape;
  const counted = kind === "er" ? [outputs, inputs] : shape;
  return counted.reduce((sum, length) => sum + length, 0) / sizeOf(counted);
}

/**
 * Draws exactly `count` of the positions 0 to n - 1, every set as likely as any other; ascending. `count` random numbers.
 *
 * Source: R. Floyd, in Bentley, "Programming Pearls: a sample of brilliance", CACM 30(9), 1987.
 */
export function drawPositions(n: number, count: number, random: Random): Uint32Array {
  const isDrawn = new Uint8Array(n);
  for (let last = n - count; last < n; last++) {
    const position = Math.floor(random.next() * (last + 1));
    isDrawn[isDrawn[position] === 0 ? position : last] = 1;
  }
  const positions = new Uint32Array(count);
  for (let i = 0, next = 0; i < n; i++) if (isDrawn[i] !== 0) positions[next++] = i;
  return positions;
}
