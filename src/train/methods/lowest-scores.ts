import { select } from "./largest.ts";

/**
 * Positions of the `count` lowest scores, ascending; of equal scores the first ones. In linear time.
 *
 * @param scores without NaN
 * @param count at most the number of scores
 */
export function lowestScores(scores: Float64Array, count: number): Uint32Array {
  const positions = new Uint32Array(count);
  if (count === 0) return positions;
  const limit = select(scores.slice(), count - 1);
  let equals = count;
  for (let i = 0; i < scores.length; i++) if (scores[i] < limit) equals--;
  for (let i = 0, found = 0; found < count; i++) {
    if (scores[i] > limit || (scores[i] === limit && equals-- <= 0)) continue;
    positions[found++] = i;
  }
  return positions;
}
