import { z } from "zod";
import { createOptimizer } from "../optimizer.ts";
import type { StateTree } from "../state.ts";
import type { SparseMethod } from "./method.ts";

/** The yardstick: the optimizer moves the weights, and that is all. */
export const dense: SparseMethod<Record<string, never>> = {
  name: "dense",
  summary: "train without pruning",
  source: "the yardstick of all papers",
  density: { kind: "none" },
  options: z.strictObject({}),

  create({ prunable, optimizer, backend, rateOf }) {
    const layers = prunable.map((parameter) => ({
      parameter,
      optimizer: createOptimizer(optimizer, backend, parameter.value.length),
    }));
    return {
      step(n) {
        for (const { parameter, optimizer: own } of layers)
          own.step(parameter.value, parameter.gradient, rateOf(n), n + 1);
      },
      facts: () => ({}),
      save: () =>
        Object.fromEntries(
          layers.map(({ parameter, optimizer: own }) => [
            parameter.name,
            { value: parameter.value.slice(), optimizer: own.save() },
          ]),
        ),
      restore(state) {
        for (const { parameter, optimizer: own } of layers) {
          const saved = state[parameter.name] as StateTree;
          parameter.value.set(saved.value as Float32Array);
          own.restore(saved.optimizer as StateTree);
        }
      },
    };
  },
};
