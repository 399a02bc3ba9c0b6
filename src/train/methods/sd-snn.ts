import { ToolchainError } from "#util/diagnostic";
import { type GraphPlan, weightShape } from "../graph.ts";
import type { StateTree } from "../state.ts";
import type { SparseMethod } from "./method.ts";
import { sdSnnTooFewEpochs } from "./sd-snn-diagnostics.ts";
import { createSdSnnLayer, type SdSnnLayer } from "./sd-snn-layer.ts";
import { type SdSnnOptions, sdSnnOptions } from "./sd-snn-options.ts";
import { convRateGrowth, linearRateGrowth, regrowthQuantile } from "./sd-snn-rules.ts";

/**
 * Adaptive structure development. After every epoch: (A) each weight's range widens or narrows with use, and weights are
 * clipped to it; (B) neurons and channels whose ranges are narrowest are pruned, up to a cumulative rate; (C) pruned synapses
 * that keep growing strongly positive within an epoch come back; (D) the rates slow down as the layer empties.
 *
 * Pruned weights are trained on during the epoch and cut again at its end: between `endEpoch` and the next step the weights
 * are truly sparse, in between only with the option `strict`. Biases are not pruned.
 *
 * Ranges are updated in every layer to be pruned; in the published code those of the convolutions never change.
 */
export const sdSnn: SparseMethod<SdSnnOptions> = {
  name: "sd-snn",
  summary: "adaptive structure development: ranges of weights, pruning of neurons, regrowth, once per epoch",
  source:
    "SD-SNN (BrainCog): dendritic spine plasticity based structure development; constants of its MNIST code",
  density: { kind: "emergent", knob: "rateFactor", start: () => 1 },
  options: sdSnnOptions,

  create(context, options) {
    const { prunable, plan, totalSteps, stepsPerEpoch, rateOf } = context;
    const { window, clipAfter = window } = options;
    const firstPruning = 2 * window + 1;
    const epochs = Math.floor(totalSteps / stepsPerEpoch);
    if (epochs <= firstPruning) throw new ToolchainError([sdSnnTooFewEpochs({ window, epochs })]);

    const layers = prunable.map((parameter) => createSdSnnLayer(context, parameter, options));
    const outputs = options.pruneOutput ? new Set<string>() : outputLayers(plan);
    const developing = layers.filter(({ layer }) => !outputs.has(layer));
    const since = { pruned: 0, regrown: 0, widened: 0, narrowed: 0 };

    const develop = (age: number): void => {
      for (const layer of developing)
        since.regrown += layer.regenerate(regrowthQuantile(options[layer.kind].quantile, age, options));
      for (const layer of developing) {
        since.pruned += layer.prune();
        layer.applyMask();
      }
      const liveRows = new Map(layers.map((layer) => [layer, layer.liveRows()]));
      for (const layer of developing) layer.rate += rateGrowth(layer, age, (one) => liveRows.get(one) ?? 0);
    };
    const rateGrowth = (
      layer: SdSnnLayer,
      age: number,
      liveRowsOf: (layer: SdSnnLayer) => number,
    ): number => {
      if (layer.kind === "linear") return linearRateGrowth(age, liveRowsOf(layer), options.linear);
      // The layer it feeds: the next one in the order of the graph.
      const next: SdSnnLayer | undefined = layers[layers.indexOf(layer) + 1];
      const nextLiveRows = next === undefined ? 0 : liveRowsOf(next);
      return convRateGrowth(age, liveRowsOf(layer), nextLiveRows, options.conv);
    };

    return {
      step(n) {
        for (const layer of layers) layer.step(rateOf(n), n);
      },
      endEpoch(epoch) {
        for (const layer of developing) {
          if (epoch === 0) layer.startRanges();
          else {
            const { widened, narrowed } = layer.updateRanges();
            since.widened += widened;
            since.narrowed += narrowed;
          }
          if (epoch > clipAfter) layer.clip();
        }
        if (epoch >= firstPruning) develop(epoch - firstPruning);
      },
      finish() {
        for (const layer of developing) layer.applyMask();
      },
      facts() {
        const facts: Record<string, number> = { ...since };
        for (const layer of developing) {
          facts[`${layer.layer}.liveRows`] = layer.liveRows();
          facts[`${layer.layer}.ratePercent`] = layer.rate;
          facts[`${layer.layer}.regrowthPercentile`] = layer.quantile;
        }
        Object.assign(since, { pruned: 0, regrown: 0, widened: 0, narrowed: 0 });
        return facts;
      },
      save: () => ({
        since: { ...since },
        layers: Object.fromEntries(layers.map((layer) => [layer.name, layer.save()])),
      }),
      restore(state) {
        Object.assign(since, state.since);
        const saved = state.layers as StateTree;
        for (const layer of layers) layer.restore(saved[layer.name] as StateTree);
      },
    };
  },
};

/** Weight layers whose rows are what is read out: those with no other weight layer after them. */
function outputLayers({ layers, output }: GraphPlan): Set<string> {
  const found = new Set<string>();
  const visit = (index: number): void => {
    if (index < 0) return;
    if (weightShape(layers[index]) !== undefined) found.add(layers[index].layer.name);
    else layers[index].inputs.forEach(visit);
  };
  visit(output);
  return found;
}
