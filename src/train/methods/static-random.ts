import { z } from "zod";
import type { StateTree } from "../state.ts";
import { allocateDensities, drawPositions } from "./erdos-renyi.ts";
import { createMaskedLayer } from "./masked-layer.ts";
import type { SparseMethod } from "./method.ts";

export interface StaticRandomOptions {
  readonly density: number;
  readonly allocation: "uniform" | "er" | "erk";
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
});

/** A random mask, drawn once: what a method that moves synapses about has to beat. */
export const staticRandom: SparseMethod<StaticRandomOptions> = {
  name: "static-random",
  summary: "a fixed random mask from the start",
  source: "baseline of D. Mocanu et al., Nature Communications 9, 2018; U. Evci et al., ICML 2020",
  density: { kind: "exact", option: "density" },
  options,

  create(context, { density, allocation }) {
    const { prunable, random, rateOf } = context;
    const layers = prunable.map((parameter) => createMaskedLayer(context, parameter));
    const { counts } = allocateDensities(
      prunable.map(({ shape }) => shape),
      density,
      allocation,
    );
    layers.forEach((layer, l) => {
      const mask = new Uint8Array(layer.mask.length);
      for (const place of drawPositions(mask.length, counts[l], random)) mask[place] = 1;
      layer.setMask(mask);
    });
    return {
      step(n) {
        for (const layer of layers) layer.step(rateOf(n), n);
      },
      facts: () => ({}),
      save: () => ({
        random: random.state(),
        layers: Object.fromEntries(layers.map((layer) => [layer.parameter.name, layer.save()])),
      }),
      restore(state) {
        random.restore(state.random as number);
        const saved = state.layers as StateTree;
        for (const layer of layers) layer.restore(saved[layer.parameter.name] as StateTree);
      },
    };
  },
};
