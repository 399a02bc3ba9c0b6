// Networks of one second to one hour on a laptop: fully connected ones, and convolutions on grey images.
import { z } from "zod";
import { graphOfLayers, neuronSchema, type LayerInput, type NeuronRecipe } from "../recipe-layers.ts";
import { convUnit, linearUnit, type ReadyNetwork } from "./network.ts";

const size = z.int().min(1);
const shape = z.array(size).min(1).max(3);

/** Y. Chen et al., "Pruning of deep spiking neural networks through gradient rewiring", IJCAI 2021: 784-800-10. */
export const mlp: ReadyNetwork<{
  inputShape: readonly number[];
  hidden: readonly number[];
  classes: number;
  neuron: NeuronRecipe;
  bias: boolean;
}> = {
  name: "mlp",
  summary: "fully connected, 784-800-10 unless said otherwise",
  source: "Grad R, IJCAI 2021",
  options: z.strictObject({
    inputShape: shape.default([1, 28, 28]),
    hidden: z.array(size).default([800]),
    classes: size.default(10),
    neuron: neuronSchema.default("lif-sj"),
    bias: z.boolean().default(false),
  }),
  build: ({ inputShape, hidden, classes, neuron, bias }) =>
    graphOfLayers("mlp", inputShape, [
      { op: "flatten" },
      ...[...hidden, classes].flatMap((features, i) => linearUnit(`${i + 1}`, features, neuron, bias)),
    ]),
};

/** F. Han et al., SD-SNN: 15C3-AP2-40C3-AP2-300-10, with biases; the same for MNIST, N-MNIST and DVS-Gesture. */
export const sdSnnConv: ReadyNetwork<{
  inputShape: readonly number[];
  channels: readonly [number, number];
  hidden: number;
  classes: number;
  neuron: NeuronRecipe;
}> = {
  name: "sd-snn-conv",
  summary: "15C3-AP2-40C3-AP2-300-10, with biases",
  source: "SD-SNN (MNIST, N-MNIST, DVS-Gesture)",
  options: z.strictObject({
    inputShape: shape.length(3).default([1, 28, 28]),
    channels: z.tuple([size, size]).default([15, 40]),
    hidden: size.default(300),
    classes: size.default(10),
    neuron: neuronSchema.default("lif-wu"),
  }),
  build: ({ inputShape, channels, hidden, classes, neuron }) => {
    const conv = (id: number): LayerInput[] => [
      { op: "conv2d", name: `conv${id}`, channels: channels[id - 1], kernel: 3, padding: 1, bias: true },
      { op: "neuron", name: `neuron${id}`, neuron },
      { op: "average-pool", name: `pool${id}`, kernel: 2 },
    ];
    return graphOfLayers("sd-snn-conv", inputShape, [
      ...conv(1),
      ...conv(2),
      { op: "flatten" },
      ...linearUnit("1", hidden, neuron, true),
      ...linearUnit("2", classes, neuron, true),
    ]);
  },
};

/** Y. Wu et al., "Spatio-temporal backpropagation", 2018: 15C5-P2-40C5-P2-300-10; here also the yardstick of speed. */
export const stbpConv: ReadyNetwork<{
  inputShape: readonly number[];
  classes: number;
  neuron: NeuronRecipe;
}> = {
  name: "stbp-conv",
  summary: "15C5-P2-40C5-P2-300-10, without padding",
  source: "Wu et al. 2018",
  options: z.strictObject({
    inputShape: shape.length(3).default([1, 28, 28]),
    classes: size.default(10),
    neuron: neuronSchema.default("lif-sj"),
  }),
  build: ({ inputShape, classes, neuron }) => {
    const conv = (id: number, channels: number): LayerInput[] => [
      { op: "conv2d", name: `conv${id}`, channels, kernel: 5 },
      { op: "neuron", name: `neuron${id}`, neuron },
      { op: "average-pool", name: `pool${id}`, kernel: 2 },
    ];
    return graphOfLayers("stbp-conv", inputShape, [
      ...conv(1, 15),
      ...conv(2, 40),
      { op: "flatten" },
      ...linearUnit("1", 300, neuron),
      ...linearUnit("2", classes, neuron),
    ]);
  },
};

/** Ours: the smallest network with everything that channel pruning and SD-SNN have to cope with. */
export const tinyResidual: ReadyNetwork<{
  inputShape: readonly number[];
  channels: number;
  classes: number;
  neuron: NeuronRecipe;
}> = {
  name: "tiny-residual",
  summary: "8C3s2, one residual ADD of two 8C3, P2, 16C3, P2, 10",
  source: "ours",
  options: z.strictObject({
    inputShape: shape.length(3).default([1, 28, 28]),
    channels: size.default(8),
    classes: size.default(10),
    neuron: neuronSchema.default("lif-sj"),
  }),
  build: ({ inputShape, channels, classes, neuron }) =>
    graphOfLayers("tiny-residual", inputShape, [
      ...convUnit("1", channels, neuron, { stride: 2 }),
      ...convUnit("2a", channels, neuron),
      ...convUnit("2b", channels, neuron),
      { op: "add", name: "add2", inputs: ["neuron2b", "neuron1"] },
      { op: "average-pool", name: "pool2", kernel: 2 },
      ...convUnit("3", 2 * channels, neuron),
      { op: "average-pool", name: "pool3", kernel: 2 },
      { op: "flatten" },
      ...linearUnit("1", classes, neuron),
    ]),
};
