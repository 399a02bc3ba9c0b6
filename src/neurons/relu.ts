import type { NeuronModel } from "./neuron.ts";

/** The rectifier of artificial networks: no neuron, and no chip has it. Conversion makes integrate-and-fire of it. */
export const reluModel: NeuronModel = {
  name: "relu",
  summary: "stateless; passes what is above zero on as a value",
  params: [],
  state: [],
  output: "values",

  stepFloat({ input, output, size }) {
    for (let i = 0; i < size; i++) output[i] = Math.max(input[i], 0);
  },
};
