import { paramOf } from "./broadcast.ts";
import { CUBA_NIR_FIELDS, CUBA_PARAMS, cubaToForm, integrateCuba } from "./cuba.ts";
import { fireAndReset } from "./fire.ts";
import type { NeuronModel } from "./neuron.ts";
import { V_RESET, V_THRESHOLD } from "./params.ts";

/** Leaky integrate and fire behind a synaptic current. The reset leaves the current alone. */
export const cubaLifModel: NeuronModel = {
  name: "cuba-lif",
  summary: "leaky integrate and fire behind a synaptic current",
  params: [...CUBA_PARAMS, V_THRESHOLD, V_RESET],
  state: ["current", "v", "fired"],
  output: "spikes",
  nir: { type: "CubaLIF", fields: { ...CUBA_NIR_FIELDS, v_threshold: "vThreshold", v_reset: "vReset" } },

  stepFloat({ state: [current, v, fired], params, dynamics, input, output, size }) {
    const [vThreshold, vReset] = params.slice(CUBA_PARAMS.length);
    const neuron = { v, fired };
    for (let i = 0; i < size; i++) {
      const integrated = integrateCuba(current, v, params, dynamics, i, input[i]);
      const levels = { threshold: vThreshold[i], reset: vReset[i] };
      output[i] = fireAndReset(neuron, i, integrated, levels, dynamics);
    }
  },

  toCuba(params, dynamics, size) {
    const vThreshold = paramOf(cubaLifModel, params, "vThreshold", size);
    const vReset = paramOf(cubaLifModel, params, "vReset", size);
    return cubaToForm(cubaLifModel, params, dynamics, size, (i) => ({
      threshold: vThreshold[i],
      reset: vReset[i],
    }));
  },
};
