import type { Parameter } from "../parameters.ts";
import type { StateTree } from "../state.ts";
import { drawPositions } from "./erdos-renyi.ts";
import type { EslOptions } from "./esl.ts";
import { splitPositions, strongest, weakest, weakestOfEachSign } from "./esl-selection.ts";
import { createGradientMoments } from "./gradient-moments.ts";
import { createMaskedLayer } from "./masked-layer.ts";
import type { MethodContext } from "./method.ts";

/** One weight array under ESL: a mask whose number of ones never changes. */
export interface EslLayer {
  readonly name: string;
  liveCount(): number;
  /** One optimizer step of the live weights; `n` from 0. */
  step(rate: number, n: number): void;
  /** Prunes that share of the live weights, grows as many elsewhere; returns how many. Reads the gradient of the last step. */
  exchange(dropFraction: number): number;
  save(): StateTree;
  restore(state: StateTree): void;
}

/** `count` weights at places drawn from the method's stream. */
export function createEslLayer(
  context: MethodContext,
  parameter: Parameter,
  count: number,
  { prune, growth }: EslOptions,
): EslLayer {
  const { value, gradient } = parameter;
  const masked = createMaskedLayer(context, parameter);
  if (count < value.length) {
    const mask = new Uint8Array(value.length);
    for (const i of drawPositions(value.length, count, context.random)) mask[i] = 1;
    masked.setMask(mask);
  }
  const moments = growth === "momentum" ? createGradientMoments(value.length, context.optimizer) : undefined;
  return {
    name: parameter.name,
    liveCount: masked.liveCount,
    step(rate, n) {
      moments?.update(gradient);
      masked.step(rate, n);
    },
    exchange(dropFraction) {
      const number = Math.min(Math.floor(dropFraction * count), value.length - count);
      if (number === 0) return 0;
      const [live, dead] = splitPositions(masked.mask, count);
      const pruned = prune === "set" ? weakestOfEachSign(value, live, number) : weakest(value, live, number);
      const grown =
        growth === "random"
          ? drawPositions(dead.length, number, context.random).map((k) => dead[k])
          : strongest(moments?.signal() ?? gradient, dead, number);
      const mask = masked.mask.slice();
      for (const i of pruned) mask[i] = 0;
      for (const i of grown) mask[i] = 1;
      masked.setMask(mask);
      return number;
    },
    save: () => ({ masked: masked.save(), moments: moments?.save() ?? null }),
    restore(state) {
      masked.restore(state.masked as StateTree);
      moments?.restore(state.moments as StateTree);
    },
  };
}
