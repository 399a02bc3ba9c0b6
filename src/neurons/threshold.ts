import { biasOf, paramOf } from "./broadcast.ts";
import { cubaForm } from "./cuba-form.ts";
import { exceeds } from "./fire.ts";
import type { NeuronModel } from "./neuron.ts";
import { real } from "./params.ts";

/** A comparison without memory: 1 where the input is over the threshold, else 0. */
export const thresholdModel: NeuronModel = {
  name: "threshold",
  summary: "fires where its input is over the threshold; no memory",
  params: [real("threshold", "weight")],
  state: [],
  output: "spikes",
  nir: { type: "Threshold", fields: { threshold: "threshold" } },

  stepFloat({ params: [threshold], dynamics, input, output, size }) {
    for (let i = 0; i < size; i++) output[i] = exceeds(input[i], threshold[i], dynamics.compare) ? 1 : 0;
  },

  toCuba(params, dynamics, size) {
    const threshold = paramOf(thresholdModel, params, "threshold", size);
    const x = biasOf(params, size);
    // Nothing is kept from step to step, so no way of resetting can be told from another.
    const stateless = { integrator: dynamics.integrator, compare: dynamics.compare, current: "new" } as const;
    return cubaForm(size, { ...stateless, reset: "value" }, (i) => ({
      uDecay: 1,
      vDecay: 1,
      gain: 1,
      bias: x[i],
      threshold: threshold[i],
      reset: 0,
    }));
  },
};
