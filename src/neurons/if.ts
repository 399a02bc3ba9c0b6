import { biasOf, paramOf } from "./broadcast.ts";
import { cubaForm } from "./cuba-form.ts";
import { fireAndReset } from "./fire.ts";
import type { NeuronModel } from "./neuron.ts";
import { R, V_RESET, V_THRESHOLD } from "./params.ts";

/** Integrate and fire without leak: v <- v + r x. The importer decides whether r holds the step. */
export const ifModel: NeuronModel = {
  name: "if",
  summary: "integrate and fire, no leak",
  params: [R, V_THRESHOLD, V_RESET],
  state: ["v", "fired"],
  output: "spikes",
  nir: { type: "IF", fields: { r: "r", v_threshold: "vThreshold", v_reset: "vReset" } },

  stepFloat({ state: [v, fired], params: [r, vThreshold, vReset], dynamics, input, output, size }) {
    const neuron = { v, fired };
    for (let i = 0; i < size; i++) {
      const levels = { threshold: vThreshold[i], reset: vReset[i] };
      output[i] = fireAndReset(neuron, i, v[i] + r[i] * input[i], levels, dynamics);
    }
  },

  toCuba(params, dynamics, size) {
    const r = paramOf(ifModel, params, "r", size);
    const vThreshold = paramOf(ifModel, params, "vThreshold", size);
    const vReset = paramOf(ifModel, params, "vReset", size);
    const x = biasOf(params, size);
    return cubaForm(size, dynamics, (i) => ({
      uDecay: 1,
      vDecay: 0,
      gain: r[i],
      bias: r[i] * x[i],
      threshold: vThreshold[i],
      reset: vReset[i],
    }));
  },
};
