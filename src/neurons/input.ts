import type { NeuronModel } from "./neuron.ts";

/** Driven from outside: passes on what the input data say. */
export const inputModel: NeuronModel = {
  name: "input",
  summary: "driven from outside; passes its data on",
  params: [],
  state: [],
  output: "values",
  nir: { type: "Input", fields: {} },

  stepFloat({ input, output }) {
    output.set(input);
  },
};
