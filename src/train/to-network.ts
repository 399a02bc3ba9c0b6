import type { Network, Population, Projection } from "#ir/network";
import type { SpikingMlp } from "./model.ts";

/**
 * The trained model as level 1 of the compiler: `input` → fc1 → `lif1` → fc2 → `lif2` → …; the last
 * population is the output. Same spikes as the training engine's forward pass, up to the order of sums.
 */
export function toNetwork(model: SpikingMlp, name: string): Network {
  const populations: Population[] = [
    {
      name: "input",
      model: "input",
      shape: [model.layers[0].inputs],
      size: model.layers[0].inputs,
      params: {},
    },
  ];
  const projections: Projection[] = [];
  model.layers.forEach((layer, l) => {
    const { inputs, outputs, tauSteps, threshold } = layer;
    const all = (value: number): Float64Array => new Float64Array(outputs).fill(value);
    populations.push({
      name: `lif${l + 1}`,
      model: "lif",
      shape: [outputs],
      size: outputs,
      params: {
        tauSteps: all(tauSteps),
        r: all(tauSteps),
        vLeak: all(0),
        vThreshold: all(threshold),
        vReset: all(0),
      },
    });
    projections.push({
      name: layer.name,
      pre: l,
      post: l + 1,
      connectivity: {
        kind: "dense",
        rows: inputs,
        cols: outputs,
        values: transposed(layer.weights, inputs, outputs),
      },
      weightScale: 1,
      delaySteps: 0,
      layer: { node: layer.name, kind: "linear" },
    });
  });
  return {
    name,
    populations,
    projections,
    inputs: [{ name: "input", population: 0 }],
    outputs: [{ name: "output", population: populations.length - 1 }],
  };
}

/** `[rows, cols]` to `[cols, rows]`. */
function transposed(values: Float32Array, rows: number, cols: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) result[c * rows + r] = values[r * cols + c];
  return result;
}
