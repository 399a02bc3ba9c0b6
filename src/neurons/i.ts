import { biasOf, paramOf } from "./broadcast.ts";
import { NEVER_FIRES, cubaForm } from "./cuba-form.ts";
import type { NeuronModel } from "./neuron.ts";
import { R } from "./params.ts";

/** Integrator without leak and threshold: v <- v + r x. */
export const iModel: NeuronModel = {
  name: "i",
  summary: "integrator; its membrane goes out as a value",
  params: [R],
  state: ["v"],
  output: "values",
  nir: { type: "I", fields: { r: "r" } },

  stepFloat({ state: [v], params: [r], input, output, size }) {
    for (let i = 0; i < size; i++) {
      v[i] += r[i] * input[i];
      output[i] = v[i];
    }
  },

  toCuba(params, dynamics, size) {
    const r = paramOf(iModel, params, "r", size);
    const x = biasOf(params, size);
    return cubaForm(size, dynamics, (i) => ({
      uDecay: 1,
      vDecay: 0,
      gain: r[i],
      bias: r[i] * x[i],
      ...NEVER_FIRES,
    }));
  },
};
