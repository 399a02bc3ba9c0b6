import type { Network, Population, Projection } from "#ir/network";
import { DEFAULT_DYNAMICS } from "#ir/network";
import { sparseFromTriplets } from "#ir/sparse";
import { broadcast, neuronModel } from "#neurons/index";
import type { Pass } from "../pass.ts";

/**
 * For chips whose neurons have one register for leak and bias: where a neuron needs both, its bias comes from a neuron that
 * fires in every step, as a weight like others. Neurons without leak keep their biases.
 */
export const biasNeurons: Pass = {
  name: "bias-neurons",
  summary: "let a neuron that always fires give biases to neurons that leak",

  run(network, { target }) {
    if (target?.neuron.model !== "truenorth-lif") return network;
    const source = network.populations.length;
    const added: Projection[] = [];
    const populations = network.populations.map((population, post) => {
      const biases = biasesOfLeaking(population);
      if (biases.every((bias) => bias === 0)) return population;
      const col = Array.from(biases.keys()).filter((n) => biases[n] !== 0);
      added.push({
        name: `bias -> ${population.name}`,
        pre: source,
        post,
        connectivity: sparseFromTriplets(1, population.size, {
          row: col.map(() => 0),
          col,
          value: col.map((n) => biases[n]),
        }),
        weightScale: 1,
        delaySteps: 0,
      });
      return withoutBias(population, biases);
    });
    if (added.length === 0) return network;
    return {
      ...network,
      populations: [...populations, alwaysFiring(network)],
      projections: [...network.projections, ...added],
    };
  },
};

/** `[size]`, biases of neurons that leak; 0 for all others. */
function biasesOfLeaking({ model, params, bias, dynamics, size }: Population): Float64Array {
  if (bias === undefined || model === "input") return new Float64Array(size);
  const form = neuronModel(model).toCuba?.(params, dynamics ?? DEFAULT_DYNAMICS, size);
  return broadcast(bias, size).map((value, n) => ((form?.vDecay[n] ?? 0) > 0 ? value : 0));
}

function withoutBias({ bias, ...population }: Population, taken: Float64Array): Population {
  const rest = broadcast(bias ?? new Float64Array(1), population.size).map((value, n) =>
    taken[n] === 0 ? value : 0,
  );
  return rest.every((value) => value === 0) ? population : { ...population, bias: rest };
}

/** One neuron whose constant input is above its threshold. */
function alwaysFiring({ populations }: Network): Population {
  const taken = new Set(populations.map(({ name }) => name));
  let name = "bias";
  while (taken.has(name)) name += "'";
  return {
    name,
    model: "if",
    shape: [1],
    size: 1,
    params: { r: Float64Array.of(1), vThreshold: Float64Array.of(0.5), vReset: Float64Array.of(0) },
    bias: Float64Array.of(1),
  };
}
