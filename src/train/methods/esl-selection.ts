import type { Floats } from "../engine/backend.ts";
import { lowestScores } from "./lowest-scores.ts";

// Which weights go and which places get new ones. Plain loops: a layer has half a million weights and more.

/** The `count` live weights of smallest magnitude; of equals the first. */
export function weakest(value: Floats, live: Uint32Array, count: number): Uint32Array {
  const scores = new Float64Array(live.length);
  for (let k = 0; k < scores.length; k++) scores[k] = Math.abs(value[live[k]]);
  return lowest(live, scores, count);
}

/**
 * Exact zeros first (they have no sign to speak for them); of what is left to prune, half from each sign, the odd one
 * positive. Where a sign has too few, the other makes up for it.
 */
export function weakestOfEachSign(value: Floats, live: Uint32Array, count: number): Uint32Array {
  const places = [0, 1, 2].map(() => new Uint32Array(live.length));
  const [zeros, positive, negative] = places;
  const ends = [0, 0, 0];
  for (let k = 0; k < live.length; k++) {
    const weight = value[live[k]];
    if (weight > 0) positive[ends[1]++] = live[k];
    else if (weight === 0) zeros[ends[0]++] = live[k];
    else negative[ends[2]++] = live[k];
  }
  const fromZeros = Math.min(count, ends[0]);
  const left = count - fromZeros;
  const fromNegative = Math.min(Math.max(Math.floor(left / 2), left - ends[1]), ends[2]);
  const pruned = new Uint32Array(count);
  pruned.set(zeros.subarray(0, fromZeros));
  pruned.set(weakest(value, positive.subarray(0, ends[1]), left - fromNegative), fromZeros);
  pruned.set(weakest(value, negative.subarray(0, ends[2]), fromNegative), count - fromNegative);
  return pruned;
}

/** The `count` dead places where the signal (or its magnitude, if it has a sign) is largest; of equals the first. */
export function strongest(signal: Floats, dead: Uint32Array, count: number): Uint32Array {
  const scores = new Float64Array(dead.length);
  for (let k = 0; k < scores.length; k++) scores[k] = -Math.abs(signal[dead[k]]);
  return lowest(dead, scores, count);
}

/** Where the mask is 1, and where it is 0; ascending. */
export function splitPositions(mask: Uint8Array, liveCount: number): [live: Uint32Array, dead: Uint32Array] {
  const live = new Uint32Array(liveCount);
  const dead = new Uint32Array(mask.length - liveCount);
  for (let i = 0, l = 0, d = 0; i < mask.length; i++) {
    if (mask[i] !== 0) live[l++] = i;
    else dead[d++] = i;
  }
  return [live, dead];
}

/** Not a number counts as the highest score: whoever watches the loss deals with it. */
function lowest(positions: Uint32Array, scores: Float64Array, count: number): Uint32Array {
  for (let k = 0; k < scores.length; k++) if (Number.isNaN(scores[k])) scores[k] = Infinity;
  return lowestScores(scores, count).map((k) => positions[k]);
}
