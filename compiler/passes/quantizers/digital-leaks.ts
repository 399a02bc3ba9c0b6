import type { LeakKind } from "#neurons/digital-lif";
import type { DigitalNeuronLimits } from "#targets/target";
import { relativeError } from "../quantize-neuron.ts";

/** The leak of one neuron's register, as the chip has it. */
export interface ChosenLeak {
  readonly kind: LeakKind;
  /** Shift or share; of a linear leak only the scale tells (`linearAmount`), and this is 0. */
  readonly amount: number;
  /** Share lost in a step; of a linear leak 0, for it does not bound what adds up. */
  readonly loss: number;
  /** Against the share that the model loses; of a linear leak 0, which has a message of its own. */
  readonly error: number;
}

type Options = Pick<DigitalNeuronLimits, "decayBits" | "maxShift" | "stateBits">;

/**
 * The leak nearest to a share, among the kinds that a register has; undefined if it has none that leaks and the share is
 * not 0.
 *
 * @param mostShare a larger loss is not chosen: nothing of what arrives would be left
 */
export function chooseLeak(
  share: number,
  kinds: readonly LeakKind[],
  { decayBits, maxShift, stateBits }: Options,
  mostShare = 1,
): ChosenLeak | undefined {
  const found: ChosenLeak[] = [];
  const add = (kind: LeakKind, amount: number, loss: number): void => {
    found.push({ kind, amount, loss, error: relativeError(share, loss) });
  };
  if (kinds.includes("none") && share === 0) add("none", 0, 0);
  if (kinds.includes("share")) {
    const one = 2 ** decayBits;
    const amount = Math.min(Math.round(share * one), Math.floor(mostShare * one));
    add("share", amount, amount / one);
  }
  if (kinds.includes("shift")) {
    const least = mostShare < 1 ? Math.ceil(-Math.log2(mostShare)) : 0;
    const wanted = share === 0 ? Infinity : Math.round(-Math.log2(share));
    const amount = Math.min(Math.max(wanted, least), maxShift ?? stateBits);
    add("shift", amount, 2 ** -amount);
  }
  if (kinds.includes("linear") && share === 0) add("linear", 0, 0);
  if (found.length === 0)
    return kinds.includes("linear") ? { kind: "linear", amount: 0, loss: 0, error: 0 } : undefined;
  return found.reduce((best, leak) => (leak.error < best.error ? leak : best));
}

/**
 * Units that a linear leak takes in place of a share: those that the share takes at half the threshold, which is nearest
 * (least squares) over membranes from 0 to the threshold.
 */
export function linearAmount(share: number, threshold: number, most: number): number {
  return Math.min(most, Math.round((share * threshold) / 2));
}
