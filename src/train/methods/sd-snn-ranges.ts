import type { Floats } from "../engine/backend.ts";
import type { StateTree } from "../state.ts";

/** Bounds of every weight of a layer, which widen where the weight presses on them and narrow where it shrinks. */
export interface WeightRanges {
  /** Of the type of the weights, so that a clipped weight is within them to the bit. Upper is never below 0, lower never above. */
  readonly upper: Floats;
  readonly lower: Floats;
  /** After the first epoch: bounds at plus and minus the largest weight (not magnitude). */
  start(weights: Floats): void;
  /** After every other epoch. Returns how many bounds widened, and how many pairs narrowed. */
  update(weights: Floats, mask: Uint8Array): { widened: number; narrowed: number };
  clip(weights: Floats): void;
  save(): StateTree;
  restore(state: StateTree): void;
}

const OVER = 1;
const UNDER = 2;
const SHRANK = 4;

/**
 * A bound moves after window + 1 epochs of evidence in a row: it widens by the mean of what the weight was beyond it in
 * the last `window` of them; both bounds are multiplied by `shrinkFactor` where the magnitude fell each time.
 *
 * @param like weights of the layer, for length and type
 * @param window 1 to 250
 */
export function createWeightRanges(like: Floats, window: number, shrinkFactor: number): WeightRanges {
  const { length } = like;
  const floats = (): Floats =>
    like instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
  const arrays = {
    upper: floats(),
    lower: floats(),
    overSum: floats(),
    underSum: floats(),
    previousSize: floats(),
    overCount: new Uint8Array(length),
    underCount: new Uint8Array(length),
    shrinkCount: new Uint8Array(length),
    /** What was seen in the last epoch: OVER, UNDER, SHRANK. */
    seen: new Uint8Array(length),
  };
  const { upper, lower, overSum, underSum, previousSize, overCount, underCount, shrinkCount, seen } = arrays;

  return {
    upper,
    lower,
    start(weights) {
      let largest = 0;
      for (let i = 0; i < length; i++) if (weights[i] > largest) largest = weights[i];
      upper.fill(largest);
      lower.fill(-largest);
      for (let i = 0; i < length; i++) previousSize[i] = Math.abs(weights[i]);
    },
    update(weights, mask) {
      let widened = 0;
      let narrowed = 0;
      for (let i = 0; i < length; i++) {
        const weight = mask[i] === 0 ? 0 : weights[i];
        const size = Math.abs(weight);
        const before = seen[i];
        let now = 0;

        if (weight >= upper[i]) now = OVER;
        if ((now & before & OVER) !== 0) {
          overSum[i] += weight - upper[i];
          if (++overCount[i] >= window) {
            upper[i] += overSum[i] / window;
            overSum[i] = overCount[i] = 0;
            widened++;
          }
        } else overSum[i] = overCount[i] = 0;

        if (weight <= lower[i]) now |= UNDER;
        if ((now & before & UNDER) !== 0) {
          underSum[i] += weight - lower[i];
          if (++underCount[i] >= window) {
            lower[i] += underSum[i] / window;
            underSum[i] = underCount[i] = 0;
            widened++;
          }
        } else underSum[i] = underCount[i] = 0;

        if (size < previousSize[i]) now |= SHRANK;
        if ((now & before & SHRANK) !== 0) {
          if (++shrinkCount[i] >= window) {
            upper[i] *= shrinkFactor;
            lower[i] *= shrinkFactor;
            shrinkCount[i] = 0;
            narrowed++;
          }
        } else shrinkCount[i] = 0;

        seen[i] = now;
        previousSize[i] = size;
      }
      return { widened, narrowed };
    },
    clip(weights) {
      for (let i = 0; i < length; i++) {
        if (weights[i] > upper[i]) weights[i] = upper[i];
        else if (weights[i] < lower[i]) weights[i] = lower[i];
      }
    },
    save: () => Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()])),
    restore(state) {
      for (const [name, array] of Object.entries(arrays)) array.set(state[name] as Float32Array);
    },
  };
}
