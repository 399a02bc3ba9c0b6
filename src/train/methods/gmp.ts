import { z } from "zod";
import type { StateTree } from "../state.ts";
import { largestMasks } from "./largest.ts";
import { createLiveWeights } from "./live-weights.ts";
import { createMaskedLayer } from "./masked-layer.ts";
import type { SparseMethod } from "./method.ts";

export interface GmpOptions {
  readonly density: number;
  readonly ranking: "global" | "layer";
  readonly beginShare: number;
  readonly endShare: number;
  readonly everySteps: number;
}

const options = z
  .strictObject({
    density: z
      .number()
      .gt(0)
      .max(1)
      .describe("share of the prunable weights that is left at the end, 0 to 1"),
    ranking: z
      .enum(["global", "layer"])
      .default("global")
      .describe("whether the weights of all layers are ranked together, or each layer keeps the same share"),
    beginShare: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe("pruning begins after this share of all steps, 0 to 1"),
    endShare: z
      .number()
      .gt(0)
      .max(1)
      .default(0.75)
      .describe("the final density is reached after this share of all steps, 0 to 1"),
    everySteps: z.int().min(1).default(20).describe("optimizer steps between two cuts"),
  })
  .refine(({ beginShare, endShare }) => beginShare < endShare, {
    message: "beginShare needs to be less than endShare",
    path: ["beginShare"],
  });

/**
 * Gradual magnitude pruning: while the network learns, the smallest weights go, many at first, few at the end. What is
 * gone does not come back.
 */
export const gmp: SparseMethod<GmpOptions> = {
  name: "gmp",
  summary: "gradual magnitude pruning: the smallest weights go, on a cubic ramp",
  source: "M. Zhu, S. Gupta, To prune, or not to prune, arXiv 1710.01878, 2017",
  density: { kind: "exact", option: "density" },
  options,

  create(context, { density, ranking, beginShare, endShare, everySteps }) {
    const { prunable, totalSteps, rateOf } = context;
    const layers = prunable.map((parameter) => createMaskedLayer(context, parameter));
    const groups = ranking === "global" ? [layers] : layers.map((layer) => [layer]);
    const live = createLiveWeights(prunable);
    const endStep = Math.ceil(endShare * totalSteps);
    let wantedDensity = 1;

    const cut = (): void => {
      for (const group of groups) {
        const weights = group.reduce((sum, { mask }) => sum + mask.length, 0);
        const masks = largestMasks(
          group.map(({ parameter }) => parameter.value),
          group.map(({ mask }) => mask),
          Math.round(wantedDensity * weights),
        );
        masks?.forEach((mask, l) => group[l].setMask(mask));
      }
    };

    return {
      step(n) {
        for (const layer of layers) layer.step(rateOf(n), n);
        const done = n + 1;
        if (done > endStep || (done % everySteps !== 0 && done !== endStep)) return;
        const x = (done / totalSteps - beginShare) / (endShare - beginShare);
        wantedDensity = done === endStep ? density : 1 - cubicSparsity(1 - density, x);
        cut();
      },
      facts: () => ({ wantedDensity, ...live.changes() }),
      save: () => ({
        wantedDensity,
        live: live.save(),
        layers: Object.fromEntries(layers.map((layer) => [layer.parameter.name, layer.save()])),
      }),
      restore(state) {
        wantedDensity = state.wantedDensity as number;
        live.restore(state.live as StateTree);
        const saved = state.layers as StateTree;
        for (const layer of layers) layer.restore(saved[layer.parameter.name] as StateTree);
      },
    };
  },
};

/** The ramp: final · (1 - (1 - x)³), x (held in 0 to 1) running from 0 to 1 while pruning lasts. */
export function cubicSparsity(finalSparsity: number, x: number): number {
  return finalSparsity * (1 - (1 - Math.min(1, Math.max(0, x))) ** 3);
}
