import type { NeuronModel } from "./neuron.ts";

/** A node without state: the value of a layer, a pooling, a reshape or an output. Chips have none. */
export const relayModel: NeuronModel = {
  name: "relay",
  summary: "stateless sum of its inputs, passed on in the same step",
  params: [],
  state: [],
  output: "values",

  stepFloat({ input, output }) {
    output.set(input);
  },
};
