import { z } from "zod";
import { DiagnosticSink } from "#util/diagnostic";
import type { StateTree } from "../state.ts";
import { allocateDensities } from "./erdos-renyi.ts";
import { eslDenseLayerUnknown, eslLayerEmpty } from "./esl-diagnostics.ts";
import { createEslLayer } from "./esl-layer.ts";
import type { MethodContext, SparseMethod } from "./method.ts";

export interface EslOptions {
  readonly density: number;
  readonly allocation: "uniform" | "er" | "erk";
  readonly denseLayers: readonly string[];
  readonly prune: "magnitude" | "set";
  readonly growth: "random" | "gradient" | "momentum";
  readonly dropFraction: number;
  readonly dropSchedule: "constant" | "cosine" | "linear";
  readonly everySteps: number;
  readonly stopShare: number;
}

const options = z.strictObject({
  density: z
    .number()
    .gt(0)
    .max(1)
    .describe("share of the prunable weights that exists, from first to last step, 0 to 1"),
  allocation: z
    .enum(["uniform", "er", "erk"])
    .default("erk")
    .describe("how the density is spread over the layers: evenly, Erdős-Rényi, or with kernel sizes"),
  denseLayers: z
    .array(z.string())
    .default([])
    .describe("layers that stay dense; their weights count towards the density"),
  prune: z
    .enum(["magnitude", "set"])
    .default("magnitude")
    .describe("which weights go: the smallest, or the smallest of each sign, half and half"),
  growth: z
    .enum(["random", "gradient", "momentum"])
    .default("random")
    .describe("where new ones come: anywhere, or where the gradient (or its smoothed form) is largest"),
  dropFraction: z
    .number()
    .min(0)
    .max(1)
    .default(0.3)
    .describe("share of a layer's weights that is exchanged at the start, 0 to 1; 0: a fixed random mask"),
  dropSchedule: z
    .enum(["constant", "cosine", "linear"])
    .default("cosine")
    .describe("how that share falls, to 0 where the exchange stops"),
  everySteps: z.int().min(1).default(100).describe("optimizer steps between two exchanges"),
  stopShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.75)
    .describe("no exchange from this share of all steps on, 0 to 1"),
});

/**
 * Sparse from the first step to the last: a random graph whose weakest synapses are exchanged for new ones every so
 * often, the number of synapses of every layer staying the same to the unit. A synapse that was just pruned cannot come
 * back in the same exchange; new ones start at zero, their moments too.
 */
export const esl: SparseMethod<EslOptions> = {
  name: "esl",
  summary: "evolutionary structure learning: sparse from scratch, weak synapses are exchanged for new ones",
  source: "ESL-SNNs, AAAI 2023; no code was published, so the rules are those of SET and RigL, count-exact",
  density: { kind: "exact", option: "density" },
  options,

  create(context, chosen) {
    const { random, totalSteps, rateOf } = context;
    const counts = countsOf(context, chosen);
    const layers = context.prunable.map((parameter, l) =>
      createEslLayer(context, parameter, counts[l], chosen),
    );
    const stopStep = chosen.stopShare * totalSteps;
    let dropFraction = 0;
    let exchanges = 0;
    let exchanged = 0;

    return {
      step(n) {
        const done = n + 1;
        const isExchange = done % chosen.everySteps === 0 && done < stopStep;
        for (const layer of layers) layer.step(rateOf(n), n);
        if (!isExchange) return;
        exchanges++;
        dropFraction = dropFractionAt(chosen.dropSchedule, chosen.dropFraction, done / stopStep);
        for (const layer of layers) exchanged += layer.exchange(dropFraction);
      },
      facts() {
        const since = exchanged;
        exchanged = 0;
        const liveWeights = layers.reduce((sum, layer) => sum + layer.liveCount(), 0);
        return { dropFraction, exchanges, pruned: since, regrown: since, liveWeights };
      },
      save: () => ({
        dropFraction,
        exchanges,
        exchanged,
        random: random.state(),
        layers: Object.fromEntries(layers.map((layer) => [layer.name, layer.save()])),
      }),
      restore(state) {
        dropFraction = state.dropFraction as number;
        exchanges = state.exchanges as number;
        exchanged = state.exchanged as number;
        random.restore(state.random as number);
        const saved = state.layers as StateTree;
        for (const layer of layers) layer.restore(saved[layer.name] as StateTree);
      },
    };
  },
};

/** Share to exchange; `progress` is 0 at the first step and 1 where the exchange stops. */
export function dropFractionAt(
  schedule: EslOptions["dropSchedule"],
  initial: number,
  progress: number,
): number {
  if (schedule === "constant") return initial;
  if (schedule === "linear") return initial * (1 - progress);
  return (initial / 2) * (1 + Math.cos(Math.PI * progress));
}

/** @throws ToolchainError `train/esl-…` */
function countsOf({ prunable }: MethodContext, { density, allocation, denseLayers }: EslOptions): number[] {
  const sink = new DiagnosticSink();
  const known = prunable.map(({ layer }) => layer);
  for (const layer of denseLayers)
    if (!known.includes(layer)) sink.report(eslDenseLayerUnknown({ layer, known }));
  const { counts } = allocateDensities(
    prunable.map(({ shape }) => shape),
    density,
    allocation,
    known.map((layer) => denseLayers.includes(layer)),
  );
  prunable.forEach(({ layer, value }, l) => {
    if (counts[l] === 0) sink.report(eslLayerEmpty({ layer, weights: value.length, density }));
  });
  sink.throwIfErrors();
  return counts;
}
