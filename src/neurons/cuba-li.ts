import { CUBA_NIR_FIELDS, CUBA_PARAMS, cubaToForm, integrateCuba } from "./cuba.ts";
import { NEVER_FIRES } from "./cuba-form.ts";
import type { NeuronModel } from "./neuron.ts";

/** Leaky integrator behind a synaptic current. */
export const cubaLiModel: NeuronModel = {
  name: "cuba-li",
  summary: "leaky integrator behind a synaptic current; its membrane goes out as a value",
  params: CUBA_PARAMS,
  state: ["current", "v"],
  output: "values",
  nir: { type: "CubaLI", fields: CUBA_NIR_FIELDS },

  stepFloat({ state: [current, v], params, dynamics, input, output, size }) {
    for (let i = 0; i < size; i++) {
      v[i] = integrateCuba(current, v, params, dynamics, i, input[i]);
      output[i] = v[i];
    }
  },

  toCuba(params, dynamics, size) {
    return cubaToForm(cubaLiModel, params, dynamics, size, () => NEVER_FIRES);
  },
};
